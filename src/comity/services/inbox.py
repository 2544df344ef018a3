# SPDX-License-Identifier: Apache-2.0
"""The inbox: what waits for an officer, by its clock.

The node's own rows, which know stages and clocks from dockets, choose the threads; only those are
opened, and what was opened in this session is not opened again. Looking at a list is not reading:
no receipt is given. Kinds are codes and the rest ids and numbers: no free text is in a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from comity.domain.clocks import Due, Standing
from comity.domain.consents import pending
from comity.domain.docket import OF_SENDER, ReceiptStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.reminders import FORGOTTEN
from comity.domain.statement import Note, Opener, PassOn
from comity.domain.steps import confirm_by, to_countersign
from comity.domain.thread import Effect, Holder, Stage, Thread
from comity.domain.time import from_millis, to_millis
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.thread import OpenThread
from comity.services.thread_list import open_for_list
from comity.services.unseal import readers_of
from comity.storage import copies, threads
from comity.storage.copies import ThreadOf
from comity.storage.reading import Reading

LIMIT: Final = 50
WIDER: Final = 8
"""How many times more threads are looked at by their rows than are opened."""
_OVER: Final = {
    ReceiptStage.NOT_DELIVERED: {ReceiptStage.DELIVERED, ReceiptStage.RETURNED},
    ReceiptStage.NOT_OPENED: {ReceiptStage.OPENED, ReceiptStage.UNREADABLE},
}
"""By what a silence is over."""
_OTHERS: Final = frozenset({"countersign", "stop"})
"""Steps that are a countersigner's, or that nobody waits for."""
_ORDER: Final = (Standing.LATE, Standing.DUE_SOON, Standing.FINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thread of the inbox."""

    thread: ThreadId
    short: str
    """To be said by telephone; empty where nothing that opens the thread can be read."""
    kind: str
    """Of what is asked or told: a request kind's code."""
    is_note: bool
    peer: AgencyId | None
    """The other side."""
    stage: Stage
    due: Due | None
    standing: Standing
    holder: Holder | None
    """Who has it in the viewer's agency."""
    next: tuple[str, ...]
    """What the viewer's side may do, likeliest first."""
    waits: bool
    """Whether it waits for the viewer: his side is to act, and nobody else of it has the thread."""
    silence: str
    """``not-delivered`` or ``not-opened``, of what his side sent; empty once it was heard of."""
    mistrusted: int
    """How many copies and receipts of it failed verification."""
    at: datetime
    """When something last came or left."""
    by: datetime | None = None
    """When what is awaited next is due."""
    decides: bool = False
    """Whether it waits for the viewer's word for an oversight desk."""
    spoken: datetime | None = None
    """By when he confirms what the desk is said to have spoken."""
    mine: bool = False
    """Whether the viewer has it: he took it, was given it, or began it and nobody else has it."""


def inbox(
    unlocked: Unlocked, house: House, *, limit: int = LIMIT, over: bool = False
) -> tuple[Line, ...]:
    """Return at most *limit* lines: what waits for *unlocked* first, the most pressing on top.

    With *over*, those that have their answer instead, the newest on top.
    """
    with house.store.read() as reading:
        mine = sorted(readers_of(unlocked))
        newest: Sequence[ThreadOf] = copies.threads_of(reading, mine, limit=limit * WIDER)
        if not over:
            newest = _with_older(reading, house, unlocked, newest, limit)
        rows = threads.by_ids(reading, [each.thread for each in newest])
    clocks = {row.thread: row for row in rows if row.own == unlocked.agency}
    if over:
        newest = [e for e in newest if e.thread in clocks and clocks[e.thread].answered_at]
    chosen = _pressing(newest, clocks)[:limit]
    times = {each.thread: each.at for each in newest}
    opened = open_for_list(unlocked, house, chosen)
    now = house.now()
    lines = [_line(each, unlocked, now, times[each.id]) for each in opened]
    return tuple(sorted(lines, key=_by_clock))


def _with_older(
    reading: Reading, house: House, unlocked: Unlocked, newest: Sequence[ThreadOf], limit: int
) -> Sequence[ThreadOf]:
    """Return *newest*, and what is due and has not moved for so long that it is not among them."""
    known = {each.thread for each in newest}
    after = to_millis(house.now() - FORGOTTEN)
    mine = sorted(readers_of(unlocked))
    found = threads.pressing_of(reading, unlocked.agency, mine, after=after, limit=limit)
    older = [ThreadOf(thread=thread, at=at) for thread, at in found if thread not in known]
    return [*newest, *older]


def _pressing(
    newest: Sequence[ThreadOf], clocks: Mapping[str, threads.Thread]
) -> Sequence[ThreadId]:
    """Return the threads of *newest*, first those on whose clock something is due, then by time."""
    return [ThreadId(each.thread) for each in sorted(newest, key=lambda t: _press(t, clocks))]


def _press(thread: ThreadOf, clocks: Mapping[str, threads.Thread]) -> tuple[bool, int, str]:
    row = clocks.get(thread.thread)
    due = 0 if row is None or row.answered_at else row.due_answer
    if due and row is not None and not row.acknowledged_at:
        due = row.due_ack
    return (not due, due or -thread.at, thread.thread)


def _line(opened: OpenThread, unlocked: Unlocked, now: datetime, at: int) -> Line:
    thread = opened.thread
    body = thread.opening.body if thread.opening else None
    told = body if isinstance(body, Opener) else None
    holder = thread.holder_in(unlocked.agency)
    due, standing = _clock(thread, unlocked.agency, now)
    decides = to_countersign(thread, unlocked.entry.id, unlocked.desks)
    return Line(
        thread=thread.id,
        short=thread.short,
        kind=told.kind if told else "",
        is_note=isinstance(told, Note | PassOn),
        peer=_peer(thread, unlocked.agency),
        stage=thread.stage,
        due=due,
        standing=standing,
        holder=holder,
        next=opened.next,
        waits=_waits(opened, unlocked, decides=decides is not None),
        silence=_silence(thread, unlocked.agency),
        mistrusted=len(opened.mistrusted),
        at=from_millis(at),
        by=due.answer if due is not thread.due and due else thread.awaited,
        decides=decides is not None,
        spoken=confirm_by(thread) if decides and decides.effect is not Effect.HELD else None,
        mine=_is_his(thread, unlocked),
    )


def _waits(opened: OpenThread, unlocked: Unlocked, *, decides: bool) -> bool:
    """Return whether it waits for the viewer: his side is to act, and he is who may."""
    if decides:
        return True
    holder = opened.thread.holder_in(unlocked.agency)
    his = holder is None or holder.id in readers_of(unlocked)
    return his and not _OTHERS.issuperset(opened.next)


def _is_his(thread: Thread, unlocked: Unlocked) -> bool:
    holder = thread.holder_in(unlocked.agency)
    if holder is not None:
        return holder.id == unlocked.entry.id
    opening = thread.opening
    return opening is not None and opening.officer == unlocked.entry.id


def _clock(thread: Thread, own: AgencyId, now: datetime) -> tuple[Due | None, Standing]:
    """Return by when the viewer's side is to act: on the question, else on who asks for consent."""
    waits = pending(thread, own)
    if waits and (thread.due is None or thread.answered is not None):
        return waits[0].due, waits[0].standing(now)
    return thread.due, thread.standing(now)


def _peer(thread: Thread, own: AgencyId) -> AgencyId | None:
    """Return the other side; who only watches is shown who asked."""
    if thread.asker == own:
        return next((each for each in thread.asked if each != own), None)
    return thread.asker


def _silence(thread: Thread, own: AgencyId) -> str:
    """Return what is still not heard of the last act of *own* that left."""
    said = [each for each in thread.receipts if each.stage in OF_SENDER and each.agency == own]
    if not said or thread.acknowledged or thread.answered:
        return ""
    heard = {each.stage for each in thread.receipts if each.copy == said[-1].copy}
    over = _OVER[said[-1].stage]
    return "" if over & heard else said[-1].stage.value


def _by_clock(line: Line) -> tuple[bool, int, datetime, float, str]:
    due = line.due.answer if line.due else datetime.max.replace(tzinfo=UTC)
    return (
        not line.waits,
        _ORDER.index(line.standing),
        due,
        -line.at.timestamp(),
        line.thread,
    )
