# SPDX-License-Identifier: Apache-2.0
"""Witnessing: what we saw of a peer's ledger, our word on it, and what others say of ours.

A checkpoint of a peer is judged and made durable in the write that takes its parcel, and cosigned
only there: two judgements side by side could cosign a step back (c2sp.org/tlog-witness). Enough
cosignatures on one of ours make a *proven* notice; with two nodes the peer's is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.docket import Proven
from comity.domain.ids import AgencyId, NodeId
from comity.domain.roster import NodeEntry, WitnessesEntry
from comity.domain.time import to_millis
from comity.errors import BadProof, BadSignature, LedgerFork, Malformed, Stale
from comity.ledger import checkpoint, cosignature, note, succession
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.cosignature import Witness, witness_name
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.note import NOTE_LIMIT, Note
from comity.ledger.witness import judge
from comity.services import restored
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.node_signed import first_of
from comity.storage import logs, receipts, witness
from comity.storage.reading import Reading, Writing
from comity.wire import docket as docket_wire
from comity.wire.docket import Released
from comity.wire.parcel import CosignedNote, LogState, Seen

AHEAD_MILLIS: Final = 2 * 86_400_000
"""How far ahead of ours a witness's clock may be: honest clocks are a day apart at times."""
WITNESSES: Final = 1
"""How many cosignatures make a checkpoint proven where no witnesses are named: the peer's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A checkpoint that a peer showed us, its signature verified, not yet judged."""

    checkpoint: Checkpoint
    state: LogState


def read_log(state: LogState, entries: Sequence[NodeEntry]) -> Shown:
    """Return the checkpoint in *state*; raise Untrusted unless the node of *entries* signed it."""
    read = note.read(state.note)
    shown = checkpoint.read_text(read.text)
    if Origin.parse(shown.origin).node != entries[0].node:
        raise BadProof("origin")
    _check_ledger(read, shown.origin, entries)
    return Shown(checkpoint=shown, state=state)


def last_of(reading: Reading, node: NodeId) -> Checkpoint | None:
    """Return the newest checkpoint that we saw of *node*'s newest log."""
    newest = _newest(reading, node)
    return Checkpoint(newest.origin, newest.size, newest.root) if newest else None


def last_note(reading: Reading, node: NodeId) -> bytes:
    """Return the note of that checkpoint; empty where we saw none."""
    newest = _newest(reading, node)
    return newest.note if newest else b""


def seen_of(reading: Reading, node: NodeId) -> tuple[Seen, ...]:
    """Return what to tell *node* of what we saw of its log, in its own signature."""
    newest = _newest(reading, node)
    if newest is None:
        return ()
    signed = note.read(newest.note)
    lines = [each for each in signed.signatures if each.name == newest.origin]
    text = note.write(Note(signed.text, tuple(lines[:1]))).decode()
    return (Seen(origin=newest.origin, size=newest.size, note=text),)


def _newest(reading: Reading, node: NodeId) -> witness.Witnessed | None:
    mine = [each for each in witness.every(reading) if Origin.parse(each.origin).node == node]
    return max(mine, key=lambda each: Origin.parse(each.origin).number, default=None)


def see(writing: Writing, house: House, shown: Shown, node: NodeId) -> CosignedNote:
    """Judge *shown* against what we saw before, keep it, and return our line on it."""
    new, state = shown.checkpoint, shown.state
    last = last_of(writing, node)
    if last is not None and last.origin != new.origin and state.opening:
        opening = Opening(LeafType.OPENING, state.salt, state.opening)
        found = succession.succeed(last, new, opening, state.inclusion, state.consistency)
        restored.keep(writing, house, node, found)
    else:
        _check_begins(last, new, state)
        # At first sight nothing is held to be continued; a proof from some size is of no use. Nor
        # is one where nothing was added: each parcel of a stick brings it, the first was enough.
        judge(last, new, state.consistency if last not in (None, new) else ())
    row = witness.Witnessed(
        origin=new.origin,
        size=new.size,
        root=new.root,
        note=state.note,
        at=house.millis(),
    )
    witness.seen(writing, [row])
    return cosign(house, new)


def _check_begins(last: Checkpoint | None, new: Checkpoint, state: LogState) -> None:
    """Raise Stale where the proof leads from another size than the last that we saw.

    Two answers can be on their way at once, and one be there first: what the other proves is true
    and of no use here, and would look as if it led elsewhere. The peer is told what we saw and
    proves it from there.
    """
    if last is None or last.origin != new.origin or new.size <= last.size:
        return
    if state.old != last.size:
        raise Stale("checkpoint", size=state.old, held=last.size)


def cosign(house: House, seen: Checkpoint) -> CosignedNote:
    """Return our line on a checkpoint that was judged and is durable."""
    line = cosignature.cosign(seen, witness_name(house.keys.node), house.keys.witness, house.now())
    return CosignedNote(origin=seen.origin, size=seen.size, line=note.write_line(line))


def _check_ledger(signed: Note, origin: str, entries: Sequence[NodeEntry]) -> Checkpoint:
    def check(entry: NodeEntry) -> Checkpoint:
        return checkpoint.verify(signed, origin, verifying_key(entry.ledger))

    return first_of(entries, check)


def check_line(
    reading: Reading, house: House, line: CosignedNote, entries: Sequence[NodeEntry]
) -> witness.Cosignature | None:
    """Return the row for a peer's *line* on one of our checkpoints; None if we signed no such."""
    log = next((each for each in logs.every(reading) if each.origin == line.origin), None)
    row = logs.checkpoint(reading, log.log, line.size) if log else None
    if row is None:
        return None
    own = Checkpoint(line.origin, row.size, row.root)
    signed = note.read_line(line.line)
    said = first_of(entries, lambda each: cosignature.verify(signed, own, witness_of(each)))
    if not said.time:
        raise Malformed("time")
    return witness.Cosignature(
        origin=line.origin,
        size=line.size,
        key=said.witness.key.key_id,
        line=line.line,
        # A witness whose clock is far ahead vouches from now on: nobody is judged years from now.
        at=min(to_millis(said.at), house.millis() + AHEAD_MILLIS),
    )


def witness_of(entry: NodeEntry) -> Witness:
    return Witness(witness_name(entry.node), verifying_key(entry.witness))


def own_witnesses(house: House) -> list[Witness]:
    """Return as whom this node cosigns, and cosigned until its key changed."""
    keys = house.keys
    known = (keys.witness, *keys.former_witnesses)
    return [Witness(witness_name(keys.node), each.public) for each in known]


def proven_notice(
    reading: Reading,
    house: House,
    own: tuple[str, int],
    *,
    agency: AgencyId,
    to: AgencyId,
    witnesses: int = WITNESSES,
) -> bytes | None:
    """Return the signed notice that a checkpoint of our *own* has enough cosignatures, if it has.

    That of a closed log is signed with today's key: a peer that was away knows no other.
    """
    origin, size = own
    head = reading.head()
    log = next((each.log for each in logs.every(reading) if each.origin == origin), None)
    row = logs.checkpoint(reading, log, size) if log else None
    lines = witness.cosignatures(reading, origin, size)
    if row is None or head is None or len(lines) < witnesses:
        return None
    signed = note.read(row.note)
    if origin != head.origin:
        signed = checkpoint.sign(Checkpoint(origin, size, row.root), house.keys.ledger)
    signed = signed.add(*(note.read_line(each.line) for each in lines))
    notice = Proven(
        agency=agency,
        to=to,
        node=house.keys.node,
        origin=origin,
        size=size,
        at=house.now(),
        checkpoint=note.write(signed).decode(),
    )
    return docket_wire.sign(notice, house.keys.carrier).dsse


def read_proven(house: House, data: bytes, entries: Sequence[NodeEntry]) -> receipts.Proven:
    """Return the row for a peer's notice; raise Untrusted unless it is cosigned as it must be.

    By us; or, where the agency names witnesses, by as many of these as it says. Whom they vouched
    for must then be what we saw: else they and we could have been shown two histories.
    """
    released: Released[Proven] = docket_wire.read(data, Proven)
    node = entries[0].node
    said = first_of(entries, lambda each: docket_wire.verify(released, verifying_key(each.carrier)))
    if said.node != node or Origin.parse(said.origin).node != node:
        raise BadProof("origin")
    book = read_book(house)
    if said.agency not in book.agencies_of(node) or not book.is_own(said.to):
        raise BadSignature("agency")
    signed = note.read(said.checkpoint.encode(), NOTE_LIMIT)
    shown = _check_ledger(signed, said.origin, entries)
    if shown.size != said.size:
        raise BadProof("size")
    named = book.agency(said.agency).naming
    if named is None or not named.threshold:
        cosignature.cosigned(signed, own_witnesses(house), WITNESSES)
    else:
        _check_seen(house, shown)
        cosignature.cosigned(signed, witnesses_of(named), named.threshold)
    return receipts.Proven(origin=said.origin, size=said.size, at=to_millis(said.at), body=data)


def witnesses_of(named: WitnessesEntry) -> list[Witness]:
    """Return the witnesses that an agency names."""
    return [Witness(witness_name(each.node), verifying_key(each.key)) for each in named.witnesses]


def _check_seen(house: House, shown: Checkpoint) -> None:
    with house.store.read() as reading:
        held = witness.shown(reading, shown.origin, [shown.size]).get(shown.size)
    if held is None:
        raise BadProof("unseen")
    if checkpoint.read_text(note.read(held).text).root != shown.root:
        raise LedgerFork("root", size=shown.size)


def due_lines(reading: Reading, house: House, node: NodeId) -> Sequence[CosignedNote]:
    """Return our word on *node*'s newest checkpoint, as long as it has not said *proven*.

    On the last that we saw of its closed logs as well, as long as receipts lead there; not where
    it was restored with a gap, since it has no such checkpoint any more.
    """
    mine = [each for each in witness.every(reading) if Origin.parse(each.origin).node == node]
    proven = receipts.proven_up_to(reading, [each.origin for each in mine])
    due = [each for each in mine if proven[each.origin] < each.size]
    newest = _newest(reading, node)
    gone = (
        {each.before for each in restored.gaps(reading, house).values() if each.gap}
        if any(each != newest for each in due)
        else set()
    )
    return tuple(
        cosign(house, Checkpoint(each.origin, each.size, each.root))
        for each in due
        if each == newest
        or (
            each.origin not in gone
            and receipts.leading_beyond(reading, each.origin, proven[each.origin])
        )
    )
