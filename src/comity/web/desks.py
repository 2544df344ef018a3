# SPDX-License-Identifier: Apache-2.0
"""Desks of our agency: opened, their members, hours, holidays, urgent number, who stands in."""

from comity.domain.roster import DeskEntry
from comity.services.charge import Charge
from comity.services.desk_duty import NewDuty
from comity.services.desks import NewDesk
from comity.services.office import Office
from comity.services.stand_ins import stand_ins_of
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.officers import languages
from comity.web.people import OfficerShown, officers_of, spoken
from comity.web.visit import Visit


def desks(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    mine = office.unlocked.entry.id
    shown = [
        (each, spoken(visit, each.languages), mine in office.card.members(each.id))
        for each in office.card.desks
    ]
    return page("desks.html", desks=shown, may=Charge.PEOPLE in office.charges)


def new_page(visit: Visit) -> Result:
    Office.of(visit.seat).need(Charge.PEOPLE)
    return page("desk_new.html", people=_people(visit), languages=languages(visit))


def open_desk(visit: Visit) -> Result:
    form = visit.form
    entry = Office.of(visit.seat).open_desk(
        NewDesk(
            name=form.need("name"),
            languages=form.all("languages") or ("en",),
            zone=form.text("zone") or "UTC",
            hours=form.lines("hours"),
            holidays=form.lines("holidays"),
            urgent_telephone=form.text("telephone"),
            oversight=form.flag("oversight"),
            abroad=not form.flag("home_only"),
        ),
        form.all("member"),
    )
    return SeeOther(f"/agency/desks/{entry.id}")


def desk(visit: Visit, desk: str) -> Result:
    office = Office.of(visit.seat)
    entry = office.desk(desk)
    with visit.house.store.read() as reading:
        told = stand_ins_of(reading, visit.house, entry.id)
    members = [each for each in _shown(visit) if entry.id in each.officer.desks]
    return page(
        "desk.html",
        desk=entry,
        may=Charge.PEOPLE in office.charges,
        sits=_may_change(office, entry),
        members=[(each.officer.id, each.name) for each in members],
        others=[(e.officer.id, e.name) for e in _shown(visit) if e not in members],
        people=_people(visit),
        told=told,
    )


def set_duty(visit: Visit, desk: str) -> Result:
    form = visit.form
    Office.of(visit.seat).set_duty(
        desk,
        NewDuty(
            zone=form.text("zone") or "UTC",
            hours=form.lines("hours"),
            holidays=form.lines("holidays"),
            urgent_telephone=form.text("telephone"),
        ),
    )
    return SeeOther(f"/agency/desks/{desk}")


def change_members(visit: Visit, desk: str) -> Result:
    form = visit.form
    Office.of(visit.seat).change_members(desk, join=form.all("join"), leave=form.all("leave"))
    return SeeOther(f"/agency/desks/{desk}")


def name_stand_ins(visit: Visit, desk: str) -> Result:
    form = visit.form
    Office.of(visit.seat).name_stand_ins(desk, form.all("alternate"), form.text("head"))
    return SeeOther(f"/agency/desks/{desk}")


def _may_change(office: Office, entry: DeskEntry) -> bool:
    """Return whether he may begin the desk's next key, as its own rules say (``desks``)."""
    members = office.card.members(entry.id)
    return office.unlocked.entry.id in members or (not members and Charge.PEOPLE in office.charges)


def _shown(visit: Visit) -> list[OfficerShown]:
    return officers_of(visit, Office.of(visit.seat).card, own=True)


def _people(visit: Visit) -> list[tuple[str, str]]:
    return [(each.officer.id, each.name) for each in _shown(visit)]


ROUTES = (
    get("/agency/desks", desks),
    get("/agency/desks/new", new_page),
    post("/agency/desks/new", open_desk, again=new_page),
    get("/agency/desks/<desk>", desk),
    post("/agency/desks/<desk>/duty", set_duty, again=desk),
    post("/agency/desks/<desk>/members", change_members, again=desk),
    post("/agency/desks/<desk>/stand-ins", name_stand_ins, again=desk),
)
