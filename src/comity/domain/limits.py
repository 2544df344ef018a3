# SPDX-License-Identifier: Apache-2.0
"""Limits: after how long our node says that nothing was heard of a copy of its own.

ETSI EN 319 522-1 gives every stage of a delivery its negative and leaves the time to whoever runs
the service. Delivery: 24 hours, and half of it where it is wanted soon, as for Italian registered
mail (D.P.R. 11 February 2005 n. 68 art. 8; D.M. 2 November 2005: a first notice after 12 hours, the
last after 24); an urgent one is said after half of the time in which it is acknowledged. Opening:
who must acknowledge by a clock has opened by it (``clocks.py``). An agency may shorten its limits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from comity.domain.clocks import ALLOWANCES
from comity.domain.docket import ClockClass
from comity.errors import Misused

DELIVERED: Final = {
    ClockClass.URGENT: timedelta(hours=1),
    ClockClass.SOON: timedelta(hours=12),
    ClockClass.NORMAL: timedelta(hours=24),
    ClockClass.NONE: timedelta(hours=24),
}
OPENED: Final = {
    **{clock: each.acknowledge for clock, each in ALLOWANCES.items()},
    ClockClass.NONE: ALLOWANCES[ClockClass.NORMAL].acknowledge,
}
"""Notes, answers and whatever else no clock waits for: as a question that can wait."""
SHORTEST: Final = timedelta(minutes=5)
_REASON: Final = re.compile(r"(not-sent|no-receipt|unopened)\.within-([1-9][0-9]{0,5})-minutes")


class Silence(StrEnum):
    """What was not heard."""

    NOT_SENT = "not-sent"
    """It never left: the other side could not be reached."""
    NO_RECEIPT = "no-receipt"
    """It left, or may have, and nobody said that he has it."""
    UNOPENED = "unopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one agency waits for, in minutes by clock class; what it does not name is as usual."""

    delivered: Mapping[str, int] = field(default_factory=dict)
    opened: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for told, longest in ((self.delivered, DELIVERED), (self.opened, OPENED)):
            for clock, minutes in told.items():
                _check(longest, clock, minutes)

    def until_delivered(self, clock: ClockClass) -> timedelta:
        return _of(self.delivered, DELIVERED, clock)

    def until_opened(self, clock: ClockClass) -> timedelta:
        return _of(self.opened, OPENED, clock)


def reason_of(silence: Silence, within: timedelta) -> str:
    """Return the code that stands in the receipt (spec/receipts.md, *Silence*)."""
    return f"{silence}.within-{minutes_of(within)}-minutes"


def read_reason(reason: str) -> tuple[Silence, timedelta] | None:
    """Return what *reason* says; None where it is of another kind."""
    found = _REASON.fullmatch(reason)
    if found is None:
        return None
    return Silence(found[1]), timedelta(minutes=int(found[2]))


def minutes_of(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def _of(
    told: Mapping[str, int], longest: Mapping[ClockClass, timedelta], clock: ClockClass
) -> timedelta:
    minutes = told.get(clock.value)
    return longest[clock] if minutes is None else timedelta(minutes=minutes)


def _check(longest: Mapping[ClockClass, timedelta], clock: str, minutes: int) -> None:
    if clock not in longest:
        raise Misused("limit-clock")
    most = minutes_of(longest[ClockClass(clock)])
    if not minutes_of(SHORTEST) <= minutes <= most:
        raise Misused("limit-minutes", least=minutes_of(SHORTEST), most=most)
