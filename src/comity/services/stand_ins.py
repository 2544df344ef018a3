# SPDX-License-Identifier: Apache-2.0
"""Stand-ins: who is reminded when who has a thread does not move it, desk by desk; housed.

Alternates are members of the desk, since whoever stands in must be able to read. Where none is
named every member is one; where no head is named, the agency's supervisors are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.domain.ids import DeskId, OfficerId
from comity.domain.roster import Role
from comity.errors import Misused
from comity.services.agency_card import AgencyCard
from comity.services.away import present
from comity.services.enrol import officer_of, own_card
from comity.services.house import House
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading
from comity.wire import canonical

ROOM: Final = "stand-ins"
ALTERNATES_MOST: Final = 20
_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    alternates: tuple[OfficerId, ...] = ()
    head: str = ""
    """An officer's id; empty where the agency's supervisors are told."""


def name_stand_ins(
    house: House, card: AgencyCard, desk: DeskId, alternates: Sequence[OfficerId], head: str = ""
) -> StandIns:
    """Name who stands in at *desk* and who answers for it, instead of whoever did before."""
    own_card(house, card.id)
    if len(alternates) > ALTERNATES_MOST:
        raise Misused("field-many", field="alternate")
    if not set(alternates) <= set(card.members(desk)):
        raise Misused("alternate-not-a-member")
    if head:
        officer_of(card, head)
    named = StandIns(alternates=tuple(dict.fromkeys(alternates)), head=head)
    body = house.vault.lock(canonical.encode(named), _place(desk))
    row = Housed(room=ROOM, name=desk, owner=card.id, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
    return named


def stand_ins_of(reading: Reading, house: House, desk: str) -> StandIns:
    """Return who stands in at *desk*; nobody in particular if nobody was named."""
    rows = housed.get(reading, ROOM, [desk])
    if not rows:
        return StandIns()
    return canonical.decode(house.vault.open(rows[0].body, _place(desk)), StandIns, limit=_LIMIT)


def alternates_of(reading: Reading, house: House, card: AgencyCard, desk: str) -> frozenset[str]:
    """Return who stands in at *desk* now: those named who are still its members, else all of it.

    Whoever is away is left out for who stands in for him, unless nobody would be left.
    """
    members = frozenset[str](card.members(desk))
    named = members.intersection(stand_ins_of(reading, house, desk).alternates)
    return members.intersection(present(reading, house, card.id, named or members)) or members


def heads_of(reading: Reading, house: House, card: AgencyCard, desk: str) -> frozenset[str]:
    """Return who answers for *desk* now."""
    people = {each.id: each for each in card.officers}
    head = stand_ins_of(reading, house, desk).head
    if head in people:
        return frozenset({head})
    return frozenset(each.id for each in people.values() if Role.SUPERVISOR in each.roles)


def _place(desk: str) -> str:
    return f"{ROOM}/{desk}"
