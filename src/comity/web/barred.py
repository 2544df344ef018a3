# SPDX-License-Identifier: Apache-2.0
"""Who is barred from which thread; shown to those alone who answer for oversight."""

from collections.abc import Mapping

from comity.domain.ids import OfficerId, ThreadId
from comity.domain.policy import Exclusion
from comity.errors import Misused
from comity.services.bars import read_bars
from comity.services.charge import Charge
from comity.services.enrol import names
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit


def barred(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    office.need(Charge.OVERSIGHT)
    known = names(visit.house)
    shown = [(each.thread, _who(visit, each, known)) for each in office.policy().exclusions]
    return page("barred.html", barred=shown)


def bar(visit: Visit) -> Result:
    """Bar agencies, desks or people, one a line, from a thread that he can open himself."""
    office, form = Office.of(visit.seat), visit.form
    office.need(Charge.OVERSIGHT)
    named = form.lines("who")
    if not named:
        raise Misused("field-missing", field="who")
    thread = visit.seat.find(form.need("thread"))
    told = read_bars(visit.book, thread, named)
    if told is not None:
        office.exclude(told)
    return SeeOther("/agency/barred")


def lift(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    office.need(Charge.OVERSIGHT)
    thread = visit.form.need("thread")
    if thread not in {each.thread for each in office.policy().exclusions}:
        raise Misused("thread-unknown")
    office.readmit(ThreadId(thread))
    return SeeOther("/agency/barred")


def _who(visit: Visit, exclusion: Exclusion, known: Mapping[OfficerId, str]) -> list[str]:
    readers = [
        known.get(OfficerId(each)) or visit.people.of(each) for each in sorted(exclusion.readers)
    ]
    return [*readers, *(visit.agency(each) for each in sorted(exclusion.agencies))]


ROUTES = (
    get("/agency/barred", barred),
    post("/agency/barred", bar, again=barred),
    post("/agency/barred/lift", lift, again=barred),
)
