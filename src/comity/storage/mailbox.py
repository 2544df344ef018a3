# SPDX-License-Identifier: Apache-2.0
"""Deposits: files that are kept here for other nodes, and what of ours was left with others.

What is small lies in the row, the rest in ``HOME/mailbox``: the file is there before its row and
goes after it. Both are written under the log's lock, so that what has no row then is stray.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import bindparam, delete, exists, func, select

from comity.storage import tables
from comity.storage.folder import Folder
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Lookup, Query, Shape, present

INLINE = 64 * 1024
"""Bytes of a deposit that lies in its row (design §3 *Transactions*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    deposit: str
    """SHA-256 of the file."""
    depositor: str
    recipient: str
    size: int
    at: int
    sealed: bytes = b""
    """Empty where the file lies in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is kept of one depositor for one recipient."""

    depositor: str
    recipient: str
    count: int
    size: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One row of the outbox that was left at a mailbox, and when it is left again."""

    mailbox: str
    to_node: str
    kind: str
    ref: str
    again_at: int
    times: int = 0
    """How often it was left again."""


_LEFT = Shape(tables.left, Left)
_L = tables.left.c
_LEFT_BEFORE = Among(_LEFT, "ref", ("ref",), ("mailbox", "to_node"))
_DEPOSIT = Shape(tables.deposits, Deposit)
_D = tables.deposits.c
_OLDEST = Lookup(
    _DEPOSIT,
    _DEPOSIT.select().where(_D.recipient == bindparam("b_recipient")).order_by(_D.id).limit(1),
    ("b_recipient",),
)
_SUMS = (
    select(_D.depositor, _D.recipient, func.count(), func.sum(_D.size), func.min(_D.at))
    .group_by(_D.depositor, _D.recipient)
    .order_by(_D.recipient, _D.depositor)
)
_HELD = Query(_SUMS)
_HELD_FOR = Query(_SUMS.where(_D.recipient == bindparam("b_recipient")), ("b_recipient",))
_GONE = Change(
    delete(tables.deposits).where(
        _D.recipient == bindparam("b_recipient"), _D.deposit == bindparam("b_deposit")
    ),
    ("b_recipient", "b_deposit"),
)


def folder(reading: Reading) -> Folder:
    return Folder(reading.folder.path.with_name("mailbox"))


def add(writing: Writing, row: Deposit, file: bytes) -> int:
    """Keep *file*, of which *row* tells, unless it is here."""
    if len(file) <= INLINE:
        return _DEPOSIT.add_new(writing.connection, [replace(row, sealed=file)])
    folder(writing).write(row.deposit, file)
    return _DEPOSIT.add_new(writing.connection, [row])


def known(reading: Reading, ids: Sequence[str]) -> frozenset[str]:
    return present(reading.connection, _D.deposit, ids)


def held(reading: Reading, recipient: str = "") -> tuple[Held, ...]:
    """Return how much is kept, by recipient and depositor; for *recipient* alone if it is named."""
    ask = _HELD_FOR if recipient else _HELD
    rows = ask(reading.connection, *([recipient] if recipient else []))
    return tuple(
        Held(depositor=depositor, recipient=recipient, count=count, size=int(size), since=since)
        for depositor, recipient, count, size, since in rows
    )


def oldest(reading: Reading, recipient: str) -> Deposit | None:
    """Return what came first of all that is kept for *recipient*."""
    return next(iter(_OLDEST(reading.connection, recipient)), None)


def read(reading: Reading, row: Deposit) -> bytes:
    """Return the bytes of a deposit; raise Damaged if its file is gone."""
    return row.sealed or folder(reading).read(row.deposit)


def discard(writing: Writing, recipient: str, ids: Sequence[str]) -> None:
    """Delete those of *ids* that are kept for *recipient*; their files go once that is durable."""
    here = [row for row in ids if _is_for(writing, recipient, row)]
    _GONE(writing.connection, [(recipient, each) for each in here])
    writing.after(partial(folder(writing).discard, here))


def expire(writing: Writing, before: int) -> int:
    """Delete what came before *before*; return how many that were."""
    gone = delete(tables.deposits).where(_D.at < before).returning(_D.deposit)
    ids = tuple(sorted(writing.connection.scalars(gone)))
    writing.after(partial(folder(writing).discard, ids))
    return len(ids)


def sweep(writing: Writing) -> None:
    """Delete files of deposits that never became durable; the caller holds the log's lock."""
    place = folder(writing)
    here = place.ids()
    place.discard(sorted(frozenset(here) - known(writing, here)))


def _is_for(reading: Reading, recipient: str, deposit: str) -> bool:
    wanted = select(_D.deposit).where(_D.recipient == recipient, _D.deposit == deposit)
    return reading.connection.scalar(wanted) is not None


def leave(writing: Writing, rows: Sequence[Left]) -> int:
    return _LEFT.put(writing.connection, rows)


def left(reading: Reading, mailbox: str, node: str, refs: Sequence[str]) -> tuple[Left, ...]:
    """Return which of *refs* for *node* were left at *mailbox*."""
    return _LEFT_BEFORE(reading.connection, refs, mailbox, node)


def forget(writing: Writing) -> int:
    """Delete what is noted of rows that are not in the outbox any more; return how many."""
    out = tables.outbox.c
    waits = exists(
        select(out.id).where(out.ref == _L.ref, out.kind == _L.kind, out.to_node == _L.to_node)
    )
    return writing.connection.execute(delete(tables.left).where(~waits)).rowcount
