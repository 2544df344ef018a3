# SPDX-License-Identifier: Apache-2.0
"""Reminders: when a thread that nobody moves is brought before somebody else, and before whom.

Pure, from what a node knows without opening anything. On the side that is asked each limit has
three rungs: who has the thread, when it passes; the desk's alternates half of the step's time
later; the supervisor after the whole of it. On the asking side there is one rung a limit, so that
who asked knows when to ring; an urgent question that nobody opened has one more, at half of its
clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.clocks import ALLOWANCES
from comity.domain.docket import ClockClass
from comity.domain.pressing import Limit


class Rung(StrEnum):
    """Who is reminded."""

    ASKER = "asker"
    """Whoever asked: to ring, or to send a reminder."""
    DESK = "desk"
    """Who has the thread, or the desk."""
    ALTERNATES = "alternates"
    SUPERVISOR = "supervisor"


_LATER: Final = {Rung.DESK: 0.0, Rung.ALTERNATES: 0.5, Rung.SUPERVISOR: 1.0}
"""How much of the step's own time after the limit, by rung."""
FORGOTTEN: Final = timedelta(days=30)
"""So long after the last limit nothing new is raised: the highest rung was reached weeks ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a node's row says of one thread, for one of its agencies."""

    asks: bool
    """Whether this agency asked."""
    clock: ClockClass
    due_acknowledge: datetime
    due_answer: datetime
    opened: bool
    """Whether the other side said that somebody opened it."""
    acknowledged: bool
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One limit that passed, and before whom that is brought."""

    limit: Limit
    rung: Rung

    @property
    def code(self) -> str:
        return f"{self.limit}.{self.rung}"

    @classmethod
    def read(cls, code: str) -> "Raised":
        limit, _, rung = code.partition(".")
        return cls(limit=Limit(limit), rung=Rung(rung))


def raised(thread: Watched, now: datetime) -> tuple[Raised, ...]:
    """Return what is raised by *now*, in the order in which it came to be."""
    allowance = ALLOWANCES.get(thread.clock)
    if allowance is None or thread.answered:
        return ()
    found: list[tuple[datetime, Raised]] = []
    half = thread.due_answer - allowance.answer / 2
    unheard = not (thread.opened or thread.acknowledged)
    if thread.asks and thread.clock is ClockClass.URGENT and unheard:
        found.append((half, Raised(limit=Limit.HALF, rung=Rung.ASKER)))
    if not thread.acknowledged:
        spoken = (thread.due_acknowledge, Limit.ACKNOWLEDGE, allowance.acknowledge)
        found += _rungs(*spoken, asks=thread.asks)
    found += _rungs(thread.due_answer, Limit.ANSWER, allowance.answer, asks=thread.asks)
    return tuple(each for at, each in sorted(found, key=_by_time) if at <= now)


def stands(told: Raised, thread: Watched) -> bool:
    """Return whether what was *told* still stands: nobody has moved the thread since."""
    if thread.answered:
        return False
    if told.limit is Limit.HALF:
        return not (thread.opened or thread.acknowledged)
    return told.limit is Limit.ANSWER or not thread.acknowledged


def reminds(thread: Watched, now: datetime) -> tuple[Limit, ...]:
    """Return of which limits the asker of *thread* may remind the other side now."""
    return tuple(each.limit for each in raised(thread, now) if each.rung is Rung.ASKER)


def _rungs(
    due: datetime, limit: Limit, step: timedelta, *, asks: bool
) -> list[tuple[datetime, Raised]]:
    if asks:
        return [(due, Raised(limit=limit, rung=Rung.ASKER))]
    return [(due + step * later, Raised(limit=limit, rung=rung)) for rung, later in _LATER.items()]


def _by_time(each: tuple[datetime, Raised]) -> tuple[datetime, str]:
    return (each[0], each[1].code)
