# SPDX-License-Identifier: Apache-2.0
"""Times as people say them, then exactly.

Time left is rounded down, so that nobody is told of more than there is. A moment is shown in a
named zone with its distance from UTC: two desks read the same line.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime, get_timezone_location

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

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def span(catalogue: Catalogue, time: timedelta) -> str:
    """Return *time* in its largest fitting unit, rounded down; in hours up to two days."""
    length = abs(time)
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
