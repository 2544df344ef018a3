# SPDX-License-Identifier: Apache-2.0
"""Owed on paper: offices without a server that are to have a copy, until it was handed in."""

from typing import Final

from comity.errors import Misused
from comity.language.marks import marked
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit

SUPERVISOR: Final = "supervisor"
_SUPERVISOR: Final = marked("the supervisor")
_NOTHING: Final = f"{Misused.code}.nothing-owed"


def owed_page(visit: Visit) -> Result:
    rows = [(each, at, office(visit, each.office)) for each, at in visit.seat.owed()]
    return page("owed.html", rows=rows)


def office(visit: Visit, id_: str) -> str:
    """Return how the office *id_* is called."""
    return visit.say(_SUPERVISOR) if id_ == SUPERVISOR else visit.people.of(id_)


def hand_in(visit: Visit) -> Result:
    """Note that an office has its copy; a second tap finds it noted."""
    form = visit.form
    try:
        visit.seat.hand_in(form.need("act"), form.text("office"))
    except Misused as error:
        if error.cause != _NOTHING:
            raise
    return SeeOther("/owed" if visit.seat.owed() else "/today")


ROUTES = (
    get("/owed", owed_page),
    post("/owed", hand_in, again=owed_page),
)
