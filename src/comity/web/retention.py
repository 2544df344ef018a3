# SPDX-License-Identifier: Apache-2.0
"""How long things are kept here, and how requests to delete are taken."""

from dataclasses import replace

from comity.domain.retention import ANY, ENDED, RetentionRule
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.charge import Charge
from comity.services.office import Office
from comity.services.recall_rules import DAYS_MOST, read_rules
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit

_ANY = marked("whatever came of it")


def retention(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    held = read_rules(visit.house, office.agency)
    stages = [(each, _stage(visit, each)) for each in (ANY, *(e.value for e in ENDED))]
    days = {each.stage: each.days for each in held.retention}
    return page(
        "retention.html",
        held=held,
        stages=[(code, said, days.get(code, "")) for code, said in stages],
        may=Charge.PEOPLE in office.charges,
    )


def set_retention(visit: Visit) -> Result:
    """Set all of it as the form has it: an empty number of days is no rule."""
    office, form = Office.of(visit.seat), visit.form
    stages = (ANY, *(each.value for each in ENDED))
    rules = tuple(
        RetentionRule(stage=each, days=_days(visit, f"days-{each}"))
        for each in stages
        if form.text(f"days-{each}")
    )
    held = read_rules(visit.house, office.agency)
    office.keep(
        replace(
            held,
            ask=form.text("recalls") == "ask",
            backups=_days(visit, "backups", least=0),
            retention=rules,
        )
    )
    return SeeOther("/agency/retention")


def _days(visit: Visit, field: str, *, least: int = 1) -> int:
    typed = visit.form.need(field)
    if not typed.isascii() or not typed.isdecimal() or not least <= int(typed) <= DAYS_MOST:
        raise Misused("field-value", field=field)
    return int(typed)


def _stage(visit: Visit, code: str) -> str:
    return visit.say(_ANY if code == ANY else words.EVENTS.get(code, code))


ROUTES = (
    get("/agency/retention", retention),
    post("/agency/retention", set_retention, again=retention),
)
