# SPDX-License-Identifier: Apache-2.0
"""Duty: when somebody is at a desk, and what time it is there.

A desk publishes its zone, its hours as ``mon 08:00-17:00`` and its holidays as dates. No hours
mean every hour. A span that ends before it begins runs past midnight; on a holiday no span begins.
Hours are wall-clock time, so they move with the desk's own summer time. What the sender is shown
rounds to caution: hours that cannot be read are *not known*, never *now*.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.domain.roster import DeskEntry
from comity.errors import Misused

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPANS_MOST: Final = 50
HOLIDAYS_MOST: Final = 400
HORIZON_DAYS: Final = 400
"""Nobody for longer than a year and its holidays: not known."""

_SPAN = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun) ([01][0-9]|2[0-3]):([0-5][0-9])-"
    r"(([01][0-9]|2[0-3]):([0-5][0-9])|24:00)"
)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One stretch of duty in a week, by the wall clock."""

    day: int
    """0 is Monday."""
    begins: time
    length: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A desk's hours, read."""

    zone: ZoneInfo
    spans: tuple[Span, ...]
    holidays: frozenset[date]


def read_plan(zone: str, hours: tuple[str, ...], holidays: tuple[str, ...]) -> Plan:
    """Return the hours that these texts write; raise Misused where they cannot be read."""
    if len(hours) > SPANS_MOST or len(holidays) > HOLIDAYS_MOST:
        raise Misused("hours-many", limit=SPANS_MOST)
    spans = tuple(_span(each) for each in hours)
    return Plan(
        zone=zone_of(zone),
        spans=spans or tuple(_whole_day(day) for day in range(7)),
        holidays=frozenset(_date(each) for each in holidays),
    )


def next_duty(desk: DeskEntry, now: datetime) -> datetime | None:
    """Return when somebody is next at *desk*, *now* if somebody is; None if that is not known."""
    try:
        plan = read_plan(desk.zone, desk.hours, desk.holidays)
    except Misused:
        return None
    starts = [max(begins, now) for begins, ends in _stretches(plan, now) if ends > now]
    return min(starts, default=None)


def on_duty(desk: DeskEntry, now: datetime) -> bool:
    """Return whether somebody is at *desk* now."""
    return next_duty(desk, now) == now


def local_time(desk: DeskEntry, now: datetime) -> datetime | None:
    """Return *now* by the clock on the wall at *desk*; None if its zone is not known."""
    try:
        return now.astimezone(zone_of(desk.zone))
    except Misused:
        return None


def next_holiday(desk: DeskEntry, now: datetime) -> str:
    """Return the first holiday of *desk* from today on, as it wrote it; empty if it names none."""
    try:
        plan = read_plan(desk.zone, desk.hours, desk.holidays)
    except Misused:
        return ""
    today = now.astimezone(plan.zone).date()
    return min((day.isoformat() for day in plan.holidays if day >= today), default="")


def _stretches(plan: Plan, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of duty from yesterday's, for it may run past midnight, to the next."""
    today = now.astimezone(plan.zone).date()
    for offset in range(-1, HORIZON_DAYS):
        day = today + timedelta(days=offset)
        spans = [each for each in plan.spans if each.day == day.weekday()]
        if not spans or day in plan.holidays:
            continue
        for span in spans:
            yield _utc(day, span.begins, plan.zone), _end(day, span, plan.zone)
        if offset > 0:
            return


def _end(day: date, span: Span, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, span.begins) + span.length
    return _utc(wall.date(), wall.time(), zone)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Misused("hours")
    begins = timedelta(hours=int(found[2]), minutes=int(found[3]))
    ends = timedelta(days=1)
    if found[5]:
        ends = timedelta(hours=int(found[5]), minutes=int(found[6]))
    if ends <= begins:
        ends += timedelta(days=1)
    return Span(
        day=DAYS.index(found[1]),
        begins=time(int(found[2]), int(found[3])),
        length=ends - begins,
    )


def _whole_day(day: int) -> Span:
    return Span(day=day, begins=time(), length=timedelta(days=1))


def zone_of(name: str) -> ZoneInfo:
    """Return the zone that *name* means; raise Misused where it means none."""
    # A peer writes this name; it must not reach the file system as anything but a zone.
    if not _ZONE.fullmatch(name):
        raise Misused("zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misused("zone") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misused("holiday") from None
