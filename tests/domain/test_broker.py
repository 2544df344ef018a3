# SPDX-License-Identifier: Apache-2.0
"""A broker is told no, unknown, conditions or yes; never a yes that nobody said."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.broker import ANY, Advice, Dealing, Matter, May, Rule, find

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def _rule(may: May, *, dealing: str = ANY, matter: str = ANY, country: str = "KE") -> Rule:
    return Rule(country=country, dealing=dealing, matter=matter, may=may, law="Act", ask="lawyer")


def _found(rules: list[Rule], advice: Advice | None = None, at: datetime = NOW) -> May:
    return find(rules, Dealing.HOLD, Matter.PHONE, ("KE",), advice=advice, at=at).may


def _advice(may: May, until: str = "") -> Advice:
    return Advice(may=may, lawyer="W. Kariuki", at=NOW, until=until)


def test_where_no_law_speaks_it_is_unknown() -> None:
    assert _found([]) is May.UNKNOWN
    assert _found([_rule(May.YES, country="VN")]) is May.UNKNOWN
    assert _found([_rule(May.YES, dealing=Dealing.PASS)]) is May.UNKNOWN
    assert _found([_rule(May.YES, matter=Matter.NAME)]) is May.UNKNOWN


def test_what_speaks_more_closely_counts_and_of_equals_the_stricter() -> None:
    general, close = _rule(May.UNKNOWN), _rule(May.CONDITIONS, matter=Matter.PHONE)

    assert _found([general, close]) is May.CONDITIONS
    assert _found([close, _rule(May.UNKNOWN, dealing=Dealing.HOLD)]) is May.UNKNOWN


def test_a_no_stands_however_general_it_is() -> None:
    close = _rule(May.YES, dealing=Dealing.HOLD, matter=Matter.PHONE)

    found = find([_rule(May.NO), close], Dealing.HOLD, Matter.PHONE, ("KE",), at=NOW)

    assert found.may is May.NO
    assert len(found.rules) == 2


def test_a_lawyers_answer_stands_in_for_what_is_not_known_but_lifts_no_no() -> None:
    assert _found([], _advice(May.YES)) is May.YES
    assert _found([_rule(May.CONDITIONS)], _advice(May.NO)) is May.NO
    assert _found([_rule(May.NO)], _advice(May.YES)) is May.NO


@pytest.mark.parametrize(
    ("until", "at", "may"),
    [
        ("2026-12-01T00:00:00Z", NOW, May.YES),
        ("2026-12-01T00:00:00Z", LATER, May.UNKNOWN),
        ("some day", NOW, May.UNKNOWN),
    ],
)
def test_a_lawyers_answer_ends(until: str, at: datetime, may: May) -> None:
    assert _found([], _advice(May.YES, until), at) is may


def test_who_can_say_it_is_named_once() -> None:
    found = find(
        [_rule(May.UNKNOWN), _rule(May.UNKNOWN)], Dealing.HOLD, Matter.PHONE, ("KE",), at=NOW
    )

    assert found.ask == ("lawyer",)


_RULES = st.lists(
    st.builds(
        _rule,
        st.sampled_from(May),
        dealing=st.sampled_from([ANY, *Dealing]),
        matter=st.sampled_from([ANY, *Matter]),
        country=st.sampled_from(["KE", "VN"]),
    ),
    max_size=6,
)


@given(_RULES)
def test_a_yes_was_said_by_a_law_and_a_no_is_never_outvoted(rules: list[Rule]) -> None:
    found = find(rules, Dealing.HOLD, Matter.PHONE, ("KE",), at=NOW)

    if found.may is May.YES:
        assert any(each.may is May.YES for each in found.rules)
    spoken = [
        each
        for each in rules
        if each.country == "KE"
        and each.dealing in (ANY, Dealing.HOLD)
        and each.matter in (ANY, Matter.PHONE)
    ]
    assert (found.may is May.NO) == any(each.may is May.NO for each in spoken)
