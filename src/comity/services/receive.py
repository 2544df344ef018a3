# SPDX-License-Identifier: Apache-2.0
"""Take a parcel in: everything in it is checked first, then one write makes it durable.

What a parcel holds is independent: a docket that fails stops neither its neighbours nor the
receipts beside it. Nothing in it is believed because of who handed it over; only what no signature
covers (refusals, what the peer knows and wants, which receipts it took) is taken from the channel,
and it can make us send again, never believe.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from comity.domain.docket import OrderedDocket, Receipt
from comity.domain.ids import AgencyId, BlobId, CopyId, Digest, NodeId, digest
from comity.domain.standing import MarkCode
from comity.errors import LedgerFork, Malformed, NotForUs, Refused, Untrusted
from comity.ledger.note import encode64
from comity.services import (
    dockets_in,
    doubts,
    notices,
    notices_in,
    recall_onward,
    recalls_in,
    receipts_in,
    roster_ahead,
    spoken,
    suspend,
    witness,
    witnesses,
)
from comity.services.address_book import Book, read_book
from comity.services.dockets_in import Arrived
from comity.services.evidence import FORK, Against, keep_bytes
from comity.services.house import House
from comity.services.notices_in import Noticed
from comity.services.recall_onward import Going
from comity.services.receipts_in import Heard
from comity.services.reopen import Lost, find_lost, is_unseen, reopen
from comity.services.rosters_in import take_updates
from comity.services.thread_rows import refresh
from comity.services.witness import Shown
from comity.storage import blobs, copies, outbox, peers, receipts
from comity.storage.copies import Copy
from comity.storage.reading import Reading, Writing
from comity.storage.witness import Cosignature, cosigned
from comity.wire import parcel as parcel_wire
from comity.wire.docket import Released
from comity.wire.parcel import (
    Chunk,
    CosignedNote,
    Item,
    Known,
    LogState,
    Parcel,
    ReceiptItem,
    Refusal,
    Seen,
    Want,
)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a parcel, and what is owed for it: it goes into the next one."""

    node: NodeId
    dockets: tuple[CopyId, ...] = ()
    """Durable here, now or before: each gets its *delivered* receipt."""
    fresh: int = 0
    """How many of them were new."""
    returned: tuple[bytes, ...] = ()
    """Our signed receipts for what the rules did not let us take."""
    refusals: tuple[Refusal, ...] = ()
    wants: tuple[Want, ...] = ()
    """Bytes of blobs that we still want."""
    heard: tuple[Digest, ...] = ()
    """Persons' receipts and notices that are durable here, or evidence: none need come again."""
    settled: int = 0
    """How many receipts were new."""
    cosigned: tuple[CosignedNote, ...] = ()
    """Our word on the peer's checkpoint."""
    proven: tuple[tuple[str, int], ...] = ()
    """Sizes of our ledger that the peer cosigned."""
    known: Mapping[AgencyId, Known] = field(default_factory=dict)
    """The rosters of ours that the peer holds."""
    seen: Mapping[str, int] = field(default_factory=dict)
    """The sizes of our ledgers that the peer has witnessed."""
    asked: tuple[Want, ...] = ()
    """Bytes of blobs that the peer still wants of us."""
    refused: tuple[Refusal, ...] = ()
    """Dockets of ours that the peer did not take, by its unsigned word."""
    has_spoken: bool = False
    """Whether the peer has said by now what it saw of our ledger."""
    unseen: bool = False
    """Whether our ledger is to be shown to it, whatever else goes with it."""

    @property
    def owes(self) -> bool:
        """Return whether the peer waits for something of ours that is not in the outbox."""
        return bool(
            self.dockets
            or self.returned
            or self.wants
            or self.heard
            or self.cosigned
            or self.proven
            or self.asked
            or self.unseen
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A parcel's content after every check that needs no lock."""

    arrived: Sequence[Arrived]
    heard: Sequence[Heard]
    logs: Sequence[Shown]
    lines: Sequence[Cosignature]
    proven: Sequence[receipts.Proven]
    whole: Mapping[BlobId, int]
    """Blobs of which the last byte has come."""
    noticed: Noticed
    onward: Sequence[Going]
    """Whom we passed on what is taken back here."""
    against: Sequence[Against]


def take(house: House, sealed: bytes, node: NodeId) -> Taken:
    """Take in the parcel *sealed* that *node* handed over, its channel verified.

    Raise Untrusted if it is no parcel for us from that node; what is wrong inside it is kept as
    evidence and told in the answer.
    """
    parcel = parcel_wire.open_(sealed, *house.keys.parcels)
    if parcel.to_node != house.keys.node or parcel.from_node != node:
        raise NotForUs("parcel")
    if parcel.rosters:
        before = read_book(house)
        take_updates(house, parcel.rosters, node)
        doubts.follow(house, before)
    book = read_book(house)
    roster_ahead.note(house, book, parcel.known)
    sieve = _Sieve(house, book, node)
    if lost := sieve.find_lost(parcel.seen):
        reopen(house, lost)
    checked, owed = sieve.sift(parcel)
    try:
        return house.store.write(lambda w: _store(w, house, parcel, checked, owed))
    except Untrusted as error:
        # Only judging the peer's ledger raises here. Without its checkpoint no receipt that leads
        # there counts: they come again, from the size that we now say we have seen.
        fork = sieve.fork(parcel) if isinstance(error, LedgerFork) else ()
        rest = replace(
            checked,
            logs=(),
            heard=[each for each in checked.heard if not each.proof],
            against=[*checked.against, *fork],
        )
        return house.store.write(lambda w: _store(w, house, parcel, rest, owed))


def _store(writing: Writing, house: House, parcel: Parcel, checked: _Checked, owed: Taken) -> Taken:
    node = parcel.from_node
    lines = [witness.see(writing, house, each, node) for each in checked.logs]
    blobs.register(writing, [_whole(each, size, house) for each, size in checked.whole.items()])
    blobs.complete(writing, list(checked.whole), house.millis())
    standing = recalls_in.pass_over(writing, house, checked.arrived)
    fresh = dockets_in.store(writing, house, standing, node)
    ordered = [each.docket for each in standing if isinstance(each.docket, OrderedDocket)]
    recalls_in.carry_out(writing, house, ordered)
    recall_onward.tell(writing, house, checked.onward, node)
    new = receipts_in.store(writing, house, checked.heard, node)
    cosigned(writing, checked.lines)
    receipts.add_proven(writing, checked.proven)
    noticed = checked.noticed
    for store in noticed.stores:
        store(writing)
    keep_bytes(writing, house, [*checked.against, *noticed.against])
    for each in checked.against:
        if each.kind == FORK:
            suspend.mark(writing, house, node, MarkCode.FORKED, digest(each.body))
    outbox.done_refs(writing, outbox.Item.RECEIPT, node, parcel.taken)
    notices.done(writing, node, parcel.taken)
    recall_onward.follow(writing, house, node)
    peers.seen(writing, [node], house.millis())
    spoken.keep(writing, house, parcel)
    touched = [each.docket.thread for each in fresh] + [each.said.thread for each in new]
    if touched:
        refresh(writing, read_own(house), touched)
    return replace(
        owed,
        dockets=tuple(each.docket.copy for each in checked.arrived),
        fresh=len(fresh),
        heard=(
            *owed.heard,
            *(each.digest for each in checked.heard if not each.proof),
            *noticed.taken,
        ),
        settled=len(new) + len(noticed.stores),
        cosigned=tuple(lines),
        proven=witnesses.gather(writing, house, node, checked.lines),
    )


def _whole(blob: BlobId, size: int, house: House) -> blobs.Blob:
    return blobs.Blob(blob=blob, size=size, at=house.millis())


class _Sieve:
    """Sorts what verifies in a parcel from what does not, which it keeps as evidence."""

    def __init__(self, house: House, book: Book, node: NodeId) -> None:
        self._house = house
        self._book = book
        self._node = node
        self._entries = book.signers(node)
        self._against: list[Against] = []
        self._refusals: list[Refusal] = []
        self._returned: list[bytes] = []
        self._refused: list[Digest] = []

    def sift(self, parcel: Parcel) -> tuple[_Checked, Taken]:
        """Return what verifies, and what is owed to the peer whatever the write says."""
        arrived, gone = recalls_in.part(self._house, self._dockets(parcel.items))
        self._write(parcel.chunks, arrived)
        whole, arrived = self._complete(arrived)
        logs = self._all("log", parcel.logs, self._log, lambda state: state.note)
        with self._house.store.read() as reading:
            missing = dockets_in.missing(reading, arrived, list(whole), self._node)
            wants = dockets_in.wanted(reading, arrived, missing, self._node)
            heard = self._receipts(reading, parcel.receipts, logs)
            unseen = is_unseen(reading, parcel.seen)
            onward = self._onward(reading, [*gone, *arrived])
            lines = self._all(
                "cosignature",
                parcel.cosignatures,
                lambda line: witness.check_line(reading, self._house, line, self._entries),
                lambda line: line.line,
            )
        checked = _Checked(
            arrived=[
                *gone,
                *(a for a in arrived if missing.isdisjoint(r.id for r in a.docket.blobs)),
            ],
            heard=heard,
            logs=logs,
            lines=[each for each in lines if each],
            proven=self._all("proven", parcel.proven, self._proven, bytes),
            whole=whole,
            noticed=notices_in.read(self._house, self._book, self._node, parcel.notices),
            onward=onward,
            against=self._against,
        )
        return checked, replace(self._owed(parcel, wants), unseen=unseen)

    def _onward(self, reading: Reading, arrived: Sequence[Arrived]) -> Sequence[Going]:
        ordered = [each.docket for each in arrived if isinstance(each.docket, OrderedDocket)]
        return recall_onward.of_dockets(reading, self._house, self._book, ordered)

    def find_lost(self, seen: Sequence[Seen]) -> Lost | None:
        """Return what the peer has of our own ledger, signed by us, and we have not."""
        try:
            with self._house.store.read() as reading:
                return find_lost(reading, self._house, seen, self._entries)
        except Untrusted as error:
            self._note("seen", error, b"".join(each.note.encode() for each in seen))
            return None

    def fork(self, parcel: Parcel) -> Sequence[Against]:
        """Return both histories that the peer's ledger showed, and the proof that parts them."""
        with self._house.store.read() as reading:
            held = witness.last_note(reading, self._node)
        return [
            Against(kind=FORK, node=self._node, code=LedgerFork.code, body=_fork(held, state))
            for state in parcel.logs
        ]

    def _owed(self, parcel: Parcel, wants: tuple[Want, ...]) -> Taken:
        return Taken(
            node=self._node,
            returned=tuple(self._returned),
            heard=tuple(self._refused),
            refusals=tuple(self._refusals),
            wants=wants,
            known={each.agency: each for each in parcel.known},
            seen={each.origin: each.size for each in parcel.seen},
            asked=parcel.wants,
            refused=parcel.refusals,
            has_spoken=True,
        )

    def _docket(self, item: Item) -> Arrived | None:
        try:
            arrived = dockets_in.read_item(item, self._book, self._node)
            dockets_in.check_rules(arrived, self._book, self._house)
            recalls_in.check(arrived, self._book, self._house)
        except Untrusted as error:
            self._refusals.append(Refusal(docket=digest(item.docket), code=error.cause))
            self._note("docket", error, item.docket)
        except Refused as refused:
            self._returned.append(dockets_in.returned(item, self._house, refused.cause))
        else:
            return arrived
        return None

    def _receipts(
        self, reading: Reading, items: Sequence[ReceiptItem], logs: Sequence[Shown]
    ) -> list[Heard]:
        shown = {(s.checkpoint.origin, s.checkpoint.size): s.checkpoint for s in logs}
        read = self._all(
            "receipt", items, lambda item: (item, receipts_in.read_receipt(item)), _signed
        )
        rows = {r.copy: r for r in copies.by_ids(reading, [x.said.copy for _, x in read])}
        return self._all(
            "receipt",
            read,
            lambda pair: self._hear(*pair, rows.get(pair[1].said.copy), shown),
            lambda pair: _signed(pair[0]),
        )

    def _hear(
        self,
        item: ReceiptItem,
        released: Released[Receipt],
        row: Copy | None,
        shown: receipts_in.Checkpoints,
    ) -> Heard:
        """Return the receipt *released* as heard; one that never will be is told back as taken.

        It lies here as evidence, and its sender would send it for ever.
        """
        house, book, node = self._house, self._book, self._node
        try:
            return receipts_in.check(
                item, released, row, house=house, book=book, node=node, shown=shown
            )
        except Untrusted as error:
            if receipts_in.is_final(released.said, error, book):
                self._refused.append(released.digest)
            raise

    def _log(self, state: LogState) -> Shown:
        return witness.read_log(state, self._entries)

    def _proven(self, notice: bytes) -> receipts.Proven:
        return witness.read_proven(self._house, notice, self._entries)

    def _dockets(self, items: Sequence[Item]) -> list[Arrived]:
        """Return the dockets that may be taken in, each copy once: the first stands."""
        arrived: dict[CopyId, Arrived] = {}
        for item in items:
            each = self._docket(item)
            if each is not None:
                arrived.setdefault(each.docket.copy, each)
        return list(arrived.values())

    def _write(self, chunks: Sequence[Chunk], arrived: Sequence[Arrived]) -> None:
        """Write what is wanted of *chunks*.

        Only a docket of this very parcel says which bytes are wanted and how many: what another
        peer says of the same blob counts for his part alone.
        """
        sizes = {ref.id: ref.size for each in arrived for ref in each.docket.blobs}
        for each in chunks:
            if each.offset + len(each.data) <= sizes.get(each.blob, -1):
                part = dockets_in.part_of(each.blob, self._node)
                self._house.store.folder.extend(part, each.offset, each.data)

    def _complete(self, arrived: Sequence[Arrived]) -> tuple[dict[BlobId, int], list[Arrived]]:
        """Return the blobs that are whole now, with their sizes, and the dockets that may stand.

        The files of a docket are put in their place together, in the parcel that takes it in: by
        itself nothing names a file, and what nothing names is not known to be here. A docket whose
        bytes came whole, and are others than it says, is refused: its sender is to look at them.
        """
        whole: dict[BlobId, int] = {}
        standing = []
        with self._house.store.read() as reading:
            named = sorted({ref.id for each in arrived for ref in each.docket.blobs})
            here = dockets_in.shared_with(reading, named, self._node)
        for each in arrived:
            refs = each.docket.blobs  # one file may be named twice
            lacking = {r.id: r.size for r in refs if r.id not in here and r.id not in whole}
            try:
                if self._has_all(lacking):
                    whole |= self._finish(lacking)
            except Malformed as error:
                refused = digest(each.released.dsse)
                self._refusals.append(Refusal(docket=refused, code=error.cause))
            else:
                standing.append(each)
        return whole, standing

    def _has_all(self, sizes: Mapping[BlobId, int]) -> bool:
        have = self._house.store.folder.have
        return all(have(dockets_in.part_of(b, self._node)) == size for b, size in sizes.items())

    def _finish(self, sizes: Mapping[BlobId, int]) -> Mapping[BlobId, int]:
        for blob, size in sizes.items():
            part = dockets_in.part_of(blob, self._node)
            self._house.store.folder.finish(blob, size, part=part)
        return sizes

    def _all(
        self,
        kind: str,
        items: Iterable[T],
        read: Callable[[T], R],
        body: Callable[[T], bytes],
    ) -> list[R]:
        good: list[R] = []
        for each in items:
            try:
                good.append(read(each))
            except Untrusted as error:
                self._note(kind, error, body(each))
        return good

    def _note(self, kind: str, error: Untrusted, body: bytes) -> None:
        self._against.append(Against(kind=kind, node=self._node, code=error.cause, body=body))


def _fork(held: bytes, state: LogState) -> bytes:
    """Return both notes, and below them the hashes of the proof, a line each, if there is one."""
    hashes = "".join(f"{encode64(each)}\n" for each in state.consistency)
    return held + state.note + (f"\n{state.old}\n{hashes}".encode() if hashes else b"")


def _signed(item: ReceiptItem) -> bytes:
    return item.receipt


def read_own(house: House) -> frozenset[AgencyId]:
    return read_book(house).own_ids
