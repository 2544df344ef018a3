# SPDX-License-Identifier: Apache-2.0
"""Before you act: whether a private body may hold or pass something, what is unknown, whom to ask.

What is asked stands in no address: it tells what somebody means to do.
"""

from typing import Final

from comity.domain.broker import Dealing, Finding, Matter, May
from comity.errors import Misused
from comity.knowledge.countries import countries
from comity.language.marks import marked
from comity.services import broker
from comity.services.broker import Question
from comity.web.answers import Page, Result, get, page, post
from comity.web.forms import end_of_day
from comity.web.visit import Visit

_DEALINGS: Final = {
    Dealing.HOLD: marked("Hold it"),
    Dealing.PASS: marked("Pass it to an authority of that country"),
    Dealing.PASS_ABROAD: marked("Pass it to an authority of another country"),
}
_MATTERS: Final = {
    Matter.PHONE: marked("A telephone number"),
    Matter.NAME: marked("A person's name"),
    Matter.DOCUMENT: marked("The number of a passport or identity card"),
    Matter.PHOTOGRAPH: marked("A photograph of a person"),
    Matter.PLACE: marked("Where somebody lives or goes"),
    Matter.ACCOUNT: marked("A bank account"),
    Matter.OFFENCE: marked("That somebody is suspected or was convicted"),
    Matter.SPECIMEN: marked("An animal, a plant or a part of one"),
}
_ANSWERS: Final = {
    May.YES: marked("Yes."),
    May.NO: marked("No."),
    May.CONDITIONS: marked("Only under conditions."),
    May.UNKNOWN: marked("Not known. Do not act on it before somebody has said so."),
}
_KINDS: Final = {May.YES: "done", May.NO: "late", May.CONDITIONS: "soon", May.UNKNOWN: "soon"}


def before_page(visit: Visit) -> Result:
    return _shown(visit)


def check(visit: Visit) -> Result:
    return _shown(visit, broker.check(visit.house, visit.seat.unlocked.agency, _question(visit)))


def record(visit: Visit) -> Result:
    """Record what a lawyer answered; it never lifts a law that says no."""
    form = visit.form
    answer = form.need("answer")
    if answer not in {May.YES, May.NO, May.CONDITIONS}:
        raise Misused("field-value", field="answer")
    found = broker.record(
        visit.seat.unlocked,
        visit.house,
        _question(visit),
        may=May(answer),
        lawyer=form.need("lawyer"),
        text=form.text("text"),
        until=end_of_day(form.text("until"), "until"),
    )
    return _shown(visit, found)


def again(visit: Visit) -> Result:
    """Show the question with its answer where what was recorded is refused."""
    try:
        return check(visit)
    except Misused:
        return _shown(visit)


def _shown(visit: Visit, found: Finding | None = None) -> Page:
    by_name = sorted((visit.say_in.country(each), each) for each in countries())
    own = visit.book.agency(visit.seat.unlocked.agency)
    return page(
        "before.html",
        dealings=[(each.value, visit.say(_DEALINGS[each])) for each in Dealing],
        matters=[(each.value, visit.say(_MATTERS[each])) for each in Matter],
        countries=[(code, name) for name, code in by_name],
        here=own.country,
        found=found,
        answers={each.value: visit.say(_ANSWERS[each]) for each in May},
        kinds={each.value: kind for each, kind in _KINDS.items()},
        choices=[(e.value, visit.say(_ANSWERS[e])) for e in (May.YES, May.CONDITIONS, May.NO)],
    )


def _question(visit: Visit) -> Question:
    form = visit.form
    dealing, matter = form.need("dealing"), form.need("matter")
    if dealing not in set(Dealing):
        raise Misused("field-value", field="dealing")
    if matter not in set(Matter):
        raise Misused("field-value", field="matter")
    return Question(dealing=Dealing(dealing), matter=Matter(matter), country=form.need("country"))


ROUTES = (
    get("/before", before_page),
    post("/before", check, again=before_page),
    post("/before/record", record, again=again),
)
