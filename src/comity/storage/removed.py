# SPDX-License-Identifier: Apache-2.0
"""What was removed, and what was to be: remembered for ever, so that a replay brings nothing back.

A row with a copy says that its sealed bytes are gone from here, and which leaf says so. A row
without one is a recalled act, as one holder here answered it: it may have been recalled before any
copy of it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, update

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape


class Answer(StrEnum):
    """What a holder did about a recall."""

    REMOVED = "removed"
    KEPT = "kept"
    PENDING = "pending"
    """A person is asked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    agency: str
    """Whose act it is: nobody else's under the same id is meant."""
    act: str
    to: str
    """Whose copy."""
    copy: str = ""
    thread: str
    envelope: str = ""
    docket: str = ""
    """SHA-256 of the copy's docket."""
    node: str = ""
    """Whence it came, or whither it went."""
    why: str
    answer: str
    ground: str = ""
    at: int
    log: int = 0
    """Our ledger in which the removal is a leaf; 0 when it is in none."""
    leaf: int = 0


_REMOVED = Shape(tables.removed, Removed)
_R = tables.removed.c
_BY_ACTS = Among(_REMOVED, "act", ("act", "agency", "to", "copy"))
_BY_THREADS = Among(_REMOVED, "thread", ("thread", "act", "agency", "to", "copy"))
_BY_COPIES = Among(_REMOVED, "copy", ("copy", "act", "to"))
_ANSWER = Change(
    update(tables.removed)
    .values(answer=bindparam("new"), ground=bindparam("why_kept"), at=bindparam("moment"))
    .where(
        _R.agency == bindparam("b_agency"),
        _R.act == bindparam("b_act"),
        _R.to == bindparam("b_to"),
        _R.copy == "",
    ),
    ("new", "why_kept", "moment", "b_agency", "b_act", "b_to"),
)


def add_new(writing: Writing, rows: Sequence[Removed]) -> int:
    """Remember *rows*, passing over what is remembered already; return how many were new."""
    return _REMOVED.add_new(writing.connection, rows)


def answer(writing: Writing, rows: Sequence[Removed]) -> int:
    """Write what the holders of *rows*, recalled acts, have decided by now."""
    values = [(r.answer, r.ground, r.at, r.agency, r.act, r.to) for r in rows]
    return _ANSWER(writing.connection, values)


def by_acts(reading: Reading, acts: Sequence[str]) -> tuple[Removed, ...]:
    return _BY_ACTS(reading.connection, acts)


def by_threads(reading: Reading, threads: Sequence[str]) -> tuple[Removed, ...]:
    return _BY_THREADS(reading.connection, threads)


def by_copies(reading: Reading, copies: Sequence[str]) -> tuple[Removed, ...]:
    return _BY_COPIES(reading.connection, [each for each in copies if each])


def pending(reading: Reading, to: str) -> tuple[Removed, ...]:
    """Return the recalls about which somebody of the agency *to* is asked, the oldest first."""
    wanted = (
        _REMOVED.select()
        .where(_R.to == to, _R.copy == "", _R.answer == Answer.PENDING.value)
        .order_by(_R.at, _R.agency, _R.act)
    )
    return _REMOVED.fetch(reading.connection, wanted)
