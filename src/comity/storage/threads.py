# SPDX-License-Identifier: Apache-2.0
"""Threads as a node sees them: stage and clock, folded from dockets; never what they are about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, literal, literal_column, select, tuple_

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    thread: str
    own: str
    """The agency of this node whose thread it is."""
    peer: str
    clock: str
    stage: str
    opened_at: int
    acknowledged_at: int = 0
    answered_at: int = 0
    due_ack: int = 0
    due_answer: int = 0
    last_at: int


_THREAD = Shape(tables.threads, Thread)
_T = tables.threads.c
_C = tables.copies.c
_BY_IDS = Among(_THREAD, "thread", ("thread", "own"))


def put(writing: Writing, rows: Sequence[Thread]) -> int:
    """Open threads, or write what their fold has become."""
    return _THREAD.put(writing.connection, rows)


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Thread, ...]:
    return _BY_IDS(reading.connection, ids)


def answered(reading: Reading, own: str, peer: str, limit: int) -> tuple[Thread, ...]:
    """Return the newest threads of *own* with *peer* in which a final answer came."""
    wanted = (
        _THREAD.select()
        .where(_T.own == own, _T.peer == peer, _T.answered_at > 0)
        .order_by(_T.answered_at.desc(), _T.thread)
        .limit(limit)
    )
    return _THREAD.fetch(reading.connection, wanted)


def pressing_of(
    reading: Reading, own: str, readers: Sequence[str], *, after: int, limit: int
) -> tuple[tuple[str, int], ...]:
    """Return the threads of *own* that *readers* read in which an answer is due after *after*.

    The first due in front; each with when it moved last.
    """
    read = exists(
        select(_C.copy)
        .join(tables.readers, tables.readers.c.copy == _C.copy)
        .where(_C.thread == _T.thread, tables.readers.c.reader.in_(readers))
    )
    wanted = (
        select(_T.thread, _T.last_at)
        # The words of the index itself, or SQLite would not take it.
        .where(_T.answered_at == literal_column("0"), _T.due_answer > after, _T.own == own, read)
        .order_by(_T.due_answer, _T.thread)
        .limit(limit)
    )
    return tuple((thread, at) for thread, at in reading.connection.execute(wanted))


def quiet_since(
    reading: Reading,
    own: str,
    stage: str,
    before: int,
    *,
    gone: Collection[str],
    after: Thread | None = None,
    limit: int,
) -> tuple[Thread, ...]:
    """Return the threads of *own* in *stage* in which nothing moved since *before*, in order.

    Those are left out whose copies are all *gone*, as is what stands before or at *after*.
    """
    left = exists(select(_C.copy).where(_C.thread == _T.thread, _C.state.not_in(gone)))
    last = (after.last_at, after.thread) if after else (-1, "")
    wanted = (
        _THREAD.select()
        .where(_T.own == own, _T.stage == stage, _T.last_at <= before, left)
        .where(tuple_(_T.last_at, _T.thread) > tuple_(*map(literal, last)))
        .order_by(_T.last_at, _T.thread)
        .limit(limit)
    )
    return _THREAD.fetch(reading.connection, wanted)
