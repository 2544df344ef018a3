# SPDX-License-Identifier: Apache-2.0
"""The originator decides; whoever holds something may only narrow what he said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.scene import VIETNAM
from tests.strategies import NOW, handlings

from comity.domain.handling import Handling, Leave, See
from comity.domain.onward import (
    WIDEST,
    Use,
    has_expired,
    is_within,
    may,
    may_see,
    narrower,
)
from comity.domain.verdict import Allowed, Ask, Barred, Verdict

EXPIRES = "2026-11-24T00:00:00Z"
LEAVES: dict[type[object], int] = {Barred: 0, Ask: 1, Allowed: 2}


def leave(verdict: Verdict) -> int:
    return LEAVES[type(verdict)]


@given(handlings, handlings)
def test_the_narrower_of_two_is_within_both(one: Handling, other: Handling) -> None:
    both = narrower(one, other)

    assert is_within(both, one)
    assert is_within(both, other)


@given(handlings, handlings, handlings)
def test_narrowing_knows_no_order_and_no_repetition(
    one: Handling, two: Handling, three: Handling
) -> None:
    assert narrower(one, two) == narrower(two, one)
    assert narrower(one, one) == one
    assert narrower(narrower(one, two), three) == narrower(one, narrower(two, three))


@given(handlings)
def test_the_widest_handling_restricts_nothing(handling: Handling) -> None:
    assert is_within(handling, WIDEST)
    assert is_within(narrower(handling, WIDEST), handling)
    assert is_within(handling, narrower(handling, WIDEST))


@given(handlings, handlings, st.sampled_from(Use), st.sampled_from(See))
def test_narrower_handling_never_opens_what_the_wider_bars(
    one: Handling, other: Handling, use: Use, near: See
) -> None:
    both = narrower(one, other)

    for wider in (one, other):
        assert leave(may(both, use, originator=VIETNAM, at=NOW)) <= leave(
            may(wider, use, originator=VIETNAM, at=NOW)
        )
        assert leave(may_see(both, near, originator=VIETNAM, at=NOW)) <= leave(
            may_see(wider, near, originator=VIETNAM, at=NOW)
        )


@pytest.mark.parametrize(
    ("handling", "use", "verdict"),
    [
        (Handling(onward=Leave.NO), Use.PASS_ON, Barred(why="pass-on-no")),
        (Handling(onward=Leave.ASK), Use.PASS_ON, Ask(whom=VIETNAM)),
        (Handling(onward=Leave.YES), Use.PASS_ON, Allowed(by="pass-on-yes")),
        (Handling(onward=Leave.YES, condition="x"), Use.PASS_ON, Allowed(by="on-condition")),
        (Handling(judicial=Leave.NO), Use.COURT, Barred(why="court-no")),
        (Handling(judicial=Leave.YES), Use.COURT, Allowed(by="court-yes")),
        (WIDEST, Use.OTHER_USE, Ask(whom=VIETNAM)),
    ],
)
def test_each_use_is_allowed_barred_or_asked(
    handling: Handling, use: Use, verdict: Verdict
) -> None:
    assert may(handling, use, originator=VIETNAM, at=NOW) == verdict


def test_whoever_stands_near_enough_may_see() -> None:
    desk = Handling(see=See.DESK, onward=Leave.ASK)

    assert may_see(desk, See.NAMED, originator=VIETNAM, at=NOW) == Allowed(by="see-desk")
    assert may_see(desk, See.AGENCY, originator=VIETNAM, at=NOW) == Ask(whom=VIETNAM)


@pytest.mark.parametrize(("expires", "over"), [("", False), (EXPIRES, True), ("soon", True)])
def test_an_expiry_that_has_come_or_cannot_be_read_is_over(
    expires: str,
    over: bool,  # noqa: FBT001  # a column of the table
) -> None:
    at = NOW + timedelta(days=1)

    assert has_expired(Handling(expires=expires), at) is over


def test_after_its_expiry_nothing_is_allowed() -> None:
    handling, at = Handling(expires=EXPIRES, see=See.STATE), NOW + timedelta(days=1)

    assert may(handling, Use.PASS_ON, originator=VIETNAM, at=at) == Barred(why="expired")
    assert may_see(handling, See.NAMED, originator=VIETNAM, at=at) == Barred(why="expired")
    assert isinstance(may(handling, Use.PASS_ON, originator=VIETNAM, at=NOW), Ask)


def test_the_sooner_of_two_expiries_stands_and_one_that_cannot_be_read_before_all() -> None:
    later = Handling(expires="2027-01-01T00:00:00Z")

    assert narrower(Handling(expires=EXPIRES), later).expires == EXPIRES
    assert narrower(Handling(), later).expires == later.expires
    assert narrower(Handling(expires="soon"), later).expires == "soon"


def test_conditions_add_up() -> None:
    one, other = Handling(condition="not by telephone"), Handling(condition="for the desk alone")

    assert narrower(one, other).condition == "for the desk alone\n\nnot by telephone"
    assert narrower(one, Handling()).condition == one.condition
    assert narrower(Handling(), one).condition == one.condition
