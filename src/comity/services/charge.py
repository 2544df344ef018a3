# SPDX-License-Identifier: Apache-2.0
"""Charges: what an officer answers for in his agency, by his roles in its newest list."""

from enum import StrEnum
from typing import Final

from comity.domain.roster import OfficerEntry, Role
from comity.services.agency_card import AgencyCard


class Charge(StrEnum):
    """What somebody may answer for."""

    PEOPLE = "people"
    """Officers, desks, mandates, how long things are kept."""
    OVERSIGHT = "oversight"
    """Who sees or signs what leaves, and who is barred."""
    AGENCIES = "agencies"
    """With whom the agency exchanges."""
    VOICE = "voice"
    """Comparing keys, and introducing."""
    MARKED = "marked"
    """Invented identifiers that give away who asks for them."""
    TRANSFERS = "transfers"
    """What left the country."""


_HEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_WHO: Final = {
    Charge.PEOPLE: _HEADS,
    Charge.OVERSIGHT: _HEADS,
    Charge.AGENCIES: _HEADS,
    Charge.VOICE: _HEADS | {Role.LIAISON},
    Charge.MARKED: frozenset({Role.INTEGRITY}),
    Charge.TRANSFERS: _HEADS | {Role.INTEGRITY},
}


def charges_of(card: AgencyCard, officer: str) -> frozenset[Charge]:
    """Return what *officer* of *card* answers for; a supervisor watches where nobody is named."""
    entry = card.readers.get(officer)
    roles = frozenset(entry.roles) if isinstance(entry, OfficerEntry) else frozenset()
    found = {charge for charge, who in _WHO.items() if not who.isdisjoint(roles)}
    watched = any(Role.INTEGRITY in each.roles for each in card.officers)
    if not watched and Role.SUPERVISOR in roles:
        found.add(Charge.MARKED)
    return frozenset(found)
