# SPDX-License-Identifier: Apache-2.0
"""Envelopes: sealed statements, in the database up to 64 KiB, else in the folder of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import bindparam, delete

from comity.storage import tables, wraps
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape, present

LARGEST_ROW: Final = 64 * 1024
"""Design §3 *Transactions*: larger sealed bytes are files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    envelope: str
    size: int
    sealed: bytes


_ENVELOPE = Shape(tables.envelopes, Envelope)
_E = tables.envelopes.c
_BY_IDS = Among(_ENVELOPE, "envelope", ("envelope",))
_DISCARD = Change(delete(tables.envelopes).where(_E.envelope == bindparam("b_id")), ("b_id",))


def add(writing: Writing, rows: Sequence[Envelope]) -> int:
    """Add envelopes, passing over those already here; return how many were new."""
    return _ENVELOPE.add_new(writing.connection, [_shelved(writing, row) for row in rows])


def get(reading: Reading, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the sealed bytes that are here, by envelope."""
    return {
        row.envelope: row.sealed if row.size <= LARGEST_ROW else reading.folder.read(row.envelope)
        for row in _BY_IDS(reading.connection, ids)
    }


def known(reading: Reading, ids: Sequence[str]) -> frozenset[str]:
    """Return those of *ids* that are here already."""
    return present(reading.connection, _E.envelope, ids)


def discard(writing: Writing, ids: Sequence[str]) -> int:
    """Delete envelopes by law or recall, and what lies beside them; the leaf stays."""
    wraps.discard(writing, ids)
    writing.after(partial(writing.folder.discard, tuple(ids)))
    return _DISCARD(writing.connection, [(each,) for each in ids])


def _shelved(writing: Writing, row: Envelope) -> Envelope:
    if row.size <= LARGEST_ROW:
        return row
    writing.folder.write(row.envelope, row.sealed)
    return Envelope(envelope=row.envelope, size=row.size, sealed=b"")
