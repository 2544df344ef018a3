# SPDX-License-Identifier: Apache-2.0
"""No mandate, no sending abroad; a mandate reaches as far as it says and no further."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import strategies
from tests.domain.scene import an_id
from tests.domain.test_values import MANDATE
from tests.strategies import NOW, moments

from comity.domain.mandate import choose, covers
from comity.domain.roster import MandateEntry
from comity.domain.verdict import Allowed, Barred
from comity.errors import NoMandate

GIVEN = replace(
    MANDATE,
    kinds=("phone", "person"),
    countries=("VN", "ET"),
    purposes=("intelligence",),
    begins=NOW,
    ends=NOW + timedelta(days=100),
)
WANTED = {"kind": "phone", "country": "VN", "purpose": "intelligence"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "vehicle"}, "kind"),
        ({"country": "FR"}, "country"),
        ({"purpose": "evidence"}, "purpose"),
    ],
)
def test_a_mandate_reaches_no_further_than_it_says(change: dict[str, str], why: str) -> None:
    assert covers([GIVEN], **WANTED, at=NOW) == Allowed(by=GIVEN.id)
    assert covers([GIVEN], **(WANTED | change), at=NOW) == Barred(why=why)


@pytest.mark.parametrize("at", [NOW - timedelta(seconds=1), NOW + timedelta(days=100)])
def test_a_mandate_has_its_time(at: datetime) -> None:
    assert covers([GIVEN], **WANTED, at=at) == Barred(why="time")


def test_without_a_mandate_nothing_is_covered() -> None:
    assert covers([], **WANTED, at=NOW) == Barred(why="none")
    with pytest.raises(NoMandate, match="none"):
        choose([], **WANTED, at=NOW)


def test_two_mandates_do_not_add_up() -> None:
    one = replace(GIVEN, kinds=("phone",), countries=("ET",))
    other = replace(GIVEN, kinds=("person",), countries=("VN",))

    assert covers([one, other], **WANTED, at=NOW) == Barred(why="country")


def test_the_mandate_that_lasts_longest_is_taken_unless_one_is_named() -> None:
    longer = replace(GIVEN, id=an_id("longer"), ends=GIVEN.ends + timedelta(days=1))

    assert choose([GIVEN, longer], **WANTED, at=NOW) is longer
    assert choose([GIVEN, longer], **WANTED, at=NOW, id=GIVEN.id) is GIVEN
    with pytest.raises(NoMandate):
        choose([GIVEN, longer], **WANTED, at=NOW, id=an_id("another"))


@given(st.lists(strategies.mandates, max_size=4), strategies.mandates, moments)
def test_another_mandate_never_takes_leave_away(
    held: list[MandateEntry], more: MandateEntry, at: datetime
) -> None:
    if isinstance(covers(held, **WANTED, at=at), Allowed):
        assert isinstance(covers([*held, more], **WANTED, at=at), Allowed)


@given(st.lists(strategies.mandates, max_size=4), moments, st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_order(
    held: list[MandateEntry], at: datetime, random: object
) -> None:
    turned = list(held)
    random.shuffle(turned)  # type: ignore[attr-defined]  # a Random

    assert covers(turned, **WANTED, at=at) == covers(held, **WANTED, at=at)
