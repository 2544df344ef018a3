# SPDX-License-Identifier: Apache-2.0
"""The ledger's rows: where the log stands, and how a group of leaves is put at its end.

One sequencer at a time: SQLite's write lock, or PostgreSQL's lock on the log's row. Leaves, tiles,
size and signed checkpoint change together. A tree's right edge (at most one unfinished tile a
level) is remembered between groups and believed only while the log's row has the size that it was
remembered for: another process may have appended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, update

from comity.errors import Locked
from comity.ledger import tile
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import Opening
from comity.ledger.tree import EMPTY_ROOT
from comity.storage import tables
from comity.storage.shape import Change, Lookup, Shape

Signer = Callable[[Checkpoint], bytes]
"""Return the signed note of a checkpoint, to the byte as it will leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    log: int
    origin: str
    size: int
    opened_at: int
    closed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest signed checkpoint of a log; of an empty log, no note."""

    log: int
    origin: str
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    log: int
    idx: int
    type: int
    salt: bytes | None
    entry: bytes | None
    """None once erased by law: the leaf's hash stays in its tile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRow:
    log: int
    level: int
    idx: int
    hashes: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    log: int
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right edge of one log's tree, as it was after the last group that we appended."""

    log: int = 0
    tree: tile.Edge = tile.NOTHING


LOG = Shape(tables.logs, Log)
LEAF = Shape(tables.leaves, LeafRow)
TILE = Shape(tables.tiles, TileRow)
CHECKPOINT = Shape(tables.checkpoints, CheckpointRow)
_L = tables.logs.c
_T = tables.tiles.c
_C = tables.checkpoints.c

_OPEN = LOG.select().where(_L.closed_at == 0).order_by(_L.log.desc()).limit(1)
_CURRENT = Lookup(LOG, _OPEN, ())
_CURRENT_LOCKED = Lookup(LOG, _OPEN.with_for_update(), ())
_ONE_TILE = Lookup(
    TILE,
    TILE.select()
    .where(
        _T.log == bindparam("b_log"), _T.level == bindparam("b_level"), _T.idx == bindparam("b_at")
    )
    .order_by(_T.idx),
    ("b_log", "b_level", "b_at"),
)
_LOG = Lookup(LOG, LOG.select().where(_L.log == bindparam("b_log")), ("b_log",))
_NEWEST = Lookup(
    CHECKPOINT,
    CHECKPOINT.select().where(_C.log == bindparam("b_log")).order_by(_C.size.desc()).limit(1),
    ("b_log",),
)
_GROW = Change(
    update(tables.logs).values(size=bindparam("grown")).where(_L.log == bindparam("b_log")),
    ("grown", "b_log"),
)


def current(connection: Connection, *, lock: bool = False) -> Log | None:
    """Return the open log; with *lock*, no other process appends before this transaction ends."""
    found = (_CURRENT_LOCKED if lock else _CURRENT)(connection)
    return found[0] if found else None


def head(connection: Connection, log: int = 0) -> Head | None:
    """Return the newest checkpoint of *log*, the open one unless told; None if there is no log."""
    found = _LOG(connection, log) if log else _CURRENT(connection)
    if not found:
        return None
    open_ = found[0]
    newest = _NEWEST(connection, open_.log)
    if not newest:
        return Head(log=open_.log, origin=open_.origin, size=0, root=EMPTY_ROOT, note=b"")
    last = newest[0]
    return Head(log=open_.log, origin=open_.origin, size=last.size, root=last.root, note=last.note)


def tiles_of(connection: Connection, log: int) -> tile.Read:
    """Return a reader of the log's tiles."""

    def read(level: int, index: int) -> bytes:
        found = _ONE_TILE(connection, log, level, index)
        return found[0].hashes if found else b""

    return read


def extend(
    connection: Connection, log: Log, leaves: Sequence[Opening], signer: Signer | None, edge: Edge
) -> Edge:
    """Put *leaves* at the end of *log* and sign where it stands then; return the new edge."""
    if signer is None:
        raise Locked("ledger")
    fresh = edge.log == log.log and edge.tree.size == log.size
    tree = edge.tree if fresh else tile.load(log.size, tiles_of(connection, log.log))
    grown, tiles = tile.extend(tree, [leaf.hash for leaf in leaves])
    LEAF.add(connection, _rows(log, leaves))
    TILE.put(
        connection,
        [TileRow(log=log.log, level=t.level, idx=t.index, hashes=t.hashes) for t in tiles],
    )
    _GROW(connection, [(grown.size, log.log)])
    note = signer(Checkpoint(log.origin, grown.size, grown.root))
    signed = CheckpointRow(log=log.log, size=grown.size, root=grown.root, note=note)
    CHECKPOINT.add(connection, [signed])
    return Edge(log=log.log, tree=grown)


def _rows(log: Log, leaves: Sequence[Opening]) -> list[LeafRow]:
    return [
        LeafRow(log=log.log, idx=index, type=int(leaf.type), salt=leaf.salt, entry=leaf.entry)
        for index, leaf in enumerate(leaves, log.size)
    ]
