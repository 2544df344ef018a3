# SPDX-License-Identifier: Apache-2.0
"""A desk's hours, changed: its zone, its duty hours, its holidays and its urgent telephone.

Its key and its members stay as they are, so nothing is sealed anew; peers see it with the next
number of the roster.
"""

from dataclasses import dataclass, replace

from comity.domain.duty import read_plan
from comity.domain.ids import AgencyId, DeskId
from comity.domain.roster import DeskEntry
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.desks import TELEPHONE
from comity.services.enrol import own_card
from comity.services.fields import optional_line
from comity.services.house import House
from comity.services.rosters import Change, amend


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDuty:
    """What is to be published; what is None stays as it is."""

    zone: str | None = None
    hours: tuple[str, ...] | None = None
    """Empty means always."""
    holidays: tuple[str, ...] | None = None
    urgent_telephone: str | None = None


def set_duty(house: House, agency: AgencyId, desk: DeskId, new: NewDuty) -> DeskEntry:
    """Publish *new* for *desk*; raise Misused where it cannot be read."""
    own_card(house, agency)

    def decide(card: AgencyCard) -> Change:
        before = _desk(card, desk)
        after = _changed(before, new)
        if after == before:
            raise Misused("field-missing", field="hours")
        return Change(add=[after], end=[card.certificate_of(desk)])

    amend(house, agency, decide)
    return _desk(read_book(house).agency(agency), desk)


def _changed(before: DeskEntry, new: NewDuty) -> DeskEntry:
    telephone = new.urgent_telephone
    after = replace(
        before,
        zone=before.zone if new.zone is None else new.zone,
        hours=before.hours if new.hours is None else new.hours,
        holidays=before.holidays if new.holidays is None else new.holidays,
        urgent_telephone=before.urgent_telephone
        if telephone is None
        else optional_line(telephone, "telephone", limit=TELEPHONE),
    )
    read_plan(after.zone, after.hours, after.holidays)
    return after


def _desk(card: AgencyCard, desk: DeskId) -> DeskEntry:
    found = card.readers.get(desk)
    if not isinstance(found, DeskEntry):
        raise Misused("desk-unknown")
    return found
