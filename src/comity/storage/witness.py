# SPDX-License-Identifier: Apache-2.0
"""What this node has seen of other nodes' logs, and who cosigned which checkpoint.

For each origin the newest checkpoint is kept and only ever moves forward; the database refuses a
smaller size too, so that two processes cannot undo each other. Every note that was seen stays
beside it: *delivered* receipts lead to one of them, and prove nothing without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Lookup, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    origin: str
    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One checkpoint of a peer, as it was signed."""

    origin: str
    size: int
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
_SHOWN = Shape(tables.shown, Shown)
_COSIGNATURE = Shape(tables.cosignatures, Cosignature)
_W = tables.witnessed.c
_S = tables.shown.c
_C = tables.cosignatures.c
_EVERY = Lookup(_WITNESSED, _WITNESSED.select().order_by(_W.origin))
_COVERING = Lookup(
    _COSIGNATURE,
    _COSIGNATURE.select()
    .where(_C.origin == bindparam("b_origin"), _C.size >= bindparam("b_least"))
    .order_by(_C.size, _C.key)
    .limit(bindparam("b_most")),
    ("b_origin", "b_least", "b_most"),
)


def seen(writing: Writing, rows: Sequence[Witnessed]) -> int:
    """Keep newer checkpoints of *rows*' origins, passing over older ones; return how many."""
    notes = [Shown(origin=r.origin, size=r.size, note=r.note, at=r.at) for r in rows]
    _SHOWN.add_new(writing.connection, notes)
    return _WITNESSED.advance(writing.connection, rows, "size")


def every(reading: Reading) -> tuple[Witnessed, ...]:
    return _EVERY(reading.connection)


def shown(reading: Reading, origin: str, sizes: Sequence[int]) -> dict[int, bytes]:
    """Return the notes that *origin* showed us at *sizes*, by size."""
    wanted = _SHOWN.select().where(_S.origin == origin, _S.size.in_(sizes)).order_by(_S.size)
    return {row.size: row.note for row in _SHOWN.fetch(reading.connection, wanted)}


def cosigned(writing: Writing, rows: Sequence[Cosignature]) -> int:
    """Add cosignatures, passing over those already here; return how many were new."""
    return _COSIGNATURE.add_new(writing.connection, rows)


def cosignatures(reading: Reading, origin: str, size: int) -> tuple[Cosignature, ...]:
    """Return the cosignatures of one checkpoint, the earliest first."""
    wanted = (
        _COSIGNATURE.select().where(_C.origin == origin, _C.size == size).order_by(_C.at, _C.key)
    )
    return _COSIGNATURE.fetch(reading.connection, wanted)


def cosigners(reading: Reading, origin: str, above: int) -> frozenset[str]:
    """Return the keys that cosigned a checkpoint of *origin* with more than *above* leaves."""
    wanted = select(_C.key).where(_C.origin == origin, _C.size > above).distinct()
    return frozenset(reading.connection.scalars(wanted.order_by(_C.key)))


def furthest(reading: Reading, origin: str) -> dict[str, int]:
    """Return the largest size of *origin* that each key cosigned."""
    wanted = (
        select(_C.key, func.max(_C.size)).where(_C.origin == origin).group_by(_C.key)
    ).order_by(_C.key)
    return {row[0]: row[1] for row in reading.connection.execute(wanted)}


def earliest(reading: Reading, origin: str, size: int) -> Cosignature | None:
    """Return the earliest cosignature of a checkpoint of at least *size*: it dates its leaves."""
    wanted = (
        _COSIGNATURE.select()
        .where(_C.origin == origin, _C.size >= size)
        .order_by(_C.at, _C.size, _C.key)
        .limit(1)
    )
    return next(iter(_COSIGNATURE.fetch(reading.connection, wanted)), None)


def covering(
    reading: Reading, origin: str, size: int, *, limit: int = 8
) -> tuple[Cosignature, ...]:
    """Return the first *limit* cosignatures on checkpoints of at least *size*, the smallest first.

    A witness cosigns ever larger checkpoints at ever later times, so of a witness that is among
    these its earliest is. One that alone cosigned the first *limit* hides the others: if its clock
    is ahead, by two days at most, what they cover is dated late by as much.
    """
    return _COVERING(reading.connection, origin, size, limit)


def last_within(reading: Reading, origin: str, size: int) -> int:
    """Return when *origin* last showed us a checkpoint of at most *size*; 0 if it never did."""
    last = select(func.coalesce(func.max(_S.at), 0)).where(_S.origin == origin, _S.size <= size)
    return reading.connection.scalar(last) or 0


def vouched(reading: Reading, origin: str, key: str, below: int) -> int:
    """Return the largest size of *origin* less than *below* that *key* cosigned; 0 if none."""
    largest_ = select(func.coalesce(func.max(_C.size), 0)).where(
        _C.origin == origin, _C.key == key, _C.size < below
    )
    return reading.connection.scalar(largest_) or 0


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
