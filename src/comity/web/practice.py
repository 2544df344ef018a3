# SPDX-License-Identifier: Apache-2.0
"""Practice, as it is begun: from the real desk, which it leaves alone."""

from comity.services import practice
from comity.services.practice import kept_of
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit


def practice_page(visit: Visit) -> Result:
    begun = kept_of(visit.house, visit.seat.unlocked.agency) is not None
    return page("practice.html", begun=begun)


def begin(visit: Visit) -> Result:
    """Go to the practice desk; it is made the first time, and whenever one begins anew."""
    agency = visit.seat.unlocked.agency
    practice.begin(visit.house, agency, anew=visit.form.flag("anew"))
    return SeeOther("/practice/today")


ROUTES = (
    get("/practice", practice_page),
    post("/practice", begin, again=practice_page),
)
