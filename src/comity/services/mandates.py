# SPDX-License-Identifier: Apache-2.0
"""Mandates: by which law or order one of our agencies may share abroad, in its roster.

A mandate that was given too widely ends by ``revoke``, and is kept: what was sent under it is still
judged by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.ids import AgencyId, DeskId, mint
from comity.domain.mandate import ANY
from comity.domain.roster import MandateEntry
from comity.domain.time import whole
from comity.errors import Misused
from comity.knowledge.codes import purposes
from comity.knowledge.countries import countries
from comity.services.agency_card import AgencyCard
from comity.services.enrol import own_card
from comity.services.fields import line
from comity.services.house import House
from comity.services.rosters import Change, amend
from comity.wire.soundness import TEXT_LIMIT

NOTE: Final = "note"
"""What is told without being asked has no request kind; a mandate names it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandate:
    law: str
    signed_by: str
    kinds: tuple[str, ...] = (ANY,)
    countries: tuple[str, ...] = (ANY,)
    purposes: tuple[str, ...] = (ANY,)
    must_copy: tuple[DeskId, ...] = ()
    ends: datetime


def add_mandate(house: House, agency: AgencyId, new: NewMandate) -> MandateEntry:
    """Add a mandate to *agency*'s roster; peers see it."""
    own_card(house, agency)
    entry = _entry(house, agency, new)

    def decide(card: AgencyCard) -> Change:
        if not {each.id for each in card.desks}.issuperset(entry.must_copy):
            raise Misused("desk-unknown")
        return Change(add=[entry])

    amend(house, agency, decide)
    return entry


def find_mandate(card: AgencyCard, text: str) -> MandateEntry:
    """Return the mandate of *card* that *text* means: its id, or its law as it was recorded."""
    wanted = text.strip().casefold()
    found = [each for each in card.mandates if wanted in (each.id, each.law.casefold())]
    if len(found) != 1:
        raise Misused("mandate-ambiguous" if found else "mandate-unknown")
    return found[0]


def _entry(house: House, agency: AgencyId, new: NewMandate) -> MandateEntry:
    if new.ends.utcoffset() is None or new.ends <= house.clock():
        raise Misused("mandate-ended")
    return MandateEntry(
        agency=agency,
        id=mint(house.random),
        law=line(new.law, "law", limit=TEXT_LIMIT),
        kinds=_each(new.kinds, {*house.kinds, NOTE}, "kind"),
        countries=_each([one.strip().upper() for one in new.countries], countries(), "country"),
        purposes=_each(new.purposes, purposes(), "purpose"),
        signed_by=line(new.signed_by, "signed-by"),
        must_copy=tuple(dict.fromkeys(new.must_copy)),
        begins=house.now(),
        ends=whole(new.ends),
    )


def _each(named: Collection[str], known: Collection[str], field: str) -> tuple[str, ...]:
    """Return *named*, each once; raise Misused where there is none, or one that is not *known*."""
    if not named:
        raise Misused("field-missing", field=field)
    if not all(each == ANY or each in known for each in named):
        raise Misused("field-value", field=field)
    return tuple(dict.fromkeys(named))
