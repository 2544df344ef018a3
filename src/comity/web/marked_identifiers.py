# SPDX-License-Identifier: Apache-2.0
"""Marked identifiers, and who asked about one: for whoever watches over integrity alone."""

from comity.services.enrol import names
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit


def marked(visit: Visit) -> Result:
    found, alerts = Office.of(visit.seat).marked()
    known = names(visit.house)
    return page(
        "marked_identifiers.html",
        marked=found,
        alerts=[(each, known.get(each.officer, ""), visit.agency(each.to)) for each in alerts],
        kinds=_kinds(visit),
    )


def add(visit: Visit) -> Result:
    form = visit.form
    Office.of(visit.seat).mark(
        form.need("value"), kind=form.text("kind"), remark=form.text("remark")
    )
    return SeeOther("/agency/marked")


def remove(visit: Visit) -> Result:
    Office.of(visit.seat).unmark(visit.form.need("id"))
    return SeeOther("/agency/marked")


def seen(visit: Visit) -> Result:
    Office.of(visit.seat).note_seen(visit.form.need("id"))
    return SeeOther("/agency/marked")


def _kinds(visit: Visit) -> list[tuple[str, str]]:
    """Return the identifier kinds, named as the forms name them."""
    told = {
        field.identifier: visit.say_in.label(field.label)
        for kind in visit.house.kinds.values()
        for field in kind.fields
        if field.identifier
    }
    return sorted(told.items(), key=lambda each: each[1])


ROUTES = (
    get("/agency/marked", marked),
    post("/agency/marked", add, again=marked),
    post("/agency/marked/remove", remove, again=marked),
    post("/agency/marked/seen", seen, again=marked),
)
