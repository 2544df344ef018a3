# SPDX-License-Identifier: Apache-2.0
"""Time on the wire: RFC 3339, UTC with ``Z``, whole seconds.

Inside the program a time is an aware ``datetime`` in UTC without microseconds; in the database it
is an integer of milliseconds. A time that exists satisfies this.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Return the present moment; injected, so that a test can stop it."""


def check_instant(name: str, at: datetime) -> None:
    """Raise ValueError unless *at* is UTC and of whole seconds."""
    if at.tzinfo is not UTC or at.microsecond:
        raise ValueError(f"{name}: not a whole second in UTC")


def whole(at: datetime) -> datetime:
    """Return *at* in UTC, cut to the second."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.replace(microsecond=0)


def to_millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def from_millis(millis: int) -> datetime:
    return datetime.fromtimestamp(millis // 1000, UTC)


def written(at: datetime) -> str:
    """Return *at* as it stands on the wire."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    """Return the time that *text* writes; raise ValueError if it is not of our form."""
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if written(at) != text:
        raise ValueError("time: not of our form")
    return at
