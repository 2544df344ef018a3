# SPDX-License-Identifier: Apache-2.0
"""What is gone on purpose, told from what is gone: each removal is the leaf that it names.

(1) A copy whose bytes are not here is sound if this node remembers its removal and its log says so
at the very place; without the leaf, somebody who had the database took the bytes away. (2) What is
removed is not here: no copy lives, and no envelope lies, that is remembered as removed. (3) A
recalled act is remembered because its officer ordered it, and that order, in the docket of the
recall, bears his signature; what the holder answered is what he did and said.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.docket import ON_RECALL, Docket, OrderedDocket, Receipt, ReceiptStage
from comity.domain.ids import AgencyId, CertificateHash, ThreadId
from comity.domain.recall_onward import RecallOnward
from comity.domain.recall_order import RecallOrder
from comity.domain.removal import Why
from comity.domain.roster import OfficerEntry
from comity.domain.taking_back import Taking
from comity.domain.tally import PENDING
from comity.errors import BadSignature, ComityError
from comity.ledger.leaf import LeafType
from comity.services import recall_onward
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.passed_on_in import shown_entries
from comity.services.removal import entry_of
from comity.services.verify_report import Tally, cause_of, first_difference
from comity.storage import copies, envelopes, logs, receipts, whole
from comity.storage.copies import Copy, CopyState
from comity.storage.edge import LeafRow
from comity.storage.reading import Reading
from comity.storage.removed import Answer, Removed
from comity.wire import docket as docket_wire
from comity.wire import order as order_wire
from comity.wire.keyring import Keyring

_HERE: Final = (CopyState.RECEIVED, CopyState.MISTRUSTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What other tables hold of a page of what was removed."""

    leaves: Mapping[tuple[int, int], LeafRow]
    copies: Mapping[str, Copy]
    by_act: Mapping[str, Sequence[Copy]]
    envelopes: AbstractSet[str]
    orders: AbstractSet[tuple[str, str, str]]
    """Agency, act and to whom it was sent, of every act that an officer ordered back."""
    said: Mapping[str, Sequence[Receipt]]
    """What its holder said of a copy that was recalled."""


def check_removed(reading: Reading, house: House, keys: Keyring, tally: Tally) -> None:
    own = read_book(house).own_ids
    for page in whole.pages(reading, whole.REMOVED):
        beside = _beside(reading, house, page, keys, own)
        for row in page:
            if row.copy:
                _check(row, beside, tally)
            else:
                _check_recalled(row, beside, tally)
        tally.done("removed", len(page))


def check_order(docket: OrderedDocket, keys: Keyring) -> Taking:
    """Return what the order in *docket* is; raise Untrusted unless an officer of it signed it."""
    order = order_wire.check_docket(docket)
    officer = keys.officer(order.said.certificate)
    if officer.agency != docket.agency:
        raise BadSignature("not-an-officer")
    return order_wire.verify(order, verifying_key(officer.signing)).what


def _beside(
    reading: Reading,
    house: House,
    page: Sequence[Removed],
    keys: Keyring,
    own: AbstractSet[AgencyId],
) -> _Beside:
    placed = [row for row in page if row.copy]
    recalled = [row for row in page if not row.copy]
    acts = copies.by_acts(reading, sorted({row.act for row in recalled}))
    threads = sorted({row.thread for row in recalled})
    by_act: dict[str, list[Copy]] = {}
    for each in acts:
        by_act.setdefault(each.act, []).append(each)
    return _Beside(
        leaves={
            (log, each.idx): each
            for log in sorted({row.log for row in placed})
            for each in logs.leaves(reading, log, [r.leaf for r in placed if r.log == log])
        },
        copies={each.copy: each for each in copies.by_ids(reading, [r.copy for r in placed])},
        by_act=by_act,
        envelopes=envelopes.known(reading, [row.envelope for row in placed]),
        orders=frozenset(
            (
                *_orders(reading, threads, keys, own),
                *_orders_onward(reading, house, threads, keys),
            )
        ),
        said=_said(reading, [each.copy for each in acts]),
    )


def _said(reading: Reading, ids: Sequence[str]) -> dict[str, list[Receipt]]:
    found: dict[str, list[Receipt]] = {}
    for row in receipts.by_copies(reading, ids):
        # One that cannot be read is named where the receipts are walked.
        with suppress(ComityError):
            if row.stage in ON_RECALL:
                found.setdefault(row.copy, []).append(docket_wire.read(row.body, Receipt).said)
    return found


def _orders(
    reading: Reading, threads: Sequence[str], keys: Keyring, own: AbstractSet[AgencyId]
) -> Iterator[tuple[str, str, str]]:
    for row in copies.by_threads(reading, threads):
        try:
            said = docket_wire.read(row.release, Docket).said if row.release else None
            if not isinstance(said, OrderedDocket) or check_order(said, keys) is not Taking.RECALL:
                continue
        except ComityError:
            continue  # named where the copies are walked
        for act in said.recalls:
            yield (said.agency, act, said.to)
            if said.agency in own:  # who orders it remembers his own agency's copy too
                yield (said.agency, act, said.agency)


def _orders_onward(
    reading: Reading, house: House, threads: Sequence[str], keys: Keyring
) -> Iterator[tuple[str, str, str]]:
    """Yield what was passed on to us and that an originator's officer ordered back."""
    for thread in threads:
        for each in recall_onward.said_in(reading, house, ThreadId(thread)):
            try:
                order = _verified(each, keys)
            except ComityError:
                continue  # it is no order; what is remembered for it is named by itself
            if order.what is Taking.RECALL and each.original in order.acts:
                yield (each.agency, each.act, each.to)


def _verified(told: RecallOnward, keys: Keyring) -> RecallOrder:
    """Return the originator's order in *told*; raise Untrusted unless his officer signed it."""
    order = order_wire.read(told.order)
    named = CertificateHash(order.said.certificate)
    try:
        officer = keys.officer(named)
    except BadSignature:  # of an agency that is known by what was shown of it
        entry = shown_entries(told.certified).get(named)
        if not isinstance(entry, OfficerEntry):
            raise
        officer = entry
    return order_wire.verify(order, verifying_key(officer.signing))


def _check(row: Removed, beside: _Beside, tally: Tally) -> None:
    _check_leaf(row, beside.leaves.get((row.log, row.leaf)), tally)  # (1)
    copy = beside.copies.get(row.copy)
    if copy is not None and copy.state != CopyState.REMOVED:  # (2)
        tally.fault("copies", row.copy, "surplus", column="state")
    if row.envelope in beside.envelopes:
        tally.fault("envelopes", row.envelope, "surplus")


def _check_leaf(row: Removed, leaf: LeafRow | None, tally: Tally) -> None:
    if leaf is None or leaf.type != LeafType.REMOVAL:
        tally.fault("removed", row.copy, "leaf", column="leaf")
        return
    if leaf.entry is None:
        return  # erased by law, which another leaf says
    try:
        entry = entry_of(row)
    except (ComityError, ValueError) as error:
        cause = cause_of(error) if isinstance(error, ComityError) else "malformed"
        tally.fault("removed", row.copy, cause)
        return
    if entry != leaf.entry:
        position = first_difference(leaf.entry, entry)
        tally.fault("removed", row.copy, "differs", position=position)


def _check_recalled(row: Removed, beside: _Beside, tally: Tally) -> None:
    place = f"{row.agency}/{row.act}/{row.to}"
    if row.why != Why.RECALL or (row.agency, row.act, row.to) not in beside.orders:  # (3)
        tally.fault("removed", place, "order")
    found = [
        each
        for each in beside.by_act.get(row.act, ())
        if (each.agency, each.to) == (row.agency, row.to)
    ]
    if row.agency == row.to:
        return  # its author's agency says nothing to itself
    for each in found:
        if row.answer == Answer.REMOVED and each.state in _HERE:  # (2)
            tally.fault("copies", each.copy, "surplus", column="state")
    said = [told for each in found for told in beside.said.get(each.copy, ())]
    if (column := _misremembered(row, said)) is not None:
        tally.fault("removed", place, "differs", column=column)


def _misremembered(row: Removed, said: Sequence[Receipt]) -> str | None:
    """Return the column of *row* that is not what its holder *said*; None if all of it is."""
    if row.answer == Answer.REMOVED:
        return None
    if row.answer not in (Answer.KEPT, Answer.PENDING) or any(
        each.stage is ReceiptStage.REMOVED for each in said
    ):
        return "answer"
    reasons = [each.reason for each in said]
    return "ground" if reasons and (row.ground or PENDING) not in reasons else None
