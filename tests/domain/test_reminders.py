# SPDX-License-Identifier: Apache-2.0
"""A thread that nobody moves climbs, rung by rung, and comes down when somebody does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import NOW

from comity.domain.docket import ClockClass
from comity.domain.pressing import Limit
from comity.domain.reminders import Raised, Rung, Watched, raised, reminds, stands

HOUR = timedelta(hours=1)
THERE = Watched(
    asks=False,
    clock=ClockClass.URGENT,
    due_acknowledge=NOW + 2 * HOUR,
    due_answer=NOW + 8 * HOUR,
    opened=False,
    acknowledged=False,
    answered=False,
)
HERE = replace(THERE, asks=True)
watched = st.builds(
    Watched,
    asks=st.booleans(),
    clock=st.sampled_from(ClockClass),
    due_acknowledge=st.just(NOW + 2 * HOUR),
    due_answer=st.just(NOW + 8 * HOUR),
    opened=st.booleans(),
    acknowledged=st.booleans(),
    answered=st.booleans(),
)
HOURS = st.integers(0, 24 * 30).map(lambda hours: hours * HOUR)


def codes(thread: Watched, hours: float) -> list[str]:
    return [each.code for each in raised(thread, NOW + hours * HOUR)]


def test_an_urgent_question_climbs_on_the_side_that_is_asked() -> None:
    assert codes(THERE, 1.9) == []
    assert codes(THERE, 2) == ["acknowledge.desk"]
    assert codes(THERE, 3) == ["acknowledge.desk", "acknowledge.alternates"]
    assert codes(THERE, 4)[-1] == "acknowledge.supervisor"
    assert codes(THERE, 8)[-1] == "answer.desk"
    assert codes(THERE, 16)[-2:] == ["answer.alternates", "answer.supervisor"]


def test_who_asked_is_told_at_half_of_the_clock_if_nobody_opened_it() -> None:
    assert codes(HERE, 2) == ["acknowledge.asker"]
    assert codes(HERE, 4) == ["acknowledge.asker", "half.asker"]
    assert codes(replace(HERE, opened=True), 4) == ["acknowledge.asker"]
    assert codes(replace(HERE, clock=ClockClass.NORMAL), 4) == ["acknowledge.asker"]
    assert reminds(HERE, NOW + 8 * HOUR) == (Limit.ACKNOWLEDGE, Limit.HALF, Limit.ANSWER)
    assert reminds(THERE, NOW + 8 * HOUR) == ()


def test_what_is_acknowledged_still_waits_for_its_answer() -> None:
    heard = replace(THERE, acknowledged=True)

    assert codes(heard, 7) == []
    assert codes(heard, 8) == ["answer.desk"]


@given(watched, HOURS, HOURS)
def test_nothing_that_was_raised_is_taken_back_by_time(
    thread: Watched, one: timedelta, other: timedelta
) -> None:
    early, late = sorted([NOW + one, NOW + other])

    assert set(raised(thread, early)) <= set(raised(thread, late))


@given(watched, HOURS)
def test_nothing_is_raised_that_does_not_stand(thread: Watched, after: timedelta) -> None:
    now = NOW + after

    assert all(stands(each, thread) for each in raised(thread, now))
    assert raised(replace(thread, answered=True), now) == ()
    assert raised(replace(thread, clock=ClockClass.NONE), now) == ()


@pytest.mark.parametrize(
    ("code", "moved", "left"),
    [
        ("half.asker", {"opened": True}, False),
        ("half.asker", {"acknowledged": True}, False),
        ("half.asker", {}, True),
        ("acknowledge.desk", {"acknowledged": True}, False),
        ("acknowledge.desk", {}, True),
        ("answer.supervisor", {"acknowledged": True}, True),
        ("answer.supervisor", {"answered": True}, False),
    ],
)
def test_it_comes_down_when_somebody_moves_the_thread(
    code: str,
    moved: dict[str, bool],
    left: bool,  # noqa: FBT001  # a case's own outcome
) -> None:
    told = Raised.read(code)

    assert told.code == code
    assert stands(told, replace(THERE, **moved)) is left  # type: ignore[arg-type]  # flags alone
    assert Rung(code.split(".")[1]) is told.rung
