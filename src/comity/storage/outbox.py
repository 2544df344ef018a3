# SPDX-License-Identifier: Apache-2.0
"""The outbox: what still has to reach a peer, and who is carrying it just now.

A row is claimed by a lease, so that several processes never carry it at once; it is deleted once
the peer's receipt is stored. ``not_before`` is the end of the Stop window and never moves;
``next_at`` is when to try (again). A row that was ever claimed may have left, and cannot be
withdrawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, bindparam, case, delete, exists, func, select, update

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Change, Lookup, Query, Shape, present


class Item(StrEnum):
    DOCKET = "docket"
    RECEIPT = "receipt"
    NOTICE = "notice"
    """By the digest of its bytes (``services/notices.py``)."""
    LOG = "log"
    """A checkpoint of ours that a witness is to see (``services/witnesses.py``)."""
    DELIVERED = "delivered"
    """Our receipt for a copy that came where nobody waited for an answer: by stick or mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A new row of the outbox."""

    to_node: str
    kind: str
    ref: str
    """The id of a copy, a receipt, a notice or a checkpoint."""
    not_before: int
    next_at: int = 0
    """Never earlier than ``not_before``."""
    attempts: int = 0
    owner: str = ""
    leased_until: int = 0

    def __post_init__(self) -> None:
        if self.next_at < self.not_before:
            object.__setattr__(self, "next_at", self.not_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    id: int
    to_node: str
    kind: str
    ref: str
    attempts: int
    """How often it was tried before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    to_node: str
    count: int
    next_at: int
    """When the first of them may be tried."""


_WAITING = Shape(tables.outbox, Waiting)
_CLAIMED = Shape(tables.outbox, Claimed)
_O = tables.outbox.c
_DONE_REF = Change(
    delete(tables.outbox).where(
        _O.to_node == bindparam("b_node"),
        _O.kind == bindparam("b_kind"),
        _O.ref == bindparam("b_ref"),
    ),
    ("b_node", "b_kind", "b_ref"),
)
_DONE_UPTO = Change(
    delete(tables.outbox).where(
        _O.to_node == bindparam("b_node"),
        _O.kind == bindparam("b_kind"),
        _O.id <= bindparam("b_last"),
        _O.attempts > 0,
    ),
    ("b_node", "b_kind", "b_last"),
)
_WITHDRAW = Change(
    delete(tables.outbox).where(_O.ref == bindparam("b_ref"), _O.owner == "", _O.attempts == 0),
    ("b_ref",),
)
_BEGUN = case((_O.attempts == 0, 1), else_=_O.attempts)
"""Attempts, of a row that may have left: one at least."""
_AGAIN = Change(
    update(tables.outbox)
    .values(next_at=bindparam("again"), attempts=_BEGUN, owner="", leased_until=0)
    .where(_O.id == bindparam("b_id")),
    ("again", "b_id"),
)
_RETRY = Change(
    update(tables.outbox)
    .values(next_at=bindparam("again"), attempts=_O.attempts + 1, owner="", leased_until=0)
    .where(_O.id == bindparam("b_id")),
    ("again", "b_id"),
)

_FREE = (
    select(_O.id)
    .where(
        _O.to_node == bindparam("b_node"),
        _O.next_at <= bindparam("b_now"),
        _O.leased_until <= bindparam("b_then"),
    )
    .order_by(_O.id)
    .limit(bindparam("b_most"))
    .with_for_update(skip_locked=True)
)
_TAKE = Lookup(
    _CLAIMED,
    update(tables.outbox)
    .values(owner=bindparam("b_owner"), leased_until=bindparam("b_until"))
    .where(_O.id.in_(_FREE))
    .returning(*_CLAIMED.columns),
    ("b_owner", "b_until", "b_node", "b_now", "b_then", "b_most"),
)
_OPEN = (
    select(_O.id)
    .where(
        _O.to_node == bindparam("b_node"),
        _O.not_before <= bindparam("b_now"),
        _O.id > bindparam("b_after"),
    )
    .order_by(_O.id)
    .limit(bindparam("b_most"))
)
_L = tables.left.c
_JUST_LEFT = exists(
    select(_L.ref).where(
        _L.mailbox == bindparam("b_mailbox"),
        _L.to_node == _O.to_node,
        _L.kind == _O.kind,
        _L.ref == _O.ref,
        _L.again_at > bindparam("b_then"),
    )
)


def _beginning(chosen: Select[int], *names: str) -> Lookup[Claimed]:
    begun = update(tables.outbox).values(attempts=_BEGUN).where(_O.id.in_(chosen))
    return Lookup(_CLAIMED, begun.returning(*_CLAIMED.columns), names)


_BEGIN = _beginning(_OPEN, "b_node", "b_now", "b_after", "b_most")
_BEGIN_UNLEFT = _beginning(
    _OPEN.where(~_JUST_LEFT), "b_node", "b_now", "b_after", "b_most", "b_mailbox", "b_then"
)
_IS_UNLEFT = Query(
    select(_O.id)
    .where(_O.to_node == bindparam("b_node"), _O.not_before <= bindparam("b_now"), ~_JUST_LEFT)
    .limit(1),
    ("b_node", "b_now", "b_mailbox", "b_then"),
)
_DUE = Query(
    select(_O.to_node, func.count(), func.min(_O.next_at))
    .where(_O.next_at <= bindparam("b_now"), _O.leased_until <= bindparam("b_then"))
    .group_by(_O.to_node)
    .order_by(func.min(_O.next_at), _O.to_node),
    ("b_now", "b_then"),
)
_IS_DUE = Query(
    select(_O.id)
    .where(
        _O.to_node == bindparam("b_node"),
        _O.next_at <= bindparam("b_now"),
        _O.leased_until <= bindparam("b_then"),
    )
    .limit(1),
    ("b_node", "b_now", "b_then"),
)


def add(writing: Writing, rows: Sequence[Waiting]) -> int:
    """Add rows, passing over those that wait already; return how many were new."""
    return _WAITING.add_new(writing.connection, rows)


def claim(
    writing: Writing, node: str, now: int, *, limit: int, owner: str, until: int
) -> tuple[Claimed, ...]:
    """Lease the due rows for *node* to *owner*, the oldest first."""
    rows = _TAKE(writing.connection, owner, until, node, now, now, limit)
    return tuple(sorted(rows, key=lambda row: row.id))


def begin(writing: Writing, node: str, now: int, *, after: int, limit: int) -> tuple[Claimed, ...]:
    """Return the rows for *node* behind row *after* that may leave, whoever else carries them.

    They count as begun, so nobody stops them any more; nobody is kept from carrying them too.
    """
    rows = _BEGIN(writing.connection, node, now, after, limit)
    return tuple(sorted(rows, key=lambda row: row.id))


def begin_unleft(
    writing: Writing, node: str, now: int, *, mailbox: str, after: int, limit: int
) -> tuple[Claimed, ...]:
    """Like ``begin``, but not what was left at *mailbox* a while ago."""
    rows = _BEGIN_UNLEFT(writing.connection, node, now, after, limit, mailbox, now)
    return tuple(sorted(rows, key=lambda row: row.id))


def is_unleft(reading: Reading, node: str, now: int, *, mailbox: str) -> bool:
    """Return whether anything for *node* may leave that was not left at *mailbox* a while ago."""
    return bool(_IS_UNLEFT(reading.connection, node, now, mailbox, now))


def due(reading: Reading, now: int) -> tuple[Due, ...]:
    """Return the nodes for which unleased rows may be tried by *now*."""
    rows = _DUE(reading.connection, now, now)
    return tuple(Due(to_node=node, count=count, next_at=at) for node, count, at in rows)


def is_due(reading: Reading, node: str, now: int) -> bool:
    """Return whether an unleased row for *node* may be tried by *now*."""
    return bool(_IS_DUE(reading.connection, node, now, now))


def pending(reading: Reading) -> tuple[Due, ...]:
    """Return what waits for each node, due or not."""
    waiting = (
        select(_O.to_node, func.count(), func.min(_O.next_at))
        .group_by(_O.to_node)
        .order_by(_O.to_node)
    )
    return _dues(reading, waiting)


def count(reading: Reading, node: str, kind: Item) -> int:
    """Return how many rows of *kind* wait for *node*."""
    waiting = select(func.count()).where(_O.to_node == node, _O.kind == kind.value)
    return reading.connection.scalar(waiting) or 0


def _dues(reading: Reading, waiting: Select[str, int, int]) -> tuple[Due, ...]:
    rows = reading.connection.execute(waiting)
    return tuple(Due(to_node=node, count=count, next_at=at) for node, count, at in rows)


def still(reading: Reading, ids: Sequence[int]) -> frozenset[int]:
    """Return those of *ids* that are still here: not settled yet."""
    return present(reading.connection, _O.id, ids)


def done_refs(writing: Writing, kind: Item, node: str, refs: Sequence[str]) -> int:
    """Delete the rows for *node* that carry *refs*, whoever holds them."""
    return _DONE_REF(writing.connection, [(node, kind.value, ref) for ref in refs])


def done_everywhere(writing: Writing, kind: Item, refs: Sequence[str]) -> int:
    """Delete the rows that carry *refs*, for whichever node."""
    gone = delete(tables.outbox).where(_O.kind == kind.value, _O.ref.in_(refs))
    return writing.connection.execute(gone).rowcount


def done_upto(writing: Writing, kind: Item, node: str, last: int) -> int:
    """Delete the rows of *kind* for *node* that were begun, up to the row *last*.

    An id may be given again once its row is gone: what came meanwhile nobody has begun.
    """
    return _DONE_UPTO(writing.connection, [(node, kind.value, last)])


def retry(writing: Writing, rows: Sequence[tuple[int, int]]) -> int:
    """Let go of *(row, when to try again)*, one more attempt counted."""
    return _RETRY(writing.connection, [(again, each) for each, again in rows])


def put_back(writing: Writing, rows: Sequence[tuple[int, int]]) -> int:
    """Let go of *(row, when to go on)*: what held it up was the line, not the row.

    A row is tried ever later by its attempts; bad weather must not add to them.
    """
    return _AGAIN(writing.connection, [(again, each) for each, again in rows])


def free(writing: Writing, owners: Sequence[str]) -> int:
    """End the leases of *owners*, who are gone; return how many rows are due again."""
    again = (
        update(tables.outbox)
        .values(owner="", leased_until=0, attempts=_BEGUN)
        .where(_O.owner.in_(owners))
    )
    return writing.connection.execute(again).rowcount


def unbegun(reading: Reading, refs: Sequence[str]) -> frozenset[str]:
    """Return those of *refs* that wait and that nobody has begun to carry."""
    begun = select(_O.ref).where(_O.ref.in_(refs), (_O.owner != "") | (_O.attempts > 0))
    gone = set(reading.connection.scalars(begun.order_by(_O.ref)))
    return present(reading.connection, _O.ref, refs) - gone


def leaving(reading: Reading, refs: Sequence[str]) -> Mapping[str, int]:
    """Return when each of *refs* leaves that waits and that nobody has begun to carry."""
    wanted = (
        select(_O.ref, func.min(_O.not_before))
        .where(_O.ref.in_(refs), _O.owner == "", _O.attempts == 0)
        .group_by(_O.ref)
        .order_by(_O.ref)
    )
    return {row[0]: row[1] for row in reading.connection.execute(wanted)}


def withdraw(writing: Writing, refs: Sequence[str]) -> int:
    """Delete rows that nobody has begun to carry; return how many: the rest cannot be stopped."""
    return _WITHDRAW(writing.connection, [(ref,) for ref in refs])


def is_ahead(reading: Reading, then: int) -> bool:
    """Return whether anything waits for, or is leased until, a moment after *then*."""
    late = (_O.next_at > then) | (_O.leased_until > then)
    return reading.connection.scalar(select(_O.id).where(late).limit(1)) is not None


def rein_in(writing: Writing, then: int, again: int) -> int:
    """Let what waits for a moment after *then* be due at *again*; return how much there was."""
    late = (_O.next_at > then) | (_O.leased_until > then)
    due = update(tables.outbox).values(
        not_before=case((_O.not_before > then, again), else_=_O.not_before),
        next_at=case((_O.next_at > then, again), else_=_O.next_at),
        leased_until=case((_O.leased_until > then, 0), else_=_O.leased_until),
    )
    return writing.connection.execute(due.where(late)).rowcount
