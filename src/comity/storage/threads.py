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
_BY_IDS = Among(_THREAD, "thread", ("thread", "own"))


def put(writing: Writing, rows: Sequence[Thread]) -> int:
    """Open threads, or write what their fold has become."""
    return _THREAD.put(writing.connection, rows)


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Thread, ...]:
    return _BY_IDS(reading.connection, ids)
