# SPDX-License-Identifier: Apache-2.0
"""A joiner reads what came before when a member lets him, and only as far as handling goes."""

from dataclasses import replace

import pytest
from tests.services.scene import INFORMATION, Scene
from tests.services.test_epochs import days, seat, signed_in

from comity.crypto import dsse
from comity.crypto.signing import verifying_key
from comity.domain.epochs import Rewrapped
from comity.domain.handling import Handling, See
from comity.domain.ids import DeskId, OfficerId
from comity.domain.policy import Exclusion
from comity.domain.thread import Stage
from comity.errors import Misused, NotCompetent, TooLate
from comity.ledger.leaf import LeafType
from comity.services import rewrap as service
from comity.services.desks import change_members
from comity.services.oversight import exclude
from comity.services.rewrap import ROOM, Outcome, allows, rewrap
from comity.storage import copies, housed, logs
from comity.wire import canonical


def join(scene: Scene) -> tuple[DeskId, OfficerId]:
    """Let Viet Nam's supervisor join its desk."""
    desk, who = scene.vn.settled.desk, scene.vn.settled.people["supervisor"]
    change_members(scene.vn.house, signed_in(scene.vn), desk, join=[who])
    return desk, who


def nothing(scene: Scene, thread: str) -> None:
    """See that the joiner can open nothing of *thread*."""
    opened = seat(scene.vn, "supervisor").thread(thread, receipt=False)
    assert opened.copies == ()
    assert opened.thread.stage is Stage.WAITING


def test_a_member_lets_a_joiner_read_all_that_came_before(scene: Scene) -> None:
    first, second = scene.ask(), scene.ask()
    seat(scene.vn).answer(first.thread, INFORMATION)
    scene.sync()
    desk, who = join(scene)
    nothing(scene, second.thread)

    done = rewrap(signed_in(scene.vn, "colleague"), scene.vn.house, desk, who)

    assert done == Outcome(wrapped=3, withheld=(), shut=0)
    joiner = seat(scene.vn, "supervisor")
    assert joiner.thread(first.thread).thread.stage is Stage.ANSWERED
    assert joiner.thread(second.thread).thread.stage is Stage.ASKED
    assert scene.vn.verify().sound


def test_a_list_that_the_joiner_looked_at_before_shows_it_too(scene: Scene) -> None:
    scene.ask()
    desk, who = join(scene)
    joiner = seat(scene.vn, "supervisor")
    [before] = joiner.inbox()

    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)
    [after] = joiner.inbox()

    assert (before.stage, after.stage) == (Stage.WAITING, Stage.ASKED)


def test_only_the_threads_that_are_named(scene: Scene) -> None:
    first, second = scene.ask(), scene.ask()
    desk, who = join(scene)

    rewrap(signed_in(scene.vn), scene.vn.house, desk, who, [first.thread])

    assert seat(scene.vn, "supervisor").thread(first.thread).thread.stage is Stage.ASKED
    nothing(scene, second.thread)


def test_what_he_let_whom_read_is_signed_and_in_the_ledger(scene: Scene) -> None:
    scene.ask()
    desk, who = join(scene)
    member = signed_in(scene.vn)

    rewrap(member, scene.vn.house, desk, who)

    with scene.vn.house.store.read() as reading:
        [row] = housed.of_room(reading, ROOM)
        leaves = [r for e in logs.every(reading) for r in logs.leaves_from(reading, e.log, 0, 9999)]
    signed = scene.vn.house.vault.open(row.body, f"{ROOM}/{row.name}")
    read = dsse.read(signed, 1 << 20)
    dsse.verify(read, verifying_key(member.entry.signing))
    said = canonical.decode(read.payload, Rewrapped, limit=1 << 20)
    assert (said.desk, said.by, said.to) == (desk, member.entry.id, who)
    assert len(said.envelopes) == 1
    assert read.payload in [each.entry for each in leaves if each.type == LeafType.KEY]


def test_again_gives_nothing_new(scene: Scene) -> None:
    scene.ask()
    desk, who = join(scene)
    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)

    done = rewrap(signed_in(scene.vn), scene.vn.house, desk, who)

    assert done == Outcome(wrapped=0, withheld=(), shut=0)


def test_it_outlives_the_key_that_it_came_under(scene: Scene) -> None:
    done = scene.ask()
    desk, who = join(scene)
    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)
    days(scene, 181)

    assert seat(scene.vn, "supervisor").thread(done.thread).thread.stage is Stage.ASKED
    assert seat(scene.vn, "colleague").thread(done.thread).retired == frozenset()


def test_a_colleague_who_opened_it_can_still_give_it_when_the_key_is_gone(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    desk, who = join(scene)
    days(scene, 181)

    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)

    assert seat(scene.vn, "supervisor").thread(done.thread).thread.stage is Stage.ASKED


def test_what_he_cannot_open_himself_he_cannot_give(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    desk, who = join(scene)
    days(scene, 181)

    given = rewrap(signed_in(scene.vn, "colleague"), scene.vn.house, desk, who)

    assert given == Outcome(wrapped=0, withheld=(), shut=1)
    nothing(scene, done.thread)


def test_who_is_barred_gets_nothing_of_that_thread(scene: Scene) -> None:
    barred, other = scene.ask(), scene.ask()
    desk, who = join(scene)
    exclude(
        scene.vn.house,
        scene.vn.agency,
        Exclusion(thread=barred.thread, readers=frozenset({who}), agencies=frozenset()),
    )

    done = rewrap(signed_in(scene.vn), scene.vn.house, desk, who)

    assert done == Outcome(wrapped=1, withheld=(barred.thread,), shut=0)
    nothing(scene, barred.thread)
    assert seat(scene.vn, "supervisor").thread(other.thread).thread.stage is Stage.ASKED


def test_what_handling_keeps_for_those_named_or_is_over_stays(scene: Scene) -> None:
    named = scene.ask(handling=replace(Handling(), see=See.NAMED))
    desk, who = join(scene)

    done = rewrap(signed_in(scene.vn), scene.vn.house, desk, who)

    assert done == Outcome(wrapped=0, withheld=(named.thread,), shut=0)
    now = "2026-11-24T00:00:00Z"
    assert not allows(Handling(expires="2026-11-23T00:00:00Z"), now)
    assert allows(Handling(expires="2026-11-25T00:00:00Z"), now)


def test_only_a_member_gives_and_only_to_another(scene: Scene) -> None:
    scene.ask()
    desk, who = scene.vn.settled.desk, scene.vn.settled.people["supervisor"]
    member = signed_in(scene.vn)

    with pytest.raises(Misused):
        rewrap(member, scene.vn.house, desk, who)  # who has not joined
    join(scene)
    for by, to, refusal in (
        (signed_in(scene.vn), member.entry.id, Misused),
        (signed_in(scene.vn), OfficerId("a" * 26), Misused),
        (replace(signed_in(scene.vn), signing=signed_in(scene.ke).signing), who, NotCompetent),
        (signed_in(scene.ke), scene.ke.settled.people["colleague"], NotCompetent),
    ):
        house = scene.ke.house if by.agency == scene.ke.agency else scene.vn.house
        with pytest.raises(refusal):
            rewrap(by, house, desk, to)


def test_who_has_left_gives_nothing(scene: Scene) -> None:
    scene.ask()
    left = signed_in(scene.vn, "colleague")
    desk, who = join(scene)
    change_members(scene.vn.house, signed_in(scene.vn), desk, leave=[left.entry.id])

    with pytest.raises(NotCompetent) as raised:
        rewrap(left, scene.vn.house, desk, who)
    assert raised.value.cause == "refused.not-competent.not-a-member"


def test_a_joiner_who_leaves_at_that_moment_gets_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.ask()
    desk, who = join(scene)
    member = signed_in(scene.vn)
    gather = service._Work.gather

    def then(*args: object) -> Outcome:
        found = gather(*args)  # type: ignore[arg-type]
        change_members(scene.vn.house, member, desk, leave=[who])
        return found

    monkeypatch.setattr(service._Work, "gather", then)
    with pytest.raises(TooLate):
        rewrap(member, scene.vn.house, desk, who)

    with pytest.raises(Misused):
        seat(scene.vn, "supervisor").thread(done.thread)


def test_a_thread_that_is_not_theirs_is_no_thread(scene: Scene) -> None:
    done = scene.ask()
    desk, who = join(scene)

    with pytest.raises(Misused):
        rewrap(signed_in(scene.vn), scene.vn.house, desk, who, [done.thread, "b" * 26])  # type: ignore[list-item]


def test_who_leaves_keeps_here_only_what_was_his_own(scene: Scene) -> None:
    done = scene.ask()
    colleague = seat(scene.vn, "colleague")
    his = colleague.answer(done.thread, INFORMATION)
    colleague.thread(done.thread)
    theirs = scene.ask()
    colleague.thread(theirs.thread)
    who = colleague.unlocked.entry.id
    before = wraps_of(scene, who)

    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk, leave=[who])

    with scene.vn.house.store.read() as reading:
        [home] = [e.envelope for e in copies.by_acts(reading, [his.act]) if e.to == e.agency]
    assert home in wraps_of(scene, who) < before
    with pytest.raises(Misused):
        seat(scene.vn, "colleague").thread(theirs.thread)


def wraps_of(scene: Scene, who: str) -> set[str]:
    with scene.vn.house.store.read() as reading:
        rows = reading.connection.exec_driver_sql("SELECT envelope, reader FROM wraps").all()
    return {envelope for envelope, reader in rows if reader == who}
