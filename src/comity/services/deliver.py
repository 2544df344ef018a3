# SPDX-License-Identifier: Apache-2.0
"""Make the next parcel for a peer: what is due in the outbox, and what its last parcel is owed.

Rows are leased before they are read, each reader is checked once more, and only then do bytes
leave. What is made here is forgotten if it is lost on the way: the lease ends and it is made again.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from comity.domain.docket import Docket, Receipt, ReceiptStage
from comity.domain.ids import AgencyId, BlobId, CopyId, Digest, NodeId, mint
from comity.domain.policy import Exclusion
from comity.errors import Damaged, Excluded, Refused
from comity.ledger.checkpoint import Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import dockets_in, notices, receipts_out, roster_ahead, witness, witnesses
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.bars import bars_any
from comity.services.compose import recipient
from comity.services.house import House
from comity.services.oversight import read_policy
from comity.services.receive import Taken
from comity.services.reopen import successions
from comity.services.rosters import PARCEL_SHARE, updates_for
from comity.services.silence import placed
from comity.services.thread_rows import refresh
from comity.storage import blobs, copies, envelopes, outbox, receipts
from comity.storage.blobs import Blob
from comity.storage.copies import Copy, CopyState
from comity.storage.outbox import Claimed
from comity.storage.reading import Reading, Writing
from comity.wire import docket as docket_wire
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import (
    ITEMS_LIMIT,
    NOTICES_LIMIT,
    Chunk,
    CosignedNote,
    Item,
    Known,
    LogState,
    Parcel,
    ReceiptItem,
)

BUDGET: Final = 960_000
"""Bytes of content in one parcel: with padding, seal and manifest it stays below 1 MiB."""
ITEMS: Final = 128
"""Dockets in one parcel: what fits, at the usual size of an envelope."""
LEASE_MILLIS: Final = 90_000
"""Longer than an answer takes, but on the slowest lines: what two then send arrives once."""
CHUNK: Final = 256 * 1024
SUSPENDED_MILLIS: Final = 60_000
"""How often it is looked whether a suspended agency was taken back."""
EVERY_ITEM: Final = 256
"""Bytes that the manifest says of each thing, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A sealed parcel, and the outbox rows that it carries."""

    sealed: bytes
    claimed: tuple[Claimed, ...]


@dataclass(slots=True, kw_only=True)
class Load:
    """What one parcel takes with it, up to its budget."""

    left: int = BUDGET
    rosters: tuple[bytes, ...] = ()
    items: list[Item] = field(default_factory=list)
    receipts: list[ReceiptItem] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    notices: list[bytes] = field(default_factory=list)
    carried: list[Claimed] = field(default_factory=list)
    over: list[Claimed] = field(default_factory=list)
    waits: list[Claimed] = field(default_factory=list)
    """For an agency with which nothing is exchanged just now."""
    back: list[tuple[Copy, str]] = field(default_factory=list)
    """What goes back to its author, and why."""
    leads: bool = False
    """Whether a receipt in it leads to our ledger, which is to be shown beside it, then."""

    def fits(self, size: int) -> bool:
        cost = size + EVERY_ITEM
        if cost > self.left:
            return False
        self.left -= cost
        return True


def make(house: House, node: NodeId, *, owner: str, answering: Taken | None = None) -> Made:
    """Return the next parcel for *node*, in answer to what was *taken* of its last."""
    book = read_book(house)
    owed = answering or Taken(node=node)
    witnesses.advance(house, book)
    # While our keys change, a peer says first which of them it knows: what it could not verify
    # would be evidence against us.
    greets = house.keys.changing and not owed.has_spoken
    claimed = () if greets else _claim(house, node, owner)
    load = Load()
    # First of all who may read: a revocation does not wait behind a full outbox.
    load.rosters = updates_for(house, book, owed.known, bare=book.is_witness_only(node))
    room = PARCEL_SHARE - sum(len(each) for each in load.rosters)
    load.rosters += roster_ahead.echoes(house, book, node, owed.known, room)
    load.left -= sum(len(each) + EVERY_ITEM for each in load.rosters)
    with house.store.read() as reading:
        load.receipts += [ReceiptItem(receipt=each, proof=()) for each in owed.returned]
        load.receipts += receipts_out.delivered(reading, house, owed.dockets)
        load.receipts += receipts_out.removed(reading, house, owed.dockets)
        # What does not go with this parcel is asked for again by whoever needs it.
        del load.receipts[ITEMS_LIMIT - ITEMS :]
        load.left -= sum(_size_of(each) for each in load.receipts)
        _load_chunks(reading, book, load, owed)
        load_dockets(
            reading, house, book, load, [c for c in claimed if c.kind == outbox.Item.DOCKET]
        )
        load_receipts(reading, load, [c for c in claimed if c.kind == outbox.Item.RECEIPT])
        delivered = [c for c in claimed if c.kind == outbox.Item.DELIVERED]
        load_delivered(reading, house, load, delivered, shown=owed.has_spoken)
        told = [c for c in claimed if c.kind == outbox.Item.NOTICE]
        load_notices(load, told, notices.load(reading, house, node, told))
        load.carried += [c for c in claimed if c.kind == outbox.Item.LOG]
        parcel = parcel_of(reading, house, book, owed, load)
    if load.over or load.waits or load.back:
        house.store.write(lambda w: give_back(w, house, node, load, book.own_ids))
    sealed = parcel_wire.seal(parcel, recipient(book.node(node).parcel))
    return Made(sealed=sealed, claimed=tuple(load.carried))


def let_go(house: House, rows: Sequence[tuple[Claimed, int]], *, failed: bool) -> None:
    """Give leased rows back, each with when to try it again (milliseconds).

    *failed* is true where the peer was reached and did not take them.
    """
    told = [(each.id, at) for each, at in rows]
    if told:
        house.store.write(lambda w: (outbox.retry if failed else outbox.put_back)(w, told))


def _claim(house: House, node: NodeId, owner: str) -> tuple[Claimed, ...]:
    now = house.millis()
    with house.store.read() as reading:
        if not outbox.is_due(reading, node, now):
            return ()

    def work(writing: Writing) -> tuple[Claimed, ...]:
        rows = outbox.claim(writing, node, now, limit=ITEMS, owner=owner, until=now + LEASE_MILLIS)
        sent = [each.ref for each in rows if each.kind == outbox.Item.DOCKET]
        copies.set_state(writing, sent, CopyState.SENT, was=(CopyState.QUEUED,))
        return rows

    return house.store.write(work)


def load_dockets(
    reading: Reading, house: House, book: Book, load: Load, claimed: Sequence[Claimed]
) -> None:
    if not claimed:
        return
    rows = {row.copy: row for row in copies.by_ids(reading, [each.ref for each in claimed])}
    sealed = envelopes.get(reading, [row.envelope for row in rows.values()])
    exclusions = {id_: read_policy(house, id_).exclusions for id_ in book.own_ids}
    for each in claimed:
        row = rows[each.ref]
        if row.envelope not in sealed:
            continue  # recalled since it was claimed: its row in the outbox is gone too
        card, docket = book.agency(AgencyId(row.to)), docket_wire.read(row.release, Docket).said
        if card.silent(house.now()) or card.standing.held:
            load.waits.append(each)
        elif why := _why_not(house, docket, card, exclusions[docket.agency]):
            load.back.append((row, why))
        elif load.fits(len(row.release) + row.size):
            load.items.append(Item(docket=row.release, envelope=sealed[row.envelope]))
            load.carried.append(each)
        else:
            load.over.append(each)


def _why_not(
    house: House, docket: Docket, card: AgencyCard, exclusions: Collection[Exclusion]
) -> str:
    """Return why *docket* must not leave now; empty if it may.

    A reader may have left since it was sealed to him, or been barred from the thread.
    """
    try:
        dockets_in.check_readers(docket.readers, card, house.now(), tolerant=False)
    except Refused as refused:
        return refused.cause
    return Excluded.code if bars_any(exclusions, docket, card) else ""


def load_receipts(reading: Reading, load: Load, claimed: Sequence[Claimed]) -> None:
    rows = {row.receipt: row for row in receipts.by_ids(reading, [c.ref for c in claimed])}
    for each in claimed:
        item = ReceiptItem(receipt=rows[each.ref].body, proof=())
        if load.fits(_size_of(item)):
            load.receipts.append(item)
            load.carried.append(each)
        else:
            load.over.append(each)


def load_notices(load: Load, claimed: Sequence[Claimed], bodies: Mapping[int, bytes]) -> None:
    for each in claimed:
        body = bodies.get(each.id)
        if body is None:
            load.waits.append(each)  # lost on this disk: the rest goes on
        elif not load.fits(len(body)) or len(load.notices) == NOTICES_LIMIT:
            load.over.append(each)
        else:
            load.notices.append(body)
            load.carried.append(each)


def load_delivered(
    reading: Reading, house: House, load: Load, claimed: Sequence[Claimed], *, shown: bool
) -> None:
    """Load our receipts for copies that came by stick or mailbox.

    They lead to our ledger: before that may be *shown* they wait.
    """
    items = receipts_out.delivered(reading, house, [c.ref for c in claimed]) if shown else ()
    made = {docket_wire.read(each.receipt, Receipt).said.copy: each for each in items}

    def gone(ref: str) -> list[ReceiptItem]:
        return receipts_out.removed(reading, house, [ref])

    for each in claimed:
        item = made.get(CopyId(each.ref))
        if not shown or (item and not load.fits(_size_of(item))):
            load.over.append(each)
            continue
        if item:  # an opening that was erased by law is not spoken of any more
            load.receipts.append(item)
            load.leads = True
        load.carried.append(each)
        # What came after it was recalled was not taken in; whoever recalled it is told so.
        told = [r for r in gone(each.ref) if load.fits(_size_of(r))]
        load.receipts += told
        load.leads = load.leads or bool(told)


def handed_over(house: House, rows: Sequence[Claimed]) -> None:
    """Take our receipts among *rows* out of the outbox: they were handed over.

    One that is lost on the way costs what any answer costs: the peer sends its copy again.
    """
    said: dict[str, list[str]] = {}
    for each in rows:
        if each.kind == outbox.Item.DELIVERED:
            said.setdefault(each.to_node, []).append(each.ref)
    if said:
        house.store.write(
            lambda w: [
                outbox.done_refs(w, outbox.Item.DELIVERED, node, refs)
                for node, refs in said.items()
            ]
        )


_RELEASED: Final = frozenset({CopyState.QUEUED, CopyState.SENT, CopyState.DELIVERED})


def _load_chunks(reading: Reading, book: Book, load: Load, owed: Taken) -> None:
    """Load the bytes that the peer wants of blobs which we released to it, and of no others."""
    node, wanted = owed.node, {each.blob: each.offset for each in owed.asked}
    naming = blobs.naming(reading, sorted(wanted))
    named = copies.by_ids(reading, [each.copy for each in naming])
    ours = {
        row.copy
        for row in named
        if row.node == node and row.agency in book.own_ids and row.state in _RELEASED
    }
    released = {each.blob for each in naming if each.copy in ours}
    rows = {row.blob: row for row in blobs.by_ids(reading, sorted(released))}
    for blob, offset in wanted.items():  # in their order: one docket is whole before the next
        if (row := rows.get(blob)) is not None:
            with suppress(Damaged):  # lost on this disk: `comity verify` names it, the rest goes on
                load_blob(reading, load, row, offset)


def load_blob(reading: Reading, load: Load, row: Blob, offset: int) -> None:
    # Something is always kept free for dockets and receipts, however large the file.
    while offset < row.size and load.left > CHUNK + BUDGET // 4:
        data = reading.folder.slice(row.blob, offset, CHUNK)
        if not data or not load.fits(len(data)):
            break
        chunk = Chunk(blob=BlobId(row.blob), offset=offset, total=row.size, data=data)
        load.chunks.append(chunk)
        offset += len(data)


def parcel_of(reading: Reading, house: House, book: Book, owed: Taken, load: Load) -> Parcel:
    node = owed.node
    theirs = book.agencies_of(node)
    # The agency that speaks is one that the peer knows.
    own = next((card.id for card in book.own if card.id in owed.known), book.own[0].id)
    notices = [
        witness.proven_notice(reading, house, each, agency=own, to=theirs[0])
        for each in owed.proven
    ]
    return Parcel(
        id=mint(house.random),
        from_node=house.keys.node,
        to_node=node,
        at=house.now(),
        known=(
            *(_known(book.agency(each)) for each in theirs),
            *roster_ahead.asked_of(reading, house, book),
        ),
        rosters=load.rosters,
        items=tuple(load.items),
        receipts=tuple(load.receipts),
        logs=_log_states(reading, house, owed, load),
        cosignatures=_lines(reading, house, owed),
        proven=tuple(each for each in notices if each),
        chunks=tuple(load.chunks),
        wants=owed.wants,
        refusals=owed.refusals[:ITEMS_LIMIT],
        seen=witness.seen_of(reading, node),
        taken=owed.heard[:ITEMS_LIMIT],
        notices=tuple(load.notices),
    )


def _lines(reading: Reading, house: House, owed: Taken) -> tuple[CosignedNote, ...]:
    if house.keys.changing and not owed.has_spoken:
        return ()
    return owed.cosigned[:ITEMS_LIMIT] or tuple(witness.due_lines(reading, house, owed.node))


def _known(card: AgencyCard) -> Known:
    return Known(agency=card.id, number=card.number, lacks=card.lacks)


def _log_states(reading: Reading, house: House, owed: Taken, load: Load) -> tuple[LogState, ...]:
    """Return our newest checkpoint, with the proof from what the peer says it has seen.

    Before it has said so, nothing is shown: if we were restored, it would see a fork.
    """
    asked = any(each.kind == outbox.Item.LOG for each in load.carried)
    due = bool(load.items or load.leads or owed.dockets or owed.unseen)
    head = reading.head() if owed.has_spoken and (due or asked) else None
    if head is None or not head.size:
        return ()
    if head.origin not in owed.seen and Origin.parse(head.origin).number > 1:
        return successions(reading, owed.seen, house.keys.ledger)
    old = min(owed.seen.get(head.origin, 0), head.size)
    proof = reading.consistency(old, head.size) if 0 < old < head.size else ()
    newest = LogState(note=head.note, old=old, consistency=tuple(proof)) if due else None
    return witnesses.states(reading, witnesses.pinned(reading, head.origin), old, newest)


def _size_of(item: ReceiptItem) -> int:
    return len(item.receipt) + 32 * len(item.proof) + EVERY_ITEM


def give_back(
    writing: Writing, house: House, node: NodeId, load: Load, own: Collection[AgencyId]
) -> None:
    """Give back what did not fit, and return to their authors copies that nobody may open now."""
    now = house.millis()
    outbox.put_back(writing, [(each.id, now) for each in load.over])
    outbox.retry(writing, [(each.id, now + SUSPENDED_MILLIS) for each in load.waits])
    key = house.keys.carrier
    said = [docket_wire.sign(_returned(row, why, house), key) for row, why in load.back]
    if not said:
        return
    first = writing.append(
        [Opening(LeafType.RECEIPT, house.random(SALT_SIZE), each.payload) for each in said]
    )
    rows = [
        receipts.Receipt(
            receipt=each.digest,
            copy=each.said.copy,
            stage=each.said.stage,
            agency=each.said.agency,
            at=now,
            stored_at=now,
            body=each.dsse,
        )
        for each in said
    ]
    receipts.add(writing, placed(writing, first, rows))
    ids = [row.copy for row, _ in load.back]
    copies.set_state(writing, ids, CopyState.RETURNED)
    outbox.done_refs(writing, outbox.Item.DOCKET, node, ids)
    refresh(writing, own, [each.said.thread for each in said])


def _returned(row: Copy, why: str, house: House) -> Receipt:
    docket = docket_wire.read(row.release, Docket).said
    return Receipt(
        stage=ReceiptStage.RETURNED,
        agency=docket.agency,
        to=docket.agency,
        node=house.keys.node,
        act=docket.act,
        copy=docket.copy,
        envelope=docket.envelope,
        thread=docket.thread,
        docket=Digest(row.docket),
        at=house.now(),
        reason=why,
    )
