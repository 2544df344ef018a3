# SPDX-License-Identifier: Apache-2.0
"""Silences: which copies of ours nothing was heard of, and what was raised of each thread, once.

Looked at every half minute, so each question is a short range of an index that holds only what is
still open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, exists, literal_column, select

from comity.storage import tables
from comity.storage.copies import Copy, CopyState
from comity.storage.outbox import Item
from comity.storage.reading import Reading, Writing
from comity.storage.receipts import Receipt
from comity.storage.shape import Among, Lookup, Shape
from comity.storage.threads import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One limit of one thread that was brought before somebody."""

    thread: str
    own: str
    what: str
    """A code of ``domain.reminders``."""
    at: int


_COPY = Shape(tables.copies, Copy)
_RECEIPT = Shape(tables.receipts, Receipt)
_REMINDER = Shape(tables.reminders, Reminder)
_THREAD = Shape(tables.threads, Thread)
_C = tables.copies.c
_O = tables.outbox.c
_R = tables.receipts.c
_N = tables.readers.c
_T = tables.threads.c
NEWEST: Final = 50
_BY_THREADS = Among(_REMINDER, "thread", ("thread", "at", "what"))

_SAID = exists(select(_R.receipt).where(_R.copy == _O.ref, _R.stage == bindparam("b_said")))
_UNDELIVERED = Lookup(
    _COPY,
    _COPY.select()
    .join(tables.outbox, _O.ref == _C.copy)
    .where(
        _O.kind == bindparam("b_kind"),
        _C.agency == bindparam("b_agency"),
        _C.clock == bindparam("b_clock"),
        _O.not_before <= bindparam("b_before"),
        ~_SAID,
    )
    .order_by(_O.id)
    .limit(bindparam("b_most")),
    ("b_kind", "b_agency", "b_clock", "b_before", "b_said", "b_most"),
)
_DELIVERED = Lookup(
    _RECEIPT,
    _RECEIPT.select()
    .where(
        # The words of the index itself, or SQLite would not take it.
        _R.stage == literal_column("'delivered'"),
        _R.stored_at >= bindparam("b_since"),
        (_R.stored_at > bindparam("b_then")) | (_R.receipt > bindparam("b_receipt")),
        _R.stored_at <= bindparam("b_until"),
    )
    .order_by(_R.stored_at, _R.receipt)
    .limit(bindparam("b_most")),
    ("b_since", "b_then", "b_receipt", "b_until", "b_most"),
)
_OPEN = Lookup(
    _THREAD,
    _THREAD.select()
    .where(
        _T.answered_at == literal_column("0"),
        _T.due_answer > bindparam("b_after"),
        _T.due_answer <= bindparam("b_until"),
        (_T.due_answer <= bindparam("b_soon"))
        | ((_T.acknowledged_at == 0) & (_T.due_ack <= bindparam("b_now"))),
    )
    .order_by(_T.due_answer, _T.thread, _T.own),
    ("b_after", "b_until", "b_soon", "b_now"),
)


def undelivered(
    reading: Reading, agency: str, clock: str, *, said: str, before: int, limit: int
) -> tuple[Copy, ...]:
    """Return copies of *agency* that could leave by *before* and are not there yet.

    Those of which the receipt *said* is kept already are left out.
    """
    kind = Item.DOCKET.value
    return _UNDELIVERED(reading.connection, kind, agency, clock, before, said, limit)


def delivered(
    reading: Reading, after: tuple[int, str], until: int, *, limit: int
) -> tuple[Receipt, ...]:
    """Return *delivered* receipts that came after *(time, receipt)* and by *until*, in order."""
    since, receipt = after
    return _DELIVERED(reading.connection, since, since, receipt, until, limit)


def arrived(reading: Reading, readers: Sequence[str], after: int) -> tuple[str, ...]:
    """Return the clock classes of what came for *readers* after *after*: its newest few."""
    wanted = (
        select(_C.clock)
        .join(tables.readers, _N.copy == _C.copy)
        .where(_N.reader.in_(readers), _N.at > after, _C.state == CopyState.RECEIVED)
        .order_by(_N.at.desc(), _C.copy)
        .limit(NEWEST)
    )
    return tuple(reading.connection.scalars(wanted))


def pressing(
    reading: Reading, now: int, *, after: int, until: int, soon: int
) -> tuple[Thread, ...]:
    """Return the threads without a final answer, due after *after* and by *until*, that press.

    Their answer is due by *soon*, or their acknowledgement was due by *now*.
    """
    return _OPEN(reading.connection, after, until, soon, now)


def remind(writing: Writing, rows: Sequence[Reminder]) -> int:
    """Note what was raised; what was before stays as it is."""
    return _REMINDER.add_new(writing.connection, rows)


def reminders(reading: Reading, threads: Sequence[str]) -> tuple[Reminder, ...]:
    """Return what was raised of *threads*, each thread's in the order of time."""
    return _BY_THREADS(reading.connection, threads)
