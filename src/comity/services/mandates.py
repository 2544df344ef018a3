# SPDX-License-Identifier: Apache-2.0
"""Mandates: by which law or order one of our agencies may share abroad, in its roster."""

from dataclasses import dataclass
from datetime import datetime

from comity.domain.ids import AgencyId, DeskId, mint
from comity.domain.roster import MandateEntry
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.rosters import issue


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandate:
    law: str
    signed_by: str
    kinds: tuple[str, ...] = ("*",)
    countries: tuple[str, ...] = ("*",)
    purposes: tuple[str, ...] = ("*",)
    must_copy: tuple[DeskId, ...] = ()
    ends: datetime


def add_mandate(house: House, agency: AgencyId, new: NewMandate) -> MandateEntry:
    """Add a mandate to *agency*'s roster; peers see it."""
    card = read_book(house).agency(agency)
    if not card.own:
        raise Misused("agency-not-ours")
    for field, text in (("law", new.law), ("signed-by", new.signed_by)):
        if not text.strip():
            raise Misused("field-missing", field=field)
    if new.ends <= house.now():
        raise Misused("mandate-ended")
    if not all((new.kinds, new.countries, new.purposes)):
        raise Misused("mandate-empty")
    if any(each != "*" and each not in house.kinds for each in new.kinds):
        raise Misused("kind-unknown")
    entry = MandateEntry(
        agency=agency,
        id=mint(house.random),
        law=new.law.strip(),
        kinds=new.kinds,
        countries=tuple(each.upper() for each in new.countries),
        purposes=new.purposes,
        signed_by=new.signed_by.strip(),
        must_copy=new.must_copy,
        begins=house.now(),
        ends=new.ends,
    )
    issue(house, agency, add=[entry])
    return entry
