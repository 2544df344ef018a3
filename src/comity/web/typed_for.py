# SPDX-License-Identifier: Apache-2.0
"""Typed for: whoever dictated something reads what was sent, and says whether it is his."""

from typing import Final

from comity.domain.ids import ActId
from comity.errors import Misused, TooLate
from comity.services.said import is_shown
from comity.services.typed_for import Typed, confirm, deny, to_confirm
from comity.web.acting import colleague, head, kind_of
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit

_DECIDED: Final = f"{TooLate.code}.typed-decided"


def typed_page(visit: Visit, act: str) -> Result:
    """Show what was sent in his name, and by whom."""
    typed = _his(visit, act)
    opened = visit.seat.thread(typed.thread)
    said = [each for each in opened.thread.acts if each.id == typed.act]
    sayer = visit.sayer(kind_of(opened))
    lines = [line for each in said if is_shown(each) for line in sayer.lines(each.body) if line[1]]
    return page(
        "typed.html",
        typed=typed,
        by=colleague(visit, typed.by),
        lines=lines,
        language=said[0].statement.language if said else visit.say_in.tag,
        **head(visit, opened),
    )


def decide(visit: Visit, act: str) -> Result:
    """Confirm it, or say that it is not his; a second tap finds it decided."""
    seat, word = visit.seat, visit.form.need("word")
    if word not in ("yes", "no"):
        raise Misused("field-value", field="word")
    try:
        if word == "yes":
            confirm(seat.unlocked, seat.house, ActId(act))
        else:
            deny(seat.unlocked, seat.house, ActId(act), text=visit.form.text("text"))
    except TooLate as error:
        if error.cause != _DECIDED:
            raise
    return SeeOther("/today")


def _his(visit: Visit, act: str) -> Typed:
    for each in to_confirm(visit.seat.unlocked, visit.house):
        if each.act == act:
            return each
    raise Misused("act-unknown")


ROUTES = (
    get("/typed/<act>", typed_page),
    post("/typed/<act>", decide, again=typed_page),
)
