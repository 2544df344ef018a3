# SPDX-License-Identifier: Apache-2.0
"""A second agency in one house: the national bureau, to which copies may go."""

from dataclasses import dataclass
from pathlib import Path

from tests.services.settle import PASSPHRASE
from tests.world import WorldNode

from comity.domain.ids import AgencyId, DeskId, OfficerId
from comity.domain.roster import AgencyType, Role
from comity.services import agencies, desks, enrol
from comity.services.desks import NewDesk
from comity.services.enrol import Person
from comity.services.house import House
from comity.services.seat import Seat
from comity.services.unlock import unlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Bureau:
    house: House
    agency: AgencyId
    desk: DeskId
    people: dict[str, OfficerId]

    def seat(self, who: str) -> Seat:
        return Seat(unlocked=unlock(self.house, self.people[who], PASSPHRASE), house=self.house)


def found_bureau(
    node: WorldNode,
    path: Path,
    *,
    kind: AgencyType = AgencyType.CENTRAL_AUTHORITY,
    country: str = "KE",
    oversight: bool = True,
) -> Bureau:
    """Found an agency with two people and one desk in the house of *node*."""
    card = agencies.found_agency(
        node.house,
        name="National bureau",
        country=country,
        kind=kind,
        address="http://ke.localhost",
        root_file=path / "bureau.root",
        root_passphrase=PASSPHRASE,
    )
    people = {
        who: enrol.enrol(
            node.house, card.id, Person(name=f"{who} of the bureau", roles=(role,)), PASSPHRASE
        ).id
        for who, role in (("head", Role.SUPERVISOR), ("clerk", Role.INVESTIGATOR))
    }
    desk = desks.open_desk(
        node.house, card.id, NewDesk(name="Bureau desk", oversight=oversight), [people["head"]]
    )
    return Bureau(house=node.house, agency=card.id, desk=desk.id, people=people)
