# SPDX-License-Identifier: Apache-2.0
"""Envelopes: sealed statements, in the database up to 64 KiB, else in the folder of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import delete, select

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Shape, chunks

LARGEST_ROW: Final = 64 * 1024
"""Design §3 *Transactions*: larger sealed bytes are files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    envelope: str
    size: int
    sealed: bytes


_ENVELOPE = Shape(tables.envelopes, Envelope)
_E = tables.envelopes.c


def add(writing: Writing, rows: Sequence[Envelope]) -> int:
    """Add envelopes, passing over those already here; return how many were new."""
    return _ENVELOPE.add_new(writing.connection, [_shelved(writing, row) for row in rows])


def get(reading: Reading, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the sealed bytes that are here, by envelope."""
    found: dict[str, bytes] = {}
    for some in chunks(ids):
        wanted = _ENVELOPE.select().where(_E.envelope.in_(some)).order_by(_E.envelope)
        for row in _ENVELOPE.fetch(reading.connection, wanted):
            small = row.size <= LARGEST_ROW
            found[row.envelope] = row.sealed if small else reading.folder.read(row.envelope)
    return found


def known(reading: Reading, ids: Sequence[str]) -> frozenset[str]:
    """Return those of *ids* that are here already."""
    found: set[str] = set()
    for some in chunks(ids):
        found.update(reading.connection.scalars(select(_E.envelope).where(_E.envelope.in_(some))))
    return frozenset(found)


def discard(writing: Writing, ids: Sequence[str]) -> int:
    """Delete envelopes by law or recall; the leaf stays."""
    count = 0
    for some in chunks(ids):
        gone = delete(tables.envelopes).where(_E.envelope.in_(some))
        count += writing.connection.execute(gone).rowcount
        writing.after(partial(writing.folder.discard, tuple(some)))
    return count


def _shelved(writing: Writing, row: Envelope) -> Envelope:
    if row.size <= LARGEST_ROW:
        return row
    writing.folder.write(row.envelope, row.sealed)
    return Envelope(envelope=row.envelope, size=row.size, sealed=b"")
