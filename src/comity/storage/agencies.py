# SPDX-License-Identifier: Apache-2.0
"""Agencies: our own and our peers, with their roots, their rosters and what stands in them.

Names are in the locked bodies; ids, countries, numbers and hashes are in clear. An entry is valid
from the roster *first* up to, and not including, the roster *last*; 0 means that it still stands.
Ended entries are kept: old statements are judged by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, func, not_, or_, select, update

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    id: str
    country: str
    type: str
    own: bool
    node: str
    vouched_by: str = ""
    suspended: bool = False
    checked_at: int = 0
    admitted_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    agency: str
    number: int
    """From 1; each root names its successor's hash."""
    body: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    agency: str
    number: int
    head: str
    """SHA-256 of the head's payload."""
    body: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    agency: str
    hash: str
    subject: str
    """The id of the officer, desk, node or mandate; of a revocation, the hash it revokes."""
    type: str
    audience: str
    first: int
    last: int = 0
    body: bytes

    def stands_at(self, number: int) -> bool:
        """Return whether it is in force in its agency's roster *number*."""
        return self.first <= number and not 0 < self.last <= number


HELD_ALWAYS: Final = ("comity/node@1", "comity/revocation@1")
"""Types of entries that are asked for otherwise than by their digests."""
_AGENCY = Shape(tables.agencies, Agency)
_ROOT = Shape(tables.roots, Root)
_ROSTER = Shape(tables.rosters, Roster)
_ENTRY = Shape(tables.entries, Entry)
_A = tables.agencies.c
_E = tables.entries.c
_ENTRIES_BY_HASH = Among(_ENTRY, "hash", ("hash", "first"))
_END = Change(
    update(tables.entries)
    .values(last=bindparam("number"))
    .where(_E.agency == bindparam("b_agency"), _E.hash == bindparam("b_hash"), _E.last == 0),
    ("number", "b_agency", "b_hash"),
)


def put(writing: Writing, rows: Sequence[Agency]) -> int:
    """Add agencies, or change what is known of them."""
    return _AGENCY.put(writing.connection, rows)


def every(reading: Reading) -> tuple[Agency, ...]:
    return _AGENCY.fetch(reading.connection, _AGENCY.select().order_by(_A.own.desc(), _A.id))


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Agency, ...]:
    wanted = _AGENCY.select().where(_A.id.in_(ids)).order_by(_A.id)
    return _AGENCY.fetch(reading.connection, wanted)


def add_roots(writing: Writing, rows: Sequence[Root]) -> int:
    return _ROOT.add_new(writing.connection, rows)


def roots(reading: Reading) -> tuple[Root, ...]:
    """Return every root, by agency, the oldest first."""
    ordered = _ROOT.select().order_by(tables.roots.c.agency, tables.roots.c.number)
    return _ROOT.fetch(reading.connection, ordered)


def add_rosters(writing: Writing, rows: Sequence[Roster]) -> int:
    """Add heads; a number that is already there raises ``Refused``."""
    return _ROSTER.add(writing.connection, rows)


def latest_rosters(reading: Reading) -> tuple[Roster, ...]:
    """Return each agency's newest roster."""
    newest = (
        select(tables.rosters.c.agency, func.max(tables.rosters.c.number).label("number"))
        .group_by(tables.rosters.c.agency)
        .subquery()
    )
    joined = and_(
        tables.rosters.c.agency == newest.c.agency, tables.rosters.c.number == newest.c.number
    )
    wanted = _ROSTER.select().join(newest, joined).order_by(tables.rosters.c.agency)
    return _ROSTER.fetch(reading.connection, wanted)


def rosters_since(reading: Reading, agency: str, number: int) -> tuple[Roster, ...]:
    """Return the rosters of *agency* after *number*, the oldest first."""
    roster = tables.rosters.c
    wanted = (
        _ROSTER.select()
        .where(roster.agency == agency, roster.number > number)
        .order_by(roster.number)
    )
    return _ROSTER.fetch(reading.connection, wanted)


def add_entries(writing: Writing, rows: Sequence[Entry]) -> int:
    return _ENTRY.add(writing.connection, rows)


def end_entries(writing: Writing, agency: str, number: int, hashes: Sequence[str]) -> int:
    """End current entries with roster *number*; return how many ended."""
    return _END(writing.connection, [(number, agency, each) for each in hashes])


def entries(reading: Reading, agencies: Sequence[str]) -> tuple[Entry, ...]:
    """Return all entries of *agencies*, ended ones too, the oldest first."""
    wanted = _ENTRY.select().where(_E.agency.in_(agencies)).order_by(_E.agency, _E.first, _E.hash)
    return _ENTRY.fetch(reading.connection, wanted)


def held_entries(reading: Reading, agency: str, limit: int) -> tuple[Entry, ...]:
    """Return the entries of *agency*, the oldest first; of the ended ones the last *limit*.

    Nodes and revocations are all among them. A *limit* of 0 is none.
    """
    if not limit:
        return entries(reading, [agency])
    always = or_(_E.last == 0, _E.type.in_(HELD_ALWAYS))
    here = _ENTRY.select().where(_E.agency == agency)
    held = _ENTRY.fetch(reading.connection, here.where(always))
    ended = here.where(not_(always)).order_by(_E.last.desc(), _E.first.desc(), _E.hash)
    rows = (*held, *_ENTRY.fetch(reading.connection, ended.limit(limit)))
    return tuple(sorted(rows, key=lambda each: (each.first, each.hash)))


def entries_since(reading: Reading, agency: str, number: int) -> tuple[Entry, ...]:
    """Return what came or ended in *agency*'s roster with *number* or later, the oldest first."""
    wanted = (
        _ENTRY.select()
        .where(_E.agency == agency, or_(_E.first >= number, _E.last >= number))
        .order_by(_E.first, _E.hash)
    )
    return _ENTRY.fetch(reading.connection, wanted)


def entries_by_hash(reading: Reading, hashes: Sequence[str]) -> tuple[Entry, ...]:
    return _ENTRIES_BY_HASH(reading.connection, hashes)
