# SPDX-License-Identifier: Apache-2.0
"""Whole tables, a page at a time in the order of their keys: for verifying a whole home.

A page is all that is in memory at once, whatever the size of the home.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, tuple_

from comity.storage import tables
from comity.storage.agencies import Agency, Entry, Root, Roster
from comity.storage.blobs import Blob
from comity.storage.copies import Copy
from comity.storage.envelopes import Envelope
from comity.storage.housed import Housed
from comity.storage.keys import DeskKey, Identity, Secret
from comity.storage.meta import Meta
from comity.storage.reading import Reading
from comity.storage.receipts import Proven, Receipt
from comity.storage.removed import Removed
from comity.storage.shape import Row, Shape
from comity.storage.silences import Reminder
from comity.storage.witness import Cosignature, Shown, Witnessed
from comity.storage.wraps import Wrap

PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvidence:
    """What was refused and kept, with its number."""

    id: int
    kind: str
    subject: str
    at: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDeposit:
    """What is kept for another node, with its number."""

    id: int
    deposit: str
    size: int
    sealed: bytes


META: Final = Shape(tables.meta, Meta)
DEPOSITS: Final = Shape(tables.deposits, KeptDeposit)
AGENCIES: Final = Shape(tables.agencies, Agency)
ROOTS: Final = Shape(tables.roots, Root)
ROSTERS: Final = Shape(tables.rosters, Roster)
ENTRIES: Final = Shape(tables.entries, Entry)
SECRETS: Final = Shape(tables.secrets, Secret)
IDENTITIES: Final = Shape(tables.identities, Identity)
DESK_KEYS: Final = Shape(tables.desk_keys, DeskKey)
HOUSED: Final = Shape(tables.housed, Housed)
COPIES: Final = Shape(tables.copies, Copy)
REMOVED: Final = Shape(tables.removed, Removed)
ENVELOPES: Final = Shape(tables.envelopes, Envelope)
WRAPS: Final = Shape(tables.wraps, Wrap)
BLOBS: Final = Shape(tables.blobs, Blob)
RECEIPTS: Final = Shape(tables.receipts, Receipt)
REMINDERS: Final = Shape(tables.reminders, Reminder)
PROVEN: Final = Shape(tables.proven, Proven)
EVIDENCE: Final = Shape(tables.evidence, KeptEvidence)
WITNESSED: Final = Shape(tables.witnessed, Witnessed)
SHOWN: Final = Shape(tables.shown, Shown)
COSIGNATURES: Final = Shape(tables.cosignatures, Cosignature)


def pages(reading: Reading, shape: Shape[Row], *, limit: int = PAGE) -> Iterator[tuple[Row, ...]]:
    """Yield all rows of *shape*, at most *limit* at once, in the order of their keys."""
    keys = tuple(shape.table.primary_key)
    ordered = shape.select().order_by(*keys).limit(limit)
    page = shape.fetch(reading.connection, ordered)
    while page:
        yield page
        last: list[Any] = [getattr(page[-1], key.name) for key in keys]
        page = shape.fetch(reading.connection, ordered.where(tuple_(*keys) > tuple_(*last)))


def rows(reading: Reading, shape: Shape[Row], *, limit: int = PAGE) -> Iterator[Row]:
    """Yield all rows of *shape* in the order of their keys."""
    for page in pages(reading, shape, limit=limit):
        yield from page


def counts(reading: Reading) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table.name: reading.connection.scalar(select(func.count()).select_from(table)) or 0
        for table in tables.metadata.sorted_tables
    }
