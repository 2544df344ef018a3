# SPDX-License-Identifier: Apache-2.0
"""Carry out: all that may leave for a peer, parcel by parcel, by a way that gives no answer.

A stick cannot be asked what it lacks, so everything that the other side would ask for goes along:
what it may lack of our rosters, the whole of each file beside its docket, each checkpoint proven
from the size that the peer said last. Nothing is leased: what goes by stick goes by the line too if
that comes back first, and arrives once. It all stays in the outbox until its receipt comes; only
our own receipts for what came by stick go once, and again when the copy comes again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Protocol

from comity.crypto.age import Writable
from comity.crypto.signing import SigningKey, verifying_key
from comity.domain.ids import AgencyId, BlobId, CertificateHash, NodeId, mint
from comity.domain.roster import NodeEntry
from comity.errors import Damaged, NotAdmitted
from comity.services import deliver, notices, spoken
from comity.services.address_book import Book, read_book
from comity.services.compose import recipient
from comity.services.deliver import CHUNK, EVERY_ITEM, ITEMS, Load
from comity.services.house import House
from comity.services.receive import Taken
from comity.services.rosters_ahead import updates_ahead
from comity.storage import agencies, blobs, copies, outbox
from comity.storage.copies import CopyState
from comity.storage.outbox import Claimed
from comity.storage.reading import Writing
from comity.wire import parcel as parcel_wire
from comity.wire.carry import Cover, Packer
from comity.wire.parcel import Chunk, Item, Known, Parcel, ReceiptItem


class Begin(Protocol):
    """Says which rows of the outbox go along, and that they have begun to leave."""

    def __call__(
        self, writing: Writing, node: str, now: int, /, *, after: int, limit: int
    ) -> tuple[Claimed, ...]: ...


SLICE: Final = 256
"""Of what is owed beside the outbox, in one parcel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """What a file holds."""

    cover: Cover
    parcels: int
    messages: int
    receipts: int
    """Receipts, of our server and of our people."""


def carry_out(
    house: House,
    node: NodeId,
    place: Callable[[], AbstractContextManager[Writable]],
    *,
    answering: Taken | None = None,
) -> CarriedOut | None:
    """Write a carry file with all that may leave for *node*; None, and no file, if nothing may.

    *place* opens where it goes, and closes without an error only once it is safe there. *answering*
    is what was just taken of that peer.
    """
    trip = Trip(house, node, answering)
    parcels = trip.parcels()
    first = next(parcels, None)
    if first is None:
        return None
    cover = cover_for(house, node)
    packer = Packer(cover, trip.key)
    count = 0
    with place() as sink:
        sink.write(packer.begin())
        for sealed in chain((first,), parcels):
            sink.write(packer.frame(sealed))
            count += 1
        sink.write(packer.end())
    trip.done()
    return CarriedOut(cover=cover, parcels=count, messages=trip.messages, receipts=trip.receipts)


def cover_for(house: House, node: NodeId) -> Cover:
    return Cover(id=mint(house.random), from_node=house.keys.node, to_node=node, at=house.now())


class Trip:
    """One way to a node: yields its parcels, and counts what went along."""

    def __init__(
        self,
        house: House,
        node: NodeId,
        answering: Taken | None = None,
        *,
        begin: Begin = outbox.begin,
    ) -> None:
        """Prepare it; *begin* says which rows of the outbox go along."""
        self._house = house
        self._node = node
        self._book = _open_book(house, node)
        self._fresh = answering is not None
        with house.store.read() as reading:
            last = spoken.last(reading, house, node)
        # An old stick that was read just now does not make the peer know less than it said since.
        self._owed = replace(
            answering or Taken(node=node),
            known=last.known,
            seen=last.seen,
            has_spoken=self._fresh or bool(last.known),
        )
        self._begin = begin
        self._last = 0
        self.carried: tuple[Claimed, ...] = ()
        """The rows of the outbox that are whole with the parcel that was yielded last."""
        self.messages = 0
        self.receipts = 0
        self._first = True
        self.key: Final = _key_for(house, self._book, last.known)
        """What the files of this trip are signed with."""

    def parcels(self) -> Iterator[bytes]:
        """Yield sealed parcels until nothing more may leave."""
        rows = self._more()
        rosters = updates_ahead(
            self._house,
            self._book,
            self._known(rows),
            bare=self._book.is_witness_only(self._node),
        )
        slices, update = _slices(self._owed), next(rosters, ())
        while rows or update or slices:
            light, heavy = self._parted(rows)
            load = Load(rosters=update)
            yield from self._together(load, slices.pop(0) if slices else self._bare(), light)
            for row, files in heavy:
                yield from self._with_files(row, files)
            rows = tuple(load.over) or self._more()
            update = next(rosters, ())

    def done(self) -> None:
        """Take out of the outbox what goes once: our receipts, now that they are on their way."""
        if self._owed.has_spoken:
            told = outbox.Item.DELIVERED
            self._house.store.write(lambda w: outbox.done_upto(w, told, self._node, self._last))

    def _more(self) -> tuple[Claimed, ...]:
        """Return the next rows that may leave; from now on nobody can stop them."""
        now = self._house.millis()

        def work(writing: Writing) -> tuple[Claimed, ...]:
            rows = self._begin(writing, self._node, now, after=self._last, limit=ITEMS)
            sent = [each.ref for each in rows if each.kind == outbox.Item.DOCKET]
            copies.set_state(writing, sent, CopyState.SENT, was=(CopyState.QUEUED,))
            return rows

        rows = self._house.store.write(work)
        self._last = max((each.id for each in rows), default=self._last)
        return rows

    def _known(self, rows: Sequence[Claimed]) -> dict[AgencyId, Known]:
        """Return what the peer holds of our rosters; nothing if it never said.

        Then it gets the whole roster of each agency that has something to say to it.
        """
        if self._owed.known:
            return dict(self._owed.known)
        with self._house.store.read() as reading:
            speaking = {
                AgencyId(row.agency) for row in copies.by_ids(reading, [r.ref for r in rows])
            }
        return {each: Known(agency=each, number=0) for each in speaking & self._book.own_ids}

    def _parted(
        self, rows: Sequence[Claimed]
    ) -> tuple[list[Claimed], list[tuple[Claimed, list[blobs.Blob]]]]:
        """Return the rows without files, and those with, each beside its files."""
        with self._house.store.read() as reading:
            naming = blobs.of_copies(reading, [e.ref for e in rows if e.kind == outbox.Item.DOCKET])
            files = {row.blob: row for row in blobs.by_ids(reading, [each.blob for each in naming])}
        named: dict[str, list[blobs.Blob]] = {}
        for each in naming:
            if each.blob in files:
                named.setdefault(each.copy, []).append(files[each.blob])
        light = [each for each in rows if each.ref not in named]
        return light, [(each, named[each.ref]) for each in rows if each.ref in named]

    def _together(self, load: Load, owed: Taken, rows: Sequence[Claimed]) -> Iterator[bytes]:
        """Yield the one parcel with what fits of *rows*, if there is anything to say in it."""
        load.receipts += [ReceiptItem(receipt=each, proof=()) for each in owed.returned]
        load.left -= sum(len(each) + EVERY_ITEM for each in (*load.rosters, *owed.returned))
        house, of = self._house, {kind: [r for r in rows if r.kind == kind] for kind in outbox.Item}
        with house.store.read() as reading:
            deliver.load_dockets(reading, house, self._book, load, of[outbox.Item.DOCKET])
            deliver.load_receipts(reading, load, of[outbox.Item.RECEIPT])
            if owed.has_spoken:  # else nothing of the kind has come from there
                deliver.load_delivered(reading, house, load, of[outbox.Item.DELIVERED], shown=True)
            told = of[outbox.Item.NOTICE]
            deliver.load_notices(load, told, notices.load(reading, house, self._node, told))
            load.carried += of[outbox.Item.LOG]
        yield from self._sealed(load, owed)

    def _with_files(self, row: Claimed, files: Sequence[blobs.Blob]) -> Iterator[bytes]:
        """Yield the docket of *row*, in as many parcels as its files take."""
        load = Load()
        with self._house.store.read() as reading:
            deliver.load_dockets(reading, self._house, self._book, load, [row])
        carried, load.carried = load.carried, []
        for chunk in self._chunks(files if load.items else ()):
            if not load.fits(len(chunk.data)):
                yield from self._sealed(load, self._bare())
                load = _again(load.items[0])
                load.left -= len(chunk.data) + EVERY_ITEM
            load.chunks.append(chunk)
        load.carried = carried
        yield from self._sealed(load, self._bare())

    def _chunks(self, files: Sequence[blobs.Blob]) -> Iterator[Chunk]:
        """Yield the bytes of *files*, from where the peer asked for them if it has just done so."""
        asked = {each.blob: each.offset for each in self._owed.asked}
        for each in files:
            offset = asked.get(BlobId(each.blob), 0)
            with suppress(Damaged):  # lost on this disk: `comity verify` names it, the rest goes on
                while data := self._house.store.folder.slice(each.blob, offset, CHUNK):
                    yield Chunk(blob=BlobId(each.blob), offset=offset, total=each.size, data=data)
                    offset += len(data)

    def _sealed(self, load: Load, owed: Taken) -> Iterator[bytes]:
        """Yield the parcel of *load*; count it, and return to their authors what must not leave."""
        house, book = self._house, self._book
        # Who was restored, and does not know it, would show two histories: only receipts need this.
        shown = owed if self._fresh or load.leads else replace(owed, has_spoken=False)
        with house.store.read() as reading:
            parcel = deliver.parcel_of(reading, house, book, shown, load)
        if load.back:
            back = replace(load, over=[], waits=[])
            house.store.write(lambda w: deliver.give_back(w, house, self._node, back, book.own_ids))
        if _says(parcel) or (self._first and parcel.cosignatures):
            self._first = False
            self.carried = tuple(load.carried)
            self.messages += sum(row.kind == outbox.Item.DOCKET for row in load.carried)
            self.receipts += len(load.receipts)
            yield parcel_wire.seal(parcel, recipient(book.node(self._node).parcel))

    def _bare(self) -> Taken:
        """Return what is owed in a parcel that goes beside the one which says the rest."""
        owed = self._owed
        return Taken(node=self._node, known=owed.known, seen=owed.seen, has_spoken=owed.has_spoken)


def _open_book(house: House, node: NodeId) -> Book:
    """Return the address book; raise NotAdmitted if nothing goes to *node* now."""
    book = read_book(house)
    book.node(node)
    if all(book.agency(each).suspended for each in book.agencies_of(node)):
        raise NotAdmitted("suspended")
    return book


def _key_for(house: House, book: Book, known: Mapping[AgencyId, Known]) -> SigningKey:
    """Return the newest carrier key of ours of which the peer said that it knows it.

    Who never said so knows the one before. Where that was stolen it counts for nothing any more,
    with whoever has heard of it: he is not to be shown it again.
    """
    told: set[str] = set()
    with house.store.read() as reading:
        for card in (each for each in book.own if each.id in known and not known[each.id].lacks):
            keys = {k: v.carrier for k, v in card.history.items() if isinstance(v, NodeEntry)}
            rows = agencies.entries_by_hash(reading, sorted(keys))
            told |= {
                verifying_key(keys[CertificateHash(row.hash)]).key_id
                for row in rows
                if row.agency == card.id and row.first <= known[card.id].number
            }
    ours = house.keys.carriers
    return next((each for each in ours if each.public.key_id in told), ours[-1])


def _slices(owed: Taken) -> list[Taken]:
    """Return what is *owed* beside the outbox, a parcel's share at a time; one at least."""
    many = max(len(owed.returned), len(owed.heard), len(owed.refusals), 1)
    rest = replace(owed, cosigned=(), proven=(), wants=(), unseen=False)
    return [
        replace(
            rest if start else owed,
            dockets=(),
            returned=owed.returned[start : start + SLICE],
            heard=owed.heard[start : start + SLICE],
            refusals=owed.refusals[start : start + SLICE],
        )
        for start in range(0, many, SLICE)
    ]


def _again(item: Item) -> Load:
    load = Load(items=[item])
    load.left -= len(item.docket) + len(item.envelope) + EVERY_ITEM
    return load


def _says(parcel: Parcel) -> bool:
    """Return whether there is anything in *parcel* but how things stand."""
    return bool(
        parcel.rosters
        or parcel.items
        or parcel.receipts
        or parcel.proven
        or parcel.wants
        or parcel.refusals
        or parcel.taken
    )
