# SPDX-License-Identifier: Apache-2.0
"""Take back what was said: ask to delete, narrow, correct, withdraw a question.

And the other side of it: what another agency asks to have deleted here is kept on a ground, or
deleted.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from comity.domain.ids import ActId
from comity.domain.taking_back import Correction, Recall, Taking, Withdrawal
from comity.domain.thread import Act
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.draft import Draft
from comity.services.keep import keep, let_go
from comity.services.recall import Wish, may_take_back, take_back
from comity.services.recall_rules import Ground
from comity.services.said import what
from comity.services.thread import OpenThread
from comity.services.withdraw import draft_withdrawal
from comity.web.acting import (
    Blank,
    Box,
    again_of,
    blank_page,
    manner_boxes,
    manner_of,
    send_once,
)
from comity.web.answers import Result, SeeOther, get, post
from comity.web.handling import leave_boxes, leave_of, more_boxes
from comity.web.visit import Visit

_ACTS: Final = marked("Which message")
_WHY: Final = marked("Why, in your own words")
_GOES: Final = marked("Who has it and will read this: {readers}")
_DELETE: Final = marked("Ask to delete")
_DELETE_LEAD: Final = marked(
    "Everybody who has it is asked to delete it. This cannot be taken back, and what somebody "
    "printed or wrote down stays."
)
_HERE: Final = marked("Delete it at your own agency as well")
_NARROW: Final = marked("Let less be done with it")
_NARROW_LEAD: Final = marked("You can only ever allow less. Everybody who has it is told.")
_CORRECT: Final = marked("Correct")
_CORRECT_LEAD: Final = marked("It stays where it is, and whoever opens it reads this first.")
_WRONG: Final = marked("What is wrong")
_CORRECTIONS: Final = {
    Correction.WRONG_PERSON: marked("It is about the wrong person"),
    Correction.CLEARED: marked("The person is not suspected any more"),
}
_WITHDRAW: Final = marked("Withdraw the question")
_WITHDRAW_LEAD: Final = marked(
    "The other side reads that no answer is wanted. The clocks stop, and nothing is deleted."
)
_ASKED: Final = marked("Another agency asks to delete this")
_KEEP: Final = marked("Keep it, on this ground")
_REMOVE: Final = marked("Delete it")
_DECIDE: Final = marked("Decide")
_GROUNDS: Final = {
    Ground.EVIDENCE: marked("It is evidence"),
    Ground.COURT_ORDER: marked("A court has ordered to keep it"),
    Ground.LAW: marked("The law says so"),
    Ground.IN_USE: marked("It is in use"),
}
_WHAT: Final = marked("What you do")
_GROUND: Final = marked("Ground")
_ASKED_LEAD: Final = marked("What is deleted does not come back. Whoever asks is told what you do.")

BlankOf = Callable[[Visit, OpenThread], Blank]


def _acts_box(visit: Visit, opened: OpenThread) -> Box:
    acts = _mine(visit, opened)
    choices = tuple((each.id, _named(visit, opened, each)) for each in acts)
    ticked = (acts[-1].id,) if acts else ()
    return Box(name="acts", label=visit.say(_ACTS), shape="ticks", choices=choices, ticked=ticked)


def _mine(visit: Visit, opened: OpenThread) -> list[Act]:
    seat = visit.seat
    return [e for e in opened.thread.acts if may_take_back(seat.unlocked, seat.house, e)]


def _named(visit: Visit, opened: OpenThread, act: Act) -> str:
    code = what(act, opened.thread)
    return f"{visit.say(words.EVENTS.get(code, code))} · {visit.exact(act.at)}"


def _goes(visit: Visit, opened: OpenThread) -> str:
    """Return who has what may be taken back, and so will be told."""
    names = dict.fromkeys(
        f"{visit.people.of(reader.id)} ({visit.agency(reader.agency)})"
        for act in _mine(visit, opened)
        for copy in opened.copies_of(act.id)
        for reader in (*copy.statement.readers, *copy.statement.shown)
    )
    return visit.say(_GOES, readers=", ".join(names))


def _delete_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_DELETE),
        verb=visit.say(_DELETE),
        to="delete",
        lead=(visit.say(_DELETE_LEAD), _goes(visit, opened)),
        danger=True,
        reviewed=False,
        boxes=(
            _acts_box(visit, opened),
            Box(name="text", label=visit.say(_WHY), shape="area", required=False),
            Box(name="here", label=visit.say(_HERE), shape="tick", required=False),
            *manner_boxes(visit, opened)[:1],
        ),
    )


def _narrow_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_NARROW),
        verb=visit.say(_NARROW),
        to="narrow",
        lead=(visit.say(_NARROW_LEAD), _goes(visit, opened)),
        reviewed=False,
        boxes=(
            _acts_box(visit, opened),
            *leave_boxes(visit, opened.thread.handling),
            Box(name="text", label=visit.say(_WHY), shape="area", required=False),
            *manner_boxes(visit, opened)[:1],
        ),
        folded=more_boxes(visit)[:2],
    )


def _correct_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_CORRECT),
        verb=visit.say(_CORRECT),
        to="correct",
        lead=(visit.say(_CORRECT_LEAD), _goes(visit, opened)),
        reviewed=False,
        boxes=(
            _acts_box(visit, opened),
            Box(
                name="correction",
                label=visit.say(_WRONG),
                shape="radios",
                choices=tuple((code.value, visit.say(said)) for code, said in _CORRECTIONS.items()),
            ),
            Box(name="text", label=visit.say(_WHY), shape="area", required=False),
            *manner_boxes(visit, opened)[:1],
        ),
    )


def _page(blank: BlankOf) -> Callable[[Visit, str], Result]:
    def shown(visit: Visit, thread: str) -> Result:
        opened = visit.seat.thread(thread)
        return blank_page(visit, opened, blank(visit, opened))

    return shown


delete_page = _page(_delete_blank)
narrow_page = _page(_narrow_blank)
correct_page = _page(_correct_blank)


def delete(visit: Visit, thread: str) -> Result:
    wish = partial(Wish, what=Taking.RECALL, here_too=visit.form.flag("here"))
    return _take_back(visit, thread, wish, done="recalled")


def narrow(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    narrower = leave_of(visit, opened.thread.handling)
    wish = partial(Wish, what=Taking.NARROW, handling=narrower)
    return _take_back(visit, thread, wish, done="narrowed")


def correct(visit: Visit, thread: str) -> Result:
    wish = partial(Wish, what=Taking.CORRECT, correction=visit.form.need("correction"))
    return _take_back(visit, thread, wish, done="corrected")


def _take_back(visit: Visit, thread: str, wish: Callable[..., Wish], *, done: str) -> Result:
    seat, form = visit.seat, visit.form
    opened = seat.thread(thread)
    if not again_of(visit, opened, Recall):
        acts = tuple(ActId(each) for each in form.all("acts"))
        if not acts:
            raise Misused("field-missing", field="acts")
        if not {each.id for each in _mine(visit, opened)}.issuperset(acts):
            raise Misused("act-unknown")
        meant = wish(acts=acts, text=form.text("text"), language=manner_of(visit).language)
        take_back(seat.unlocked, seat.house, opened.id, meant)
    return SeeOther(f"/t/{opened.id}?did={done}")


def _withdraw_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_WITHDRAW),
        verb=visit.say(_WITHDRAW),
        to="withdraw",
        lead=(visit.say(_WITHDRAW_LEAD),),
        danger=True,
        boxes=(
            Box(name="text", label=visit.say(_WHY), shape="area", required=False),
            *manner_boxes(visit, opened),
        ),
    )


withdraw_page = _page(_withdraw_blank)


def withdraw(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _withdraw_blank, _withdrawal, done="withdrawn", body=Withdrawal)


def _withdrawal(visit: Visit, opened: OpenThread) -> Draft:
    seat, manner = visit.seat, manner_of(visit)
    text = visit.form.text("text")
    return draft_withdrawal(seat.unlocked, seat.house, opened.id, text=text, manner=manner)


def _asked_blank(visit: Visit, _opened: OpenThread) -> Blank:
    grounds = tuple((each.value, visit.say(said)) for each, said in _GROUNDS.items())
    choices = (("keep", visit.say(_KEEP)), ("remove", visit.say(_REMOVE)))
    return Blank(
        title=visit.say(_ASKED),
        verb=visit.say(_DECIDE),
        to="asked-to-delete",
        lead=(visit.say(_ASKED_LEAD),),
        danger=True,
        reviewed=False,
        boxes=(
            Box(name="decision", label=visit.say(_WHAT), shape="radios", choices=choices),
            Box(
                name="ground",
                label=visit.say(_GROUND),
                shape="pick",
                choices=(("", ""), *grounds),
                required=False,
                only="keep",
            ),
        ),
    )


asked_page = _page(_asked_blank)


def asked(visit: Visit, thread: str) -> Result:
    """Keep what another agency asks to delete, or delete it."""
    seat, form = visit.seat, visit.form
    found = seat.find(thread)
    if form.need("decision") == "keep":
        keep(seat.unlocked, seat.house, found, _ground(form.need("ground")))
    else:
        let_go(seat.unlocked, seat.house, found)
    return SeeOther("/today")


def _ground(typed: str) -> Ground:
    try:
        return Ground(typed)
    except ValueError:
        raise Misused("field-value", field="ground") from None


ROUTES = (
    get("/t/<thread>/delete", delete_page),
    post("/t/<thread>/delete", delete, again=delete_page),
    get("/t/<thread>/narrow", narrow_page),
    post("/t/<thread>/narrow", narrow, again=narrow_page),
    get("/t/<thread>/correct", correct_page),
    post("/t/<thread>/correct", correct, again=correct_page),
    get("/t/<thread>/withdraw", withdraw_page),
    post("/t/<thread>/withdraw", withdraw, again=withdraw_page),
    get("/t/<thread>/asked-to-delete", asked_page),
    post("/t/<thread>/asked-to-delete", asked, again=asked_page),
)
