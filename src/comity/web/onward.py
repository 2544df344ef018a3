# SPDX-License-Identifier: Apache-2.0
"""Pass on what another agency told, and consent: to ask for it, to give it, to refuse it.

Where the originator is to be asked first the page that was refused asks him: one tap, once it is
shown who will see that. Passing on opens a thread of its own, whose id the form brings, so that
pressed twice it is one thread.
"""

from dataclasses import replace
from typing import Final

from comity.domain.consent import Consent, ConsentRequest
from comity.domain.consents import Asking, askings, pending
from comity.domain.handling import Handling
from comity.domain.ids import ActId, check_random, mint, thread_of
from comity.domain.onward import WIDEST, Use
from comity.domain.passed_on import handling_of
from comity.domain.statement import PassOn
from comity.domain.time import written
from comity.errors import Misused, Refused, TooLate
from comity.knowledge.codes import purposes
from comity.language import words
from comity.language.marks import marked
from comity.services.consent import Leave, Wish, draft_consent, draft_consent_request
from comity.services.draft import Draft
from comity.services.pass_on import NEEDED, Onward, draft_pass_on
from comity.services.thread import OpenThread
from comity.web.acting import (
    Blank,
    Box,
    blank_page,
    kind_of,
    manner_boxes,
    manner_of,
    moment_of,
    review_page,
    send_once,
)
from comity.web.answers import Page, Result, SeeOther, get, post
from comity.web.handling import USUAL, leave_boxes, leave_of
from comity.web.visit import Visit

_PASS_ON: Final = marked("Pass on")
_PASS_LEAD: Final = marked("It goes as it was signed, with what lets you, in a thread of its own.")
_TO: Final = marked("To")
_REF: Final = marked("Your file number")
_USE: Final = marked("Use")
_REMARK: Final = marked("Remark")
_FILES: Final = marked("Leave the files out")
_NARROW: Final = marked("Let less be done with it")
ASK: Final = marked("Ask for consent")
_ASK_LEAD: Final = marked("Whoever told it is asked, and his signed answer comes back here.")
_NEEDED: Final = marked("Whoever told this decides whether it goes further. Nothing was sent.")
_IN_NAME: Final = marked("Asked in the name of {agency}.")
_WISH: Final = marked("What for")
_REASON: Final = marked("Reason")
_SOON: Final = marked("An answer is needed within hours")
_GIVE: Final = marked("Give or refuse consent")
_WORD: Final = marked("Consent")
_CONDITION: Final = marked("Condition")
_UNTIL: Final = marked("Until")
_UNTIL_HINT: Final = marked("A month, if you say nothing.")
_WORDS: Final = marked("In your own words")
_THEN: Final = marked("What may then be done with it")
_TRANSLATE: Final = marked("So that a translator can read it to us.")
_ANOTHERS: Final = marked("Another agency told this first: only that agency can consent.")
BRING: Final = marked("Bring the consent of whoever told it first")
_NEEDS: Final = f"{Refused.code}.{NEEDED}"


def pass_on_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _pass_blank(visit, opened))


def pass_on(visit: Visit, thread: str) -> Result:
    """Pass on; where consent is needed show the page that asks for it."""
    opened = visit.seat.thread(thread)
    blank = _pass_blank(visit, opened)
    if visit.form.flag("change"):
        return blank_page(visit, opened, blank)
    onward = _onward(visit)
    made = thread_of(opened.viewer, ActId(onward.id))
    try:
        if not visit.form.flag("sure"):
            draft = draft_pass_on(visit.seat.unlocked, visit.house, opened.id, onward)
            return review_page(visit, opened, blank, draft)
        visit.seat.pass_on(opened.id, onward)
    except TooLate:
        visit.seat.thread(made, receipt=False)  # pressed twice: it is there already
    except Refused as error:
        if error.cause != _NEEDS:
            raise
        return _consent_needed(visit, opened, onward)
    return SeeOther(f"/t/{made}?did=passed-on")


def _pass_blank(visit: Visit, opened: OpenThread) -> Blank:
    id_ = visit.form.text("id") or mint(visit.house.random)
    return Blank(
        title=visit.say(_PASS_ON),
        verb=visit.say(_PASS_ON),
        to="pass-on",
        lead=(visit.say(_PASS_LEAD),),
        hidden=(("id", id_),),
        boxes=(
            Box(name="to", label=visit.say(_TO), shape="pick", choices=_desks(visit, opened)),
            Box(name="ref", label=visit.say(_REF)),
            Box(
                name="use",
                label=visit.say(_USE),
                shape="pick",
                choices=_purposes(visit),
                value="intelligence",
            ),
            Box(name="remark", label=visit.say(_REMARK), shape="area", required=False),
            Box(name="bare", label=visit.say(_FILES), shape="tick", required=False),
            *manner_boxes(visit, opened),
        ),
        fold=visit.say(_NARROW),
        folded=_unsaid(leave_boxes(visit)),
    )


def _unsaid(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """Return *boxes* with nothing chosen: what is not said stays as it is."""
    blank = ("", "")
    return tuple(
        replace(each, value="", choices=(blank, *each.choices), required=False) for each in boxes
    )


def _onward(visit: Visit) -> Onward:
    form, manner = visit.form, manner_of(visit)
    id_ = form.need("id")
    try:
        check_random("id", id_)
    except ValueError:
        raise Misused("field-value", field="id") from None
    return Onward(
        to=form.need("to"),
        ref=form.need("ref"),
        remark=form.text("remark"),
        use=form.text("use") or "intelligence",
        handling=leave_of(visit, WIDEST),
        files=not form.flag("bare"),
        language=manner.language,
        desk=manner.desk,
        roster_reason=manner.roster_reason,
        id=id_,
    )


def _consent_needed(visit: Visit, opened: OpenThread, onward: Onward) -> Page:
    """Return the page that asks for the consent that was missing: who will see it, and one tap."""
    card, _ = visit.book.find_reader(onward.to)
    wish = Wish(use=Use.PASS_ON, to=(card.id,), purpose=onward.use)
    draft = draft_consent_request(
        visit.seat.unlocked, visit.house, opened.id, wish, manner_of(visit)
    )
    blank = _ask_blank(visit, opened)
    shown = review_page(visit, opened, blank, draft, first=visit.say(_NEEDED))
    kept = (("use", wish.use.value), ("to", card.id), ("purpose", wish.purpose))
    language = (("language", draft.act.language),)
    return replace(shown, values={**shown.values, "kept": (*kept, *language)})


def ask_consent_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _ask_blank(visit, opened))


def ask_consent(visit: Visit, thread: str) -> Result:
    return send_once(visit, thread, _ask_blank, _ask, done="consent-asked", body=ConsentRequest)


def is_anothers(opened: OpenThread, asking: Asking) -> bool:
    """Return whether *asking* is about what another agency told first."""
    told = next((e.body for e in opened.thread.acts if e.id == asking.body.to), None)
    return isinstance(told, PassOn)


def ask_blank_in_name(visit: Visit, opened: OpenThread) -> Blank:
    """Return the form that asks once more what the form says that another asks of us."""
    form = visit.form
    asked = [("holder", form.text("holder")), ("use", form.text("use"))]
    asked += [("to", each) for each in form.all("to")]
    asked += [("purpose", form.text("purpose"))] if form.text("purpose") else []
    return Blank(
        title=visit.say(ASK),
        verb=visit.say(ASK),
        to="ask-consent",
        lead=(
            visit.say(_IN_NAME, agency=visit.agency(form.text("holder"))),
            visit.say(_ASK_LEAD),
        ),
        hidden=tuple(asked),
        boxes=(
            Box(name="reason", label=visit.say(_REASON), shape="area", required=False),
            Box(name="soon", label=visit.say(_SOON), shape="tick", required=False),
            *manner_boxes(visit, opened),
        ),
    )


def _ask_blank(visit: Visit, opened: OpenThread) -> Blank:
    if visit.form.text("holder"):
        return ask_blank_in_name(visit, opened)
    translate = visit.query.get("for") == "translation"
    reason = visit.say(_TRANSLATE) if translate else ""
    return Blank(
        title=visit.say(ASK),
        verb=visit.say(ASK),
        to="ask-consent",
        lead=(visit.say(_ASK_LEAD),),
        boxes=(
            Box(
                name="use",
                label=visit.say(_WISH),
                shape="radios",
                choices=tuple((code, visit.say(said)) for code, said in words.USES.items()),
                value=Use.PASS_ON.value,
            ),
            Box(
                name="to",
                label=visit.say(_TO),
                shape="pick",
                choices=_agencies(visit, opened),
                only="onward",
            ),
            Box(
                name="purpose",
                label=visit.say(_USE),
                shape="pick",
                choices=(("", ""), *_purposes(visit)),
                required=False,
            ),
            Box(
                name="reason",
                label=visit.say(_REASON),
                shape="area",
                value=reason,
                required=False,
            ),
            Box(name="soon", label=visit.say(_SOON), shape="tick", required=False),
            *manner_boxes(visit, opened),
        ),
    )


def _ask(visit: Visit, opened: OpenThread) -> Draft:
    form = visit.form
    use = _use(form.text("use"))
    wish = Wish(
        use=use,
        to=(form.need("to"), *form.all("to")) if use is Use.PASS_ON else (),
        holder=form.text("holder"),
        purpose=form.text("purpose"),
        reason=form.text("reason"),
        urgent=form.flag("soon"),
    )
    seat = visit.seat
    return draft_consent_request(seat.unlocked, seat.house, opened.id, wish, manner_of(visit))


def _use(typed: str) -> Use:
    try:
        return Use(typed)
    except ValueError:
        raise Misused("field-value", field="use") from None


def consent_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return blank_page(visit, opened, _consent_blank(visit, opened))


def consent(visit: Visit, thread: str) -> Result:
    done = "consent-given" if visit.form.text("word") == "yes" else "consent-refused"
    return send_once(visit, thread, _consent_blank, _consent, done=done, body=Consent)


def _consent_blank(visit: Visit, opened: OpenThread) -> Blank:
    """Return the form for the oldest request that waits, with what is asked above it.

    What another told first it is not ours to consent to: there it leads to where his word is.
    """
    waits = pending(opened.thread, opened.viewer)
    sayer = visit.sayer(kind_of(opened))
    asked = [f"{label}: {said}" for label, said in sayer.lines(waits[0].body)] if waits else []
    yes_no = (("yes", visit.say(words.CONSENTS["yes"])), ("no", visit.say(words.CONSENTS["no"])))
    another = bool(waits) and is_anothers(opened, waits[0])
    return Blank(
        title=visit.say(_GIVE),
        verb=visit.say(_GIVE),
        to="consent",
        lead=(
            *((visit.say(_ANOTHERS),) if another else ()),
            *(each for each in asked if not each.endswith(": ")),
        ),
        links=(("bring", visit.say(BRING)),) if another else (),
        hidden=(("request", waits[0].act),) if waits else (),
        boxes=(
            Box(
                name="word",
                label=visit.say(_WORD),
                shape="radios",
                choices=yes_no[1:] if another else yes_no,
            ),
            Box(
                name="condition",
                label=visit.say(_CONDITION),
                shape="area",
                required=False,
                only="yes",
            ),
            Box(
                name="until",
                label=visit.say(_UNTIL),
                hint=visit.say(_UNTIL_HINT),
                type="datetime-local",
                required=False,
                only="yes",
            ),
            Box(name="text", label=visit.say(_WORDS), shape="area", required=False),
            *manner_boxes(visit, opened),
        ),
        fold=visit.say(_THEN),
        folded=leave_boxes(visit, _held(opened)),
    )


def _consent(visit: Visit, opened: OpenThread) -> Draft:
    form = visit.form
    word = form.need("word")
    if word not in ("yes", "no"):
        raise Misused("field-value", field="word")
    until = moment_of(visit, "until")
    held = _held(opened, form.text("request"))
    said = replace(leave_of(visit, held), condition=_both(held, form.text("condition")))
    leave = Leave(
        yes=word == "yes",
        request=form.text("request"),
        handling=said if word == "yes" else None,
        until=written(until) if until and word == "yes" else "",
        text=form.text("text"),
    )
    seat = visit.seat
    return draft_consent(seat.unlocked, seat.house, opened.id, leave, manner_of(visit))


def _both(held: Handling, added: str) -> str:
    """Return both conditions, as paragraphs: what bound before goes on to bind."""
    return "\n\n".join(each for each in (held.condition, added) if each)


def _held(opened: OpenThread, request: str = "") -> Handling:
    """Return what binds what was told now: of the request named, or the oldest that waits."""
    waits = pending(opened.thread, opened.viewer)
    named = [each for each in askings(opened.thread) if each.act == request] or list(waits)
    told = [each for each in opened.thread.acts if named and each.id == named[0].body.to]
    return handling_of(told[0].statement) if told else USUAL


def _purposes(visit: Visit) -> tuple[tuple[str, str], ...]:
    return tuple((each.code, visit.say_in.label(each.label)) for each in purposes().values())


def _desks(visit: Visit, opened: OpenThread) -> tuple[tuple[str, str], ...]:
    """Return the desks of other agencies to which it could go."""
    known = set(opened.thread.asked) | {opened.thread.asker, opened.viewer}
    return tuple(
        (each.id, f"{visit.say_in.country(card.country)} · {card.name} · {each.name}")
        for card in sorted(visit.book.listed, key=lambda card: (card.country, card.name))
        if card.id not in known and not card.suspended
        for each in card.desks
        if not each.oversight
    )


def _agencies(visit: Visit, opened: OpenThread) -> tuple[tuple[str, str], ...]:
    known = set(opened.thread.asked) | {opened.thread.asker, opened.viewer}
    return tuple(
        (card.id, f"{visit.say_in.country(card.country)} · {card.name}")
        for card in sorted(visit.book.listed, key=lambda card: (card.country, card.name))
        if card.id not in known
    )


ROUTES = (
    get("/t/<thread>/pass-on", pass_on_page),
    post("/t/<thread>/pass-on", pass_on, again=pass_on_page),
    get("/t/<thread>/ask-consent", ask_consent_page),
    post("/t/<thread>/ask-consent", ask_consent, again=ask_consent_page),
    get("/t/<thread>/consent", consent_page),
    post("/t/<thread>/consent", consent, again=consent_page),
)
