# SPDX-License-Identifier: Apache-2.0
"""Receipts that came: from the peer's node up to *proven*, then from the people who read.

A *delivered* receipt is believed when the carrier key of the recipient agency's node signed it, it
names our copy as we released it, and its leaf stands in a checkpoint that came in the same parcel
and continues what we saw of that ledger. Who opened it says so with his own key, or his node says
that somebody did (``read_by.py``).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto import dsse
from comity.domain.docket import OF_NODE, OF_PEOPLE, ON_RECALL, Receipt, ReceiptStage
from comity.domain.ids import CopyId, Digest, NodeId
from comity.domain.removal import told_by
from comity.domain.time import to_millis
from comity.errors import BadProof, BadSignature, Differs, NotForUs, Untrusted
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.proof import verify_inclusion
from comity.services.address_book import Book
from comity.services.dockets_in import check_carriers
from comity.services.house import House
from comity.services.judge import NOT_YET
from comity.services.read_by import check_read_by, check_travels
from comity.services.remembered import Remembered
from comity.storage import copies, outbox, receipts
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire.docket import DOCKET_LIMIT, Released
from comity.wire.parcel import ReceiptItem

Checkpoints = Mapping[tuple[str, int], Checkpoint]
"""Those of the parcel at hand, by origin and size."""
ANSWERS: Final = 16
"""Answers to recalls that one copy takes: a holder changes his mind so often and no more."""
PEOPLE: Final = 64
"""Receipts of people that one copy takes."""
_UNKNOWN: Final = f"{BadSignature.code}.unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A receipt that verifies."""

    released: Released[Receipt]
    proof: tuple[bytes, ...]

    @property
    def said(self) -> Receipt:
        return self.released.said

    @property
    def digest(self) -> Digest:
        return self.released.digest


def read_receipt(item: ReceiptItem) -> Released[Receipt]:
    """Return what *item* says, still unverified: to find the copy that it is about."""
    return docket_wire.read(item.receipt, Receipt)


def check(
    item: ReceiptItem,
    released: Released[Receipt],
    row: Copy | None,
    *,
    house: House,
    book: Book,
    node: NodeId,
    shown: Checkpoints,
) -> Heard:
    """Return *released* as heard; raise Untrusted.

    (1) It is about a copy that we released to this node, and names it as we did. (2) Who says it
    may: the node for its stages, a person for his. (3) The leaf is in the peer's ledger.
    """
    said = released.said
    if row is None or row.node != node:  # (1)
        raise NotForUs("receipt")
    named = (said.to, said.agency, said.act, said.thread, said.envelope, said.docket)
    if named != (row.agency, row.to, row.act, row.thread, row.envelope, row.docket):
        raise Differs("receipt")
    if said.stage in OF_NODE:  # (2)
        if said.node != node or said.agency not in book.agencies_of(node):
            raise BadSignature("not-his")
        check_carriers(released, book, said.agency)
    elif said.stage in OF_PEOPLE:
        check_travels(said)
        card, now = book.agency(said.agency), house.now()
        check_read_by(released, row, card, arrived=now, remembered=Remembered())
    else:
        raise Differs("stage")
    if said.stage is ReceiptStage.DELIVERED:  # (3)
        _check_leaf(said, item.proof, row, shown)
    elif said.stage is ReceiptStage.REMOVED and said.size:
        _check_removal(said, item.proof, shown)
    return Heard(released=released, proof=item.proof)


def is_final(said: Receipt, error: Untrusted, book: Book) -> bool:
    """Return whether what was *said* of a reader can never be heard, now that it failed so."""
    if said.stage not in OF_PEOPLE or error.cause == NOT_YET:
        return False
    card = book.cards.get(said.agency)
    return error.cause != _UNKNOWN or card is None or not card.lacks


def _check_leaf(said: Receipt, proof: Sequence[bytes], row: Copy, shown: Checkpoints) -> None:
    checkpoint = shown.get((said.origin, said.size))
    if checkpoint is None:
        raise BadProof("checkpoint")
    if len(said.salt) != SALT_SIZE:
        raise BadProof("opening")
    payload = dsse.read(row.release, DOCKET_LIMIT).payload
    leaf = Opening(LeafType.DOCKET, said.salt, payload)
    verify_inclusion(said.index, checkpoint.size, leaf.hash, proof, checkpoint.root)


def _check_removal(said: Receipt, proof: Sequence[bytes], shown: Checkpoints) -> None:
    """Raise BadProof unless the removal of which *said* tells is a leaf of that ledger.

    What a person decided later is told without: the leaf's place is known then, no checkpoint is.
    """
    checkpoint = shown.get((said.origin, said.size))
    if checkpoint is None:
        raise BadProof("checkpoint")
    if len(said.salt) != SALT_SIZE:
        raise BadProof("opening")
    leaf = Opening(LeafType.REMOVAL, said.salt, canonical.encode(told_by(said)))
    verify_inclusion(said.index, checkpoint.size, leaf.hash, proof, checkpoint.root)


def store(writing: Writing, house: House, heard: Sequence[Heard], node: NodeId) -> Sequence[Heard]:
    """Make *heard* durable, each new one a leaf; what they settle leaves the outbox."""
    if not heard:
        return ()
    _ = writing.log  # its lock, before we look what is known
    once = {each.digest: each for each in heard}
    known = receipts.known(writing, list(once))
    moving = _moving(writing, once)
    room = _room(writing, once.values())
    fresh = [
        each
        for named, each in once.items()
        if named not in known
        and (named in moving if each.said.stage in OF_NODE else room.take(each.said.copy))
    ]
    if fresh:
        writing.append([_leaf(each, house) for each in fresh])
        receipts.add(writing, [_row(each, house) for each in fresh])
    for stage, (state, was) in _STATES.items():
        ids = [each.said.copy for each in heard if each.said.stage is stage]
        copies.set_state(writing, ids, state, was=was)
        outbox.done_refs(writing, outbox.Item.DOCKET, node, ids)
    return fresh


_LEFT = (CopyState.QUEUED, CopyState.SENT)
_STATES = {
    # A copy that came back and then is proven to be there, after all, is there.
    ReceiptStage.DELIVERED: (CopyState.DELIVERED, (*_LEFT, CopyState.RETURNED)),
    ReceiptStage.RETURNED: (CopyState.RETURNED, _LEFT),
    # It came there after it was recalled, and was not taken in.
    ReceiptStage.REMOVED: (CopyState.RETURNED, _LEFT),
}


def _moving(writing: Writing, heard: Mapping[Digest, Heard]) -> frozenset[Digest]:
    """Return the node's receipts that change where a copy stands, one a copy and stage.

    A receipt that comes again leads to a newer checkpoint, or names a later time, and so is other
    bytes; the first stands.
    """
    first: dict[tuple[CopyId, ReceiptStage], Digest] = {}
    for named, each in heard.items():
        if each.said.stage in OF_NODE:
            first.setdefault((each.said.copy, each.said.stage), named)
    states = copies.states(writing, [copy for copy, _ in first])
    moves = {
        named
        for (copy, stage), named in first.items()
        if stage in _STATES and states[copy] in _STATES[stage][1]
    }
    return frozenset(moves | _answers(writing, heard))


def _answers(writing: Writing, heard: Mapping[Digest, Heard]) -> set[Digest]:
    """Return the holders' answers to our recalls that say something new of a copy."""
    told = {named: each for named, each in heard.items() if each.said.stage in ON_RECALL}
    if not told:
        return set()
    ids = sorted({each.said.copy for each in told.values()})
    kept = [row for row in receipts.by_copies(writing, ids) if row.stage in ON_RECALL]
    known = {_answer(docket_wire.read(row.body, Receipt).said) for row in kept}
    count = Counter(row.copy for row in kept)
    fresh: dict[tuple[str, ...], Digest] = {}
    for named, each in told.items():
        if _answer(each.said) not in known and count[each.said.copy] < ANSWERS:
            fresh.setdefault(_answer(each.said), named)
    return set(fresh.values())


def _answer(said: Receipt) -> tuple[str, ...]:
    return (said.copy, said.stage, said.reason)


class _Room:
    """How many more receipts of people each copy takes: nobody fills our ledger with them."""

    def __init__(self, held: Mapping[str, int]) -> None:
        self._held = dict(held)

    def take(self, copy: CopyId) -> bool:
        self._held[copy] = self._held.get(copy, 0) + 1
        return self._held[copy] <= PEOPLE


def _room(writing: Writing, heard: Iterable[Heard]) -> _Room:
    ids = sorted({each.said.copy for each in heard if each.said.stage not in OF_NODE})
    rows = [row for row in receipts.by_copies(writing, ids) if row.stage in OF_PEOPLE]
    return _Room(Counter(row.copy for row in rows))


def _leaf(heard: Heard, house: House) -> Opening:
    return Opening(LeafType.RECEIPT, house.random(SALT_SIZE), heard.released.payload)


def _row(heard: Heard, house: House) -> receipts.Receipt:
    said = heard.said
    return receipts.Receipt(
        receipt=heard.digest,
        copy=said.copy,
        stage=said.stage,
        agency=said.agency,
        at=to_millis(said.at),
        stored_at=house.millis(),
        origin=said.origin,
        size=said.size,
        body=heard.released.dsse,
        proof=b"".join(heard.proof),
    )
