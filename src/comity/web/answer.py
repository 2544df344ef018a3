# SPDX-License-Identifier: Apache-2.0
"""Answer a question, give what was asked back, or say that somebody is on it.

All outcomes stand on one page. What belongs to some of them alone is hidden by a browser that can
do so without a script; a field of another outcome counts for nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.domain.statement import Acknowledgement, Answer, Outcome, RefusalGround
from comity.domain.thread import Side
from comity.errors import Misused
from comity.knowledge.codes import ask_back_reasons, outcomes, refusals
from comity.knowledge.request_kind import FieldType, KindField, RequestKind
from comity.language.marks import marked
from comity.services.acknowledge import draft_acknowledgement
from comity.services.answer import TELLING, Reply, draft_answer
from comity.services.draft import Draft
from comity.services.thread import OpenThread
from comity.web.acting import (
    Blank,
    Box,
    blank_page,
    files_of,
    kind_of,
    manner_boxes,
    manner_of,
    moment_of,
    send_once,
    typed_box,
)
from comity.web.answers import Result, get, post
from comity.web.files import LIMIT
from comity.web.handling import leave_boxes, leave_of, more_boxes
from comity.web.visit import Visit

_ANSWER: Final = marked("Answer")
_SUPPLY: Final = marked("Give what is missing")
_OUTCOME: Final = marked("Outcome")
_GROUND: Final = marked("Ground")
_COMPETENT: Final = marked("Who is competent")
_WORDS: Final = marked("In your own words")
_REF: Final = marked("Your file number")
_HANDLING: Final = marked("More about what may be done with it")
_MISSING: Final = marked("What is missing: {what}")
_LETTER: Final = marked("A letter of request would be for this: {purpose}")
_LETTER_OPEN: Final = marked("The letter goes between the central authorities of both countries.")
_STEPS: Final = marked("{ground}: {steps}")
_ACKNOWLEDGE: Final = marked("Acknowledge")
_EXPECT: Final = marked("When an answer may come")
_EXPECT_HINT: Final = marked("By the clock on your wall.")
_REMARK: Final = marked("Remark")
_ACK_LEAD: Final = marked("The other side reads that you have it and somebody is on it.")

FIELD: Final = "f-"
FOR_TELLING: Final = "telling"
FOR_REFUSED: Final = "refused"
FOR_NAMED: Final = "named"
FOR_LETTER: Final = "letter"


def answer_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, answer_blank(visit, opened))


def answer(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, answer_blank, _answer, done="answered", body=Answer)


def answer_blank(visit: Visit, opened: OpenThread) -> Blank:
    asks = opened.thread.side_of(opened.viewer) is Side.ASKER
    title = visit.say(_SUPPLY if asks else _ANSWER)
    kind = visit.house.kinds.get(kind_of(opened))
    return Blank(
        title=title,
        verb=title,
        to="answer",
        lead=_missing(visit, opened) if asks else (),
        boxes=(
            _outcomes(visit, asks=asks),
            *field_boxes(visit, _fields(opened, kind, asks=asks), only=FOR_TELLING),
            *_grounds(visit),
            Box(name="competent", label=visit.say(_COMPETENT), required=False, only=FOR_NAMED),
            *_letter(visit, kind),
            Box(name="text", label=visit.say(_WORDS), shape="area", required=False),
            *leave_boxes(visit),
            *manner_boxes(visit, opened),
        ),
        files=True,
        fold=visit.say(_HANDLING),
        folded=(
            *more_boxes(visit),
            Box(name="ref", label=visit.say(_REF), required=False),
            typed_box(visit),
        ),
    )


def _answer(visit: Visit, opened: OpenThread) -> Draft:
    seat = visit.seat
    return draft_answer(
        seat.unlocked, seat.house, opened.id, _reply(visit, opened), manner=manner_of(visit)
    )


def _reply(visit: Visit, opened: OpenThread) -> Reply:
    """Return what was filled in; what belongs to another outcome is left out."""
    form = visit.form
    outcome = outcome_of(visit)
    ground = form.text("ground") if outcome is Outcome.REFUSED else ""
    named = outcome is Outcome.PASSED_ON or ground == RefusalGround.NOT_COMPETENT
    return Reply(
        outcome=outcome,
        ground=ground,
        competent=form.text("competent") if named else "",
        fields=form.under(FIELD) if outcome in TELLING else {},
        text=form.text("text"),
        ref=form.text("ref"),
        handling=leave_of(visit),
        attachments=files_of(visit, opened),
    )


def outcome_of(visit: Visit) -> Outcome:
    try:
        return Outcome(visit.form.need("outcome"))
    except ValueError:
        raise Misused("field-value", field="outcome") from None


def _outcomes(visit: Visit, *, asks: bool) -> Box:
    mine = (Outcome.INFORMATION, Outcome.PARTLY, Outcome.NOTHING_KNOWN, Outcome.REFUSED)
    return Box(
        name="outcome",
        label=visit.say(_OUTCOME),
        shape="radios",
        value=Outcome.INFORMATION if asks else "",
        choices=tuple(
            (each.code, visit.say_in.label(each.label))
            for each in outcomes().values()
            if not asks or each.code in mine
        ),
    )


def _grounds(visit: Visit) -> tuple[Box, ...]:
    """Return the grounds of refusal, each with the steps that stay open to the asker."""
    known = refusals().values()
    box = Box(
        name="ground",
        label=visit.say(_GROUND),
        shape="pick",
        choices=(("", ""), *((each.code, visit.say_in.label(each.label)) for each in known)),
        required=False,
        only=FOR_REFUSED,
    )
    steps = [
        visit.say(
            _STEPS,
            ground=visit.say_in.label(each.label),
            steps=" ".join(map(visit.say_in.label, each.steps)),
        )
        for each in known
    ]
    return (box, Box(name="", label="\n".join(steps), shape="steps", only=FOR_REFUSED))


def _letter(visit: Visit, kind: RequestKind | None) -> tuple[Box, ...]:
    told = visit.say_in.label(kind.question) if kind else ""
    said = visit.say(_LETTER, purpose=told) if told else ""
    text = "\n".join(each for each in (said, visit.say(_LETTER_OPEN)) if each)
    return (Box(name="", label=text, shape="told", only=FOR_LETTER),)


def _missing(visit: Visit, opened: OpenThread) -> tuple[str, ...]:
    known = {**ask_back_reasons(), **outcomes()}
    labels = [
        visit.say_in.label(known[reason].label) if reason in known else reason
        for each in opened.thread.questions
        if each.of is Side.ASKER
        for reason in each.reasons
    ]
    return tuple(visit.say(_MISSING, what=each) for each in dict.fromkeys(labels))


def _fields(opened: OpenThread, kind: RequestKind | None, *, asks: bool) -> Sequence[KindField]:
    """Return the fields that may be filled in: of the answer, or those that were asked back."""
    if kind is None or opened.thread.request is None:
        return ()
    if not asks:
        return kind.answer
    wanted = {name for each in opened.thread.questions for name in each.fields}
    reasons = {code for each in opened.thread.questions for code in each.reasons}
    named = wanted | reasons
    return [each for each in kind.fields if each.name in named] or kind.fields


def field_boxes(visit: Visit, fields: Sequence[KindField], *, only: str = "") -> tuple[Box, ...]:
    """Return a box for each of *fields*; whether one is needed is said when it is missing."""
    return tuple(_field_box(visit, each, only) for each in fields)


def _field_box(visit: Visit, field: KindField, only: str) -> Box:
    say = visit.say_in.label
    choices = tuple((each.code, say(each.label)) for each in field.choices)
    shape = _SHAPES.get(field.type, "area" if field.takes_many else "line")
    return Box(
        name=f"{FIELD}{field.name}",
        fault=field.name,
        label=say(field.label),
        hint=say(field.hint),
        shape=shape,
        choices=(("", ""), *choices) if shape == "pick" else choices,
        required=False,
        only=only,
    )


_SHAPES: Final[Mapping[FieldType, str]] = {FieldType.CHOICE: "pick", FieldType.CODES: "ticks"}


def acknowledge_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _acknowledge_blank(visit, opened))


def acknowledge(visit: Visit, thread: str) -> Result:
    return send_once(
        visit,
        thread,
        _acknowledge_blank,
        _acknowledge,
        done="acknowledged",
        body=Acknowledgement,
    )


def _acknowledge_blank(visit: Visit, opened: OpenThread) -> Blank:
    return Blank(
        title=visit.say(_ACKNOWLEDGE),
        verb=visit.say(_ACKNOWLEDGE),
        to="acknowledge",
        lead=(visit.say(_ACK_LEAD),),
        boxes=(
            Box(
                name="expect",
                label=visit.say(_EXPECT),
                hint=visit.say(_EXPECT_HINT),
                type="datetime-local",
                required=False,
            ),
            Box(name="remark", label=visit.say(_REMARK), shape="area", required=False),
            *manner_boxes(visit, opened),
        ),
        folded=(typed_box(visit),),
    )


def _acknowledge(visit: Visit, opened: OpenThread) -> Draft:
    return draft_acknowledgement(
        visit.seat.unlocked,
        visit.house,
        opened.id,
        expect=moment_of(visit, "expect"),
        remark=visit.form.text("remark"),
        manner=manner_of(visit),
    )


ROUTES = (
    get("/t/<thread>/answer", answer_page),
    post("/t/<thread>/answer", answer, again=answer_page, limit=LIMIT),
    get("/t/<thread>/acknowledge", acknowledge_page),
    post("/t/<thread>/acknowledge", acknowledge, again=acknowledge_page),
)
