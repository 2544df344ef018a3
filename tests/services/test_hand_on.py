# SPDX-License-Identifier: Apache-2.0
"""Whoever leaves hands his own threads on, and his successor reads them; nobody else gains sight."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, asked, foreign, opens
from tests.services.settle import PASSPHRASE
from tests.services.test_epochs import days, named_abroad, seat, signed_in

from comity.crypto import dsse
from comity.crypto.signing import verifying_key
from comity.domain.docket import ReceiptStage
from comity.domain.epochs import HandedOn
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import OfficerId, ThreadId
from comity.domain.policy import Exclusion
from comity.domain.roster import Role
from comity.domain.statement import Why
from comity.domain.taking_back import Taking
from comity.domain.thread import Stage
from comity.domain.time import written
from comity.errors import Misused, NotCompetent, TooLate, Unavailable
from comity.ledger.leaf import LeafType
from comity.services import hand_on as service
from comity.services import handed_on
from comity.services.enrol import Person, enrol
from comity.services.hand_on import HandedOver, Stays
from comity.services.handed_on import ROOM
from comity.services.oversight import exclude
from comity.services.recall import Wish, take_back
from comity.services.revoke import revoke
from comity.services.seat import Seat
from comity.services.successor import name_successor
from comity.services.unlock import unlock
from comity.storage import copies, envelopes, housed, logs, receipts, wraps
from comity.storage.reading import Writing
from comity.wire import canonical


def lone(scene: Scene, country: str, name: str) -> Seat:
    """Return the seat of somebody who sits at no desk: his threads are his own."""
    node = scene[country]
    person = Person(name=name, roles=(Role.INVESTIGATOR,))
    entry = enrol(node.house, node.agency, person, PASSPHRASE)
    return Seat(unlocked=unlock(node.house, entry.id, PASSPHRASE), house=node.house)


def again(seat: Seat) -> Seat:
    """Return the seat of the same officer, who signed in anew."""
    entry = seat.unlocked.entry
    return Seat(unlocked=unlock(seat.house, entry.id, PASSPHRASE), house=seat.house)


def in_person(scene: Scene, **changed: object) -> ThreadId:
    """Let Kenya ask Viet Nam's investigator in person, who sits at a desk with a colleague."""
    done = scene.ask(to=named_abroad(scene), **changed)
    scene.hours.pass_(minutes=5)
    return done.thread


def why(done: HandedOver) -> list[Stays | None]:
    return [each.why for each in done.lines]


def colleague(scene: Scene) -> Seat:
    return seat(scene.vn, "colleague")


def his(scene: Scene) -> OfficerId:
    return scene.vn.settled.people["colleague"]


def test_the_successor_reads_what_only_the_leaver_could(scene: Scene) -> None:
    leaver, heir = lone(scene, "ke", "Leaver"), lone(scene, "ke", "Heir")
    first, second = leaver.ask(asked()), leaver.ask(asked())
    scene.sync()
    scene.vn.seat().answer(first.thread, INFORMATION)
    scene.sync()

    done = leaver.hand_on(heir.unlocked.entry.id, remark="The trial is in May.")

    assert {each.thread for each in done.gone} == {first.thread, second.thread}
    assert done.stay == ()
    reads = again(heir)
    opened = reads.thread(first.thread)
    assert opened.thread.stage is Stage.ANSWERED
    assert opened.mistrusted == ()
    holder = opened.thread.holder_in(scene.ke.agency)
    assert holder is not None
    assert (holder.id, holder.remark) == (heir.unlocked.entry.id, "The trial is in May.")
    assert reads.thread(second.thread).thread.request is not None
    assert {line.thread for line in reads.inbox()} == {first.thread, second.thread}
    assert scene.ke.verify().sound


def test_envelopes_and_their_ids_stay_and_no_key_of_his_opens_them(scene: Scene) -> None:
    thread = in_person(scene)
    with scene.vn.house.store.read() as reading:
        rows = copies.by_threads(reading, [thread])
        before = envelopes.get(reading, [row.envelope for row in rows])

    seat(scene.vn).hand_on(his(scene))

    with scene.vn.house.store.read() as reading:
        assert envelopes.get(reading, list(before)) == before
    assert not opens(scene.vn, rows[0], signed_in(scene.vn, "colleague"))
    assert colleague(scene).thread(thread).thread.request is not None


def test_before_it_is_done_it_says_who_gains_what_and_writes_nothing(scene: Scene) -> None:
    thread = in_person(scene)
    head = scene.vn.house.store.head()

    shown = seat(scene.vn).who_will_gain(his(scene))

    assert scene.vn.house.store.head() == head
    [line] = shown.gone
    assert (line.thread, line.letters, line.shut) == (thread, 1, 0)
    reasons = {each.id: each.why for each in line.readers}
    assert reasons[his(scene)] is Why.SUCCESSOR
    with pytest.raises(Misused):
        colleague(scene).thread(thread)
    assert seat(scene.vn).hand_on(his(scene)).gone[0].readers == line.readers


def test_each_is_one_recorded_act_and_signed_in_the_ledger(scene: Scene) -> None:
    thread = in_person(scene)
    giver = seat(scene.vn)

    giver.hand_on(his(scene))

    acts = giver.thread(thread).thread.events
    assert [each.what for each in acts].count("handed-over") == 1
    with scene.vn.house.store.read() as reading:
        [row] = housed.of_room(reading, ROOM)
        leaves = [r for e in logs.every(reading) for r in logs.leaves_from(reading, e.log, 0, 9999)]
    read = dsse.read(scene.vn.house.vault.open(row.body, f"{ROOM}/{row.name}"), 1 << 20)
    dsse.verify(read, verifying_key(giver.unlocked.entry.signing))
    said = canonical.decode(read.payload, HandedOn, limit=1 << 20)
    assert (said.thread, said.by, said.to) == (thread, giver.unlocked.entry.id, his(scene))
    assert read.payload in [each.entry for each in leaves if each.type == LeafType.KEY]


def test_he_answers_what_was_asked_of_the_leaver_and_finds_it_by_its_number(scene: Scene) -> None:
    thread = in_person(scene)
    number = seat(scene.vn).thread(thread).thread.short
    seat(scene.vn).hand_on(his(scene))

    done = colleague(scene).answer(number, INFORMATION)
    scene.sync()

    assert done.thread == thread
    answered = scene.ke.seat().thread(thread).thread
    assert answered.stage is Stage.ANSWERED
    assert answered.acts[-1].officer == his(scene)


def test_the_other_side_sees_no_hand_over_but_that_it_was_opened(scene: Scene) -> None:
    thread = in_person(scene)
    seat(scene.vn).hand_on(his(scene))
    colleague(scene).thread(thread)
    scene.sync()

    theirs = scene.ke.seat().thread(thread)

    assert "handed-over" not in [each.what for each in theirs.thread.events]
    with scene.ke.house.store.read() as reading:
        ids = [row.copy for row in copies.by_threads(reading, [thread])]
        told = [r.stage for r in receipts.by_copies(reading, ids)]
    assert told.count(ReceiptStage.OPENED) == 1  # the leaver's alone


def test_what_comes_later_for_the_leaver_is_handed_on_again(scene: Scene) -> None:
    leaver, heir = lone(scene, "ke", "Leaver"), lone(scene, "ke", "Heir")
    done = leaver.ask(asked())
    scene.sync()
    leaver.hand_on(heir.unlocked.entry.id)
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    assert again(heir).thread(done.thread).thread.stage is Stage.ASKED

    second = leaver.hand_on(heir.unlocked.entry.id)
    third = leaver.hand_on(heir.unlocked.entry.id)

    assert [(each.letters, each.readers) for each in second.gone] == [(1, ())]
    assert third.lines == ()
    assert again(heir).thread(done.thread).thread.stage is Stage.ANSWERED
    assert scene.ke.verify().sound


def test_a_list_that_the_successor_looked_at_before_shows_what_he_gains(scene: Scene) -> None:
    leaver, heir = lone(scene, "ke", "Leaver"), lone(scene, "ke", "Heir")
    done = leaver.ask(asked())
    scene.sync()
    leaver.hand_on(heir.unlocked.entry.id)
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    reads = again(heir)
    [before] = reads.inbox()

    leaver.hand_on(heir.unlocked.entry.id)
    [after] = reads.inbox()

    assert (before.stage, after.stage) == (Stage.ASKED, Stage.ANSWERED)


def test_it_goes_from_hand_to_hand(scene: Scene) -> None:
    one, two, three = (lone(scene, "ke", name) for name in ("One", "Two", "Three"))
    done = one.ask(asked())
    scene.sync()
    one.hand_on(two.unlocked.entry.id)

    passed = again(two).hand_on(three.unlocked.entry.id)

    assert [each.thread for each in passed.gone] == [done.thread]
    assert again(three).thread(done.thread).thread.request is not None
    assert again(three).thread(done.thread).mistrusted == ()


def test_it_outlives_the_key_it_came_under_and_the_leaver(scene: Scene) -> None:
    thread = in_person(scene)
    giver = seat(scene.vn)
    giver.hand_on(his(scene))
    scene.sync()
    scene.hours.pass_(minutes=5)
    revoke(scene.vn.house, giver.unlocked.entry.id, reason="left")
    days(scene, 181)

    assert colleague(scene).thread(thread).thread.request is not None
    assert scene.vn.verify().sound


def test_the_successor_who_is_in_the_roster_gets_the_answer_too(scene: Scene) -> None:
    leaver, heir = lone(scene, "ke", "Leaver"), lone(scene, "ke", "Heir")
    done = leaver.ask(asked())
    scene.sync()
    leaver.hand_on(heir.unlocked.entry.id)
    name_successor(
        scene.ke.house, scene.ke.agency, leaver.unlocked.entry.id, heir.unlocked.entry.id
    )
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver.unlocked.entry.id, reason="left")
    scene.sync()

    answer = scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()

    opened = again(heir).thread(done.thread)
    assert opened.thread.stage is Stage.ANSWERED
    assert opened.thread.request is not None
    assert {each.code for each in opened.mistrusted} <= {"untrusted.stale.ended"}
    assert opens(scene.ke, foreign(scene.ke, answer.act), heir.unlocked)


# What stays.


def test_what_is_for_the_named_alone_stays(scene: Scene) -> None:
    thread = in_person(scene, handling=replace(Handling(), see=See.NAMED, onward=Leave.YES))

    shown = seat(scene.vn).who_will_gain(his(scene))
    done = seat(scene.vn).hand_on(his(scene))

    assert why(shown) == why(done) == [Stays.NAMED]
    with pytest.raises(Misused):
        colleague(scene).thread(thread)


def test_what_was_narrowed_to_the_leaver_stays(scene: Scene) -> None:
    thread = in_person(scene)
    ke = scene.ke.seat()
    opening = ke.thread(thread).thread.opening
    assert opening is not None
    alone = scene.vn.settled.people["investigator"]
    wish = Wish(acts=(opening.id,), what=Taking.NARROW, handling=Handling(), readers=(alone,))
    take_back(ke.unlocked, ke.house, thread, wish)
    scene.sync()

    assert why(seat(scene.vn).hand_on(his(scene))) == [Stays.NAMED]


def test_what_is_for_a_desk_goes_to_nobody_who_sits_elsewhere(scene: Scene) -> None:
    in_person(scene)
    elsewhere = lone(scene, "vn", "Elsewhere").unlocked.entry.id

    assert why(seat(scene.vn).hand_on(elsewhere)) == [Stays.NAMED]


def test_what_the_agency_may_see_goes_to_any_officer_of_it(scene: Scene) -> None:
    thread = in_person(scene, handling=replace(Handling(), see=See.AGENCY))
    elsewhere = lone(scene, "vn", "Elsewhere")

    assert why(seat(scene.vn).hand_on(elsewhere.unlocked.entry.id)) == [None]
    assert again(elsewhere).thread(thread).thread.request is not None


def test_what_is_over_stays(scene: Scene) -> None:
    until = written(scene.hours.now + timedelta(hours=1))
    thread = in_person(scene, handling=replace(Handling(), expires=until))
    scene.hours.pass_(hours=2)

    assert why(seat(scene.vn).hand_on(his(scene))) == [Stays.EXPIRED]
    with pytest.raises(Misused):
        colleague(scene).thread(thread)


def test_whoever_is_barred_gets_nothing_of_that_thread(scene: Scene) -> None:
    barred, free = in_person(scene), in_person(scene)
    bar = Exclusion(thread=barred, readers=frozenset({his(scene)}))
    exclude(scene.vn.house, scene.vn.agency, bar)

    done = seat(scene.vn).hand_on(his(scene))

    assert [each.thread for each in done.gone] == [free]
    assert [(each.thread, each.why) for each in done.stay] == [(barred, Stays.BARRED)]
    with pytest.raises(Misused):
        colleague(scene).thread(barred)


def test_a_thread_of_the_desk_that_he_has_goes_to_a_member_and_to_nobody_else(
    scene: Scene,
) -> None:
    mine, theirs = scene.ask(), scene.ask()
    giver = seat(scene.vn)
    giver.take(mine.thread)
    elsewhere = lone(scene, "vn", "Elsewhere").unlocked.entry.id

    assert why(giver.hand_on(elsewhere)) == [Stays.ELSEWHERE]
    done = giver.hand_on(his(scene))

    assert [(each.thread, each.letters) for each in done.gone] == [(mine.thread, 0)]
    holder = colleague(scene).thread(mine.thread).thread.holder_in(scene.vn.agency)
    assert holder is not None
    assert holder.id == his(scene)
    assert colleague(scene).thread(theirs.thread).thread.holder_in(scene.vn.agency) is None


def test_what_he_cannot_open_himself_stays_or_is_counted(scene: Scene) -> None:
    thread = in_person(scene)
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, 181)
    signed_in(scene.vn)

    done = seat(scene.vn).hand_on(his(scene))

    assert [(each.thread, each.why) for each in done.lines] == [(thread, Stays.SHUT)]


# Who must not.


def test_nobody_hands_on_for_another(scene: Scene) -> None:
    thread = in_person(scene)
    corrupt = signed_in(scene.vn, "colleague")
    leaver = signed_in(scene.vn)
    borrowed = replace(corrupt, entry=leaver.entry, certificate=leaver.certificate)

    with pytest.raises(NotCompetent):
        service.hand_on(borrowed, scene.vn.house, his(scene))
    assert (
        service.hand_on(corrupt, scene.vn.house, scene.vn.settled.people["supervisor"]).lines == ()
    )
    with pytest.raises(Misused):
        colleague(scene).thread(thread)


def test_whoever_was_revoked_hands_nothing_on(scene: Scene) -> None:
    in_person(scene)
    leaver = signed_in(scene.vn)  # and stays signed in
    scene.hours.pass_(minutes=5)
    revoke(scene.vn.house, leaver.entry.id, reason="left")

    with pytest.raises(NotCompetent):
        service.hand_on(leaver, scene.vn.house, his(scene))
    with pytest.raises(Unavailable):
        signed_in(scene.vn)


def test_a_taker_who_leaves_at_that_moment_gets_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = in_person(scene)
    giver = signed_in(scene.vn)
    given = service._Giver._wraps

    def then(self: service._Giver, *args: object) -> object:
        made = given(self, *args)  # type: ignore[arg-type]  # as it was called
        monkeypatch.setattr(service._Giver, "_wraps", given)
        revoke(scene.vn.house, his(scene), reason="left")
        return made

    monkeypatch.setattr(service._Giver, "hand", _with(service._Giver.hand, then, monkeypatch))
    with pytest.raises(TooLate):
        service.hand_on(giver, scene.vn.house, his(scene))

    with scene.vn.house.store.read() as reading:
        assert housed.of_room(reading, ROOM) == ()
        assert len(copies.by_threads(reading, [thread])) == 1


def _with(hand: object, made: object, monkeypatch: pytest.MonkeyPatch) -> object:
    def changed(self: service._Giver, *args: object) -> object:
        monkeypatch.setattr(service._Giver, "_wraps", made)
        return hand(self, *args)  # type: ignore[operator]  # the method itself

    return changed


def test_he_hands_to_no_desk_no_stranger_and_not_to_himself(scene: Scene) -> None:
    in_person(scene)
    giver = seat(scene.vn)

    for whom in (
        giver.unlocked.entry.id,
        scene.vn.settled.desk,
        scene.ke.settled.people["colleague"],
    ):
        with pytest.raises(Misused):
            giver.hand_on(whom)


def test_a_wrap_without_his_hand_over_opens_nothing(scene: Scene) -> None:
    thread = in_person(scene)
    giver = service._Giver(signed_in(scene.vn), scene.vn.house, his(scene))
    [opened] = giver.threads()
    rows = giver._wraps(opened)
    other = scene.ask()
    seat(scene.vn).take(other.thread)

    scene.vn.house.store.write(lambda w: wraps.add(w, rows))

    with pytest.raises(Misused):
        colleague(scene).thread(thread)


def test_a_record_that_a_corrupt_colleague_signs_for_the_leaver_is_none(scene: Scene) -> None:
    thread = in_person(scene)
    leaver, corrupt = signed_in(scene.vn), signed_in(scene.vn, "colleague")
    giver = service._Giver(leaver, scene.vn.house, his(scene))
    [opened] = giver.threads()
    rows = giver._wraps(opened)
    house = scene.vn.house
    said = giver._said(thread, rows)

    def forge(writing: Writing) -> None:
        wraps.add(writing, rows)  # he has got at the leaver's letters, and at the disk
        handed_on.record(writing, house, said, corrupt.signing)

    house.store.write(forge)

    with house.store.read() as reading:
        card = scene.vn.card
        assert list(handed_on.read_records(reading, house, card, thread)) == []
    with pytest.raises(Misused):
        colleague(scene).thread(thread)
