# SPDX-License-Identifier: Apache-2.0
"""Dockets that came: checked by what the node may know, and made into rows.

The node cannot open the envelope and need not. What fails verification is told back unsigned (the
peer may send again) and kept as evidence; what the rules refuse, a reader who has left for
instance, is answered with a signed *returned* receipt, so that the author learns of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain import time
from comity.domain.docket import Docket, DocketReader, DocketStage, Receipt, ReceiptStage
from comity.domain.ids import AgencyId, BlobId, NodeId, thread_of
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import ReaderKind
from comity.domain.time import to_millis
from comity.errors import Differs, Malformed, NotAdmitted, NotForUs, Refused
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard, Reader
from comity.services.house import House
from comity.services.node_signed import first_of
from comity.services.reopen import enter_anew
from comity.storage import blobs, copies, envelopes
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.reading import Reading, Writing
from comity.wire import docket as docket_wire
from comity.wire.docket import Released, Said
from comity.wire.parcel import Item, Want

_OPENS: Final = frozenset({DocketStage.ASKED, DocketStage.TOLD})
RETIRED_TAKEN: Final = timedelta(days=7)
"""For so long after a change of epoch what was sealed to the one before is still taken."""
WANTS: Final = 16
"""Blobs that we ask one peer for at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A docket that may be taken in, with its envelope."""

    released: Released[Docket]
    envelope: bytes

    @property
    def docket(self) -> Docket:
        return self.released.said


def read_item(item: Item, book: Book, node: NodeId) -> Arrived:
    """Return what *item* holds if the node it came from released it to an agency of ours.

    (1) The docket is signed by the carrier key certified by the agency that releases it, whose
    node handed it over. (2) It is for an agency housed here. (3) The envelope is the one it names.
    (4) It is of a stage that travels, and somebody here can read it: what nobody opens must stop
    no clock. (5) A thread is opened by the act that it is named after, and by no other.
    """
    released = docket_wire.read(item.docket, Docket)
    docket = released.said
    if docket.agency not in book.agencies_of(node):  # (1)
        raise NotForUs("agency")
    check_carriers(released, book, docket.agency)
    if not book.is_own(docket.to):  # (2)
        raise NotForUs("agency")
    found = (sha256(item.envelope).hexdigest(), len(item.envelope))
    if found != (docket.envelope, docket.size):  # (3)
        raise Differs("envelope")
    if docket.stage is DocketStage.HOME or not docket.readers:  # (4)
        raise Malformed("stage")
    if docket.stage in _OPENS and docket.thread != thread_of(docket.agency, docket.act):  # (5)
        raise Differs("thread")
    return Arrived(released=released, envelope=item.envelope)


def check_carriers(released: Released[Said], book: Book, agency: AgencyId) -> None:
    """Raise Untrusted unless the node of *agency* signed *released*, with a key that counts now."""
    node = book.node_of(agency).node
    entries = [each for each in book.agency(agency).nodes if each.node == node]
    first_of(entries, lambda each: docket_wire.verify(released, verifying_key(each.carrier)))


def check_rules(arrived: Arrived, book: Book, house: House) -> None:
    """Raise Refused if the rules do not let us take *arrived* in."""
    docket = arrived.docket
    if why := book.agency(docket.agency).silent(house.now()):
        raise NotAdmitted(why)
    if docket.expires and time.read(docket.expires) <= house.now():
        raise Refused("expired")
    check_readers(docket.readers, book.agency(docket.to), house.now(), tolerant=True)


def check_readers(
    readers: Sequence[DocketReader], card: AgencyCard, at: datetime, *, tolerant: bool
) -> None:
    """Raise Refused unless the agency of *card* has each of *readers* at *at*, at that epoch.

    Who sends is strict; *tolerant* is who takes in what was sealed before a change was known.
    """
    for each in readers:
        entries = card.desks if each.kind is ReaderKind.DESK else card.officers
        entry = next((entry for entry in entries if entry.id == each.id), None)
        if entry is None:
            raise Refused("reader-revoked", reader=each.id)
        if at >= entry.ends:
            raise Refused("reader-expired", reader=each.id)
        if entry.epoch != each.epoch and not (tolerant and _was_lately(card, entry, each, at)):
            raise Refused("reader-key-retired", reader=each.id)


def _was_lately(card: AgencyCard, now: Reader, named: DocketReader, at: datetime) -> bool:
    """Return whether *named* was the reader's key until a few days ago.

    A desk whose members change while a question is on its way still opens it: who is left has the
    old key, and who has gone has no home to open it in.
    """
    return at - now.begins <= RETIRED_TAKEN and any(
        isinstance(each, DeskEntry | OfficerEntry)
        and (each.id, each.epoch) == (named.id, named.epoch)
        for each in card.history.values()
    )


def missing(
    reading: Reading, arrived: Sequence[Arrived], come: Sequence[BlobId], node: NodeId
) -> frozenset[BlobId]:
    """Return the blobs that *arrived* names and that are still to come, beside those just *come*.

    What lies here counts only if it went between us and this *node* before: else whoever knows a
    name could find out that somebody else sent us the file, and pass it off as his.
    """
    named = {ref.id for each in arrived for ref in each.docket.blobs}
    return frozenset(named - set(come) - shared_with(reading, sorted(named), node))


def wanted(
    reading: Reading, arrived: Sequence[Arrived], lacking: Collection[BlobId], node: NodeId
) -> tuple[Want, ...]:
    """Return what to ask *node* for: where its part of each blob ends, one docket after another."""
    wants: dict[BlobId, Want] = {}
    for ref in (ref for each in arrived for ref in each.docket.blobs if ref.id in lacking):
        have = reading.folder.have(part_of(ref.id, node))
        if have < ref.size:
            wants[ref.id] = Want(blob=ref.id, offset=have)
    return tuple(wants.values())[:WANTS]


def shared_with(reading: Reading, ids: Sequence[BlobId], node: NodeId) -> frozenset[BlobId]:
    """Return those of *ids* that are whole here and that copies to or from *node* name."""
    whole = {row.blob for row in blobs.by_ids(reading, ids) if row.completed_at}
    naming = [each for each in blobs.naming(reading, ids) if each.blob in whole]
    rows = copies.by_ids(reading, sorted({each.copy for each in naming}))
    between = {row.copy for row in rows if row.node == node}
    return frozenset(BlobId(each.blob) for each in naming if each.copy in between)


def part_of(blob: BlobId, node: NodeId) -> str:
    """Return the name of the part of *blob* that *node* is sending."""
    return f"{blob}.{node}"


def returned(item: Item, house: House, reason: str) -> bytes:
    """Return our signed word that *item*, which verifies, was not taken in."""
    released = docket_wire.read(item.docket, Docket)
    docket = released.said
    receipt = Receipt(
        stage=ReceiptStage.RETURNED,
        agency=docket.to,
        to=docket.agency,
        node=house.keys.node,
        act=docket.act,
        copy=docket.copy,
        envelope=docket.envelope,
        thread=docket.thread,
        docket=released.digest,
        at=house.now(),
        reason=reason,
    )
    return docket_wire.sign(receipt, house.keys.carrier).dsse


def store(
    writing: Writing, house: House, arrived: Sequence[Arrived], node: NodeId
) -> Sequence[Arrived]:
    """Make those of *arrived* durable that are not yet, each a leaf; return them."""
    # The lock on the log comes first: two processes that took the same parcel see one another.
    log = writing.log
    known = copies.known(writing, [each.docket.copy for each in arrived])
    fresh = [each for each in arrived if each.docket.copy not in known]
    if known:
        _renew(writing, house, arrived, log)
    if not fresh:
        return ()
    first = writing.append([_leaf(each, house) for each in fresh])
    now = house.millis()
    envelopes.add(writing, [_envelope(each) for each in fresh])
    copies.add(
        writing,
        [_row(each, node, now, log=log, leaf=first + at) for at, each in enumerate(fresh)],
    )
    copies.add_readers(writing, [row for each in fresh for row in reader_rows(each.docket, now)])
    blobs.name(writing, _blobs(fresh))
    return fresh


def reader_rows(docket: Docket, now: int) -> list[CopyReader]:
    """Return who of an agency of this node may read the copy of *docket* from *now* on."""
    return [
        CopyReader(reader=each.id, at=now, copy=docket.copy, kind=each.kind, epoch=each.epoch)
        for each in docket.readers
    ]


def _renew(writing: Writing, house: House, arrived: Sequence[Arrived], log: int) -> None:
    """Enter anew what is known from a log that was closed: only the open one gives receipts."""
    rows = copies.by_ids(writing, [each.docket.copy for each in arrived])
    same = {str(each.docket.copy): each.released.digest for each in arrived}
    closed = [row for row in rows if 0 < row.log < log and row.docket == same[row.copy]]
    enter_anew(writing, house, closed)


def _leaf(arrived: Arrived, house: House) -> Opening:
    return Opening(LeafType.DOCKET, house.random(SALT_SIZE), arrived.released.payload)


def _envelope(arrived: Arrived) -> envelopes.Envelope:
    docket = arrived.docket
    return envelopes.Envelope(envelope=docket.envelope, size=docket.size, sealed=arrived.envelope)


def _row(arrived: Arrived, node: NodeId, now: int, *, log: int, leaf: int) -> Copy:
    docket = arrived.docket
    return Copy(
        copy=docket.copy,
        act=docket.act,
        thread=docket.thread,
        agency=docket.agency,
        to=docket.to,
        node=node,
        envelope=docket.envelope,
        size=docket.size,
        stage=docket.stage,
        clock=docket.clock,
        state=CopyState.RECEIVED,
        at=to_millis(docket.at),
        stored_at=now,
        expires=docket.expires,
        docket=arrived.released.digest,
        release=arrived.released.dsse,
        log=log,
        leaf=leaf,
    )


def _blobs(arrived: Collection[Arrived]) -> list[blobs.CopyBlob]:
    return [
        blobs.CopyBlob(copy=each.docket.copy, blob=ref.id)
        for each in arrived
        for ref in each.docket.blobs
    ]
