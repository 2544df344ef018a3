# SPDX-License-Identifier: Apache-2.0
"""Guests: the host makes a link; whoever holds it and the passphrase reads one thread and answers.

What a guest reaches is these pages and no other: ``kit`` refuses him every route that is not marked
for guests. Opening his link changes nothing until the passphrase is posted.
"""

from dataclasses import dataclass
from typing import Final

from comity.domain.ids import ThreadId
from comity.domain.statement import Outcome
from comity.errors import Misused
from comity.formats.printed import Part, Printed, as_pdf
from comity.knowledge.codes import outcomes, refusals
from comity.knowledge.countries import countries
from comity.language.catalogue import LOCALES
from comity.language.marks import marked
from comity.services.answer import Reply
from comity.services.guests import (
    DAYS,
    DAYS_LEAST,
    DAYS_MOST,
    Guest,
    Invitation,
    NewGuest,
    end_guest,
    enter,
    guest_of,
    guests,
    invite_guest,
    is_open,
    of_link,
)
from comity.services.thread import OpenThread
from comity.web.acting import kind_of
from comity.web.answer import FIELD, outcome_of
from comity.web.answers import Bytes, Page, Result, SeeOther, get, page, post
from comity.web.files import attached
from comity.web.kit import COOKIE, cookie_of
from comity.web.thread import told
from comity.web.visit import Visit

_WHO: Final = marked("I am {name}, {office}. I answer under: {authority}")
_TITLE: Final = marked("A question from {agency}")
_INTRO: Final = marked(
    "Read on a page of {agency}. Its server could read it while the page was open."
)
_NAME: Final = marked("Name and office")
_SIGNED: Final = marked("Date and signature")
_STAMP: Final = marked("Stamp")
_OPEN_TO_GUESTS: Final = (
    Outcome.INFORMATION,
    Outcome.PARTLY,
    Outcome.NOTHING_KNOWN,
    Outcome.NEEDS_LETTER,
    Outcome.MORE_NEEDED,
    Outcome.REFUSED,
)
_ROOM: Final = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    guest: Guest
    open: bool


def guest_list(visit: Visit) -> Result:
    seat = visit.seat
    found = guests(seat.house, seat.unlocked.agency)
    shown = [Listed(guest=each, open=is_open(seat.house, each)) for each in found]
    return page("guests.html", guests=shown)


def guest_form(visit: Visit) -> Result:
    named = sorted(
        ((code, visit.say_in.country(code)) for code in countries()), key=lambda each: each[1]
    )
    return page(
        "guest_new.html",
        countries=named,
        locales_named=[(each, visit.say_in.language(each.replace("_", "-"))) for each in LOCALES],
        country=visit.query.get("country", ""),
        draft=visit.query.get("draft", "") or visit.form.text("draft"),
        days=DAYS,
        least=DAYS_LEAST,
        most=DAYS_MOST,
    )


def make_guest(visit: Visit) -> Result:
    """Make a guest; his link and passphrase are shown this once."""
    form, seat = visit.form, visit.seat
    days = form.text("days", str(DAYS))
    if not days.isascii() or not days.isdigit():
        raise Misused("field-value", field="days")
    new = NewGuest(
        name=form.need("name"),
        office=form.need("office"),
        country=form.need("country"),
        telephone=form.need("telephone"),
        number_from=form.need("number_from"),
        checked=form.need("checked"),
        language=form.text("language", "en").replace("_", "-"),
        days=int(days[:4]),
    )
    made = invite_guest(seat.unlocked, seat.house, new)
    return _made(made, form.text("draft"))


def _made(made: Invitation, draft: str) -> Page:
    return page("guest_made.html", made=made, link=f"/g/{made.token}", draft=draft)


def end_visit(visit: Visit, officer: str) -> Result:
    ended = end_guest(visit.seat.unlocked, visit.house, officer)
    visit.desk.sessions.end_all(ended.officer)
    return SeeOther("/guests")


def door(visit: Visit, token: str) -> Result:
    """Show where a guest gives his passphrase; a link that is no more looks the same."""
    known = of_link(visit.house, token)
    return page("guest_door.html", token=token, ends=known.ends if known else None)


def come_in(visit: Visit, token: str) -> Result:
    unlocked = enter(visit.house, token, visit.form.need("passphrase"))
    if visit.session is not None:
        visit.desk.sessions.end(visit.session.id)
    secret, _ = visit.desk.sessions.enter(unlocked, shared=True)
    visit.cookies[COOKIE] = cookie_of(secret)
    return SeeOther("/guest")


def guest_page(visit: Visit) -> Result:
    """Show a guest his thread, and what he is to say next: who he is, then his answer."""
    guest, opened = _his(visit)
    if opened is None:
        return page("guest_waits.html", guest=guest, host=visit.agency(guest.host))
    return page(
        "guest.html",
        guest=guest,
        host=visit.agency(guest.host),
        kind=visit.house.kinds.get(kind_of(opened)),
        **told(visit, opened),
        **_form(visit),
    )


def say_who(visit: Visit) -> Result:
    """Let the guest say who he is and on what authority: it is signed, and stands in the thread."""
    form, (_, opened) = visit.form, _his(visit)
    remark = visit.say(
        _WHO,
        name=form.need("name"),
        office=form.need("office"),
        authority=form.need("authority"),
    )
    visit.seat.acknowledge(_thread(opened), remark=remark)
    return SeeOther("/guest")


def answer(visit: Visit) -> Result:
    form, (_, opened) = visit.form, _his(visit)
    thread = _thread(opened)
    outcome = outcome_of(visit)
    visit.seat.answer(
        thread,
        Reply(
            outcome=outcome,
            ground=form.text("ground") if outcome is Outcome.REFUSED else "",
            fields=form.under(FIELD),
            text=form.text("text"),
            attachments=attached(visit),
        ),
    )
    return SeeOther("/guest")


def printed(visit: Visit) -> Result:
    """Hand over the page as a PDF, to be signed and kept."""
    guest, opened = _his(visit)
    host = visit.agency(guest.host)
    thread = _thread(opened)
    shown = told(visit, opened) if opened else {}
    said = shown["said"]
    parts = [
        Part(head=f"{each.who}, {each.agency}", rows=each.pairs)
        for each in (said if isinstance(said, list) else [])
        if each.pairs
    ]
    made = as_pdf(
        Printed(
            title=visit.say(_TITLE, agency=host),
            reference=opened.thread.short if opened else thread,
            intro=visit.say(_INTRO, agency=host),
            parts=parts,
            lines=[visit.say(_NAME), visit.say(_SIGNED), visit.say(_STAMP)],
            language=visit.say_in.tag,
            direction=visit.say_in.direction,
        )
    )
    return Bytes(content=made, media="application/pdf", name="question.pdf")


def _his(visit: Visit) -> tuple[Guest, OpenThread | None]:
    """Return the guest and his one thread, once it is there."""
    found = guest_of(visit.house, visit.seat.unlocked.entry.id)
    if found is None:
        raise Misused("guest-unknown")
    lines = visit.seat.inbox(limit=1)
    return found, visit.seat.thread(lines[0].thread) if lines else None


def _thread(opened: OpenThread | None) -> ThreadId:
    if opened is None:
        raise Misused("thread-unknown")
    return opened.id


def _form(visit: Visit) -> dict[str, object]:
    known, said = outcomes(), visit.say_in.label
    return {
        "outcomes": [(each.value, said(known[each.value].label)) for each in _OPEN_TO_GUESTS],
        "grounds": [(code, said(each.label)) for code, each in refusals().items()],
    }


ROUTES = (
    get("/guests", guest_list),
    get("/guests/new", guest_form),
    post("/guests/new", make_guest, again=guest_form),
    post("/guests/<officer>/end", end_visit),
    get("/g/<token>", door, open_=True),
    post("/g/<token>", come_in, again=door, open_=True),
    get("/guest", guest_page, guest=True),
    post("/guest/who", say_who, again=guest_page, guest=True),
    post("/guest/answer", answer, again=guest_page, guest=True, limit=_ROOM),
    get("/guest/page", printed, guest=True),
)
