# SPDX-License-Identifier: Apache-2.0
"""Wraps: stanzas that lie beside envelopes, one for each officer who has opened one.

A stanza is sealed to its reader's storage key and locked in its own place before it comes here. The
first one stays: nobody puts another in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, exists, func, select

from comity.storage import tables
from comity.storage.copies import Copy
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    envelope: str
    reader: str
    """The officer's id."""
    stanza: bytes
    at: int


_WRAP = Shape(tables.wraps, Wrap)
_COPY = Shape(tables.copies, Copy)
_W = tables.wraps.c
_C = tables.copies.c
_R = tables.readers.c
_OF = Among(_WRAP, "envelope", ("envelope",), ("reader",))
_DISCARD = Change(
    delete(tables.wraps).where(_W.envelope == bindparam("b_envelope")), ("b_envelope",)
)
_DESKS = select(_C.envelope).join(tables.readers, _R.copy == _C.copy)
_LEFT = Change(
    delete(tables.wraps).where(
        _W.reader == bindparam("b_member"),
        _W.envelope.in_(_DESKS.where(_R.reader == bindparam("b_desk"))),
        _W.envelope.not_in(_DESKS.where(_R.reader == bindparam("b_self"))),
    ),
    ("b_desk", "b_member", "b_self"),
)


def add(writing: Writing, rows: Sequence[Wrap]) -> int:
    """Add wraps, passing over those already here; return how many were new."""
    return _WRAP.add_new(writing.connection, rows)


def of(reading: Reading, reader: str, envelopes: Sequence[str]) -> dict[str, bytes]:
    """Return the stanzas of *reader* for those of *envelopes* that he has opened."""
    return {row.envelope: row.stanza for row in _OF(reading.connection, envelopes, reader)}


def page_of(reading: Reading, reader: str, after: str, limit: int) -> tuple[Wrap, ...]:
    """Return wraps of *reader* in the order of their envelopes, from *after* on."""
    wanted = _WRAP.select().where(_W.reader == reader, _W.envelope > after)
    return _WRAP.fetch(reading.connection, wanted.order_by(_W.envelope).limit(limit))


def count(reading: Reading, envelope: str) -> int:
    """Return how many officers have wraps of *envelope*."""
    wanted = select(func.count()).select_from(tables.wraps).where(_W.envelope == envelope)
    return reading.connection.scalar(wanted) or 0


def discard(writing: Writing, envelopes: Sequence[str]) -> int:
    """Delete every wrap of *envelopes*: of those that are removed."""
    return _DISCARD(writing.connection, [(each,) for each in envelopes])


def discard_of(writing: Writing, readers: Sequence[str]) -> int:
    """Delete every wrap of *readers*: of those who have no keys here any more."""
    gone = delete(tables.wraps).where(_W.reader.in_(readers))
    return writing.connection.execute(gone).rowcount


def discard_of_desk(writing: Writing, rows: Sequence[tuple[str, str]]) -> int:
    """Delete what each *(desk, member)* opened as the desk's and not also as his own."""
    return _LEFT(writing.connection, [(desk, member, member) for desk, member in rows])


def unwrapped(
    reading: Reading, officer: str, reader: str, epoch: int, *, own: str, limit: int
) -> tuple[Copy, ...]:
    """Return copies that the agency *own* released, sealed to *reader* under *epoch*, by their ids.

    Only those of which *officer* has no wrap.
    """
    sealed = select(_R.copy).where(_R.reader == reader, _R.epoch == epoch)
    wanted = _COPY.select().where(
        _C.copy.in_(sealed),
        _C.agency == own,
        ~exists().where(and_(_W.envelope == _C.envelope, _W.reader == officer)),
    )
    return _COPY.fetch(reading.connection, wanted.order_by(_C.copy).limit(limit))


def threads_unwrapped(reading: Reading, officer: str, reader: str) -> tuple[str, ...]:
    """Return the threads of the copies that *unwrapped* would name, in the order of their ids."""
    wanted = (
        select(_C.thread)
        .join(tables.readers, _R.copy == _C.copy)
        .where(
            _R.reader == reader,
            ~exists().where(and_(_W.envelope == _C.envelope, _W.reader == officer)),
        )
        .distinct()
        .order_by(_C.thread)
    )
    return tuple(reading.connection.scalars(wanted))


def threads_by(
    reading: Reading, officer: str, stages: Sequence[str], agencies: Sequence[str]
) -> tuple[str, ...]:
    """Return every thread into which one of *agencies* brought one of *stages*.

    Only those in which *officer* has a wrap of that.
    """
    wanted = (
        select(_C.thread)
        .join(tables.wraps, _W.envelope == _C.envelope)
        .where(_W.reader == officer, _C.stage.in_(stages), _C.agency.in_(agencies))
        .distinct()
        .order_by(_C.thread)
    )
    return tuple(reading.connection.scalars(wanted))


def count_unwrapped(reading: Reading, officer: str, reader: str, epoch: int, *, to: str) -> int:
    """Return how many copies for the agency *to* that *unwrapped* would name there are in all."""
    wanted = (
        select(func.count())
        .select_from(tables.copies.join(tables.readers, _R.copy == _C.copy))
        .where(
            _R.reader == reader,
            _R.epoch == epoch,
            _C.to == to,
            ~exists().where(and_(_W.envelope == _C.envelope, _W.reader == officer)),
        )
    )
    return reading.connection.scalar(wanted) or 0
