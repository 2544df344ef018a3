# SPDX-License-Identifier: Apache-2.0
"""An agency names who must vouch for its ledger: k of them, and whoever has a receipt judges so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.attacks.test_ledgers import sent_by_hand
from tests.services.parcels import kinds
from tests.services.settle import NAMES
from tests.templates import copy_of
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.docket import Proven
from comity.domain.roster import WitnessesEntry
from comity.errors import Misused, Refused
from comity.ledger import checkpoint, cosignature, note
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import witness_name
from comity.services import witnesses
from comity.services.address_book import read_book
from comity.services.ledger import show
from comity.services.node_keys import Purpose
from comity.services.rotate_node import rotate
from comity.storage import outbox, receipts, witness
from comity.wire import docket as docket_wire
from comity.wire.parcel import CosignedNote

DESK = "VN/Anti-smuggling desk"


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found three whom Viet Nam can name, and close them."""
    with World(tmp_path_factory.mktemp("three"), "ke", "vn", "et") as made:
        return made


@pytest.fixture
def world(four: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(four, tmp_path)


def name(node: WorldNode, *others: WorldNode, threshold: int | None = None) -> WitnessesEntry:
    return witnesses.name(node.house, add=[each.agency for each in others], threshold=threshold)


def proven(holder: WorldNode, of: WorldNode) -> list[Proven]:
    """Return what *holder* was shown to be proven of the other's ledger."""
    with holder.house.store.read() as reading:
        rows = receipts.proofs_of(reading, f"comity/{of.id}/1")
    return [docket_wire.read(each.body, Proven).said for each in rows]


def stages(node: WorldNode, thread: str) -> list[str]:
    return [each.stage.value for each in node.seat().thread(thread).thread.receipts]


def waits(node: WorldNode) -> int:
    with node.house.store.read() as reading:
        return sum(each.count for each in outbox.pending(reading))


def test_whom_an_agency_names_and_how_many_it_takes_its_peers_know(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")

    entry = name(vn, ke, et, threshold=2)
    world.sync()

    told = ke.knows(vn).naming
    assert told is not None
    assert (told.threshold, told.witnesses) == (2, entry.witnesses)
    assert {each.node for each in told.witnesses} == {ke.id, et.id}
    for node in world:
        assert node.verify().faults == ()


def test_a_receipt_is_proven_once_as_many_as_are_named_have_cosigned(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=2)
    world.sync()
    done = ke.seat().ask(question(DESK))
    world.weather.away.add(et.id)
    for _ in range(4):
        world.carry()
        world.hours.pass_(minutes=2)
    assert "delivered" in stages(ke, done.thread)
    assert "proven" not in stages(ke, done.thread)

    world.weather.clear()
    world.sync()

    assert "proven" in stages(ke, done.thread)
    for node in world:
        assert node.verify().faults == ()


def test_witnesses_are_shown_the_ledger_even_where_there_is_no_mail(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=2)

    world.sync()

    head = vn.house.store.head()
    assert head is not None
    with vn.house.store.read() as reading:
        assert len(witness.cosignatures(reading, head.origin, head.size)) == 2


def test_one_witness_away_holds_nothing_up_where_others_are_enough(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=1)
    world.weather.away.add(et.id)
    done = ke.seat().ask(question(DESK))
    for _ in range(6):
        world.carry()
        world.hours.pass_(minutes=2)

    assert "proven" in stages(ke, done.thread)
    assert waits(vn) == 0  # the other sees the next one


def test_a_busy_ledger_is_proven_all_the_same(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=2)
    done = []
    for _ in range(5):
        done.append(ke.seat().ask(question(DESK)))
        ke.node.courier.sync([vn.id])
        done.append(et.seat().ask(question(DESK)))
        et.node.courier.sync([vn.id])
        world.hours.pass_(minutes=2)
    world.sync()

    for each in done[::2]:
        assert "proven" in stages(ke, each.thread)
    for each in done[1::2]:
        assert "proven" in stages(et, each.thread)


def test_nobody_is_his_own_witness_and_a_threshold_fits(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")

    with pytest.raises(Misused, match="witness-own"):
        witnesses.name(vn.house, add=[vn.agency])
    with pytest.raises(Misused, match="witness-unknown"):
        witnesses.name(vn.house, remove=[ke.agency])
    with pytest.raises(Misused, match="witness-threshold"):
        name(vn, ke, threshold=2)
    assert name(vn, ke, et).threshold == 2  # a majority, unless told
    with pytest.raises(Refused, match="witnesses-same"):
        witnesses.name(vn.house)


def test_who_names_nobody_any_more_is_vouched_for_by_each_peer_again(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et)
    world.sync()
    world.hours.pass_(minutes=1)

    entry = witnesses.name(vn.house, remove=[ke.agency, et.agency])
    world.weather.away.add(et.id)
    done = ke.seat().ask(question(DESK))
    for _ in range(4):
        world.carry()
        world.hours.pass_(minutes=2)

    assert (entry.threshold, witnesses.naming(read_book(vn.house))) == (0, None)
    assert "proven" in stages(ke, done.thread)


# Those who lie


def line_of(node: WorldNode, of: WorldNode, key: SigningKey | None = None) -> CosignedNote:
    """Return *node*'s word on the other's newest checkpoint, by whatever *key*."""
    head = of.house.store.head()
    assert head is not None
    seen = Checkpoint(head.origin, head.size, head.root)
    by = key or node.house.keys.witness
    said = cosignature.cosign(seen, witness_name(node.id), by, node.house.now())
    return CosignedNote(origin=head.origin, size=head.size, line=note.write_line(said))


def notice_of(vn: WorldNode, to: WorldNode, root: bytes, *lines: CosignedNote) -> bytes:
    """Return a notice by which *vn* says that its newest checkpoint is proven."""
    head = vn.house.store.head()
    assert head is not None
    shown = checkpoint.sign(Checkpoint(head.origin, head.size, root), vn.house.keys.ledger)
    signed = shown.add(*(note.read_line(each.line) for each in lines))
    said = Proven(
        agency=vn.agency,
        to=to.agency,
        node=vn.id,
        origin=head.origin,
        size=head.size,
        at=vn.house.now(),
        checkpoint=note.write(signed).decode(),
    )
    return docket_wire.sign(said, vn.house.keys.carrier).dsse


def test_two_of_three_are_enough_where_one_is_away_and_nothing_where_another_lies(
    tmp_path: Path,
) -> None:
    NAMES.setdefault("UG", ("Wildlife authority, Kampala", "Desk, Kampala", "Oversight desk"))
    with World(tmp_path, "ke", "vn", "et", "ug") as world:
        ke, vn, et, ug = world.nodes("ke", "vn", "et", "ug")
        name(vn, ke, et, ug, threshold=2)
        world.sync()
        world.weather.away |= {et.id, ug.id}
        done = ke.seat().ask(question(DESK))
        for _ in range(3):
            world.carry()
            world.hours.pass_(minutes=2)
        # One is away for good; what the other says is not signed by its own key.
        lie = line_of(ug, vn, SigningKey(b"k" * 32))
        sent_by_hand(world, ug, vn, cosignatures=(lie,))
        world.carry()
        assert kinds(vn) == ["cosignature"]
        assert "proven" not in stages(ke, done.thread)

        world.weather.away.discard(ug.id)
        for _ in range(4):
            world.carry()
            world.hours.pass_(minutes=2)
        assert "proven" in stages(ke, done.thread)
        assert ke.verify().faults == ()


def test_a_node_cannot_speak_for_its_witnesses(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=2)
    world.sync()
    vn.seat().ask(question("KE/Operations desk"))
    world.sync()
    head = vn.house.store.head()
    assert head is not None
    before = len(proven(ke, vn))

    invented = line_of(et, vn, SigningKey(b"k" * 32))
    one = line_of(ke, vn)
    for lines in ((one,), (one, one), (one, invented)):
        told = notice_of(vn, ke, head.root, *lines)
        sent_by_hand(world, vn, ke, notices=(told,))

    assert len(proven(ke, vn)) == before
    assert set(kinds(ke)) == {"notice"}


def test_witnesses_who_were_shown_another_history_prove_nothing_to_us(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, et, threshold=1)
    world.sync()
    done = ke.seat().ask(question(DESK))
    world.sync()
    head = vn.house.store.head()
    assert head is not None
    false = Checkpoint(head.origin, head.size, b"\x01" * 32)
    said = cosignature.cosign(false, witness_name(et.id), et.house.keys.witness, et.house.now())
    line = CosignedNote(origin=head.origin, size=head.size, line=note.write_line(said))

    sent_by_hand(world, vn, ke, notices=(notice_of(vn, ke, false.root, line),))

    assert kinds(ke) == ["notice"]
    assert "proven" in stages(ke, done.thread)  # by what it did see


def test_the_ledger_shows_who_vouches_up_to_where(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, et, threshold=1)
    ke.seat().ask(question(DESK))
    world.sync()

    [told] = show(vn.house).logs

    assert (told.threshold, told.proven) == (1, told.size)
    assert {(each.node, each.named) for each in told.witnesses} == {
        (ke.id, False),
        (et.id, True),
    }


def test_those_who_are_named_vouch_for_the_end_of_a_record_that_was_closed(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    name(vn, ke, et, threshold=2)
    world.sync()
    world.weather.away.add(et.id)
    done = ke.seat().ask(question(DESK))
    world.hours.pass_(minutes=2)
    for _ in range(4):
        ke.node.courier.call(vn.id)
    assert "delivered" in stages(ke, done.thread)
    assert "proven" not in stages(ke, done.thread)

    rotate(vn.house, [Purpose.LEDGER])
    world.carry()
    assert "proven" not in stages(ke, done.thread)
    world.weather.clear()
    world.sync()

    assert "proven" in stages(ke, done.thread)
    for node in world:
        assert node.verify().faults == ()
