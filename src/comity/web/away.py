# SPDX-License-Identifier: Apache-2.0
"""Away: an officer says until when he is away, and who stands in."""

from comity.services.away import away, come_back, go_away
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.people import officers_of
from comity.web.visit import Visit


def away_page(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    card, me = office.card, office.unlocked.entry
    with visit.house.store.read() as reading:
        told = away(reading, visit.house, card.id).get(me.id)
    beside = [
        (each.officer.id, each.name)
        for each in officers_of(visit, card, own=True)
        if each.officer.id != me.id and set(each.officer.desks) & set(me.desks)
    ]
    stand_in = office.name(told.stand_in) if told and told.stand_in in card.readers else ""
    return page("away.html", told=told, stand_in=stand_in, beside=beside)


def go(visit: Visit) -> Result:
    form = visit.form
    go_away(
        visit.seat.unlocked,
        visit.house,
        begins=form.need("begins"),
        ends=form.need("ends"),
        stand_in=form.text("stand_in"),
    )
    return SeeOther("/away")


def back(visit: Visit) -> Result:
    come_back(visit.seat.unlocked, visit.house)
    return SeeOther("/away")


ROUTES = (
    get("/away", away_page),
    post("/away", go, again=away_page),
    post("/away/back", back),
)
