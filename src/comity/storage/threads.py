# SPDX-License-Identifier: Apache-2.0
"""Threads as a node sees them: stage and clock, folded from dockets; never what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

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
_BY_IDS = Among(_THREAD, "thread", ("thread", "own"))


def put(writing: Writing, rows: Sequence[Thread]) -> int:
    """Open threads, or write what their fold has become."""
    return _THREAD.put(writing.connection, rows)


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Thread, ...]:
    return _BY_IDS(reading.connection, ids)


def quiet_since(
    reading: Reading, own: str, stages: Sequence[str], before: int, *, limit: int
) -> tuple[Thread, ...]:
    """Return the threads of *own* in one of *stages* in which nothing moved since *before*."""
    wanted = (
        _THREAD.select()
        .where(_T.own == own, _T.stage.in_(stages), _T.last_at <= before)
        .order_by(_T.last_at, _T.thread)
        .limit(limit)
    )
    return _THREAD.fetch(reading.connection, wanted)
