# SPDX-License-Identifier: Apache-2.0
"""People: each agency that is known here, its desks and roles, and how its key was checked.

Of other agencies no officer's name stands here, whatever their list tells: names belong to threads.
"""

import io
from dataclasses import dataclass
from datetime import datetime

import segno

from comity.domain.duty import local_time, next_duty, next_holiday
from comity.domain.ids import AgencyId
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.time import read
from comity.errors import Misused
from comity.language import words
from comity.services import admit
from comity.services.agency_card import AgencyCard
from comity.services.away import Away, away
from comity.services.charge import Charge
from comity.services.enrol import names
from comity.services.invite import invite
from comity.services.office import Office
from comity.services.said_of_agencies import Teller, how_it_came, lines
from comity.services.stand_ins import StandIns, stand_ins_of
from comity.web.answers import Bytes, Result, SeeOther, get, page, post
from comity.web.visit import Visit

SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskShown:
    desk: DeskEntry
    there: datetime | None
    """Now, by the clock on their wall."""
    duty: datetime | None
    holiday: str
    languages: str
    members: tuple[str, ...]
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerShown:
    officer: OfficerEntry
    name: str
    """His name at home, his label abroad."""
    roles: str
    languages: str
    away: Away | None = None


def people(visit: Visit) -> Result:
    teller = teller_of(visit)
    shown = [(each, how_it_came(teller, visit.book, each)) for each in visit.book.peers]
    own = visit.book.agency(visit.seat.unlocked.agency)
    apart = {own.id, *visit.book.guests}
    housed = [each for each in visit.book.own if each.id not in apart]
    told = sorted(shown, key=lambda each: (visit.say_in.country(each[0].country), each[0].name))
    return page(
        "people.html",
        own=own,
        housed=housed,
        peers=told,
        charges=Office.of(visit.seat).charges,
        charge=Charge,
    )


def agency_page(visit: Visit, agency: str) -> Result:
    """Show one agency; of ours who has which name, of others who has which label."""
    card = find(visit, agency)
    own = card.id == visit.seat.unlocked.agency
    heard = admit.voice_check_of(visit.house, card.id)
    office = Office.of(visit.seat)
    return page(
        "people_agency.html",
        card=card,
        own=own,
        kind=visit.say(words.AGENCIES[card.kind]),
        desks=[_desk(visit, card, each, own=own) for each in card.desks],
        officers=officers_of(visit, card, own=own),
        digits=admit.fingerprint(card).split(),
        lines=() if card.own else lines(teller_of(visit), visit.book, card),
        heard=heard,
        heard_at=visit.exact(read(heard.at)) if heard else "",
        admission=admit.admission_of(visit.house, card.id),
        charges=office.charges,
        charge=Charge,
    )


def digits_picture(visit: Visit, agency: str) -> Result:
    """Return the digits as a square code, drawn here."""
    card = find(visit, agency)
    drawn = io.BytesIO()
    code = segno.make(admit.fingerprint(card).replace(" ", ""), error="m")
    code.save(drawn, kind="svg", scale=5, border=4, light="#fff", dark="#000", xmldecl=False)
    return Bytes(content=drawn.getvalue(), media=SVG)


def invitation(visit: Visit) -> Result:
    """Hand out what another server needs to know of this agency; it holds no secret."""
    office = Office.of(visit.seat)
    office.need(Charge.AGENCIES)
    text = invite(visit.house, office.agency)
    return Bytes(content=text.encode(), media="text/plain", name="invitation.txt")


def compare_page(visit: Visit, agency: str) -> Result:
    card = find(visit, agency)
    if card.own:
        raise Misused("agency-own")
    Office.of(visit.seat).need(Charge.VOICE)
    own = visit.book.agency(visit.seat.unlocked.agency)
    return page("people_compare.html", card=card, ours=admit.fingerprint(own).split())


def compare(visit: Visit, agency: str) -> Result:
    Office.of(visit.seat).check(find(visit, agency).id, visit.form.need("digits"))
    return SeeOther(f"/people/{agency}")


def find(visit: Visit, agency: str) -> AgencyCard:
    """Return the agency whose id *agency* is; raise Misused where nobody has it."""
    card = visit.book.cards.get(AgencyId(agency))
    if card is None:
        raise Misused("agency-unknown")
    return card


def teller_of(visit: Visit) -> Teller:
    return Teller(say_in=visit.say_in, when=visit.when, due=visit.left)


def officers_of(visit: Visit, card: AgencyCard, *, own: bool) -> list[OfficerShown]:
    """Return the officers of *card*, by name only where it is the reader's own agency."""
    known = names(visit.house) if own else {}
    with visit.house.store.read() as reading:
        absent = away(reading, visit.house, card.id) if own else {}
    return [
        OfficerShown(
            officer=each,
            name=known.get(each.id, each.label) if own else each.label,
            roles=", ".join(visit.say(words.ROLES[role]) for role in each.roles),
            languages=spoken(visit, each.languages),
            away=absent.get(each.id),
        )
        for each in card.officers
    ]


def spoken(visit: Visit, languages: tuple[str, ...]) -> str:
    return ", ".join(map(visit.say_in.language, languages))


def _desk(visit: Visit, card: AgencyCard, desk: DeskEntry, *, own: bool) -> DeskShown:
    known = names(visit.house) if own else {}
    labels = {each.id: each.label for each in card.officers}
    members = [known.get(each.id, each.label) for each in card.officers if desk.id in each.desks]
    told = StandIns()
    if own:
        with visit.house.store.read() as reading:
            told = stand_ins_of(reading, visit.house, desk.id)
    return DeskShown(
        desk=desk,
        there=local_time(desk, visit.now),
        duty=next_duty(desk, visit.now),
        holiday=next_holiday(desk, visit.now),
        languages=spoken(visit, desk.languages),
        members=tuple(members) if own else (),
        stand_ins=tuple(known.get(each, labels.get(each, "")) for each in told.alternates),
    )


def colleagues(visit: Visit) -> list[tuple[str, str]]:
    """Return the other officers of this agency, to pick who decided too."""
    office = Office.of(visit.seat)
    people = officers_of(visit, office.card, own=True)
    return [(e.officer.id, e.name) for e in people if e.officer.id != office.unlocked.entry.id]


ROUTES = (
    get("/people", people),
    get("/people/invitation", invitation),
    get("/people/<agency>", agency_page),
    get("/people/<agency>/digits.svg", digits_picture),
    get("/people/<agency>/compare", compare_page),
    post("/people/<agency>/compare", compare, again=compare_page),
)
