# SPDX-License-Identifier: Apache-2.0
"""A node is put back to what a backup holds: its peers see a gap and no fork, and all goes on."""

from collections.abc import Callable

import pytest
from tests.attacks.test_dockets import kept, kinds_of_evidence
from tests.world import World, WorldNode, question

from comity.domain.docket import Receipt
from comity.domain.ids import mint
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.services import restored
from comity.services.ledger import show
from comity.services.release import Done
from comity.services.reopen import reopen
from comity.storage import outbox, whole
from comity.wire import docket as docket_wire
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import Parcel, Seen

DESK = "VN/Anti-smuggling desk"


def ask(ke: WorldNode) -> Done:
    done = ke.seat().ask(question(DESK))
    ke.world.hours.pass_(minutes=5)
    return done


def stages(node: WorldNode, thread: str) -> list[str]:
    return [each.stage.value for each in node.seat().thread(thread).thread.receipts]


def number_of(node: WorldNode) -> int:
    head = node.house.store.head()
    assert head
    return Origin.parse(head.origin).number


def gaps(node: WorldNode) -> dict[str, int]:
    with node.house.store.read() as reading:
        return {each.origin: each.gap for each in restored.gaps(reading, node.house).values()}


def went_on(world: World, before: Callable[[World], object] = lambda _: None) -> list[Done]:
    """Restore VN's node to a backup after which it took in another question."""
    ke, vn, _ = world
    first = ask(ke)
    world.sync()
    backup = vn.backup("backup")
    second = ask(ke)
    world.sync()
    vn.restore(backup)
    before(world)
    return [first, second]


def test_a_restored_node_goes_on_under_its_next_number(world: World) -> None:
    ke, vn, et = world
    asked = went_on(world)
    assert kept(vn) == 1

    asked.append(ask(ke))
    world.sync()

    assert kept(vn) == 3
    assert number_of(vn) == 2
    assert kinds_of_evidence(ke) == kinds_of_evidence(vn) == set()
    for each in asked:
        assert "delivered" in stages(ke, each.thread)
    assert ke.knows(vn).node.origin == f"comity/{vn.id}/2"
    for node in (ke, vn, et):
        report = node.verify()
        assert report.sound, report.faults


def test_the_gap_is_shown(world: World) -> None:
    ke, vn, et = world
    went_on(world)
    world.sync()

    (peer,) = [each for each in show(ke.house).peers if each.before]

    assert (peer.origin, peer.before) == (f"comity/{vn.id}/2", f"comity/{vn.id}/1")
    assert 0 < peer.gap < 20
    assert not any(each.before for each in show(et.house).peers)  # it had seen nothing of it


@pytest.mark.parametrize("asked", [1, 2, 3, 4, 8])
def test_what_is_entered_before_it_is_told_is_no_fork(world: World, asked: int) -> None:
    """However many leaves are put where others stood: as many as are gone, fewer, or more."""
    ke, vn, et = world
    done: list[Done] = []

    def ask_back(_: World) -> None:
        done.extend(vn.seat().ask(question("KE/Operations desk")) for _ in range(asked))
        world.hours.pass_(minutes=5)

    went_on(world, ask_back)
    world.sync()

    assert number_of(vn) == 2
    assert kinds_of_evidence(ke) == kinds_of_evidence(vn) == set()
    for each in done:
        assert "delivered" in stages(vn, each.thread)
    with vn.house.store.read() as reading:
        assert not outbox.pending(reading)
    for node in (ke, vn, et):
        report = node.verify()
        assert report.sound, report.faults


def test_what_was_said_of_its_messages_is_said_again(world: World) -> None:
    ke, vn, _ = world
    done = vn.seat().ask(question("KE/Operations desk"))
    world.hours.pass_(minutes=5)
    world.sync()
    backup = vn.backup("backup")
    ke.seat().thread(done.thread)  # it is opened there
    world.sync()
    assert "opened" in stages(vn, done.thread)
    ask(ke)  # by this it shows that its ledger grew
    world.sync()
    vn.restore(backup)
    assert "opened" not in stages(vn, done.thread)

    ask(ke)
    world.sync()

    assert "opened" in stages(vn, done.thread)
    # What the officer signed himself stays at home, where only his desk is shown.
    assert kinds_of_evidence(vn) == set()
    with vn.house.store.read() as reading:
        rows = [row.body for row in whole.rows(reading, whole.RECEIPTS)]
    said = [docket_wire.read(each, Receipt).said for each in rows]
    assert [each for each in said if each.agency == ke.agency and each.certificate] == []


def test_a_node_that_is_restored_again_opens_a_third_log(world: World) -> None:
    ke, vn, et = world
    went_on(world)
    world.sync()
    assert number_of(vn) == 2
    vn.restore(world.path / "backup")
    done = ask(ke)
    world.sync()

    assert number_of(vn) == 3
    assert "delivered" in stages(ke, done.thread)
    assert kinds_of_evidence(ke) == kinds_of_evidence(et) == set()
    assert vn.verify().sound
    assert ke.verify().sound


def test_an_operator_who_reopens_at_once_shows_the_same_gap(world: World) -> None:
    ke, vn, _ = world
    went_on(world, lambda world: reopen(world["vn"].house))
    done = ask(ke)
    world.sync()

    assert number_of(vn) == 2
    assert gaps(ke)[f"comity/{vn.id}/2"] > 0
    assert "delivered" in stages(ke, done.thread)
    assert kinds_of_evidence(ke) == set()
    assert ke.verify().sound
    assert vn.verify().sound


def test_an_operator_who_reopens_for_nothing_loses_nothing(world: World) -> None:
    ke, vn, _ = world
    ask(ke)
    world.sync()

    assert str(reopen(vn.house)) == f"comity/{vn.id}/2"
    done = ask(ke)
    world.sync()

    assert gaps(ke) == {f"comity/{vn.id}/2": 0}
    assert "delivered" in stages(ke, done.thread)
    assert kinds_of_evidence(ke) == set()
    assert vn.verify().sound


def test_a_peer_that_lies_makes_nobody_reopen(world: World) -> None:
    """It says that it saw more, in a note of its own making, or shows one that we have."""
    ke, vn, _ = world
    ask(ke)
    world.sync()
    head = vn.house.store.head()
    assert head
    more = Checkpoint(head.origin, head.size + 9, bytes(32))
    forged = note.write(checkpoint.sign(more, ke.house.keys.ledger)).decode()
    for text in (forged, head.note.decode(), "", "no note\n"):
        seen = Seen(origin=head.origin, size=head.size + 9, note=text)
        parcel = Parcel(
            id=mint(ke.house.random),
            from_node=ke.id,
            to_node=vn.id,
            at=ke.house.now(),
            seen=(seen,),
        )
        sealed = parcel_wire.seal(parcel, vn.house.keys.parcel.recipient)
        world.hand_over(ke.id, vn.id, sealed)

    assert number_of(vn) == 1
    assert kinds_of_evidence(vn) == {"seen"}
