# SPDX-License-Identifier: Apache-2.0
"""Ask, in four pages: whom, which kind of question, the question, and who will see it.

Each page is kept as a draft as it was typed, so that a broken link costs nothing; the last shows
the very question that would be sent.
"""

import contextlib
from dataclasses import dataclass, replace
from typing import Final

from comity.domain.statement import Urgency
from comity.errors import Misused
from comity.knowledge.codes import purposes, urgencies
from comity.knowledge.countries import countries
from comity.knowledge.request_kind import RequestKind
from comity.services.ask import Question
from comity.services.drafts import Kept
from comity.web import case, fields, handling
from comity.web.acting import TYPED_FOR
from comity.web.answers import Result, Route, SeeOther, get, page, post
from comity.web.drafts import begun
from comity.web.visit import Visit
from comity.web.whom import OF_QUESTIONS, counterparts, elsewhere

PURPOSE: Final = "ask"
BASIS: Final = "untoc-27-1"
USE: Final = "intelligence"
_FIRST: Final = ("phone", "person", "company", "container", "vehicle", "seizure", "cites-permit")
UPLOAD: Final = 32 << 20
"""Bytes of a form with its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCard:
    """A kind of question as an officer would say it."""

    id: str
    question: str
    line: str
    by_letter: bool


def whom(visit: Visit) -> Result:
    known = counterparts(visit, OF_QUESTIONS)
    return page(
        "whom.html",
        place=PURPOSE,
        known=known,
        elsewhere=elsewhere(visit, known),
        drafts=begun(visit, PURPOSE),
        named=_named(visit),
    )


def _named(visit: Visit) -> str:
    """Return the name of whom a link to this page names: a guest who was just invited."""
    to = visit.query.get("to", "")
    with contextlib.suppress(Misused):
        return visit.people.of(visit.book.find_reader(to)[1].id) if to else ""
    return ""


def begin(visit: Visit) -> Result:
    """Begin a draft to the chosen desk, or for a country without one; or turn one to him."""
    kept = begin_to(visit, PURPOSE)
    return SeeOther(f"/{PURPOSE}/{kept.id}" + ("/form" if kept.text("kind") else ""))


def begin_to(visit: Visit, purpose: str) -> Kept:
    """Return a new draft for the desk or the country that was chosen."""
    to, country = visit.form.text("to"), visit.form.text("country")
    if to:
        card, reader = visit.book.find_reader(to)
        there = {"to": (reader.id,), "country": (card.country,)}
        if visit.form.text("draft"):
            kept = case.draft_of(visit, purpose, visit.form.text("draft"))
            return visit.seat.save_draft(kept, {**kept.values, **there})
        return visit.seat.begin_draft(purpose, there)
    if not country:
        raise Misused("field-missing", field="country")
    if country not in countries():
        raise Misused("field-value", field="country")
    return visit.seat.begin_draft(purpose, {"country": (country,)})


def kinds(visit: Visit, draft: str) -> Result:
    kept = case.draft_of(visit, PURPOSE, draft)
    return page(
        "kinds.html",
        place=PURPOSE,
        kept=kept,
        to=case.addressed(visit, kept),
        kinds=kind_cards(visit),
    )


def kind_cards(visit: Visit) -> tuple[KindCard, ...]:
    return tuple(
        KindCard(
            id=each.id,
            question=visit.say_in.label(each.question),
            line=visit.say_in.label(each.line),
            by_letter=each.coercive,
        )
        for each in sorted(visit.house.kinds.values(), key=_commonness)
    )


def _commonness(kind: RequestKind) -> tuple[int, str]:
    """Return where *kind* stands among the cards: what is asked most often first."""
    last = len(_FIRST) + (kind.id == case.OTHER)
    return (_FIRST.index(kind.id) if kind.id in _FIRST else last, kind.id)


def choose(visit: Visit, draft: str) -> Result:
    """Keep which kind of question it is; what was typed for another stays."""
    kept = visit.seat.draft(draft)
    chosen = visit.form.text("kind")
    if chosen not in visit.house.kinds:
        raise Misused("kind-unknown")
    visit.seat.save_draft(kept, {**kept.values, "kind": (chosen,)})
    return SeeOther(f"/{kept.purpose}/{draft}/form")


def form(visit: Visit, draft: str) -> Result:
    kept = case.draft_of(visit, PURPOSE, draft)
    kind = case.kind_of(visit, kept)
    shown = fields.inputs(visit, kind.fields, kept.values)
    return page(
        "ask_form.html",
        folded_open=visit.form.at_fault in {e.name for e in shown if not e.required},
        needed=[each for each in shown if each.required],
        optional=[each for each in shown if not each.required],
        link=case.link_of(visit, kept),
        uses=tuple((e.code, visit.coded(e.label, e.code)) for e in purposes().values()),
        use=kept.text("use", USE),
        urgencies=tuple((e.code, visit.coded(e.label, e.code)) for e in urgencies().values()),
        urgency=kept.text("urgency", kind.clock.value),
        **case.form_values(visit, kept, basis=BASIS),
    )


def fill(visit: Visit, draft: str) -> Result:
    return case.fill(visit, case.draft_of(visit, PURPOSE, draft), question)


def question(visit: Visit, kept: Kept) -> Question:
    """Return the question that *kept* holds; raise Misused by the field that does not fit."""
    kind = case.kind_of(visit, kept)
    values = fields.filled(kind, kept.values)
    urgency = kept.text("urgency", kind.clock.value)
    if urgency not in set(Urgency):
        raise Misused("field-value", field="urgency")
    return Question(
        to=kept.text("to"),
        kind=kind.id,
        fields=values,
        facts=case.needed(kept, "facts"),
        offence=case.offence_of(kept),
        why_you=case.needed(kept, "why_you"),
        ref=case.needed(kept, "ref"),
        link=case.link_of(visit, kept).strip(),
        use=kept.text("use", USE),
        handling=handling.told(kept),
        urgency=Urgency(urgency),
        urgency_reason=kept.text("urgency_reason").strip(),
        basis=case.basis_of(kept, BASIS),
        attachments=kept.files,
        language=case.language_of(visit, kept),
        desk=kept.text("desk"),
        bars=case.bars_of(kept),
        roster_reason=kept.text("roster_reason").strip(),
        spoken=kept.text("spoken").strip(),
    )


def send_page(visit: Visit, draft: str) -> Result:
    kept = case.draft_of(visit, PURPOSE, draft)
    urgency = urgencies().get(kept.text("urgency", case.kind_of(visit, kept).clock.value))
    clock = visit.say_in.label(urgency.label) if urgency else ""
    return case.send_page(visit, kept, question, basis=BASIS, clock=clock)


def send(visit: Visit, draft: str) -> Result:
    """Send the question; its draft goes in the same write, so that it is never sent twice."""
    kept = case.draft_of(visit, PURPOSE, draft)
    said = replace(question(visit, kept), typed_for=visit.form.text(TYPED_FOR))
    done = visit.seat.ask(said, draft=draft)
    return SeeOther(f"/sent/{done.thread}")


ROUTES: tuple[Route, ...] = (
    get("/ask", whom),
    post("/ask", begin, again=whom),
    get("/ask/<draft>", kinds),
    post("/ask/<draft>", choose, again=kinds),
    get("/ask/<draft>/form", form),
    post("/ask/<draft>/form", fill, again=form, limit=UPLOAD),
    get("/ask/<draft>/send", send_page),
    post("/ask/<draft>/send", send, again=send_page),
)
