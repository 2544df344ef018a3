# SPDX-License-Identifier: Apache-2.0
"""Compare with peers what they and we saw of ledgers that both know.

Once a day, and when somebody asks for it, each peer whose key was compared gets salted tags of the
ledgers that we watch (``domain.compared``). Whoever recognises some answers with the notes that it
saw of these. Two roots for one size are a fork. Where sizes differ, the ledger's own node is asked
for the proof: one that leads elsewhere is a fork too; none, in three days in which that node was
heard, is held against it as well. A node that was restored has no such proof, and says so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.compared import (
    NOTES_LIMIT,
    SALT_SIZE,
    TAGS_LIMIT,
    CommonTags,
    ConsistencyAsked,
    ConsistencyShown,
    SeenNotes,
    recognised,
    tag,
)
from comity.domain.ids import NodeId, digest
from comity.domain.standing import MarkCode
from comity.domain.time import to_millis
from comity.errors import BadProof, LedgerFork, NotAdmitted
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.note import encode64
from comity.ledger.proof import verify_consistency
from comity.services import notices, suspend, witness
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.evidence import FORK, Against, keep_bytes
from comity.services.house import House
from comity.services.restored import gaps
from comity.services.stand import locked, opened
from comity.storage import housed, logs, meta, peers
from comity.storage import witness as witness_rows
from comity.storage.reading import Reading, Writing
from comity.wire import notice as notice_wire

ROOM: Final = "comparing"
EVERY: Final = timedelta(days=1)
PATIENCE: Final = timedelta(days=3)
"""For so long a node that we hear may take to show that its ledger is one."""
UNPROVEN: Final = "unproven"
"""The kind of evidence of a proof that never came."""
_AT: Final = "compared-at"
_LIMIT: Final = 64 * 1024
Store = Callable[[Writing], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A checkpoint that a peer saw, in the signature of its log."""

    node: NodeId
    checkpoint: Checkpoint
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Two checkpoints of one ledger that its own node was asked to join."""

    type: str = "comity/comparing@1"
    teller: NodeId
    asked_at: datetime
    old: bytes = field(repr=False)
    """The note of the smaller."""
    new: bytes = field(repr=False)


def restored_of(house: House, card: AgencyCard) -> tuple[int, ...]:
    """Return the gaps that *card*'s node left, each time it was restored."""
    with house.store.read() as reading:
        found = gaps(reading, house)
    nodes = {each.node for each in card.told_nodes.values()}
    return tuple(g.gap for g in found.values() if Origin.parse(g.origin).node in nodes)


def offer(house: House, to: Iterable[NodeId] = ()) -> tuple[NodeId, ...]:
    """Tell the peers *to*, or all with whom we compare, which ledgers we watch, by tags."""
    book = read_book(house)
    wanted = set(to)
    told = [
        (node, common)
        for node in book.others
        if (not wanted or node in wanted) and _compares(book, node)
        if (common := _tags(house, book, node)) is not None
    ]

    def work(writing: Writing) -> None:
        for node, common in told:
            notices.queue(writing, house, node, [notice_wire.sign(common, house.keys.carrier)])
        meta.put(writing, [meta.Meta(name=_AT, value=str(house.millis()).encode())])

    house.store.write(work)
    return tuple(node for node, _ in told)


def look(house: House) -> None:
    """Offer to compare if the last time was a day ago; and look who never showed its proof."""
    with house.store.read() as reading:
        told = int(meta.get(reading, [_AT]).get(_AT, b"0"))
    if house.millis() - told >= EVERY.total_seconds() * 1000:
        offer(house)
    with house.store.read() as reading:
        pending = housed.of_room(reading, ROOM)
    if pending:
        house.store.write(lambda w: _look_at_pending(w, house))


def answer(house: House, book: Book, said: CommonTags) -> Store:
    """Return how to tell who sent tags what we saw of the ledgers that we recognise."""

    def store(writing: Writing) -> None:
        if not _compares(book, said.node):
            return
        known = _watched(writing, book, said.node)
        found = recognised(said, known)
        _tell(writing, house, said.node, found[:NOTES_LIMIT])

    return store


def take(house: House, book: Book, said: SeenNotes) -> Store:
    """Return how to compare the notes in *said* with what we saw; raise Untrusted if one is forged.

    Of a ledger that we do not watch nothing is kept, and nobody is told that we do not.
    """
    shown = [each for each in (_read(book, said.node, text) for text in said.notes) if each]

    def store(writing: Writing) -> None:
        for each in shown:
            _compare(writing, house, said.node, each)

    return store


def show(house: House, said: ConsistencyAsked) -> Store:
    """Return how to show *said*'s node that our log of one size continues that of another."""

    def store(writing: Writing) -> None:
        log = next((each for each in logs.every(writing) if each.origin == said.origin), None)
        if log is None or said.new > log.size:
            return
        told = ConsistencyShown(
            node=house.keys.node,
            at=house.now(),
            origin=said.origin,
            old=said.old,
            new=said.new,
            hashes=tuple(writing.consistency(said.old, said.new, log.log)),
        )
        notices.answer(writing, house, said.node, notice_wire.sign(told, house.keys.carrier))

    return store


def settle(house: House, said: ConsistencyShown) -> Store:
    """Return how to judge, by the proof in *said*, what two of us saw of its node's ledger."""

    def store(writing: Writing) -> None:
        for row in housed.of_room(writing, ROOM, owner=said.node):
            pending = opened(house, row, Pending, _LIMIT)
            old, new = _checkpoint(pending.old), _checkpoint(pending.new)
            if (old.origin, old.size, new.size) != (said.origin, said.old, said.new):
                continue
            try:
                verify_consistency(old.size, new.size, old.root, new.root, said.hashes)
            except LedgerFork:
                _fork(writing, house, said.node, pending, said.hashes)
            except BadProof:
                continue  # of the wrong form, it proves nothing either way
            housed.discard(writing, ROOM, [row.name])

    return store


def _compares(book: Book, node: NodeId) -> bool:
    """Return whether we compare with *node*: whose key nobody compared is told of nobody."""
    cards = [book.agency(each) for each in book.agencies_of(node)]
    return not book.is_witness_only(node) and any(
        card.checked_at is not None and not card.suspended for card in cards
    )


def _watched(reading: Reading, book: Book, other: NodeId) -> list[NodeId]:
    """Return the nodes whose ledgers we watch and of which *other* may learn that we do."""
    seen = {Origin.parse(each.origin).node for each in witness_rows.every(reading)}
    return sorted(
        each
        for each in seen - {other}
        if any(_lets(book.agency(agency)) for agency in book.agencies_of(each))
    )


def _lets(card: AgencyCard) -> bool:
    """Return whether an agency lets its peers tell one another that it is theirs."""
    return not card.own and (card.naming is None or card.naming.compared)


def _tags(house: House, book: Book, node: NodeId) -> CommonTags | None:
    with house.store.read() as reading:
        known = _watched(reading, book, node)
    if not known:
        return None
    salt = house.random(SALT_SIZE)
    tags = sorted(tag(salt, each) for each in known[:TAGS_LIMIT])
    return CommonTags(node=house.keys.node, at=house.now(), salt=salt, tags=tuple(tags))


def _tell(writing: Writing, house: House, to: NodeId, nodes: Iterable[NodeId]) -> None:
    notes = [each.note for node in nodes for each in witness.seen_of(writing, node)]
    if notes:
        said = SeenNotes(node=house.keys.node, at=house.now(), notes=tuple(notes))
        notices.answer(writing, house, to, notice_wire.sign(said, house.keys.carrier))


def _read(book: Book, teller: NodeId, text: str) -> _Shown | None:
    """Return whose ledger a note is of and what it says; None if we do not know that node."""
    data = text.encode()
    signed = note.read(data)
    shown = checkpoint.read_text(signed.text)
    node = Origin.parse(shown.origin).node
    try:
        entry = book.node(node)
    except NotAdmitted:
        return None
    if node == teller or any(book.agency(each).own for each in book.agencies_of(node)):
        return None
    checkpoint.verify(signed, shown.origin, verifying_key(entry.ledger))
    return _Shown(node=node, checkpoint=shown, note=data)


def _compare(writing: Writing, house: House, teller: NodeId, shown: _Shown) -> None:
    node, data, theirs = shown.node, shown.note, shown.checkpoint
    ours = next(
        (each for each in witness_rows.every(writing) if each.origin == theirs.origin), None
    )
    if ours is None:
        return
    same = witness_rows.shown(writing, theirs.origin, [theirs.size]).get(theirs.size)
    if same is not None:
        if _checkpoint(same).root != theirs.root:
            pending = Pending(teller=teller, asked_at=house.now(), old=same, new=data)
            _fork(writing, house, node, pending, ())
        return
    if theirs.size in (0, ours.size):
        return
    old, new = sorted([(theirs.size, data), (ours.size, ours.note)])
    pending = Pending(teller=teller, asked_at=house.now(), old=old[1], new=new[1])
    name = f"{theirs.origin}/{teller}"
    if housed.add_new(writing, [locked(house, ROOM, name, pending, owner=node)]):
        asked = ConsistencyAsked(
            node=house.keys.node, at=house.now(), origin=theirs.origin, old=old[0], new=new[0]
        )
        notices.answer(writing, house, node, notice_wire.sign(asked, house.keys.carrier))


def _fork(
    writing: Writing, house: House, node: NodeId, pending: Pending, hashes: Iterable[bytes]
) -> None:
    """Keep both notes, and the proof that parts them; hold it against *node*; tell the teller."""
    body = _evidence(pending, hashes)
    keep_bytes(writing, house, [Against(kind=FORK, node=node, code=LedgerFork.code, body=body)])
    made = suspend.mark(writing, house, node, MarkCode.FORKED, digest(body))
    if made.count == 1:  # so that the other has both too, even if it never compares by itself
        _tell(writing, house, pending.teller, [node])


def _look_at_pending(writing: Writing, house: House) -> None:
    """Hold it against a node that was heard and did not show its proof."""
    heard = {each.node: each.last_seen for each in peers.every(writing)}
    before = {each.before for each in gaps(writing, house).values()}
    for row in housed.of_room(writing, ROOM):
        pending = opened(house, row, Pending, _LIMIT)
        until = to_millis(pending.asked_at + PATIENCE)
        if house.millis() < until or heard.get(row.owner, 0) < until:
            continue
        housed.discard(writing, ROOM, [row.name])
        if _checkpoint(pending.new).origin in before:
            continue  # it was restored: shown as such, and no fork
        node, body = NodeId(row.owner), _evidence(pending, ())
        told = Against(kind=UNPROVEN, node=node, code=BadProof.code, body=body)
        keep_bytes(writing, house, [told])
        suspend.mark(writing, house, node, MarkCode.UNPROVEN, digest(body))


def _evidence(pending: Pending, hashes: Iterable[bytes]) -> bytes:
    """Return both notes, and below them the hashes of the proof, a line each, if there is one."""
    told = "".join(f"{encode64(each)}\n" for each in hashes)
    return pending.old + pending.new + (f"\n{told}".encode() if told else b"")


def _checkpoint(data: bytes) -> Checkpoint:
    return checkpoint.read_text(note.read(data).text)
