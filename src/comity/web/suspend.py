# SPDX-License-Identifier: Apache-2.0
"""Suspending an agency, which one does and at once, and lifting that, which two do."""

from comity.domain.standing import SuspendCode
from comity.errors import Misused
from comity.language.standing import SUSPENSIONS
from comity.services.charge import Charge
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.forms import end_of_day
from comity.web.people import colleagues, find
from comity.web.visit import Visit

_BY_CLOCK = frozenset({SuspendCode.INTRODUCTION_ENDED, SuspendCode.INTRODUCTION_UNCOMPARED})
_CODES = tuple(each for each in SuspendCode if each not in _BY_CLOCK)


def suspend_page(visit: Visit, agency: str) -> Result:
    card = find(visit, agency)
    Office.of(visit.seat).need(Charge.AGENCIES)
    codes = [(each.value, visit.say(SUSPENSIONS[each])) for each in _CODES]
    return page("suspend.html", card=card, codes=codes)


def suspend(visit: Visit, agency: str) -> Result:
    form = visit.form
    code = form.need("code")
    if code not in [each.value for each in _CODES]:
        raise Misused("field-value", field="code")
    Office.of(visit.seat).suspend(
        find(visit, agency).id,
        code=SuspendCode(code),
        remark=form.text("remark"),
        until=end_of_day(form.text("until"), "until"),
    )
    return SeeOther(f"/people/{agency}")


def lift_page(visit: Visit, agency: str) -> Result:
    card = find(visit, agency)
    Office.of(visit.seat).need(Charge.AGENCIES)
    return page("lift.html", card=card, colleagues=colleagues(visit))


def lift(visit: Visit, agency: str) -> Result:
    office = Office.of(visit.seat)
    form = visit.form
    office.lift(
        find(visit, agency).id, colleague=form.need("colleague"), reason=form.need("reason")
    )
    return SeeOther(f"/people/{agency}")


ROUTES = (
    get("/people/<agency>/suspend", suspend_page),
    post("/people/<agency>/suspend", suspend, again=suspend_page),
    get("/people/<agency>/lift", lift_page),
    post("/people/<agency>/lift", lift, again=lift_page),
)
