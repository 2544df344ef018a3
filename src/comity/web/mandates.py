# SPDX-License-Identifier: Apache-2.0
"""Mandates: by which law or order our agency may share abroad; without one nothing leaves."""

from comity.domain.roster import MandateEntry
from comity.errors import Misused
from comity.knowledge.codes import purposes
from comity.knowledge.countries import countries
from comity.language.marks import marked
from comity.services.charge import Charge
from comity.services.mandates import NewMandate
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.forms import end_of_day
from comity.web.officers import reason_of, reasons
from comity.web.visit import Visit

_NOTE = marked("Tell without being asked")


def mandates(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    told = sorted(office.card.mandates, key=lambda each: (each.ends, each.id))
    return page(
        "mandates.html",
        mandates=[(each, _reach(visit, each)) for each in told],
        may=Charge.PEOPLE in office.charges,
    )


def new_page(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    office.need(Charge.PEOPLE)
    by_name = sorted((visit.say_in.country(each), each) for each in countries())
    return page(
        "mandate_new.html",
        kinds=kinds_of(visit),
        countries=[(code, name) for name, code in by_name],
        uses=[(code, visit.say_in.label(each.label)) for code, each in purposes().items()],
        desks=[(each.id, each.name) for each in office.card.desks],
    )


def add(visit: Visit) -> Result:
    form = visit.form
    ends = end_of_day(form.need("until"), "until")
    if ends is None:
        raise Misused("field-missing", field="until")
    Office.of(visit.seat).add_mandate(
        NewMandate(
            law=form.need("law"),
            signed_by=form.need("signed-by"),
            kinds=form.all("kind") or ("*",),
            countries=form.all("country") or ("*",),
            purposes=form.all("purpose") or ("*",),
            must_copy=tuple(Office.of(visit.seat).desk(each).id for each in form.all("copy")),
            ends=ends,
        )
    )
    return SeeOther("/agency/mandates")


def end_page(visit: Visit, mandate: str) -> Result:
    office = Office.of(visit.seat)
    office.need(Charge.PEOPLE)
    found = next((each for each in office.card.mandates if each.id == mandate), None)
    if found is None:
        raise Misused("mandate-unknown")
    return page("mandate_end.html", mandate=found, reasons=reasons(visit))


def end(visit: Visit, mandate: str) -> Result:
    Office.of(visit.seat).end_mandate(mandate, reason=reason_of(visit))
    return SeeOther("/agency/mandates")


def kinds_of(visit: Visit) -> list[tuple[str, str]]:
    """Return what can be asked or told, as officers say it."""
    told = [(each.id, visit.say_in.label(each.question)) for each in visit.house.kinds.values()]
    return [*told, ("note", visit.say(_NOTE))]


def _reach(visit: Visit, mandate: MandateEntry) -> str:
    """Return what a mandate reaches, where it does not reach everything."""
    kinds = dict(kinds_of(visit))
    told = [kinds.get(each, each) for each in mandate.kinds if each != "*"]
    told += [visit.say_in.country(each) for each in mandate.countries if each != "*"]
    told += [visit.say_in.label(purposes()[e].label) for e in mandate.purposes if e in purposes()]
    return " · ".join(told)


ROUTES = (
    get("/agency/mandates", mandates),
    get("/agency/mandates/new", new_page),
    post("/agency/mandates/new", add, again=new_page),
    get("/agency/mandates/<mandate>/end", end_page),
    post("/agency/mandates/<mandate>/end", end, again=end_page),
)
