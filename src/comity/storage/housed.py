# SPDX-License-Identifier: Apache-2.0
"""Housed things: what the node itself needs and nobody else may read, locked under the house key.

A *room* names a kind of thing (``policy``, ``exclusion``, ``short``); the body tells the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Lookup, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Housed:
    room: str
    name: str
    owner: str = ""
    body: bytes
    at: int = 0


_HOUSED = Shape(tables.housed, Housed)
_H = tables.housed.c
_NAMED = Among(_HOUSED, "name", ("name",), ("room",))
_IN_ROOM = _HOUSED.select().where(_H.room == bindparam("b_room")).order_by(_H.owner, _H.name)
_ALL = Lookup(_HOUSED, _IN_ROOM, ("b_room",))
_OWNED = Lookup(_HOUSED, _IN_ROOM.where(_H.owner == bindparam("b_owner")), ("b_room", "b_owner"))
_FIRST = Lookup(
    _HOUSED, _IN_ROOM.where(_H.owner == bindparam("b_owner")).limit(1), ("b_room", "b_owner")
)
_DISCARD = Change(
    delete(tables.housed).where(_H.room == bindparam("b_room"), _H.name == bindparam("b_name")),
    ("b_room", "b_name"),
)


def put(writing: Writing, rows: Sequence[Housed]) -> int:
    return _HOUSED.put(writing.connection, rows)


def add(writing: Writing, rows: Sequence[Housed]) -> int:
    """Add; a name that is taken in its room raises ``Refused``."""
    return _HOUSED.add(writing.connection, rows)


def add_new(writing: Writing, rows: Sequence[Housed]) -> int:
    """Add those whose name is free in its room; return how many were."""
    return _HOUSED.add_new(writing.connection, rows)


def get(reading: Reading, room: str, names: Sequence[str]) -> tuple[Housed, ...]:
    return _NAMED(reading.connection, names, room)


def of_room(reading: Reading, room: str, owner: str = "") -> tuple[Housed, ...]:
    """Return what is in *room*, all of it or what belongs to *owner*."""
    if owner:
        return _OWNED(reading.connection, room, owner)
    return _ALL(reading.connection, room)


def is_any(reading: Reading, room: str, owner: str) -> bool:
    """Return whether anything in *room* belongs to *owner*."""
    return bool(_FIRST(reading.connection, room, owner))


def before(reading: Reading, room: str, at: int) -> tuple[Housed, ...]:
    """Return what is in *room* and was put there before *at*."""
    wanted = _HOUSED.select().where(_H.room == room, _H.at < at).order_by(_H.owner, _H.name)
    return _HOUSED.fetch(reading.connection, wanted)


def rooms(reading: Reading) -> tuple[str, ...]:
    """Return the rooms in which anything is."""
    found = reading.connection.execute(select(_H.room).distinct().order_by(_H.room))
    return tuple(found.scalars())


def discard(writing: Writing, room: str, names: Sequence[str]) -> int:
    return _DISCARD(writing.connection, [(room, each) for each in names])
