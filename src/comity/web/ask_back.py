# SPDX-License-Identifier: Apache-2.0
"""Ask back what is missing; and *I cannot read this*, which asks for another language.

Neither stops a clock. Whoever cannot read a question says so as an outcome that leaves it open;
whoever cannot read an answer asks back.
"""

from typing import Final

from comity.domain.statement import Answer, AskBack, Outcome
from comity.domain.thread import Side
from comity.errors import Misused
from comity.knowledge.codes import ask_back_reasons
from comity.language.marks import marked
from comity.language.translator import Translator
from comity.services.answer import Reply, draft_answer
from comity.services.ask_back import draft_ask_back
from comity.services.draft import Draft
from comity.services.thread import OpenThread
from comity.web.acting import (
    Blank,
    Box,
    blank_page,
    kind_of,
    languages,
    manner_boxes,
    manner_of,
    send_once,
    typed_box,
)
from comity.web.answers import Result, get, post
from comity.web.visit import Visit

_ASK_BACK: Final = marked("Ask back")
_LEAD: Final = marked("The thread stays open, and its clock runs on.")
_MISSING: Final = marked("What is missing")
_FIELDS: Final = marked("About")
_WORDS: Final = marked("In your own words")
_CANNOT: Final = marked("I cannot read this")
_CANNOT_LEAD: Final = marked("The other side is asked to write it in a language that you read.")
_LANGUAGES: Final = marked("Languages that you read")
_TRANSLATION: Final = "translation"


def ask_back_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _blank(visit, opened))


def ask_back(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _blank, _draft, done="asked-back", body=AskBack)


def _blank(visit: Visit, opened: OpenThread) -> Blank:
    say = visit.say_in.label
    reasons = tuple((each.code, say(each.label)) for each in ask_back_reasons().values())
    kind = visit.house.kinds.get(kind_of(opened)) if opened.thread.request else None
    asks = opened.thread.side_of(opened.viewer) is Side.ASKER
    fields = (kind.answer if asks else kind.fields) if kind else ()
    named = Box(
        name="fields",
        label=visit.say(_FIELDS),
        shape="ticks",
        choices=tuple((each.name, say(each.label)) for each in fields),
        required=False,
    )
    return Blank(
        title=visit.say(_ASK_BACK),
        verb=visit.say(_ASK_BACK),
        to="ask-back",
        lead=(visit.say(_LEAD),),
        boxes=(
            Box(
                name="reasons",
                fault="reason",
                label=visit.say(_MISSING),
                shape="ticks",
                choices=reasons,
            ),
            Box(name="text", label=visit.say(_WORDS), shape="area", required=False),
            *manner_boxes(visit, opened),
        ),
        fold=visit.say(_FIELDS),
        folded=(*((named,) if fields else ()), typed_box(visit)),
    )


def _draft(visit: Visit, opened: OpenThread) -> Draft:
    form = visit.form
    return draft_ask_back(
        visit.seat.unlocked,
        visit.house,
        opened.id,
        form.all("reasons"),
        fields=form.all("fields"),
        text=form.text("text"),
        manner=manner_of(visit),
    )


def cannot_read_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _cannot_read_blank(visit, opened))


def cannot_read(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    asks = opened.thread.side_of(opened.viewer) is Side.ASKER
    return send_once(
        visit,
        thread,
        _cannot_read_blank,
        _cannot_read,
        done="asked-back",
        body=AskBack if asks else Answer,
    )


def _cannot_read_blank(visit: Visit, _opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_CANNOT),
        verb=visit.say(_ASK_BACK),
        to="cannot-read",
        lead=(visit.say(_CANNOT_LEAD), visit.say(_LEAD)),
        boxes=(
            Box(
                name="languages",
                label=visit.say(_LANGUAGES),
                shape="ticks",
                choices=languages(visit),
                ticked=(visit.say_in.tag,),
            ),
        ),
        links=(("ask-consent?for=translation", visit.say(_TRANSLATOR)),),
    )


_TRANSLATOR: Final = marked("Ask for consent to show it to a translator instead")


def _cannot_read(visit: Visit, opened: OpenThread) -> Draft:
    """Return what asks for a language: each is named in itself, so that anybody reads it."""
    tags = visit.form.all("languages")
    known = {tag for tag, _ in languages(visit)}
    if not tags:
        raise Misused("field-missing", field="languages")
    if not known.issuperset(tags):
        raise Misused("language")
    text = ", ".join(Translator(each).language(each) for each in tags)
    seat, manner = visit.seat, manner_of(visit)
    if opened.thread.side_of(opened.viewer) is Side.ASKER:
        return draft_ask_back(
            seat.unlocked, seat.house, opened.id, [_TRANSLATION], text=text, manner=manner
        )
    reply = Reply(outcome=Outcome.TRANSLATION_NEEDED, text=text)
    return draft_answer(seat.unlocked, seat.house, opened.id, reply, manner=manner)


ROUTES = (
    get("/t/<thread>/ask-back", ask_back_page),
    post("/t/<thread>/ask-back", ask_back, again=ask_back_page),
    get("/t/<thread>/cannot-read", cannot_read_page),
    post("/t/<thread>/cannot-read", cannot_read, again=cannot_read_page),
)
