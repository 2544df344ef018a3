# SPDX-License-Identifier: Apache-2.0
"""Silence: our node's signed word that nothing was heard of a copy of its own within the limit.

*Not delivered*: no *delivered* receipt came. *Not opened*: one did, and nobody said that he opened
it, nor anything else in the thread. Each is said once, is a leaf of our log and goes to nobody: it
is our evidence (``ledger prove``) and no accusation. What is heard later stands beside it. What was
delivered is looked at once, in the order in which it was: a mark says how far.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from comity.domain.docket import OF_PEOPLE, ON_RECALL, ClockClass, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, Digest, EnvelopeId, ThreadId
from comity.domain.limits import Silence, reason_of
from comity.domain.time import to_millis
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.limits import limits_in
from comity.storage import copies, logs, meta, receipts, silences
from comity.storage.copies import Copy, CopyState
from comity.storage.meta import Meta
from comity.storage.reading import Reading, Writing
from comity.wire import docket as docket_wire
from comity.wire.docket import Released

PAGE: Final = 500
"""Copies in one write: a node that was away for a week says it in several."""
_WAITING: Final = frozenset({CopyState.QUEUED, CopyState.SENT})
_SPEAKS: Final = OF_PEOPLE | ON_RECALL
"""Somebody opened it, or it was taken back and the other side said what became of it."""
_START: Final = (0, "")
Mark = tuple[int, str]
"""A *delivered* receipt: when it was kept, and its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    row: Copy
    released: Released[Receipt]

    @property
    def stage(self) -> ReceiptStage:
        return self.released.said.stage


def listen(house: House) -> int:
    """Say of what nothing was heard in time; return how much there was."""
    book = read_book(house)
    return sum(
        _listen(house, agency, clock) for agency in sorted(book.own_ids) for clock in ClockClass
    )


def _listen(house: House, agency: AgencyId, clock: ClockClass) -> int:
    count = 0
    while found := _undelivered(house, agency, clock):
        written = house.store.write(_saying(house, found))
        count += written
        if len(found) < PAGE or not written:
            break
    more = True
    while more:
        unopened, mark, more = _unopened(house, agency, clock)
        if mark is not None:
            count += house.store.write(_saying(house, unopened, mark))
    return count


def _undelivered(house: House, agency: AgencyId, clock: ClockClass) -> list[_Said]:
    """Return, signed, what is to be said of copies that are not known to be there."""
    stage = ReceiptStage.NOT_DELIVERED
    with house.store.read() as reading:
        within = limits_in(reading, house, agency).until_delivered(clock)
        before = to_millis(house.now() - within)
        rows = silences.undelivered(reading, agency, clock, said=stage, before=before, limit=PAGE)
    return [_sign(house, row, stage, _why(row), within) for row in rows]


def _why(row: Copy) -> Silence:
    return Silence.NOT_SENT if row.state == CopyState.QUEUED else Silence.NO_RECEIPT


def _unopened(
    house: House, agency: AgencyId, clock: ClockClass
) -> tuple[list[_Said], Meta | None, bool]:
    """Return, signed, what is to be said of copies that nobody opened; how far; whether more."""
    name = f"silence/{agency}/{clock}"
    with house.store.read() as reading:
        within = limits_in(reading, house, agency).until_opened(clock)
        after = _read_mark(meta.get(reading, [name]).get(name, b""))
        until = to_millis(house.now() - within)
        page = silences.delivered(reading, after, until, limit=PAGE)
        rows = [
            row
            for row in copies.by_ids(reading, [each.copy for each in page])
            if (row.agency, row.clock) == (agency, clock)
        ]
        heard = _heard(reading, rows)
    said = [
        _sign(house, row, ReceiptStage.NOT_OPENED, Silence.UNOPENED, within)
        for row in rows
        if row.copy not in heard
    ]
    if not page:
        return [], None, False
    mark = Meta(name=name, value=f"{page[-1].stored_at}/{page[-1].receipt}".encode())
    return said, mark, len(page) == PAGE


def _heard(reading: Reading, rows: Sequence[Copy]) -> frozenset[str]:
    """Return those of *rows* that somebody opened, or after which the other side spoke."""
    told = receipts.by_copies(reading, [row.copy for row in rows])
    heard = {each.copy for each in told if each.stage in _SPEAKS}
    spoke: dict[tuple[str, str], int] = {}
    for each in copies.by_threads(reading, sorted({row.thread for row in rows})):
        key = (each.thread, each.agency)
        spoke[key] = max(spoke.get(key, 0), each.stored_at)
    heard |= {row.copy for row in rows if spoke.get((row.thread, row.to), 0) > row.stored_at}
    return frozenset(heard)


def _saying(
    house: House, said: Sequence[_Said], mark: Meta | None = None
) -> Callable[[Writing], int]:
    """Return the write that keeps those of *said* that are still true, each a leaf."""

    def work(writing: Writing) -> int:
        _ = writing.log  # its lock, before we look what was heard meanwhile
        fresh = _still(writing, said)
        if fresh:
            first = writing.append([_leaf(house, each) for each in fresh])
            receipts.add(
                writing,
                placed(writing, first, [_row(each, house.millis()) for each in fresh]),
            )
        if mark is not None:
            meta.put(writing, [mark])
        return len(fresh)

    return work


def _still(writing: Writing, said: Sequence[_Said]) -> list[_Said]:
    now = {row.copy: row for row in copies.by_ids(writing, [each.row.copy for each in said])}
    known = {(each.copy, each.stage) for each in receipts.by_copies(writing, sorted(now))}
    heard = _heard(writing, list(now.values()))
    return [
        each
        for each in said
        if (each.row.copy, each.stage) not in known
        and (
            now[each.row.copy].state in _WAITING
            if each.stage is ReceiptStage.NOT_DELIVERED
            else each.row.copy not in heard
        )
    ]


def _sign(
    house: House, row: Copy, stage: ReceiptStage, silence: Silence, within: timedelta
) -> _Said:
    said = Receipt(
        stage=stage,
        agency=AgencyId(row.agency),
        to=AgencyId(row.agency),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=house.now(),
        reason=reason_of(silence, within),
    )
    return _Said(row=row, released=docket_wire.sign(said, house.keys.carrier))


def _leaf(house: House, said: _Said) -> Opening:
    return Opening(LeafType.RECEIPT, house.random(SALT_SIZE), said.released.payload)


def _row(each: _Said, now: int) -> receipts.Receipt:
    said = each.released.said
    return receipts.Receipt(
        receipt=each.released.digest,
        copy=said.copy,
        stage=said.stage,
        agency=said.agency,
        at=to_millis(said.at),
        stored_at=now,
        body=each.released.dsse,
    )


def placed(
    writing: Writing, first: int, rows: Sequence[receipts.Receipt]
) -> list[receipts.Receipt]:
    """Return *rows*, our own word, each with the size of our log from which on its leaf is in it.

    The first of them is leaf *first*; so the leaf is found again, and proven.
    """
    origin = next(each.origin for each in logs.every(writing) if each.log == writing.log)
    return [
        replace(row, origin=origin, size=size) for size, row in enumerate(rows, start=first + 1)
    ]


def _read_mark(value: bytes) -> Mark:
    if not value:
        return _START
    at, _, receipt = value.decode().partition("/")
    return int(at), receipt
