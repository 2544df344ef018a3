# SPDX-License-Identifier: Apache-2.0
"""Officers: enrolled, renewed, given other roles, signed out, revoked.

A new officer's passphrase is offered from the word list and shown on the page that answers, once.
"""

from datetime import timedelta
from typing import Final

from comity.domain.roster import OfficerEntry, Role
from comity.errors import Misused, NotCompetent
from comity.language import words
from comity.language.catalogue import LOCALES
from comity.language.marks import marked
from comity.services.charge import Charge
from comity.services.enrol import Person, officer_of
from comity.services.office import Office
from comity.services.revoke import REASONS
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.forms import end_of_day
from comity.web.people import officers_of
from comity.web.visit import Visit

DAY: Final = timedelta(days=1)
_WHY: Final = {
    "left": marked("has left"),
    "lost": marked("the key is lost"),
    "stolen": marked("the key was stolen"),
    "misuse": marked("misuse"),
    "superseded": marked("replaced"),
}


def officers(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    return page(
        "officers.html",
        people=officers_of(visit, office.card, own=True),
        may=Charge.PEOPLE in office.charges,
    )


def new_page(visit: Visit) -> Result:
    Office.of(visit.seat).need(Charge.PEOPLE)
    return page("officer_new.html", roles=_roles(visit), languages=languages(visit))


def enrol(visit: Visit) -> Result:
    form = visit.form
    done = Office.of(visit.seat).enrol(
        Person(
            name=form.need("name"),
            label=form.text("label"),
            named_abroad=form.flag("named_abroad"),
            abroad=not form.flag("home_only"),
            roles=_chosen(visit) or (Role.INVESTIGATOR,),
            languages=form.all("languages") or ("en",),
        )
    )
    return page(
        "officer_enrolled.html",
        name=form.need("name"),
        officer=done.entry,
        passphrase=done.passphrase,
    )


def officer(visit: Visit, officer: str) -> Result:
    office = Office.of(visit.seat)
    entry = officer_of(office.card, officer)
    mine = entry.id == office.unlocked.entry.id
    if not mine:
        office.need(Charge.PEOPLE)
    return page(
        "officer.html",
        officer=entry,
        name=office.name(entry.id),
        mine=mine,
        may=Charge.PEOPLE in office.charges,
        roles=_roles(visit),
        told=[visit.say(words.ROLES[each]) for each in entry.roles],
        desks=[each.name for each in office.card.desks if each.id in entry.desks],
    )


def renew(visit: Visit, officer: str) -> Result:
    Office.of(visit.seat).renew(officer)
    return SeeOther(f"/agency/officers/{officer}")


def change_roles(visit: Visit, officer: str) -> Result:
    Office.of(visit.seat).change_roles(officer, _chosen(visit))
    return SeeOther(f"/agency/officers/{officer}")


def sign_out(visit: Visit, officer: str) -> Result:
    """End every session of an officer: his own, or anybody's for who answers for people."""
    office = Office.of(visit.seat)
    entry = officer_of(office.card, officer)
    if entry.id != office.unlocked.entry.id:
        office.need(Charge.PEOPLE)
    visit.desk.sessions.end_all(entry.id)
    return SeeOther(f"/agency/officers/{officer}")


def revoke_page(visit: Visit, officer: str) -> Result:
    entry = _other(visit, officer)
    return page(
        "officer_revoke.html",
        officer=entry,
        name=Office.of(visit.seat).name(entry.id),
        reasons=reasons(visit),
    )


def revoke(visit: Visit, officer: str) -> Result:
    entry = _other(visit, officer)
    office, form = Office.of(visit.seat), visit.form
    name = office.name(entry.id)
    since = end_of_day(form.text("since"), "since")
    desks = office.revoke(entry.id, reason=reason_of(visit), since=since - DAY if since else None)
    visit.desk.sessions.end_all(entry.id)
    return page("officer_revoked.html", name=name, desks=desks)


def reasons(visit: Visit) -> list[tuple[str, str]]:
    return [(each, visit.say(_WHY[each])) for each in REASONS]


def reason_of(visit: Visit) -> str:
    """Return the reason that was picked; raise Misused for one that is none."""
    given = visit.form.need("reason")
    if given not in REASONS:
        raise Misused("field-value", field="reason")
    return given


def languages(visit: Visit) -> list[tuple[str, str]]:
    """Return the languages that can be picked: those of the pages."""
    tags = [each.replace("_", "-") for each in LOCALES]
    return [(each, visit.say_in.language(each)) for each in tags]


def _other(visit: Visit, officer: str) -> OfficerEntry:
    office = Office.of(visit.seat)
    office.need(Charge.PEOPLE)
    entry = officer_of(office.card, officer)
    if entry.id == office.unlocked.entry.id:
        raise NotCompetent
    return entry


def _roles(visit: Visit) -> list[tuple[str, str]]:
    return [(each.value, visit.say(words.ROLES[each])) for each in Role]


def _chosen(visit: Visit) -> tuple[Role, ...]:
    given = visit.form.all("roles")
    if not set(given) <= {each.value for each in Role}:
        raise Misused("field-value", field="roles")
    return tuple(Role(each) for each in given)


ROUTES = (
    get("/agency/officers", officers),
    get("/agency/officers/new", new_page),
    post("/agency/officers/new", enrol, again=new_page),
    get("/agency/officers/<officer>", officer),
    post("/agency/officers/<officer>/renew", renew, again=officer),
    post("/agency/officers/<officer>/roles", change_roles, again=officer),
    post("/agency/officers/<officer>/out", sign_out, again=officer),
    get("/agency/officers/<officer>/revoke", revoke_page),
    post("/agency/officers/<officer>/revoke", revoke, again=revoke_page),
)
