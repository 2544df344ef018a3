# SPDX-License-Identifier: Apache-2.0
"""Copies: one signed copy of an act for one node, with its readers, as the docket tells of it.

``add`` refuses a copy that is there already; who takes in what may come twice asks first which are
``known``. Only the state and the place in the ledger change later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, func, literal, select, tuple_, union, update

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape, present


class CopyState(StrEnum):
    HELD = "held"
    """Awaits a countersignature."""
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    PROVEN = "proven"
    RETURNED = "returned"
    STOPPED = "stopped"
    RECEIVED = "received"
    MISTRUSTED = "mistrusted"
    """Received, and nobody here could open and verify it: it moves no clock."""
    HOME = "home"
    REMOVED = "removed"
    """Its sealed bytes are gone from here: recalled, expired, or kept long enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    copy: str
    act: str
    thread: str
    agency: str
    """Who releases it."""
    to: str
    node: str
    """The other node: whence it came or whither it goes; our own for a home copy."""
    envelope: str
    size: int
    stage: str
    clock: str
    state: str
    at: int
    """The docket's time."""
    stored_at: int
    expires: str = ""
    docket: str = ""
    """SHA-256 of the docket's payload; empty while held."""
    release: bytes = b""
    """The docket as signed by the carrier key; empty while held."""
    log: int = 0
    """Our ledger in which the docket is a leaf; 0 when it is in none."""
    leaf: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A copy as far as its thread's row depends on it: half as wide, and no signed bytes."""

    copy: str
    act: str
    thread: str
    agency: str
    to: str
    stage: str
    clock: str
    state: str
    stored_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    copy: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReader:
    reader: str
    at: int
    """The copy's ``stored_at``: it orders the inbox."""
    copy: str
    kind: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadOf:
    thread: str
    at: int
    """When the newest of its copies was stored."""


_COPY = Shape(tables.copies, Copy)
_READER = Shape(tables.readers, CopyReader)
_C = tables.copies.c
_R = tables.readers.c
_BY_IDS = Among(_COPY, "copy", ("copy",))
_AT_STAGE = Among(_COPY, "copy", ("copy",), ("stage",))
_STATES = Among(Shape(tables.copies, _State), "copy", ("copy",))
_TRACES = Among(Shape(tables.copies, Trace), "thread", ("thread", "stored_at", "at", "copy"))
_BY_ACTS = Among(_COPY, "act", ("act", "stored_at", "copy"))
_BY_THREADS = Among(_COPY, "thread", ("thread", "stored_at", "at", "copy"))
_READERS_OF = Among(_READER, "copy", ("copy", "reader"))
_STATE = Change(
    update(tables.copies).values(state=bindparam("new")).where(_C.copy == bindparam("b_copy")),
    ("new", "b_copy"),
)
_STATE_FROM = Change(
    update(tables.copies)
    .values(state=bindparam("new"))
    .where(_C.copy == bindparam("b_copy"), _C.state == bindparam("b_was")),
    ("new", "b_copy", "b_was"),
)
_RELEASE = Change(
    update(tables.copies)
    .values(
        state=bindparam("new"),
        at=bindparam("moment"),
        docket=bindparam("digest"),
        release=bindparam("dsse"),
        log=bindparam("ledger"),
        leaf=bindparam("place"),
    )
    .where(_C.copy == bindparam("b_copy")),
    ("new", "moment", "digest", "dsse", "ledger", "place", "b_copy"),
)

_MOVE = Change(
    update(tables.copies)
    .values(log=bindparam("ledger"), leaf=bindparam("place"))
    .where(_C.copy == bindparam("b_copy")),
    ("ledger", "place", "b_copy"),
)


def add(writing: Writing, rows: Sequence[Copy]) -> int:
    """Add copies; one that is there already raises ``Refused``."""
    return _COPY.add(writing.connection, rows)


def add_readers(writing: Writing, rows: Sequence[CopyReader]) -> int:
    return _READER.add_new(writing.connection, rows)


def set_state(
    writing: Writing, copies: Sequence[str], state: CopyState, *, was: Sequence[CopyState] = ()
) -> int:
    """Set the state of *copies*, or of those that were in one of *was*; return how many."""
    if not was:
        return _STATE(writing.connection, [(state.value, each) for each in copies])
    rows = [(state.value, each, old.value) for each in copies for old in was if old is not state]
    return _STATE_FROM(writing.connection, rows)


def release(writing: Writing, rows: Sequence[Copy]) -> int:
    """Write the docket, leaf and state of copies that were held until now."""
    values = [(r.state, r.at, r.docket, r.release, r.log, r.leaf, r.copy) for r in rows]
    return _RELEASE(writing.connection, values)


def move(writing: Writing, places: Sequence[tuple[int, int, str]]) -> int:
    """Note for each *(log, leaf, copy)* where the copy's docket stands now."""
    return _MOVE(writing.connection, places)


def in_log(reading: Reading, log: int, leaf: int) -> tuple[Copy, ...]:
    """Return the copies whose dockets are leaves of *log*, from *leaf* on."""
    wanted = _COPY.select().where(_C.log == log, _C.leaf >= leaf).order_by(_C.leaf)
    return _COPY.fetch(reading.connection, wanted)


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Copy, ...]:
    return _BY_IDS(reading.connection, ids)


def at_stage(reading: Reading, ids: Sequence[str], stage: str) -> tuple[Copy, ...]:
    """Return those of *ids* that bring their thread to *stage*."""
    return _AT_STAGE(reading.connection, ids, stage)


def states(reading: Reading, ids: Sequence[str]) -> dict[str, str]:
    """Return the state of each of *ids* that is here."""
    return {row.copy: row.state for row in _STATES(reading.connection, ids)}


def known(reading: Reading, ids: Sequence[str]) -> frozenset[str]:
    """Return those of *ids* that are here already."""
    return present(reading.connection, _C.copy, ids)


def by_acts(reading: Reading, acts: Sequence[str]) -> tuple[Copy, ...]:
    return _BY_ACTS(reading.connection, acts)


def by_threads(reading: Reading, threads: Sequence[str]) -> tuple[Copy, ...]:
    """Return the copies of *threads* in the order in which they came here."""
    return _BY_THREADS(reading.connection, threads)


def traces(reading: Reading, threads: Sequence[str]) -> tuple[Trace, ...]:
    """Return what is looked at of the copies of *threads*, in the order in which they came."""
    return _TRACES(reading.connection, threads)


def threads_of(
    reading: Reading, readers: Sequence[str], *, limit: int = 100
) -> tuple[ThreadOf, ...]:
    """Return the threads of the newest *limit* copies that *readers* may read, newest first."""
    # Each reader's newest by the order of their key: all of them together would be sorted.
    each = [
        select(_R.copy, _R.at)
        .where(_R.reader == reader)
        .order_by(_R.at.desc(), _R.copy)
        .limit(limit)
        .subquery()
        .select()
        for reader in readers
    ]
    if not each:
        return ()
    both = union(*each).subquery()
    newest = (
        select(both.c.copy, both.c.at)
        .order_by(both.c.at.desc(), both.c.copy)
        .limit(limit)
        .subquery()
    )
    last = func.max(newest.c.at)
    wanted = (
        select(_C.thread, last)
        .select_from(newest.join(tables.copies, _C.copy == newest.c.copy))
        .group_by(_C.thread)
        .order_by(last.desc(), _C.thread)
    )
    found = reading.connection.execute(wanted).all()
    return tuple(ThreadOf(thread=thread, at=at) for thread, at in found)


def threads_by(
    reading: Reading, readers: Sequence[str], stages: Sequence[str], agencies: Sequence[str]
) -> tuple[str, ...]:
    """Return every thread of *readers* into which one of *agencies* brought one of *stages*."""
    wanted = (
        select(_C.thread)
        .join(tables.readers, _R.copy == _C.copy)
        .where(_R.reader.in_(readers), _C.stage.in_(stages), _C.agency.in_(agencies))
        .distinct()
        .order_by(_C.thread)
    )
    return tuple(reading.connection.scalars(wanted))


def threads_read_by(reading: Reading, reader: str) -> tuple[str, ...]:
    """Return every thread in which something is sealed to *reader*, in the order of their ids."""
    wanted = (
        select(_C.thread)
        .join(tables.readers, _R.copy == _C.copy)
        .where(_R.reader == reader)
        .distinct()
        .order_by(_C.thread)
    )
    return tuple(reading.connection.scalars(wanted))


def threads_named(
    reading: Reading, readers: Sequence[str], beginning: str, *, limit: int = 2
) -> tuple[str, ...]:
    """Return the threads of *readers* whose id begins so, in the order of their ids."""
    wanted = (
        select(_C.thread)
        .join(tables.readers, _R.copy == _C.copy)
        .where(
            _R.reader.in_(readers),
            func.substr(_C.thread, 1, len(beginning)) == beginning,
        )
        .distinct()
        .order_by(_C.thread)
        .limit(limit)
    )
    return tuple(reading.connection.scalars(wanted))


def in_states(reading: Reading, states: Sequence[str], *, limit: int = 1000) -> tuple[Copy, ...]:
    """Return copies in one of *states*, the oldest first; reads the whole table."""
    wanted = _COPY.select().where(_C.state.in_(states)).order_by(_C.stored_at, _C.copy).limit(limit)
    return _COPY.fetch(reading.connection, wanted)


def received_since(reading: Reading, agency: str, at: int) -> tuple[Copy, ...]:
    """Return what came of *agency* at or after *at*; reads the whole table."""
    wanted = (
        _COPY.select()
        .where(_C.agency == agency, _C.state == CopyState.RECEIVED, _C.stored_at >= at)
        .order_by(_C.stored_at, _C.copy)
    )
    return _COPY.fetch(reading.connection, wanted)


_LEFT = (CopyState.SENT, CopyState.DELIVERED, CopyState.PROVEN, CopyState.REMOVED)


def left(
    reading: Reading, agency: str, stages: Sequence[str], *, since: int, until: int, limit: int
) -> tuple[Copy, ...]:
    """Return what *agency* released to others and what left, the newest first.

    By the time at which it was stored, from *since* on and before *until*; reads the whole table.
    """
    wanted = (
        _COPY.select()
        .where(
            _C.agency == agency,
            _C.to != agency,
            _C.state.in_(_LEFT),
            _C.stage.in_(stages),
            _C.stored_at >= since,
            _C.stored_at < until,
        )
        .order_by(_C.stored_at.desc(), _C.copy)
        .limit(limit)
    )
    return _COPY.fetch(reading.connection, wanted)


_STAY = (CopyState.HELD, CopyState.REMOVED)
"""What was never released, and what is gone already."""


def expired(
    reading: Reading, now: str, *, after: Copy | None = None, limit: int
) -> tuple[Copy, ...]:
    """Return copies that may be used no more by *now* (RFC 3339), the longest over first.

    What stands before or at *after* in that order is left out.
    """
    last = (after.expires, after.copy) if after else ("", "")
    wanted = (
        _COPY.select()
        .where(
            _C.state.in_([each.value for each in CopyState if each not in _STAY]),
            tables.EXPIRING,
            tuple_(_C.expires, _C.copy) > tuple_(*map(literal, last)),
            _C.expires <= now,
        )
        .order_by(_C.expires, _C.copy)
        .limit(limit)
    )
    return _COPY.fetch(reading.connection, wanted)


def readers_of(reading: Reading, copies: Sequence[str]) -> tuple[CopyReader, ...]:
    return _READERS_OF(reading.connection, copies)
