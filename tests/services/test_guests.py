# SPDX-License-Identifier: Apache-2.0
"""A guest reads one thread on the host's server, answers it, and is nobody once it ends."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.world import World, question

from comity.domain.statement import Outcome
from comity.errors import Locked, Misused
from comity.services.address_book import read_book
from comity.services.answer import Reply
from comity.services.guests import (
    Invitation,
    NewGuest,
    end_guest,
    enter,
    guests,
    host_of,
    invite_guest,
    of_link,
)
from comity.services.inbox import inbox
from comity.services.seat import Seat

SOUK = NewGuest(
    name="Souk V.",
    office="Department of Forest Inspection, Vientiane",
    country="LA",
    telephone="+856 20 0000 0000",
    number_from="the ministry's own site",
    checked="called back at that number",
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, "ke", "vn") as world:
        yield world


def _invited(world: World) -> Invitation:
    seat = world["ke"].seat()
    return invite_guest(seat.unlocked, seat.house, SOUK)


def test_a_guest_reads_the_question_and_answers_it(world: World) -> None:
    kenya = world["ke"]
    invited = _invited(world)
    asked = kenya.seat().ask(question(invited.guest.officer))
    world.sync()
    guest = Seat(unlocked=enter(kenya.house, invited.token, invited.passphrase), house=kenya.house)

    guest.answer(asked.thread, Reply(outcome=Outcome.NOTHING_KNOWN))
    world.sync()

    opened = kenya.seat().thread(asked.thread)
    given = opened.thread.outcomes[0]
    host = host_of(kenya.house, given.agency)
    assert given.outcome is Outcome.NOTHING_KNOWN
    assert host is not None
    assert host.id == kenya.agency


def test_a_guest_sees_his_thread_and_no_other(world: World) -> None:
    kenya = world["ke"]
    invited = _invited(world)
    mine = kenya.seat().ask(question(invited.guest.officer))
    kenya.seat().ask(question("VN/Anti-smuggling desk"))
    world.sync()

    lines = inbox(enter(kenya.house, invited.token, invited.passphrase), kenya.house)

    assert [each.thread for each in lines] == [mine.thread]


def test_nobody_abroad_is_told_of_guests(world: World) -> None:
    invited = _invited(world)
    world["ke"].seat().ask(question(invited.guest.officer))
    world["ke"].seat().ask(question("VN/Anti-smuggling desk"))
    world.sync()

    assert invited.guest.agency not in read_book(world["vn"].house).cards


def test_a_link_alone_opens_nothing(world: World) -> None:
    invited = _invited(world)

    with pytest.raises(Locked):
        enter(world["ke"].house, invited.token, "six words that are not the right")
    with pytest.raises(Locked):
        enter(world["ke"].house, "another", invited.passphrase)


def test_a_link_ends_by_its_date(world: World) -> None:
    invited = _invited(world)

    world.hours.pass_(hours=24 * 15)

    assert of_link(world["ke"].house, invited.token) is None
    with pytest.raises(Locked):
        enter(world["ke"].house, invited.token, invited.passphrase)


def test_a_host_ends_a_visit_at_once(world: World) -> None:
    kenya = world["ke"]
    invited = _invited(world)

    end_guest(kenya.seat().unlocked, kenya.house, invited.guest.officer)

    with pytest.raises(Locked):
        enter(kenya.house, invited.token, invited.passphrase)


def test_another_agency_ends_no_visit_of_ours(world: World) -> None:
    invited = _invited(world)
    vietnam = world["vn"]

    with pytest.raises(Misused, match="guest-unknown"):
        end_guest(vietnam.seat().unlocked, vietnam.house, invited.guest.officer)


def test_guests_are_no_agency_of_their_country(world: World) -> None:
    _invited(world)

    with pytest.raises(Misused, match="agency-unknown"):
        read_book(world["ke"].house).find_agency("LA")


def test_the_same_agency_stands_for_all_guests_of_a_country(world: World) -> None:
    seat = world["ke"].seat()
    one = _invited(world)
    two = invite_guest(seat.unlocked, seat.house, replace(SOUK, name="B. Two"))

    assert one.guest.agency == two.guest.agency
    assert len(guests(world["ke"].house, world["ke"].agency)) == 2
