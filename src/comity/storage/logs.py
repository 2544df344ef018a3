# SPDX-License-Identifier: Apache-2.0
"""Logs: numbered ledgers of this node, one of them open, and what stands in them.

A node restored from an old backup closes its log and opens the next (design §5 *Ledger*). Erasing
by law destroys an opening and leaves the hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update

from comity.errors import Refused
from comity.ledger.tile import Read
from comity.storage import edge, tables
from comity.storage.edge import CHECKPOINT, LEAF, LOG, CheckpointRow, LeafRow, Log
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Lookup, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class _Salt:
    idx: int
    salt: bytes | None


_L = tables.logs.c
_F = tables.leaves.c
_T = tables.tiles.c
_C = tables.checkpoints.c
_ERASE = Change(
    update(tables.leaves)
    .values(salt=None, entry=None)
    .where(_F.log == bindparam("b_log"), _F.idx == bindparam("b_idx")),
    ("b_log", "b_idx"),
)

_EVERY = Lookup(LOG, LOG.select().order_by(_L.log))
_SALTS = Among(Shape(tables.leaves, _Salt), "idx", ("idx",), ("log",))
_CHECKPOINT = Lookup(
    CHECKPOINT,
    CHECKPOINT.select()
    .where(_C.log == bindparam("b_log"), _C.size == bindparam("b_size"))
    .order_by(_C.size),
    ("b_log", "b_size"),
)


def start(writing: Writing, origin: str, at: int) -> Log:
    """Open a log named *origin*, closing the one before; its first leaf is the caller's."""
    last = edge.current(writing.connection, lock=True)
    if last is not None:
        _close(writing, last, at)
    made = insert(tables.logs).values(origin=origin, size=0, opened_at=at, closed_at=0)
    number = writing.connection.execute(made.returning(_L.log)).scalar_one()
    log = Log(log=number, origin=origin, size=0, opened_at=at, closed_at=0)
    writing.begin_log(log)
    return log


def _close(writing: Writing, log: Log, at: int) -> None:
    if writing.waiting:
        raise Refused("log-busy")
    closed = update(tables.logs).values(closed_at=at).where(_L.log == log.log)
    writing.connection.execute(closed)


def every(reading: Reading) -> tuple[Log, ...]:
    """Return all logs, the first first."""
    return _EVERY(reading.connection)


def leaves(reading: Reading, log: int, indexes: Sequence[int]) -> tuple[LeafRow, ...]:
    wanted = LEAF.select().where(_F.log == log, _F.idx.in_(indexes)).order_by(_F.idx)
    return LEAF.fetch(reading.connection, wanted)


def salts(reading: Reading, log: int, indexes: Sequence[int]) -> dict[int, bytes | None]:
    """Return the salts of leaves, None for those that were erased: their entries stay unread."""
    return {row.idx: row.salt for row in _SALTS(reading.connection, indexes, log)}


def leaves_from(reading: Reading, log: int, start: int, limit: int = 1000) -> tuple[LeafRow, ...]:
    """Return the leaves of *log* from index *start* on, a page."""
    wanted = LEAF.select().where(_F.log == log, _F.idx >= start).order_by(_F.idx).limit(limit)
    return LEAF.fetch(reading.connection, wanted)


def tile_reader(reading: Reading, log: int) -> Read:
    """Return a reader of the tiles of *log*, one at a time."""
    return edge.tiles_of(reading.connection, log)


def count_tiles(reading: Reading, log: int) -> int:
    counted = select(func.count()).select_from(tables.tiles).where(_T.log == log)
    return reading.connection.scalar(counted) or 0


def checkpoints_from(
    reading: Reading, log: int, size: int, limit: int = 1000
) -> tuple[CheckpointRow, ...]:
    """Return the checkpoints of *log* from *size* on, a page, the smallest first."""
    wanted = (
        CHECKPOINT.select().where(_C.log == log, _C.size >= size).order_by(_C.size).limit(limit)
    )
    return CHECKPOINT.fetch(reading.connection, wanted)


def checkpoint(reading: Reading, log: int, size: int) -> CheckpointRow | None:
    """Return the checkpoint signed at exactly *size*."""
    return next(iter(_CHECKPOINT(reading.connection, log, size)), None)


def erase(writing: Writing, log: int, indexes: Sequence[int]) -> int:
    """Destroy the openings of leaves; return how many. The erasure is the caller's leaf."""
    return _ERASE(writing.connection, [(log, index) for index in indexes])
