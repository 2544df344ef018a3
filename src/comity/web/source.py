# SPDX-License-Identifier: Apache-2.0
"""Sources: who a source is, kept apart; a name is shown on one page alone, when it is asked for.

A number is opened by a form and never by an address, and removing one asks for the number again.
"""

from comity.services import sources
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.people import officers_of
from comity.web.visit import Visit


def sources_page(visit: Visit) -> Result:
    return _page(visit)


def _page(visit: Visit, *, kept: str = "") -> Result:
    """List the sources that he can read, by number; no name is shown."""
    office = Office.of(visit.seat)
    people = officers_of(visit, office.card, own=True)
    found = sources.sources(visit.seat.unlocked, visit.house)
    return page(
        "sources.html",
        sources=[(each.number, visit.exact(each.at), len(each.used)) for each in found],
        deputies=[
            (e.officer.id, e.name) for e in people if e.officer.id != office.unlocked.entry.id
        ],
        kept=kept,
    )


def add(visit: Visit) -> Result:
    form = visit.form
    number = sources.add_source(
        visit.seat.unlocked,
        visit.house,
        name=form.need("name"),
        contact=form.text("contact"),
        risk=form.text("risk"),
        remark=form.text("remark"),
        deputy=form.text("deputy"),
    )
    return _page(visit, kept=number)  # a number stands in no address


def show(visit: Visit) -> Result:
    found = sources.source(visit.seat.unlocked, visit.house, visit.form.need("number"))
    return page("source.html", source=found)


def remove(visit: Visit) -> Result:
    form = visit.form
    number = sources.confirmed(form.need("number"), form.need("again"))
    sources.remove_source(visit.seat.unlocked, visit.house, number)
    return SeeOther("/sources")


ROUTES = (
    get("/sources", sources_page),
    post("/sources", add, again=sources_page),
    post("/sources/show", show, again=sources_page),
    post("/sources/remove", remove, again=show),
)
