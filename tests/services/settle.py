# SPDX-License-Identifier: Apache-2.0
"""Practice nodes for tests: ``settle(tmp_path, "KE")`` is a node with an agency and its people.

``settle(path, country, clock=…) -> Settled`` makes a home with an agency, an investigator and a
colleague on a desk, a supervisor on the oversight desk, and a mandate for everything; its
``unlocked(name)`` unlocks one of them. ``befriend(a, b)`` lets two admit each other and compare
their fingerprints by voice.
"""

import itertools
import os
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity.domain.ids import AgencyId, DeskId, OfficerId
from comity.domain.roster import AgencyType, Role
from comity.domain.time import Clock
from comity.services import admit, agencies, desks, enrol, home, mandates
from comity.services.address_book import read_book
from comity.services.admit import Admission
from comity.services.agency_card import AgencyCard
from comity.services.desks import NewDesk
from comity.services.enrol import Person
from comity.services.house import House
from comity.services.invite import invite
from comity.services.mandates import NewMandate
from comity.services.officer import Unlocked
from comity.services.unlock import unlock

PASSPHRASE = "practice"
ADMISSION = Admission(
    nominated_by="Ministry of the Interior",
    letter="MI/2026/44",
    called="+254 20 000 0000",
    number_from="the ministry's own site",
    decided_by=("A. Mwangi", "B. Otieno"),
    review="2027-11-24",
)
NAMES = {
    "KE": ("Customs, Mombasa", "Operations desk", "Oversight desk"),
    "VN": ("Customs, Hai Phong", "Anti-smuggling desk", "Supervision desk"),
    "TG": ("Customs, Lomé", "Container desk", "Oversight desk"),
    "ET": ("Wildlife authority, Addis Ababa", "Duty desk", "Oversight desk"),
}


@dataclass(slots=True)
class Settled:
    house: House
    agency: AgencyId
    desk: DeskId
    oversight: DeskId
    people: dict[str, OfficerId] = field(default_factory=dict)
    """By role in the story: investigator, colleague, supervisor."""

    @property
    def card(self) -> AgencyCard:
        return read_book(self.house).agency(self.agency)

    def unlocked(self, who: str = "investigator") -> Unlocked:
        return unlock(self.house, self.people[who], PASSPHRASE)

    def copied(self, path: Path, clock: Clock) -> "Settled":
        """Return a copy in *path* of this one, which must be closed, with its root key."""
        here = self.house.home
        root = here.with_name(f"{here.name.upper()}.root")
        there = shutil.copytree(here, path / here.name)
        shutil.copy(root, path / root.name)
        return replace(self, house=home.open_(there, ask_house=str, clock=clock))


def ticking(start: datetime = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)) -> Clock:
    """Return a clock that goes on by a second each time it is asked."""
    seconds = itertools.count()
    return lambda: start + timedelta(seconds=next(seconds))


def settle(
    path: Path,
    country: str = "KE",
    *,
    clock: Clock | None = None,
    address: str = "http://127.0.0.1:1",
    url: str = "",
) -> Settled:
    house = home.create(
        path / country.lower(),
        key_home="file",
        ask_house=lambda: "",
        clock=clock or (lambda: datetime.now(UTC)),
        random=os.urandom,
        url=url,
        practice=True,
    )
    return inhabit(house, path, country, address=address)


def inhabit(
    house: House,
    path: Path,
    country: str,
    *,
    address: str = "http://127.0.0.1:1",
) -> Settled:
    """Found an agency with its people in *house*."""
    name, desk_name, oversight_name = NAMES[country]
    card = agencies.found_agency(
        house,
        name=name,
        country=country,
        kind=AgencyType.AGENCY,
        address=address,
        root_file=path / f"{country}.root",
        root_passphrase=PASSPHRASE,
    )
    people = {
        who: enrol.enrol(
            house, card.id, Person(name=f"{who} {country}", roles=(role,)), PASSPHRASE
        ).id
        for who, role in (
            ("investigator", Role.INVESTIGATOR),
            ("colleague", Role.INVESTIGATOR),
            ("supervisor", Role.SUPERVISOR),
        )
    }
    desk = desks.open_desk(
        house,
        card.id,
        NewDesk(name=desk_name),
        [people["investigator"], people["colleague"]],
    )
    oversight = desks.open_desk(
        house, card.id, NewDesk(name=oversight_name, oversight=True), [people["supervisor"]]
    )
    mandates.add_mandate(
        house,
        card.id,
        NewMandate(
            law="Wildlife Act, section 12",
            signed_by="The Commissioner",
            ends=house.now() + timedelta(days=365),
        ),
    )
    return Settled(house=house, agency=card.id, desk=desk.id, oversight=oversight.id, people=people)


def befriend(one: Settled, other: Settled) -> None:
    """Let both admit each other and compare their keys by voice."""
    for host, guest in ((one, other), (other, one)):
        card = admit.accept(host.house, invite(guest.house, guest.agency), ADMISSION)
        admit.check(host.house, card.id, admit.fingerprint(guest.card), by="A. Mwangi")
