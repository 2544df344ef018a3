# SPDX-License-Identifier: Apache-2.0
"""When silence is said, and that an agency may only shorten it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.clocks import ALLOWANCES
from comity.domain.docket import ClockClass
from comity.domain.limits import DELIVERED, OPENED, Limits, Silence, read_reason, reason_of
from comity.errors import Misused


def test_every_clock_class_has_its_limits() -> None:
    usual = Limits()

    for clock in ClockClass:
        assert usual.until_delivered(clock) == DELIVERED[clock]
        assert usual.until_opened(clock) == OPENED[clock]


def test_who_acknowledges_by_a_clock_has_opened_by_it() -> None:
    for clock, each in ALLOWANCES.items():
        assert OPENED[clock] == each.acknowledge
        assert DELIVERED[clock] < OPENED[clock]


def test_an_agency_shortens_one_limit_and_leaves_the_others() -> None:
    own = Limits(delivered={"urgent": 30}, opened={"urgent": 60})

    assert own.until_delivered(ClockClass.URGENT) == timedelta(minutes=30)
    assert own.until_opened(ClockClass.URGENT) == timedelta(hours=1)
    assert own.until_delivered(ClockClass.NORMAL) == timedelta(hours=24)


@pytest.mark.parametrize(("clock", "minutes"), [("urgent", 61), ("urgent", 4), ("none", 1441)])
def test_no_limit_is_made_longer_or_of_no_use(clock: str, minutes: int) -> None:
    with pytest.raises(Misused, match="limit-minutes"):
        Limits(delivered={clock: minutes})


def test_a_clock_that_there_is_not_has_no_limit() -> None:
    with pytest.raises(Misused, match="limit-clock"):
        Limits(opened={"someday": 60})


@given(st.sampled_from(Silence), st.integers(1, 999_999))
def test_a_reason_is_read_as_it_was_written(silence: Silence, minutes: int) -> None:
    within = timedelta(minutes=minutes)

    assert read_reason(reason_of(silence, within)) == (silence, within)


@pytest.mark.parametrize(
    "reason", ["", "untrusted.signature", "unopened.within-0-minutes", "unopened.within-60"]
)
def test_a_reason_of_another_kind_says_nothing_here(reason: str) -> None:
    assert read_reason(reason) is None
