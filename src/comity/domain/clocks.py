# SPDX-License-Identifier: Apache-2.0
"""Clocks: by when a request is acknowledged and answered, and how it stands now.

They run by the calendar from receipt (design §6 *Clocks*; the hours and days are those of
Directive (EU) 2023/977 art. 5). Nothing pauses them: a thread that is asked back, or that cannot
be read, stays open and its clock runs on, so that asking back is no way to gain time. An agency
may shorten its clocks and never lengthen them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.docket import ClockClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How long an agency takes, at most."""

    acknowledge: timedelta
    answer: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) < self.acknowledge <= self.answer:
            raise ValueError("allowance: acknowledging comes before answering")


ALLOWANCES: Final = {
    ClockClass.URGENT: Allowance(acknowledge=timedelta(hours=2), answer=timedelta(hours=8)),
    ClockClass.SOON: Allowance(acknowledge=timedelta(days=1), answer=timedelta(days=3)),
    ClockClass.NORMAL: Allowance(acknowledge=timedelta(days=2), answer=timedelta(days=7)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    received: datetime
    acknowledge: datetime
    answer: datetime

    @property
    def half(self) -> datetime:
        """When half of the clock has run: the sender is shown whom to ring."""
        return self.received + (self.answer - self.received) / 2


class Standing(StrEnum):
    """How a thread stands on its clock, best first."""

    FINE = "fine"
    DUE_SOON = "due-soon"
    LATE = "late"


def due(clock: ClockClass, received_at: datetime, shorter: Allowance | None = None) -> Due | None:
    """Return by when a request received at *received_at* is due; None if nothing is."""
    longest = ALLOWANCES.get(clock)
    if longest is None:
        return None
    own = shorter or longest
    return Due(
        received=received_at,
        acknowledge=received_at + min(own.acknowledge, longest.acknowledge),
        answer=received_at + min(own.answer, longest.answer),
    )


def hastened(before: Due, heard: datetime) -> Due:
    """Return what is due of a request that was made urgent at *heard*: never later than *before*.

    What was received stays so: who was slow while it was not urgent has gained nothing by it.
    """
    begins, urgent = max(heard, before.received), ALLOWANCES[ClockClass.URGENT]
    return replace(
        before,
        acknowledge=min(before.acknowledge, begins + urgent.acknowledge),
        answer=min(before.answer, begins + urgent.answer),
    )


def standing(due: Due, now: datetime, *, acknowledged: bool, answered: bool) -> Standing:
    """Return how a request stands at *now*: due soon from half of the step's time on."""
    if answered:
        return Standing.FINE
    awaited = [due.answer] if acknowledged else [due.acknowledge, due.answer]
    if any(now > by for by in awaited):
        return Standing.LATE
    if any(now >= due.received + (by - due.received) / 2 for by in awaited):
        return Standing.DUE_SOON
    return Standing.FINE
