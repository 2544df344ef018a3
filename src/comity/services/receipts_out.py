# SPDX-License-Identifier: Apache-2.0
"""Receipts that we give, *delivered* and *removed*: made anew from our leaf whenever asked for.

The same docket gets the same leaf and salt again, in a proof that leads to the newest checkpoint;
so nothing has to be stored here, and a receipt that was lost costs one more exchange.
"""

from collections.abc import Sequence
from dataclasses import replace

from comity.domain.docket import Docket, DocketStage, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, Digest, EnvelopeId, ThreadId
from comity.domain.removal import Why
from comity.domain.time import from_millis
from comity.services.house import House
from comity.services.recalls_in import removed_receipt
from comity.storage import copies, logs
from comity.storage import removed as removals
from comity.storage.copies import Copy
from comity.storage.edge import Head
from comity.storage.reading import Reading
from comity.storage.removed import Removed
from comity.wire import docket as docket_wire
from comity.wire.parcel import ReceiptItem


def delivered(reading: Reading, house: House, ids: Sequence[str]) -> list[ReceiptItem]:
    """Return our *delivered* receipts for the copies *ids* that came from a peer."""
    rows = copies.by_ids(reading, ids)
    made: list[ReceiptItem] = []
    for log in sorted({row.log for row in rows}):
        made += _in_log(reading, house, log, [row for row in rows if row.log == log])
    return made


def removed(reading: Reading, house: House, ids: Sequence[str]) -> list[ReceiptItem]:
    """Return our *removed* receipts for what the copies *ids* recalled, or are."""
    if not ids:
        return []
    recalls = [
        docket_wire.read(row.release, Docket).said
        for row in copies.at_stage(reading, ids, DocketStage.TAKEN_BACK.value)
    ]
    meant = {(each.agency, act, each.to) for each in recalls for act in each.recalls}
    rows = {
        row.copy: row
        for row in (
            *removals.by_copies(reading, ids),
            *removals.by_acts(reading, sorted({act for _, act, _ in meant})),
        )
        if row.log
        and row.why == Why.RECALL
        and (row.copy in ids or (row.agency, row.act, row.to) in meant)
    }
    made: list[ReceiptItem] = []
    for log in sorted({row.log for row in rows.values()}):
        made += _removed_in(reading, house, log, [r for r in rows.values() if r.log == log])
    return made


def _removed_in(
    reading: Reading, house: House, log: int, rows: Sequence[Removed]
) -> list[ReceiptItem]:
    head = reading.head(log)
    if head is None:
        return []
    indexes = [row.leaf for row in rows]
    salts = logs.salts(reading, log, indexes)
    proofs = dict(zip(indexes, reading.inclusions(indexes, head.size, log), strict=True))
    made: list[ReceiptItem] = []
    for row in rows:
        salt = salts.get(row.leaf)
        if salt is not None:
            bare = removed_receipt(reading, house, row)
            said = replace(bare, origin=head.origin, index=row.leaf, size=head.size, salt=salt)
            signed = docket_wire.sign(said, house.keys.carrier).dsse
            made.append(ReceiptItem(receipt=signed, proof=proofs[row.leaf]))
    return made


def _in_log(reading: Reading, house: House, log: int, rows: Sequence[Copy]) -> list[ReceiptItem]:
    head = reading.head(log)
    if head is None:
        return []
    indexes = [row.leaf for row in rows]
    salts = logs.salts(reading, log, indexes)
    proofs = reading.inclusions(indexes, head.size, log)
    return [
        ReceiptItem(receipt=_signed(house, row, head, salt), proof=proof)
        for row, proof in zip(rows, proofs, strict=True)
        # An opening erased by law is not spoken of any more.
        if (salt := salts.get(row.leaf)) is not None
    ]


def _signed(house: House, row: Copy, head: Head, salt: bytes) -> bytes:
    receipt = Receipt(
        stage=ReceiptStage.DELIVERED,
        agency=AgencyId(row.to),
        to=AgencyId(row.agency),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=from_millis(row.stored_at),
        origin=head.origin,
        index=row.leaf,
        size=head.size,
        salt=salt,
    )
    return docket_wire.sign(receipt, house.keys.carrier).dsse
