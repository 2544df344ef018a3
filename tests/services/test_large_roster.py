# SPDX-License-Identifier: Apache-2.0
"""Rosters travel by themselves: those of hundreds in several parcels, a new number at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.services.guests import evidence
from tests.wire.bureau import Bureau
from tests.world import World, WorldNode

from comity.domain.ids import OfficerId, mint
from comity.domain.roster import OfficerEntry
from comity.services.address_book import read_book
from comity.services.rosters import issue

OFFICER = Bureau("any").officer("x")


def _officer(of: WorldNode, **more: Any) -> OfficerEntry:
    said = {"agency": of.agency, "id": OfficerId(mint(of.house.random)), **more}
    return replace(OFFICER, **said)


def test_a_roster_of_hundreds_arrives_whole_by_itself(two_countries: World, tmp_path: Path) -> None:
    with two_countries.copied(tmp_path) as world:
        kenya, vietnam = world
        people = [_officer(kenya, label=f"officer {i}") for i in range(200)]
        issue(kenya.house, kenya.agency, add=people)

        world.sync()

        told = read_book(vietnam.house).agency(kenya.agency)
        assert told.lacks == ""
        assert {each.id for each in people} <= {each.id for each in told.officers}
        assert vietnam.verify().sound


def test_a_new_number_is_told_though_nobody_has_anything_to_say(
    two_countries: World, tmp_path: Path
) -> None:
    with two_countries.copied(tmp_path) as world:
        kenya, vietnam = world
        world.sync()
        courier = kenya.node.courier
        assert courier._due(set()) == []

        issue(kenya.house, kenya.agency)

        assert courier._due(set()) == [vietnam.id]
        courier.sync()
        assert read_book(vietnam.house).agency(kenya.agency).number == kenya.card.number
        assert courier._due(set()) == []


def test_a_peer_that_does_not_take_a_roster_is_not_pressed(
    two_countries: World, tmp_path: Path
) -> None:
    with two_countries.copied(tmp_path) as world:
        kenya, vietnam = world
        world.sync()
        held = read_book(vietnam.house).agency(kenya.agency).number
        issue(kenya.house, kenya.agency, add=[_officer(kenya, agency=vietnam.agency)])

        kenya.node.courier.sync()

        assert read_book(vietnam.house).agency(kenya.agency).number == held
        assert kenya.node.courier._due(set()) == []
        assert [each.kind for each in evidence(vietnam.house)] == ["roster"]
