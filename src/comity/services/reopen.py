# SPDX-License-Identifier: Apache-2.0
"""Reopening: a node that no longer has what it signed closes its log and opens the next.

Whoever was restored from a backup cannot know it. A peer knows, and shows the checkpoint that it
saw, in our own signature: nothing less makes us reopen, so no peer can do so by lying. What the
next log says of the one before is what a witness had of it when all was well; what was entered
behind that, under the old number, is entered anew (spec/ledger.md, Origins).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, verifying_key
from comity.domain.roster import NodeEntry
from comity.errors import BadProof, Refused
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.note import Note
from comity.ledger.succession import Succession, read_entry
from comity.services.address_book import read_book
from comity.services.agencies import move
from comity.services.house import House
from comity.services.node_signed import first_of
from comity.services.roster_ahead import holds_back
from comity.services.witness import witness_of
from comity.storage import copies, logs, witness
from comity.storage.copies import Copy
from comity.storage.edge import Head, Log
from comity.storage.reading import Reading, Writing
from comity.wire.docket import DOCKET_LIMIT
from comity.wire.parcel import LogState, Seen

LOOKED_AT: Final = 4
"""Notes of one parcel that are compared: an honest peer sends the newest."""
SHOWN: Final = 8
"""Logs that one parcel introduces."""
_TRIES: Final = 8
_BUSY: Final = "refused.log-busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A checkpoint that we signed and do not have."""

    checkpoint: Checkpoint
    witness: str
    """Key id of the peer's witness, who showed it."""


def find_lost(
    reading: Reading, house: House, seen: Sequence[Seen], entries: Sequence[NodeEntry]
) -> Lost | None:
    """Return what the node of *entries* has of our log and we have not; raise if it lies."""
    for each in [each for each in seen if each.note][:LOOKED_AT]:
        signed = note.read(each.note.encode())
        said = checkpoint.read_text(signed.text)
        if Origin.parse(said.origin).node != house.keys.node:
            raise BadProof("origin")
        if _is_missing(reading, said):
            _check_ours(house, signed, said.origin)
            return Lost(checkpoint=said, witness=witness_of(entries[0]).key.key_id)
    return None


def _own_entries(house: House) -> list[NodeEntry]:
    """Return every entry by which an agency of ours ever certified this node's keys."""
    node = house.keys.node
    entries = [entry for card in read_book(house).own for entry in card.history.values()]
    return [each for each in entries if isinstance(each, NodeEntry) and each.node == node][::-1]


def _check_ours(house: House, signed: Note, origin: str) -> None:
    """Raise BadSignature unless a ledger key that we ever had signed what a peer shows us."""

    def check(own: NodeEntry) -> Checkpoint:
        return checkpoint.verify(signed, origin, verifying_key(own.ledger))

    first_of(_own_entries(house), check)


def _is_missing(reading: Reading, said: Checkpoint) -> bool:
    """Return whether *said*, of our open log or of a later one, is none of ours."""
    head = reading.head()
    if head is None:
        return False
    number, ours = Origin.parse(said.origin).number, Origin.parse(head.origin).number
    if number != ours:
        return number > ours  # what was closed stays closed, whatever was lost of it
    row = logs.checkpoint(reading, head.log, said.size)
    return row is None or row.root != said.root


def reopen(house: House, lost: Lost | None = None) -> Origin | None:
    """Close our log and open the next; without *lost* because the operator says so.

    Return its origin; None where another process has done it already, or where nothing that was
    lost can be told from what is here.
    """
    for _ in range(_TRIES):
        try:
            origin = house.store.write(lambda w: _reopen(w, house, lost))
        except Refused as refused:
            if refused.cause != _BUSY:
                raise
            continue  # others' leaves were waiting in the same transaction: they come first
        if origin is not None:
            name_origin(house)
        return origin
    raise Refused("log-busy")


def name_origin(house: House) -> None:
    """Let the rosters of our agencies name the log that is open now."""
    head = house.store.head()
    for card in read_book(house).own:
        if head is not None and card.node.origin != head.origin and not holds_back(house, card.id):
            move(house, card.id, card.node.address)


def _reopen(writing: Writing, house: House, lost: Lost | None) -> Origin | None:
    log = writing.log  # its lock: of two processes that were told, one reopens
    head = writing.head(log)
    if head is None or (lost is not None and not _is_missing(writing, lost.checkpoint)):
        return None
    previous = _vouched(writing, head, lost)
    if previous is None:
        return None
    seen = Origin.parse(lost.checkpoint.origin).number if lost else 0
    number = max(Origin.parse(head.origin).number, seen) + 1
    origin = Origin(house.keys.node, number)
    start(writing, house, origin, previous)
    enter_anew(writing, house, copies.in_log(writing, log, previous.size))
    return origin


def start(writing: Writing, house: House, origin: Origin, previous: Checkpoint) -> None:
    """Close our log at *previous*, and open the one named *origin*."""
    logs.start(writing, str(origin), house.millis())
    entry = Succession(origin, previous).entry
    writing.append([Opening(LeafType.OPENING, house.random(SALT_SIZE), entry)])


def _vouched(reading: Reading, head: Head, lost: Lost | None) -> Checkpoint | None:
    """Return up to where the log holds what peers saw of it: there it is said to be closed.

    Whatever was entered since the backup stands where other leaves stood, and would be a fork.
    """
    if lost is None:
        return Checkpoint(head.origin, head.size, head.root)
    same = lost.checkpoint.origin == head.origin
    below = lost.checkpoint.size if same else head.size + 1
    size = witness.vouched(reading, head.origin, lost.witness, below)
    row = logs.checkpoint(reading, head.log, size)
    if row is None:
        row = next(iter(logs.checkpoints_from(reading, head.log, 1, 1)), None)
    if row is None or row.size >= below:
        return None
    return Checkpoint(head.origin, row.size, row.root)


def enter_anew(writing: Writing, house: House, rows: Sequence[Copy]) -> None:
    """Make the dockets of *rows*, which stand in a closed log, leaves of the open one."""
    if not rows:
        return
    log = writing.log
    leaves = [_leaf(house, row) for row in rows]
    first = writing.append(leaves)
    copies.move(writing, [(log, first + at, row.copy) for at, row in enumerate(rows)])


def _leaf(house: House, row: Copy) -> Opening:
    payload = dsse.read(row.release, DOCKET_LIMIT).payload
    return Opening(LeafType.DOCKET, house.random(SALT_SIZE), payload)


def is_unseen(reading: Reading, seen: Sequence[Seen]) -> bool:
    """Return whether a peer that saw *seen* saw logs of ours, but not the open one."""
    head = reading.head() if seen else None
    return head is not None and all(each.origin != head.origin for each in seen)


def successions(reading: Reading, seen: Mapping[str, int], key: SigningKey) -> tuple[LogState, ...]:
    """Return our logs that a peer has not seen yet, each with the leaf that opens it.

    First comes the end of the one that it saw, which it then vouches for: what was delivered just
    before a log was closed is proven like the rest.

    The last checkpoint of a closed one is signed again with the *key* of today: a peer that was
    away knows no other.
    """
    own = logs.every(reading)
    known = [each.log for each in own if each.origin in seen]
    later = [each for each in own if each.log > max(known)] if known else own[-1:]
    sizes, states = dict(seen), []
    closed = _closed(reading, own, sizes, later, key) if known else None
    if closed is not None:
        states.append(closed)
    for each in later[:SHOWN]:
        head = reading.head(each.log)
        if head is not None and head.size:
            states.append(_state(reading, each, head, own, sizes, key=key))
            sizes[each.origin] = head.size
    return tuple(states)


def _closed(
    reading: Reading,
    own: Sequence[Log],
    sizes: dict[str, int],
    later: Sequence[Log],
    key: SigningKey,
) -> LogState | None:
    """Return the checkpoint at which the log that a peer saw last was closed; note it in *sizes*.

    None where it saw that already, or more of it than we have.
    """
    if not later:
        return None
    before = read_entry(logs.leaves(reading, later[0].log, [0])[0].entry or b"").previous
    old = sizes.get(before.origin, 0) if before else 0
    if before is None or not 0 < old < before.size:
        return None
    log = next(each.log for each in own if each.origin == before.origin)
    sizes[before.origin] = before.size
    return LogState(
        note=signed_anew(before, key),
        old=old,
        consistency=tuple(reading.consistency(old, before.size, log)),
    )


def signed_anew(closed: Checkpoint, key: SigningKey) -> bytes:
    """Return a checkpoint of a closed log of ours under the *key* of today."""
    return note.write(checkpoint.sign(closed, key))


def _closing(head: Head) -> Checkpoint:
    return Checkpoint(head.origin, head.size, head.root)


def _state(
    reading: Reading,
    log: Log,
    head: Head,
    own: Sequence[Log],
    seen: Mapping[str, int],
    *,
    key: SigningKey,
) -> LogState:
    leaf = logs.leaves(reading, log.log, [0])[0]
    entry = leaf.entry or b""
    before = read_entry(entry).previous
    old, proof = 0, tuple[bytes, ...]()
    if before is not None and 0 < seen.get(before.origin, 0) <= before.size:
        old = seen[before.origin]
        closed = next(each.log for each in own if each.origin == before.origin)
        proof = reading.consistency(old, before.size, closed)
    return LogState(
        note=head.note if log == own[-1] else signed_anew(_closing(head), key),
        old=old,
        consistency=proof,
        salt=leaf.salt or b"",
        opening=entry,
        inclusion=reading.inclusions([0], head.size, log.log)[0],
    )
