# SPDX-License-Identifier: Apache-2.0
"""Ledgers that tell another history than they told before: the witness keeps both and says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tests.attacks.test_dockets import kinds_of_evidence, parcel_of
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.ids import mint
from comity.ledger import checkpoint, note, tile
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import LeafType, Opening
from comity.storage import receipts, witness
from comity.storage.witness import Witnessed
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import CosignedNote, LogState, Parcel

DESK = "VN/Anti-smuggling desk"


def seen_of(witness_: WorldNode, other: WorldNode) -> Witnessed:
    """Return the newest checkpoint that one node holds of the other's ledger."""
    with witness_.house.store.read() as reading:
        return next(each for each in witness.every(reading) if other.id in each.origin)


def proven_of(witness_: WorldNode, other: WorldNode) -> int:
    with witness_.house.store.read() as reading:
        origin = f"comity/{other.id}/1"
        return receipts.proven_up_to(reading, [origin])[origin]


@contextmanager
def database_of(node: WorldNode) -> Iterator[sqlite3.Connection]:
    """Open a node's database as whoever has the file would, its triggers gone."""
    node.node.close()
    database = sqlite3.connect(node.house.home / "comity.db")
    for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        database.execute(f"DROP TRIGGER {name}")
    yield database
    database.commit()
    database.close()
    node.restart()


def rewrite(node: WorldNode, leaf: int, entry: bytes) -> None:
    """Change a leaf and all that hangs by it, with the ledger's own key: nothing at home differs."""
    key = node.house.keys.ledger
    with database_of(node) as database:
        database.execute("UPDATE leaves SET entry = ? WHERE idx = ?", (entry, leaf))
        rows = database.execute("SELECT type, salt, entry FROM leaves ORDER BY idx").fetchall()
        hashes = [Opening(LeafType(kind), salt, said).hash for kind, salt, said in rows]
        for each in tile.append(0, hashes, lambda *_: b"")[1]:
            database.execute(
                "UPDATE tiles SET hashes = ? WHERE level = ? AND idx = ?",
                (each.hashes, each.level, each.index),
            )
        for (size,) in database.execute("SELECT size FROM checkpoints").fetchall():
            edge, _ = tile.extend(tile.NOTHING, hashes[:size])
            made = Checkpoint(f"comity/{node.id}/1", size, edge.root)
            database.execute(
                "UPDATE checkpoints SET root = ?, note = ? WHERE size = ?",
                (made.root, note.write(checkpoint.sign(made, key)), size),
            )


def sent_by_hand(world: World, sender: WorldNode, recipient: WorldNode, **what: object) -> None:
    made = Parcel(
        id=mint(bytes),
        from_node=sender.id,
        to_node=recipient.id,
        at=sender.house.now(),
        **what,  # type: ignore[arg-type]
    )
    sealed = parcel_wire.seal(made, recipient.house.keys.parcel.recipient)
    world.hand_over(sender.id, recipient.id, sealed)


def show_ledger(world: World, liar: WorldNode, witness_: WorldNode) -> None:
    """Let *liar* show its newest checkpoint as if nothing were amiss, with the best proof it has.

    Our own program would open its next log as soon as it heard what the witness saw: a liar's
    would not, so the parcel is made by hand.
    """
    seen = seen_of(witness_, liar)
    with liar.house.store.read() as reading:
        head = reading.head()
        assert head is not None
        longer = seen.size < head.size
        proof = reading.consistency(seen.size, head.size) if longer else ()
    state = LogState(note=head.note, old=seen.size if longer else 0, consistency=tuple(proof))
    sent_by_hand(world, liar, witness_, logs=(state,))


def test_a_ledger_that_was_rewritten_with_its_own_key_is_caught_by_its_witness(
    world: World,
) -> None:
    ke, vn, _ = world
    ke.seat().ask(question(DESK))
    world.sync()
    before, proven = seen_of(ke, vn), proven_of(ke, vn)

    rewrite(vn, 8, b'{"other":1}')
    report = vn.verify()
    show_ledger(world, vn, ke)

    # At home: what the witnesses signed is not what stands there now.
    assert "cosignatures" in {each.table for each in report.faults}
    # At the witness: both histories are kept, and nothing newer is vouched for.
    assert kinds_of_evidence(ke) == {"fork"}
    assert (seen_of(ke, vn), proven_of(ke, vn)) == (before, proven)
    assert ke.verify().faults == ()


def test_a_node_that_was_put_back_and_went_on_otherwise_is_caught_by_its_witness(
    world: World,
) -> None:
    ke, vn, _ = world
    thread = ke.seat().ask(question(DESK)).thread
    world.sync()
    backup = vn.backup("backup")
    vn.seat().acknowledge(thread)
    world.sync()
    before, proven = seen_of(ke, vn), proven_of(ke, vn)

    vn.restore(backup)
    for _ in range(4):
        vn.seat().ask(question("ET/Duty desk"))
    show_ledger(world, vn, ke)

    assert kinds_of_evidence(ke) == {"fork"}
    assert (seen_of(ke, vn), proven_of(ke, vn)) == (before, proven)


def test_a_node_that_shows_less_than_before_is_not_vouched_for(world: World) -> None:
    ke, vn, _ = world
    thread = ke.seat().ask(question(DESK)).thread
    world.sync()
    backup = vn.backup("backup")
    vn.seat().acknowledge(thread)
    world.sync()
    before = seen_of(ke, vn)

    vn.restore(backup)
    show_ledger(world, vn, ke)

    assert seen_of(ke, vn) == before


def test_a_fork_says_nothing_against_those_who_told_the_truth(world: World) -> None:
    ke, vn, et = world
    ke.seat().ask(question(DESK))
    world.sync()
    rewrite(vn, 8, b'{"other":1}')
    show_ledger(world, vn, ke)

    told = et.seat().ask(question("KE/Operations desk"))
    for _ in range(3):
        world.carry()

    stages = {each.stage.value for each in et.seat().thread(told.thread).thread.receipts}
    assert {"delivered", "proven"} <= stages
    assert told.thread in {each.thread for each in ke.inbox()}


def test_a_checkpoint_that_somebody_else_signed_is_kept_as_evidence_and_not_seen(
    world: World,
) -> None:
    ke, vn, _ = world
    world.sync()
    ke.seat().ask(question(DESK))
    world.sync()
    before = seen_of(ke, vn)
    forged = Checkpoint(f"comity/{vn.id}/1", before.size + 1, bytes(32))
    signed = note.write(checkpoint.sign(forged, SigningKey(b"k" * 32)))

    sent_by_hand(world, vn, ke, logs=(LogState(note=signed, old=0),))

    assert seen_of(ke, vn) == before
    assert kinds_of_evidence(ke) == {"log"}


def test_a_checkpoint_of_another_nodes_ledger_is_not_taken_from_its_peer(world: World) -> None:
    ke, vn, et = world
    ke.seat().ask(question(DESK))
    world.sync()
    head = et.house.store.head()
    assert head is not None

    sent_by_hand(world, vn, ke, logs=(LogState(note=head.note, old=0),))

    assert kinds_of_evidence(ke) == {"log"}


def test_a_witness_line_that_does_not_verify_makes_nothing_proven(world: World) -> None:
    ke, vn, _ = world
    head = ke.house.store.head()
    assert head is not None
    own = Checkpoint(head.origin, head.size, head.root)
    line = note.write_line(checkpoint.sign(own, SigningKey(b"k" * 32)).signatures[0])
    cosigned = CosignedNote(origin=head.origin, size=head.size, line=line)

    sent_by_hand(world, vn, ke, cosignatures=(cosigned,))

    assert kinds_of_evidence(ke) == {"cosignature"}
    with ke.house.store.read() as reading:
        assert witness.cosignatures(reading, head.origin, head.size) == ()


def test_an_empty_parcel_changes_nothing(world: World) -> None:
    ke, vn, _ = world
    before = [node.verify().checked for node in (ke, vn)]

    world.hand_over(vn.id, ke.id, parcel_of(vn, ke))

    assert [node.verify().checked for node in (ke, vn)] == before
