# SPDX-License-Identifier: Apache-2.0
"""An introduction opens a door, within a scope, until an end; nobody is let in on one's word."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.strategies import NOW

from comity.domain.ids import AgencyId, NodeId, OfficerId
from comity.domain.introduction import (
    CODES_LIMIT,
    COMPARE_DAYS,
    LONGEST_DAYS,
    Introduced,
    Introduction,
    Scope,
    may_introduce,
    over,
    within,
)
from comity.domain.policy import Sensitivity
from comity.domain.roster import AgencyType
from comity.domain.verdict import Allowed, Barred

SCOPE = Scope(kinds=("phone", "note"), purposes=("intelligence",), sensitivity=Sensitivity.NOMINAL)
INTRODUCED = Introduced(
    id="i" * 26,
    by=AgencyId("k" * 26),
    scope=SCOPE,
    accepted_at=NOW,
    until=NOW + timedelta(days=90),
)


def introduction(**changed: object) -> Introduction:
    made = Introduction(
        id="i" * 26,
        agency=AgencyId("k" * 26),
        node=NodeId("m" * 26),
        officer=OfficerId("o" * 26),
        certificate="0" * 64,  # type: ignore[arg-type]  # a digest
        to=AgencyId("v" * 26),
        introduces=AgencyId("e" * 26),
        scope=SCOPE,
        at=NOW,
        until=NOW + timedelta(days=90),
        checked_at=NOW,
        reason="",
        practice=False,
        roster=b"",
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # as the test says it


@pytest.mark.parametrize("kind", list(AgencyType))
def test_any_agency_that_is_known_by_voice_introduces_an_ngo_and_a_body_too(
    kind: AgencyType,
) -> None:
    assert may_introduce(kind, one_checked=True, other_checked=True) == Allowed(by=kind.value)


def test_who_is_not_known_by_voice_introduces_nobody_and_is_not_introduced() -> None:
    kind = AgencyType.AGENCY

    assert may_introduce(kind, own_checked=False, one_checked=True, other_checked=True) == Barred(
        why="introducer-unchecked"
    )
    for one, other in ((True, False), (False, True)):
        verdict = may_introduce(kind, one_checked=one, other_checked=other)
        assert verdict == Barred(why="unchecked")


@pytest.mark.parametrize(
    "changed",
    [
        {"introduces": "v" * 26},
        {"introduces": "k" * 26},
        {"to": "k" * 26},
        {"until": NOW},
        {"until": NOW + timedelta(days=LONGEST_DAYS + 1)},
        {"reason": "x" * 401},
        {"id": "x"},
    ],
)
def test_an_introduction_that_is_none_is_no_value(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # which one, the vectors say
        introduction(**changed)


@pytest.mark.parametrize(
    "kinds", [(), ("phone", "phone"), tuple(f"k{i}" for i in range(CODES_LIMIT + 1))]
)
def test_a_scope_names_some_codes_each_once(kinds: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scope"):
        replace(SCOPE, kinds=kinds)


@pytest.mark.parametrize(
    ("kind", "purpose", "sensitivity", "why"),
    [
        ("phone", "intelligence", Sensitivity.NOMINAL, ""),
        ("phone", "", Sensitivity.PLAIN, ""),
        ("person", "intelligence", Sensitivity.PLAIN, "introduced-kind"),
        ("phone", "evidence", Sensitivity.PLAIN, "introduced-purpose"),
        ("phone", "intelligence", Sensitivity.COERCIVE, "introduced-sensitivity"),
    ],
)
def test_what_passes_is_within_the_scope(
    kind: str, purpose: str, sensitivity: Sensitivity, why: str
) -> None:
    verdict = within(INTRODUCED, kind=kind, purpose=purpose, sensitivity=sensitivity)

    assert verdict == (Barred(why=why) if why else Allowed(by=INTRODUCED.id))


def test_a_star_is_everything() -> None:
    everything = replace(INTRODUCED, scope=replace(SCOPE, kinds=("*",), purposes=("*",)))

    verdict = within(everything, kind="x", purpose="y", sensitivity=Sensitivity.PLAIN)

    assert isinstance(verdict, Allowed)


@pytest.mark.parametrize(
    ("days", "checked", "why"),
    [
        (0, False, ""),
        (COMPARE_DAYS - 1, False, ""),
        (COMPARE_DAYS, False, "introduction-uncompared"),
        (COMPARE_DAYS, True, ""),
        (89, True, ""),
        (90, True, "introduction-ended"),
        (90, False, "introduction-ended"),
    ],
)
def test_it_ends_on_its_day_and_sooner_if_nobody_compared(
    days: int,
    checked: bool,  # noqa: FBT001  # of the table above
    why: str,
) -> None:
    assert over(INTRODUCED, checked=checked, at=NOW + timedelta(days=days)) == why
