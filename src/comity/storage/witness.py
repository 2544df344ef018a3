# SPDX-License-Identifier: Apache-2.0
"""What this node has seen of other nodes' logs, and who cosigned which checkpoint.

For each origin the newest checkpoint is kept and only ever moves forward; the database refuses a
smaller size too, so that two processes cannot undo each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    origin: str
    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    origin: str
    size: int
    key: str
    """The witness's key id."""
    line: bytes
    """The signature line as it stands in the note."""
    at: int
    """The time that the witness signed."""


_WITNESSED = Shape(tables.witnessed, Witnessed)
_COSIGNATURE = Shape(tables.cosignatures, Cosignature)
_W = tables.witnessed.c
_C = tables.cosignatures.c


def seen(writing: Writing, rows: Sequence[Witnessed]) -> int:
    """Keep newer checkpoints of *rows*' origins, passing over older ones; return how many."""
    return _WITNESSED.advance(writing.connection, rows, "size")


def latest(reading: Reading, origins: Sequence[str]) -> tuple[Witnessed, ...]:
    wanted = _WITNESSED.select().where(_W.origin.in_(origins)).order_by(_W.origin)
    return _WITNESSED.fetch(reading.connection, wanted)


def every(reading: Reading) -> tuple[Witnessed, ...]:
    return _WITNESSED.fetch(reading.connection, _WITNESSED.select().order_by(_W.origin))


def cosigned(writing: Writing, rows: Sequence[Cosignature]) -> int:
    """Add cosignatures, passing over those already here; return how many were new."""
    return _COSIGNATURE.add_new(writing.connection, rows)


def cosignatures(reading: Reading, origin: str, size: int) -> tuple[Cosignature, ...]:
    """Return the cosignatures of one checkpoint, the earliest first."""
    wanted = (
        _COSIGNATURE.select().where(_C.origin == origin, _C.size == size).order_by(_C.at, _C.key)
    )
    return _COSIGNATURE.fetch(reading.connection, wanted)


def earliest(reading: Reading, origin: str, size: int) -> Cosignature | None:
    """Return the earliest cosignature of a checkpoint of at least *size*: it dates its leaves."""
    wanted = (
        _COSIGNATURE.select()
        .where(_C.origin == origin, _C.size >= size)
        .order_by(_C.at, _C.size, _C.key)
        .limit(1)
    )
    return next(iter(_COSIGNATURE.fetch(reading.connection, wanted)), None)


def largest(reading: Reading, origin: str, witnesses: int) -> int:
    """Return the largest size of *origin* with at least that many cosignatures; 0 if none."""
    enough = (
        select(_C.size)
        .where(_C.origin == origin)
        .group_by(_C.size)
        .having(func.count() >= witnesses)
        .order_by(_C.size.desc())
        .limit(1)
    )
    return reading.connection.scalar(enough) or 0
