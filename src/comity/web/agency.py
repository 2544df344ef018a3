# SPDX-License-Identifier: Apache-2.0
"""Our agency: what there is to look after, and what of it this officer answers for."""

from dataclasses import dataclass
from datetime import datetime

from comity.domain.recovery import Event, Happened
from comity.errors import Misused
from comity.language.marks import marked
from comity.services import arrangements, escrow
from comity.services.charge import Charge
from comity.services.enrol import names
from comity.services.marked_identifiers import marked_alerts_for
from comity.services.office import Office
from comity.web.answers import Result, get, page
from comity.web.visit import Visit

_HAPPENED = {
    Happened.SPLIT: marked("holders chosen"),
    Happened.REHEARSED: marked("rehearsed"),
    Happened.RECOVERED: marked("an officer's keys given back"),
    Happened.REOPENED: marked("server reopened"),
}
_OF_OFFICER = marked("{officer}, key of an officer")
_OF_DESK = marked("{desk}, key of a desk")
_OF_SERVER = marked("Keys of this server")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShown:
    what: str
    begins: datetime
    ends: datetime


def agency(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    return page(
        "agency.html",
        card=office.card,
        charges=office.charges,
        charge=Charge,
        coming=visit.seat.coming(),
        alerts=len(marked_alerts_for(visit.seat.unlocked, visit.house)),
    )


def keys(visit: Visit) -> Result:
    """Show when which key of this agency began, and when it ends."""
    card, known = Office.of(visit.seat).card, names(visit.house)
    shown = [
        *(
            KeyShown(
                what=visit.say(_OF_OFFICER, officer=known.get(each.id, each.label)),
                begins=each.begins,
                ends=each.ends,
            )
            for each in card.officers
        ),
        *(
            KeyShown(what=visit.say(_OF_DESK, desk=each.name), begins=each.begins, ends=each.ends)
            for each in card.desks
        ),
        *(
            KeyShown(what=visit.say(_OF_SERVER), begins=each.begins, ends=each.ends)
            for each in card.nodes
        ),
    ]
    told = sorted(shown, key=lambda each: (each.ends, each.what))
    return page("keys.html", card=card, keys=told)


def recovery(visit: Visit) -> Result:
    """Show who together could open again what one person lost, and when that was rehearsed."""
    office = Office.of(visit.seat)
    office.need(Charge.PEOPLE)
    known = names(visit.house)
    try:
        kept = arrangements.arrangement_of(visit.house, office.agency)
    except Misused:
        kept = None
    return page(
        "recovery.html",
        kept=kept,
        due=kept is not None and kept.is_due(visit.now),
        missing=[known.get(e.id, e.label) for e in escrow.missing(visit.house, office.card)],
        events=[(each, _what(visit, each)) for each in reversed(kept.events)] if kept else (),
    )


def _what(visit: Visit, event: Event) -> str:
    return visit.say(_HAPPENED[event.what])


ROUTES = (
    get("/agency", agency),
    get("/agency/keys", keys),
    get("/agency/recovery", recovery),
)
