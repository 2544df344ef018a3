# SPDX-License-Identifier: Apache-2.0
"""The sender sees, before sending, when somebody will next be at the desk, by its own clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from tests import strategies
from tests.domain.scene import HAIPHONG, VIETNAM
from tests.strategies import END, NOW

from comity.domain.duty import local_time, next_duty, next_holiday, on_duty, read_plan
from comity.domain.roster import Audience, DeskEntry
from comity.errors import Misused

WEEK = tuple(f"{day} 08:00-17:00" for day in ("mon", "tue", "wed", "thu", "fri"))
DESK = DeskEntry(
    agency=VIETNAM,
    id=HAIPHONG,  # type: ignore[arg-type]  # an id of the scene
    audience=Audience.PEERS,
    name="Anti-smuggling desk",
    reading="age1pq",
    epoch=1,
    languages=("vi",),
    zone="Asia/Ho_Chi_Minh",
    hours=WEEK,
    holidays=(),
    urgent_telephone="",
    oversight=False,
    begins=NOW,
    ends=END,
)


def there(text: str, zone: str = "Asia/Ho_Chi_Minh") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "next_at"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),
        ("2026-11-23T08:00:00", "2026-11-23T08:00:00"),
        ("2026-11-23T16:59:59", "2026-11-23T16:59:59"),
        ("2026-11-23T17:00:00", "2026-11-24T08:00:00"),
        ("2026-11-27T17:00:00", "2026-11-30T08:00:00"),
    ],
)
def test_somebody_is_there_when_the_hours_say_so_by_the_clock_there(now: str, next_at: str) -> None:
    assert next_duty(DESK, there(now)) == there(next_at)
    assert on_duty(DESK, there(now)) == (now == next_at)


def test_a_desk_without_hours_is_always_there_except_on_holidays() -> None:
    desk = replace(DESK, hours=(), holidays=("2026-11-24", "2026-11-25"))

    assert on_duty(desk, there("2026-11-23T03:00:00"))
    assert next_duty(desk, there("2026-11-24T03:00:00")) == there("2026-11-26T00:00:00")


def test_on_a_holiday_nobody_comes() -> None:
    desk = replace(DESK, holidays=("2026-11-24", "2026-11-26"))

    assert next_duty(desk, there("2026-11-23T18:00:00")) == there("2026-11-25T08:00:00")


def test_a_night_shift_runs_past_midnight() -> None:
    desk = replace(DESK, hours=("mon 22:00-06:00", "wed 12:00-24:00"))

    assert on_duty(desk, there("2026-11-24T05:59:00"))
    assert next_duty(desk, there("2026-11-24T06:00:00")) == there("2026-11-25T12:00:00")
    assert on_duty(desk, there("2026-11-25T23:59:00"))
    assert not on_duty(desk, there("2026-11-26T00:00:00"))


def test_the_earliest_of_several_stretches_counts() -> None:
    desk = replace(DESK, hours=("mon 13:30-17:00", "mon 08:00-11:30"))

    assert next_duty(desk, there("2026-11-23T07:00:00")) == there("2026-11-23T08:00:00")
    assert next_duty(desk, there("2026-11-23T12:00:00")) == there("2026-11-23T13:30:00")


@pytest.mark.parametrize(("day", "hour"), [("2026-10-24", 6), ("2026-10-26", 7)])
def test_hours_move_with_the_summer_time_of_the_desk(day: str, hour: int) -> None:
    desk = replace(DESK, zone="Europe/Paris", hours=("sat 08:00-09:00", "mon 08:00-09:00"))

    found = next_duty(desk, there(f"{day}T00:30:00", "Europe/Paris"))

    assert found is not None
    assert found.hour == hour


@given(strategies.desks, strategies.moments)
def test_the_next_duty_is_not_past_and_somebody_is_there_then(
    desk: DeskEntry, now: datetime
) -> None:
    found = next_duty(desk, now)

    assert found is not None
    assert found >= now
    assert found - now < timedelta(days=40)
    assert on_duty(desk, found)
    assert next_duty(desk, found) == found


def test_when_nobody_comes_within_a_year_it_is_not_known() -> None:
    mondays = (NOW.date() + timedelta(weeks=week) for week in range(-1, 70))

    desk = replace(DESK, hours=WEEK[:1], holidays=tuple(day.isoformat() for day in mondays))

    assert next_duty(desk, NOW) is None
    assert not on_duty(desk, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"hours": ("mon 8-17",)},
        {"hours": ("monday 08:00-17:00",)},
        {"hours": ("mon 08:00-25:00",)},
        {"hours": ("mon 24:00-08:00",)},
        {"hours": ("mon 08:00-17:00\n",)},
        {"hours": WEEK * 11},
        {"holidays": ("1 January",)},
        {"holidays": ("2026-02-30",)},
        {"holidays": ("2026-01-01",) * 401},
        {"zone": "Nowhere/At_all"},
        {"zone": "../../etc/passwd"},
        {"zone": "Africa"},
        {"zone": ""},
    ],
)
def test_hours_that_cannot_be_read_are_refused_at_home_and_not_known_abroad(
    change: dict[str, tuple[str, ...]],
) -> None:
    desk = replace(DESK, **change)  # type: ignore[arg-type]  # fields by their names

    with pytest.raises(Misused):
        read_plan(desk.zone, desk.hours, desk.holidays)
    assert next_duty(desk, NOW) is None


def test_the_time_there_is_shown() -> None:
    found = local_time(DESK, there("2026-11-23T11:46:00"))

    assert found is not None
    assert (found.hour, found.minute) == (11, 46)
    assert local_time(replace(DESK, zone="Nowhere"), NOW) is None


def test_the_next_holiday_counts_from_the_day_there() -> None:
    desk = replace(DESK, holidays=("2027-01-01", "2026-11-24", "2026-11-01"))

    assert next_holiday(desk, there("2026-11-24T23:59:00")) == "2026-11-24"
    assert next_holiday(desk, there("2026-11-25T00:00:00")) == "2027-01-01"
    assert next_holiday(replace(desk, holidays=()), NOW) == ""
    assert next_holiday(replace(desk, holidays=("today",)), NOW) == ""
