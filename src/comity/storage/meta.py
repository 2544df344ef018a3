# SPDX-License-Identifier: Apache-2.0
"""Named facts about this database, as bytes; locked where they tell something."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    name: str
    value: bytes


_META = Shape(tables.meta, Meta)
_NAMED = Among(_META, "name", ("name",))


def put(writing: Writing, rows: Sequence[Meta]) -> int:
    return _META.put(writing.connection, rows)


def get(reading: Reading, names: Sequence[str]) -> dict[str, bytes]:
    """Return the values that are there, by name."""
    return {row.name: row.value for row in _NAMED(reading.connection, names)}
