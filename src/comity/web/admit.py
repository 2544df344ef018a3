# SPDX-License-Identifier: Apache-2.0
"""Admit an agency by its invitation, pasted or in a file: two decide, and it is written down why.

Its key is not checked by that: the page of the agency, where this leads, asks to compare it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from comity.errors import ComityError, Refused, Untrusted
from comity.services.admit import Admission
from comity.services.charge import Charge
from comity.services.office import Office
from comity.web.answers import Page, Result, SeeOther, get, page, post
from comity.web.kit import status_of
from comity.web.people import colleagues
from comity.web.visit import Visit
from comity.wire.invite import AROUND_LIMIT

INVITATION: Final = "invitation"
_BESIDE: Final[Mapping[str, str]] = {
    "usage.admission-review": "review",
    "usage.admission-deciders": "colleague",
    "usage.agency-own": INVITATION,
    "refused.practice": INVITATION,
    "refused.admitted-already": INVITATION,
}
"""Beside which input a mistake is said that names none."""


def admit_page(visit: Visit) -> Page:
    Office.of(visit.seat).need(Charge.AGENCIES)
    return page("admit.html", colleagues=colleagues(visit))


def admit(visit: Visit) -> Result:
    """Admit whose invitation it is; where that is refused, the form is shown as it was filled."""
    office = Office.of(visit.seat)
    office.need(Charge.AGENCIES)
    visit = _with_text(visit)
    try:
        card = office.admit(
            visit.form.need(INVITATION),
            Admission(
                nominated_by=visit.form.need("nominated-by"),
                letter=visit.form.need("letter"),
                called=visit.form.need("called"),
                number_from=visit.form.need("number-from"),
                decided_by=office.two(visit.form.need("colleague")),
                review=visit.form.need("review"),
            ),
        )
    except (Refused, Untrusted) as error:
        refused = visit.refused(_placed(error))  # with the text of the file that came with it
        shown = admit_page(refused)
        told = {**shown.values, "visit": refused}
        return replace(shown, values=told, status=status_of(error))
    return SeeOther(f"/people/{card.id}")


def _with_text(visit: Visit) -> Visit:
    """Return the same visit, whose form holds the text of the file that came with it."""
    upload = visit.form.upload("file")
    if upload is None:
        return visit
    text = upload.read(AROUND_LIMIT).decode("utf-8", errors="replace")
    values = {**visit.form.values, INVITATION: (text,)}
    return replace(visit, form=replace(visit.form, values=values, files={}))


def _placed(error: ComityError) -> ComityError:
    """Return *error* with the input beside which it is said."""
    at = INVITATION if isinstance(error, Untrusted) else _BESIDE.get(error.cause, "")
    if not at or "field" in error.values:
        return error
    named = type(error)(**{**error.values, "field": at})
    named.cause = error.cause
    return named


ROUTES = (
    get("/people/admit", admit_page),
    post("/people/admit", admit, again=admit_page, limit=2 * AROUND_LIMIT, text=AROUND_LIMIT),
)
