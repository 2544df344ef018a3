# SPDX-License-Identifier: Apache-2.0
"""When nobody answers: make it urgent, remind, and the sheet for a call.

The sheet tells the country and the short number and nothing else: a telephone is heard by others.
"""

from typing import Final

from comity.domain.pressing import Reminder, Urgent
from comity.language.marks import marked
from comity.services.draft import Draft
from comity.services.remind import draft_reminder
from comity.services.thread import OpenThread
from comity.services.urgent import draft_urgent
from comity.web.acting import Blank, Box, blank_page, head, manner_boxes, manner_of, send_once
from comity.web.answers import Result, get, page, post
from comity.web.visit import Visit

_URGENT: Final = marked("Make urgent")
_URGENT_LEAD: Final = marked(
    "The other side reads your reason, and its clock runs by hours from when it has it."
)
_REASON: Final = marked("Why it cannot wait")
_REMIND: Final = marked("Remind")
_REMIND_LEAD: Final = marked("Each limit that has passed can be reminded of once.")


def urgent_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _urgent_blank(visit, opened))


def urgent(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _urgent_blank, _urgent, done="urgent", body=Urgent)


def _urgent_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_URGENT),
        verb=visit.say(_URGENT),
        to="urgent",
        lead=(visit.say(_URGENT_LEAD),),
        boxes=(
            Box(name="reason", label=visit.say(_REASON), shape="area"),
            *manner_boxes(visit, opened),
        ),
        links=(("call", visit.say(_CALL)),),
    )


_CALL: Final = marked("Whom to ring, the time there, and what to say")


def _urgent(visit: Visit, opened: OpenThread) -> Draft:
    reason = visit.form.need("reason")
    seat, manner = visit.seat, manner_of(visit)
    return draft_urgent(seat.unlocked, seat.house, opened.id, reason, manner=manner)


def remind_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _remind_blank(visit, opened))


def remind(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _remind_blank, _remind, done="reminded", body=Reminder)


def _remind_blank(visit: Visit, _opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_REMIND),
        verb=visit.say(_REMIND),
        to="remind",
        lead=(visit.say(_REMIND_LEAD),),
        links=(("call", visit.say(_CALL)),),
    )


def _remind(visit: Visit, opened: OpenThread) -> Draft:
    seat, manner = visit.seat, manner_of(visit)
    return draft_reminder(seat.unlocked, seat.house, opened.id, manner=manner)


def call_page(visit: Visit, thread: str) -> Result:
    """Show whom to ring, the time there, and one sentence to read aloud."""
    opened = visit.seat.thread(thread)
    sheet = visit.seat.call(opened.id, language=visit.say_in.tag)
    return page(
        "call.html",
        sheet=sheet,
        desk=sheet.desk or visit.agency(sheet.agency),
        theirs=", ".join(map(visit.say_in.language, sheet.languages)),
        **head(visit, opened),
    )


ROUTES = (
    get("/t/<thread>/urgent", urgent_page),
    post("/t/<thread>/urgent", urgent, again=urgent_page),
    get("/t/<thread>/remind", remind_page),
    post("/t/<thread>/remind", remind, again=remind_page),
    get("/t/<thread>/call", call_page),
)
