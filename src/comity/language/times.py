# SPDX-License-Identifier: Apache-2.0
"""Times as people say them, then exactly.

Time left is rounded down, so that nobody is told of more than there is. A moment is shown in a
named zone with its distance from UTC: two desks read the same line.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, get_day_names, get_timezone_location
from babel.units import format_unit

from comity.domain.duty import Span
from comity.language.catalogue import Catalogue
from comity.language.marks import counted, marked

_MINUTES = counted("{count} min", "{count} min")
_HOURS = counted("{count} h", "{count} h")
_DAYS = counted("{count} day", "{count} days")
_NOW = marked("now")
_DUE = marked("due in {time}")
_DUE_NOW = marked("due now")
_OVERDUE = marked("overdue by {time}")
_AGO = marked("{time} ago")
_AHEAD = marked("in {time}")
_MOMENT = marked("{date} ({zone})")

_TO = "\u2013"
_KILO = 1000
_MEGA = 1_000_000
_WEEK = 7
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def span(catalogue: Catalogue, length: timedelta) -> str:
    """Return *length* in its largest fitting unit, rounded down; in hours up to two days."""
    length = abs(length)
    if length >= 2 * _DAY:
        unit, form = _DAY, _DAYS
    elif length >= _HOUR:
        unit, form = _HOUR, _HOURS
    else:
        unit, form = _MINUTE, _MINUTES
    return catalogue.count(form.one, form.many, length // unit)


def due(catalogue: Catalogue, at: datetime, now: datetime) -> str:
    """Return how long there is until *at*: ``due in 3 h``, ``overdue by 2 days``."""
    left = at - now
    if abs(left) < _MINUTE:
        return catalogue.of(_DUE_NOW)
    return catalogue.of(_DUE if left > timedelta() else _OVERDUE, {"time": span(catalogue, left)})


def ago(catalogue: Catalogue, at: datetime, now: datetime) -> str:
    """Return how far *at* lies from *now*: ``20 min ago``, ``in 3 h``."""
    passed = now - at
    if abs(passed) < _MINUTE:
        return catalogue.of(_NOW)
    form = _AGO if passed > timedelta() else _AHEAD
    return catalogue.of(form, {"time": span(catalogue, passed)})


def moment(catalogue: Catalogue, at: datetime, zone: str) -> str:
    """Return *at* exactly, in the IANA *zone*: ``24 Nov 2026, 14:10 (Nairobi, UTC+3)``.

    A zone that this machine does not know is shown as UTC: right, if less kind.
    """
    here, name = _zone(catalogue, zone)
    local = at.astimezone(here)
    offset = _offset(local)
    date = format_datetime(local, "d MMM y, HH:mm", tzinfo=here, locale=catalogue.cldr)
    return catalogue.of(_MOMENT, {"date": date, "zone": f"{name}, {offset}" if name else offset})


def day(catalogue: Catalogue, at: date) -> str:
    """Return a day: ``1 January 2027``."""
    return str(format_date(at, "d MMMM y", locale=catalogue.cldr))


def hours(catalogue: Catalogue, spans: Iterable[Span]) -> tuple[str, ...]:
    """Return the hours of a week, days with the same ones together: ``Mon-Fri 08:00-17:00``."""
    by_day: dict[int, list[str]] = {each: [] for each in range(_WEEK)}
    for each in sorted(spans, key=lambda each: (each.day, each.begins)):
        by_day[each.day].append(_stretch(each))
    named = get_day_names("abbreviated", context="stand-alone", locale=catalogue.cldr)
    told = []
    for at, days in groupby(range(_WEEK), key=lambda each: tuple(by_day[each])):
        if at:
            first, *rest = days
            name = _TO.join(named[each] for each in (first, *rest[-1:]))
            told.append(f"{name} {', '.join(at)}")
    return tuple(told)


def _stretch(each: Span) -> str:
    ends = (datetime.combine(date.min, each.begins) + each.length).time()
    until = "24:00" if ends == time() else f"{ends:%H:%M}"
    return f"{each.begins:%H:%M}{_TO}{until}"


def size(catalogue: Catalogue, length: int) -> str:
    """Return how large a file of *length* bytes is: ``96 kB``, ``4.1 MB``."""
    if length < _MEGA:
        return str(
            format_unit(
                max(1, round(length / _KILO)), "digital-kilobyte", "short", locale=catalogue.cldr
            )
        )
    return str(
        format_unit(round(length / _MEGA, 1), "digital-megabyte", "short", locale=catalogue.cldr)
    )


def _zone(catalogue: Catalogue, name: str) -> tuple[tzinfo, str]:
    if name in {"", "UTC"}:
        return UTC, ""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC, ""
    return zone, str(get_timezone_location(zone, locale=catalogue.cldr, return_city=True))


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // _MINUTE
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
