# SPDX-License-Identifier: Apache-2.0
"""Who has a thread: take it, hand it over; and what has not left yet: stop it, or send it again."""

from typing import Final

from comity.domain.statement import Stop
from comity.errors import Misused, TooLate
from comity.language.marks import marked
from comity.services.replies import own_desks
from comity.services.thread import OpenThread
from comity.web.acting import OLD_KEYS, Blank, Box, blank_page, colleague
from comity.web.answers import Result, SeeOther, get, post
from comity.web.visit import Visit

_TAKEN: Final = f"{TooLate.code}.taken"
_ALREADY: Final = f"{TooLate.code}.taken-already"
_ANYWAY: Final = marked("Take it anyway")
_HAS: Final = marked("{who} has it, since {when}.")
_SEES: Final = marked("Your colleagues see who took it.")
_HAND_OVER: Final = marked("Hand over")
_LEAD: Final = marked("Whoever takes it must be a member of the desk, to be able to read it.")
_TO: Final = marked("To")
_REMARK: Final = marked("Remark")
_REMARK_HINT: Final = marked("What whoever takes it should know.")


def take(visit: Visit, thread: str) -> Result:
    """Take a thread; where a colleague has it, ask first."""
    try:
        visit.seat.take(thread, anyway=visit.form.flag("anyway"))
    except TooLate as error:
        if error.cause == _TAKEN:
            return take_page(visit, thread)
        if error.cause != _ALREADY:
            raise
    opened = visit.seat.thread(thread)
    return SeeOther(f"/t/{opened.id}?did=taken")


def take_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    holder = opened.thread.holder_in(opened.viewer)
    lead = [visit.say(_SEES)]
    if holder:
        who, when = colleague(visit, holder.id), visit.when(holder.since)
        lead.insert(0, visit.say(_HAS, who=who, when=when))
    title = visit.say(_ANYWAY)
    blank = Blank(
        title=title,
        verb=title,
        to="take",
        lead=tuple(lead),
        danger=True,
        reviewed=False,
        hidden=(("anyway", "1"),),
    )
    return blank_page(visit, opened, blank)


def hand_over_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    blank = Blank(
        title=visit.say(_HAND_OVER),
        verb=visit.say(_HAND_OVER),
        to="hand-over",
        lead=(visit.say(_LEAD),),
        reviewed=False,
        boxes=(
            Box(name="to", label=visit.say(_TO), shape="pick", choices=takers(visit, opened)),
            Box(
                name="remark",
                label=visit.say(_REMARK),
                hint=visit.say(_REMARK_HINT),
                shape="area",
                required=False,
            ),
        ),
    )
    return blank_page(visit, opened, blank)


def takers(visit: Visit, opened: OpenThread) -> tuple[tuple[str, str], ...]:
    """Return whom it can be handed to: the members of the desks that read it, and those desks."""
    card, own = visit.book.agency(opened.viewer), visit.seat.unlocked.entry.id
    first = opened.thread.opening.id if opened.thread.opening else None
    overseers = {each.id for each in card.oversight}
    desks = [each for each in own_desks(opened, card.id, first) if each not in overseers]
    people = dict.fromkeys(member for desk in desks for member in card.members(desk))
    return tuple((each, colleague(visit, each)) for each in (*people, *desks) if each != own)


def hand_over(visit: Visit, thread: str) -> Result:
    form = visit.form
    done = visit.seat.hand_over(thread, form.need("to"), remark=form.text("remark"))
    return SeeOther(f"/t/{done.thread}?did=handed-over")


def stop(visit: Visit, thread: str) -> Result:
    """Stop one act of the thread; a second tap finds it stopped."""
    opened = visit.seat.thread(thread)
    act = _act_in(opened, visit.form.need("act"))
    stopped = [each.body.to for each in opened.thread.acts if isinstance(each.body, Stop)]
    if act not in stopped:
        visit.seat.stop(act)
    return SeeOther(f"/t/{opened.id}?did=stopped")


def send_again(visit: Visit, thread: str) -> Result:
    """Send again what the other side could not open; where its keys are old the page asks why."""
    opened, form = visit.seat.thread(thread), visit.form
    visit.seat.send_again(_act_in(opened, form.need("act")), reason=form.text(OLD_KEYS))
    return SeeOther(f"/t/{opened.id}?did=again")


def _act_in(opened: OpenThread, named: str) -> str:
    """Return the act *named*; raise Misused unless it is one of the thread in the address."""
    if named not in {each.id for each in opened.thread.acts}:
        raise Misused("act-unknown")
    return named


ROUTES = (
    get("/t/<thread>/hand-over", hand_over_page),
    post("/t/<thread>/hand-over", hand_over, again=hand_over_page),
)
