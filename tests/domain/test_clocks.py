# SPDX-License-Identifier: Apache-2.0
"""Clocks run by the calendar from receipt; agencies shorten them and never lengthen them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import NOW, moments

from comity.domain.clocks import ALLOWANCES, Allowance, Due, Standing, due, standing
from comity.domain.docket import ClockClass

RUNNING = st.sampled_from([each for each in ClockClass if each is not ClockClass.NONE])
SPANS = st.integers(0, 20 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
ORDER = list(Standing)


@st.composite
def allowances(draw: st.DrawFn) -> Allowance:
    one, other = sorted(
        [draw(st.integers(1, 30 * 24 * 3600)), draw(st.integers(1, 30 * 24 * 3600))]
    )
    return Allowance(acknowledge=timedelta(seconds=one), answer=timedelta(seconds=other))


def due_of(clock: ClockClass, at: datetime, shorter: Allowance | None = None) -> Due:
    found = due(clock, at, shorter)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("clock", "acknowledge", "answer"),
    [
        (ClockClass.URGENT, timedelta(hours=2), timedelta(hours=8)),
        (ClockClass.SOON, timedelta(days=1), timedelta(days=3)),
        (ClockClass.NORMAL, timedelta(days=2), timedelta(days=7)),
    ],
)
def test_the_three_clocks_are_those_of_the_design(
    clock: ClockClass, acknowledge: timedelta, answer: timedelta
) -> None:
    found = due_of(clock, NOW)

    assert (found.acknowledge - NOW, found.answer - NOW) == (acknowledge, answer)
    assert found.half - NOW == answer / 2


def test_what_wants_no_reply_is_never_due() -> None:
    assert due(ClockClass.NONE, NOW) is None


@given(RUNNING, moments, allowances())
def test_an_agency_may_shorten_and_never_lengthen(
    clock: ClockClass, at: datetime, own: Allowance
) -> None:
    found = due_of(clock, at, own)

    assert found.acknowledge - at == min(own.acknowledge, ALLOWANCES[clock].acknowledge)
    assert found.answer - at == min(own.answer, ALLOWANCES[clock].answer)
    assert found.acknowledge <= found.answer


@pytest.mark.parametrize("hours", [(0, 1), (2, 1), (-1, 1)])
def test_an_allowance_gives_time_to_acknowledge_before_answering(hours: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="allowance"):
        Allowance(acknowledge=timedelta(hours=hours[0]), answer=timedelta(hours=hours[1]))


@given(RUNNING, SPANS, SPANS, st.booleans(), st.booleans())
def test_time_alone_never_betters_how_a_thread_stands(
    clock: ClockClass,
    earlier: timedelta,
    more: timedelta,
    acknowledged: bool,  # noqa: FBT001  # drawn
    answered: bool,  # noqa: FBT001  # drawn
) -> None:
    found = due_of(clock, NOW)

    first, then = (
        standing(found, NOW + after, acknowledged=acknowledged, answered=answered)
        for after in (earlier, earlier + more)
    )

    assert ORDER.index(first) <= ORDER.index(then)


@given(RUNNING, SPANS, allowances())
def test_a_shorter_clock_never_stands_better(
    clock: ClockClass, after: timedelta, own: Allowance
) -> None:
    usual, short = (
        standing(each, NOW + after, acknowledged=False, answered=False)
        for each in (due_of(clock, NOW), due_of(clock, NOW, own))
    )

    assert ORDER.index(usual) <= ORDER.index(short)


@given(RUNNING, SPANS)
def test_acknowledging_and_answering_only_better_it(clock: ClockClass, after: timedelta) -> None:
    found = due_of(clock, NOW)

    silent, heard, answered = (
        standing(found, NOW + after, acknowledged=one, answered=other)
        for one, other in ((False, False), (True, False), (True, True))
    )

    assert ORDER.index(answered) <= ORDER.index(heard) <= ORDER.index(silent)
    assert answered is Standing.FINE


@pytest.mark.parametrize(
    ("minutes", "acknowledged", "stands"),
    [
        (0, False, Standing.FINE),
        (59, False, Standing.FINE),
        (60, False, Standing.DUE_SOON),
        (120, False, Standing.DUE_SOON),
        (121, False, Standing.LATE),
        (121, True, Standing.FINE),
        (240, True, Standing.DUE_SOON),
        (480, True, Standing.DUE_SOON),
        (481, True, Standing.LATE),
    ],
)
def test_an_urgent_request_is_due_soon_from_half_of_its_step(
    minutes: int,
    acknowledged: bool,  # noqa: FBT001  # a column of the table
    stands: Standing,
) -> None:
    found = due_of(ClockClass.URGENT, NOW)

    now = NOW + timedelta(minutes=minutes)

    assert standing(found, now, acknowledged=acknowledged, answered=False) is stands
