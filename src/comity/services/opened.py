# SPDX-License-Identifier: Apache-2.0
"""The receipts of people: *opened* when somebody first opens what came, *unreadable* if he cannot.

At home every first opening by every officer is kept, signed by him, and a leaf of the log. Abroad
goes as much as his agency lets be known: himself, by that same receipt; or his desk, or the fact
alone, said by the node (``read_by.py``), once for each name that is shown, so that a *fact* does
not tell how many looked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.domain.docket import OF_PEOPLE, OpenedBy, Receipt, ReceiptStage
from comity.domain.ids import (
    ActId,
    AgencyId,
    CopyId,
    Digest,
    EnvelopeId,
    ThreadId,
)
from comity.domain.roster import Audience, OfficerEntry
from comity.domain.statement import ReaderKind
from comity.domain.time import to_millis
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.read_by import travels
from comity.storage import outbox, receipts
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.outbox import Waiting
from comity.storage.reading import Reading, Writing
from comity.wire import docket as docket_wire
from comity.wire.docket import Released


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What came of one copy that reached a reader."""

    row: Copy
    named: tuple[CopyReader, ...]
    """Under which of his ids it is sealed to him."""
    stage: ReceiptStage
    reason: str = ""


def is_owed(row: Copy, unlocked: Unlocked) -> bool:
    """Return whether whoever released *row* is told when this officer opens it."""
    came = row.state in (CopyState.RECEIVED, CopyState.MISTRUSTED)
    return came and row.to == unlocked.agency


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A receipt that was signed and is not kept yet."""

    row: Copy
    released: Released[Receipt]


def prepare(
    reading: Reading, met: Sequence[Met], unlocked: Unlocked, house: House, card: AgencyCard
) -> tuple[Said, ...]:
    """Return the receipts for those of *met* of which this officer has given none yet."""
    earlier = _earlier(reading, [each.row.copy for each in met])
    mine = _certificates(card, unlocked)
    told = {(each.copy, each.stage) for each in earlier if each.certificate in mine}
    fresh = [each for each in met if (each.row.copy, each.stage) not in told]
    if not fresh:
        return ()
    shows = read_policy(house, unlocked.agency).shows
    if shows is OpenedBy.PERSON and unlocked.entry.audience is not Audience.PEERS:
        shows = OpenedBy.DESK  # abroad nobody knows him
    return tuple(_sign(each, unlocked, house, shows) for each in fresh)


def record(
    writing: Writing, house: House, said: Sequence[Said], unlocked: Unlocked, card: AgencyCard
) -> None:
    """Keep those of *said* that this officer has not said meanwhile; what may travel is sent."""
    if not said:
        return
    _ = writing.log  # its lock: he may have opened the same thread twice at once
    earlier = _earlier(writing, [each.row.copy for each in said])
    mine = _certificates(card, unlocked)
    told = {(each.copy, each.stage) for each in earlier if each.certificate in mine}
    fresh = [each for each in said if _what(each)[:2] not in told]
    if not fresh:
        return
    known = {(each.copy, each.stage, each.reader) for each in earlier if not each.certificate}
    fresh += [each for each in _told_by_node(fresh, house) if _what(each) not in known]
    writing.append(
        [Opening(LeafType.RECEIPT, house.random(SALT_SIZE), s.released.payload) for s in fresh]
    )
    receipts.add(writing, [_row(each) for each in fresh])
    outbox.add(writing, [_waiting(each, house) for each in fresh if _leaves(each, house)])


def _sign(met: Met, unlocked: Unlocked, house: House, shows: OpenedBy) -> Said:
    row = met.row
    receipt = Receipt(
        stage=met.stage,
        agency=unlocked.agency,
        to=AgencyId(row.agency),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=house.now(),
        shows=shows,
        reader=_reader(met, unlocked, shows),
        certificate=unlocked.certificate,
        reason=met.reason,
    )
    return Said(row=row, released=docket_wire.sign(receipt, unlocked.signing))


def _reader(met: Met, unlocked: Unlocked, shows: OpenedBy) -> str:
    """Return who is shown: a desk only where it is the desk that the copy is for, and his."""
    if shows is OpenedBy.PERSON:
        return unlocked.entry.id
    if shows is OpenedBy.FACT:
        return ""
    desks = [each.reader for each in met.named if each.kind == ReaderKind.DESK]
    return next((each for each in desks if each in unlocked.entry.desks), "")


def _earlier(reading: Reading, ids: Sequence[str]) -> list[Receipt]:
    """Return what people here have said of these copies."""
    return [
        docket_wire.read(row.body, Receipt).said
        for row in receipts.by_copies(reading, ids)
        if row.stage in OF_PEOPLE
    ]


def _certificates(card: AgencyCard, unlocked: Unlocked) -> frozenset[str]:
    """Return every certificate that this officer ever had."""
    return frozenset(
        (
            unlocked.certificate,
            *(
                name
                for name, entry in card.history.items()
                if isinstance(entry, OfficerEntry) and entry.id == unlocked.entry.id
            ),
        )
    )


def _told_by_node(said: Sequence[Said], house: House) -> list[Said]:
    """Return what our node says of those of *said* that name nobody abroad, once a name."""
    bare = {
        _what(each): Said(
            row=each.row,
            released=docket_wire.sign(
                replace(each.released.said, certificate=""), house.keys.carrier
            ),
        )
        for each in said
        if not travels(each.released.said)
    }
    return list(bare.values())


def _leaves(said: Said, house: House) -> bool:
    return said.row.node != house.keys.node and travels(said.released.said)


def _what(said: Said) -> tuple[str, str, str]:
    receipt = said.released.said
    return (receipt.copy, receipt.stage, receipt.reader)


def _row(said: Said) -> receipts.Receipt:
    receipt = said.released.said
    return receipts.Receipt(
        receipt=said.released.digest,
        copy=receipt.copy,
        stage=receipt.stage,
        agency=receipt.agency,
        at=to_millis(receipt.at),
        stored_at=to_millis(receipt.at),
        body=said.released.dsse,
    )


def _waiting(said: Said, house: House) -> Waiting:
    return Waiting(
        to_node=said.row.node,
        kind=outbox.Item.RECEIPT,
        ref=said.released.digest,
        not_before=house.millis(),
    )
