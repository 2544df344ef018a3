# SPDX-License-Identifier: Apache-2.0
"""Bring the consent of whoever told it first, which was asked in another thread; or ask for it."""

from dataclasses import replace
from typing import Final

from comity.domain.consent import Consent
from comity.domain.time import read
from comity.errors import Misused, Refused, TooLate
from comity.language.marks import marked
from comity.services.bring import Elsewhere, draft_brought
from comity.services.consent import CONSENT
from comity.services.draft import Draft
from comity.services.thread import OpenThread
from comity.web.acting import Blank, Box, blank_page, manner_boxes, manner_of, send_once
from comity.web.answers import Result, SeeOther, get, post
from comity.web.forms import Form
from comity.web.onward import ASK, BRING, ask_blank_in_name
from comity.web.visit import Visit

_VERB: Final = marked("Bring")
_WHICH: Final = marked("Consents that were given and are still good")
_GIVEN: Final = marked("{thread}: to {agencies}")
_UNTIL: Final = marked("{thread}: to {agencies}, until {when}")


def bring_page(visit: Visit, thread: str) -> Result:
    """Show what can be brought; where nothing can, what asks for it."""
    opened = visit.seat.thread(thread)
    waits = visit.seat.elsewhere(opened)
    if not waits:
        raise TooLate("step", step=CONSENT)
    if not any(each.word for each in waits):
        return SeeOther(f"/t/{opened.id}/ask-in-name/{waits[0].request}")
    return blank_page(visit, opened, _blank(visit, opened))


def bring(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _blank, _draft, done="consent-brought", body=Consent)


def _blank(visit: Visit, opened: OpenThread) -> Blank:
    """Return the choice among what is there, and where what is not can be asked for."""
    waits = visit.seat.elsewhere(opened)
    good = tuple((each.request, _said(visit, each)) for each in waits if each.word)
    lacking = [each.request for each in waits if not each.word]
    return Blank(
        title=visit.say(BRING),
        verb=visit.say(_VERB),
        to="bring",
        boxes=(
            Box(
                name="request",
                label=visit.say(_WHICH),
                shape="radios",
                choices=good,
                value=good[0][0] if len(good) == 1 else "",
            ),
            *manner_boxes(visit, opened),
        ),
        links=tuple((f"ask-in-name/{each}", visit.say(ASK)) for each in lacking),
    )


def _said(visit: Visit, given: Elsewhere) -> str:
    """Return which consent it is, as its choice says."""
    there = visit.seat.thread(given.source, receipt=False).thread
    named = {"thread": there.short or given.source[:8], "agencies": given.asked.named}
    if given.word and given.word.until:
        return visit.say(_UNTIL, **named, when=visit.exact(read(given.word.until)))
    return visit.say(_GIVEN, **named)


def _draft(visit: Visit, opened: OpenThread) -> Draft:
    request = visit.form.need("request")
    found = [each for each in visit.seat.elsewhere(opened) if each.request == request]
    if not found:
        raise Misused("act-unknown")
    if found[0].word is None:
        raise Refused("consent-not-there")
    seat = visit.seat
    return draft_brought(
        seat.unlocked, seat.house, opened.id, found[0].source, manner_of(visit), request=request
    )


def ask_in_name(visit: Visit, thread: str, request: str) -> Result:
    """Show, in the thread in which it was told to us, the form that asks what they ask of us."""
    opened = visit.seat.thread(thread)
    found = [each for each in visit.seat.elsewhere(opened) if each.request == request]
    if not found:
        raise Misused("act-unknown")
    asked, there = found[0].asked, visit.seat.thread(found[0].source)
    values = {
        "holder": (asked.holder,),
        "use": (asked.use.value,),
        "to": asked.agencies,
        "purpose": (asked.purpose,),
        "reason": (asked.reason,),
        "soon": ("1" if asked.urgent else "",),
    }
    filled = replace(visit, form=Form(values=values))
    return blank_page(filled, there, ask_blank_in_name(filled, there))


ROUTES = (
    get("/t/<thread>/bring", bring_page),
    post("/t/<thread>/bring", bring, again=bring_page),
    get("/t/<thread>/ask-in-name/<request>", ask_in_name),
)
