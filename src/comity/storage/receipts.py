# SPDX-License-Identifier: Apache-2.0
"""Receipts, notices that a checkpoint is proven, and evidence: added, never changed.

That a receipt is proven is derived: some ``proven`` row has its origin and at least its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from comity.ledger.tree import HASH_SIZE
from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Query, Shape, present


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    receipt: str
    """SHA-256 of its payload."""
    copy: str
    stage: str
    agency: str
    """Who says it."""
    at: int
    """By its own word."""
    stored_at: int
    """When it came here, or was made here."""
    origin: str = ""
    size: int = 0
    body: bytes
    """As signed."""
    proof: bytes = b""
    """The inclusion proof's hashes, one after the other."""

    @property
    def hashes(self) -> tuple[bytes, ...]:
        places = range(0, len(self.proof), HASH_SIZE)
        return tuple(self.proof[at : at + HASH_SIZE] for at in places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """When an agency says that a copy reached a stage, by its own word."""

    copy: str
    agency: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    origin: str
    size: int
    at: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    kind: str
    subject: str
    """An id: of an act, a copy, a node or a log's origin."""
    at: int
    body: bytes


_RECEIPT = Shape(tables.receipts, Receipt)
_PROVEN = Shape(tables.proven, Proven)
_EVIDENCE = Shape(tables.evidence, Evidence)
_R = tables.receipts.c
_P = tables.proven.c
_V = tables.evidence.c
_BY_IDS = Among(_RECEIPT, "receipt", ("receipt",))
_SAID = Among(Shape(tables.receipts, Said), "copy", ("copy", "at", "receipt"), ("stage",))
_BY_COPIES = Among(_RECEIPT, "copy", ("copy", "at", "receipt"))

_PROVEN_UP_TO = Query(
    select(func.coalesce(func.max(_P.size), 0)).where(_P.origin == bindparam("b_origin")),
    ("b_origin",),
)


def add(writing: Writing, rows: Sequence[Receipt]) -> int:
    """Add receipts, passing over those already here; return how many were new."""
    return _RECEIPT.add_new(writing.connection, rows)


def known(reading: Reading, ids: Sequence[str]) -> frozenset[str]:
    """Return those of *ids* that are here already."""
    return present(reading.connection, _R.receipt, ids)


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Receipt, ...]:
    return _BY_IDS(reading.connection, ids)


def by_copies(reading: Reading, copies: Sequence[str]) -> tuple[Receipt, ...]:
    """Return the receipts of *copies*, each copy's in the order of time."""
    return _BY_COPIES(reading.connection, copies)


def said(reading: Reading, copies: Sequence[str], stage: str) -> tuple[Said, ...]:
    """Return who said that *copies* reached *stage*, each copy's in the order of time."""
    return _SAID(reading.connection, copies, stage)


def leading_beyond(reading: Reading, origin: str, size: int) -> tuple[Receipt, ...]:
    """Return the receipts that lead to a checkpoint of *origin* larger than *size*."""
    wanted = _RECEIPT.select().where(_R.origin == origin, _R.size > size).order_by(_R.receipt)
    return _RECEIPT.fetch(reading.connection, wanted)


def since(reading: Reading, stages: Sequence[str], at: int) -> tuple[Receipt, ...]:
    """Return the receipts of *stages* that came, or were made, at *at* or later."""
    wanted = (
        _RECEIPT.select()
        .where(_R.stage.in_(stages), _R.stored_at >= at)
        .order_by(_R.stored_at, _R.receipt)
    )
    return _RECEIPT.fetch(reading.connection, wanted)


def add_proven(writing: Writing, rows: Sequence[Proven]) -> int:
    return _PROVEN.add_new(writing.connection, rows)


def proven_up_to(reading: Reading, origins: Sequence[str]) -> dict[str, int]:
    """Return the largest proven size of each of *origins*; 0 where there is none."""
    return {origin: _PROVEN_UP_TO(reading.connection, origin)[0][0] for origin in origins}


def proofs_of(reading: Reading, origin: str) -> tuple[Proven, ...]:
    wanted = _PROVEN.select().where(_P.origin == origin).order_by(_P.size)
    return _PROVEN.fetch(reading.connection, wanted)


def proof_covering(reading: Reading, origin: str, size: int) -> Proven | None:
    """Return the first proven checkpoint of *origin* of at least *size*."""
    wanted = _PROVEN.select().where(_P.origin == origin, _P.size >= size).order_by(_P.size).limit(1)
    return next(iter(_PROVEN.fetch(reading.connection, wanted)), None)


def add_evidence(writing: Writing, rows: Sequence[Evidence]) -> int:
    return _EVIDENCE.add(writing.connection, rows)


def evidence(reading: Reading, subjects: Sequence[str] = ()) -> tuple[Evidence, ...]:
    """Return what was kept against *subjects*, or all of it, the oldest first."""
    wanted = _EVIDENCE.select().order_by(tables.evidence.c.id)
    if subjects:
        wanted = wanted.where(_V.subject.in_(subjects))
    return _EVIDENCE.fetch(reading.connection, wanted)
