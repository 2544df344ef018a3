# SPDX-License-Identifier: Apache-2.0
"""Whoever is away is not reminded; who stands in for him is, as long as he can read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE
from tests.templates import copy_of
from tests.world import World, WorldNode

from comity.errors import Misused
from comity.services.away import away, come_back, go_away
from comity.services.desks import change_members
from comity.services.enrol import Person, enrol
from comity.services.stand_ins import alternates_of, name_stand_ins


@pytest.fixture
def kenya(two_countries: World, tmp_path: Path) -> Iterator[WorldNode]:
    for world in copy_of(two_countries, tmp_path):
        yield world["ke"]


def _alternates(kenya: WorldNode) -> frozenset[str]:
    with kenya.house.store.read() as reading:
        return alternates_of(reading, kenya.house, kenya.card, kenya.settled.desk)


def test_the_alternate_who_is_away_is_stood_in_for(kenya: WorldNode) -> None:
    people = kenya.settled.people
    third = enrol(kenya.house, kenya.agency, Person(name="third KE"), PASSPHRASE).id
    seat = kenya.seat("colleague").unlocked
    change_members(kenya.house, seat, kenya.settled.desk, join=[third])
    name_stand_ins(kenya.house, kenya.card, kenya.settled.desk, [people["colleague"]])

    go_away(
        kenya.node.seat("colleague KE", PASSPHRASE).unlocked,
        kenya.house,
        begins="2026-11-23",
        ends="2026-11-24",
        stand_in=third,
    )
    gone = _alternates(kenya)
    kenya.world.hours.pass_(hours=72)

    assert gone == {third}
    assert _alternates(kenya) == {people["colleague"]}


def test_where_everybody_is_away_everybody_is_reminded(kenya: WorldNode) -> None:
    for who in ("investigator", "colleague"):
        unlocked = kenya.seat(who).unlocked
        go_away(unlocked, kenya.house, begins="2026-11-23", ends="2026-11-24")

    people = kenya.settled.people
    assert _alternates(kenya) == {people["investigator"], people["colleague"]}


def test_who_is_back_is_away_no_more(kenya: WorldNode) -> None:
    unlocked = kenya.seat().unlocked
    go_away(unlocked, kenya.house, begins="2026-11-23", ends="2026-11-24")
    with kenya.house.store.read() as reading:
        told = away(reading, kenya.house, kenya.agency)

    come_back(unlocked, kenya.house)

    with kenya.house.store.read() as reading:
        assert set(told) == {unlocked.entry.id}
        assert away(reading, kenya.house, kenya.agency) == {}


@pytest.mark.parametrize(
    ("begins", "ends"), [("2026-11-20", "2026-11-21"), ("2026-11-23", "2028-11-23"), ("x", "y")]
)
def test_nobody_is_away_in_the_past_or_for_years(kenya: WorldNode, begins: str, ends: str) -> None:
    with pytest.raises(Misused):
        go_away(kenya.seat().unlocked, kenya.house, begins=begins, ends=ends)
