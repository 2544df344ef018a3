# SPDX-License-Identifier: Apache-2.0
"""Tell without being asked (UNTOC art. 18(4)): in four pages, like a question; no clock runs.

It is graded in words, by source and by information; the source himself is a number here and no
more: who he is stays in a store of its own.
"""

from dataclasses import replace
from typing import Final

from comity.knowledge.request_kind import RequestKind
from comity.services.drafts import Kept
from comity.services.tell import News
from comity.web import case, fields, handling
from comity.web.acting import TYPED_FOR
from comity.web.answers import Result, Route, SeeOther, get, page, post
from comity.web.ask import UPLOAD, begin_to, choose, kind_cards
from comity.web.drafts import begun
from comity.web.visit import Visit
from comity.web.whom import ALL, counterparts, elsewhere

PURPOSE: Final = "tell"
BASIS: Final = "untoc-18-4"
_ASKED: Final = "asked"


def whom(visit: Visit) -> Result:
    known = counterparts(visit, ALL)
    return page(
        "whom.html",
        place=PURPOSE,
        known=known,
        elsewhere=elsewhere(visit, known),
        drafts=begun(visit, PURPOSE),
        named="",
    )


def begin(visit: Visit) -> Result:
    """Begin a draft to the chosen desk, or for a country without one."""
    return SeeOther(f"/{PURPOSE}/{begin_to(visit, PURPOSE).id}")


def kinds(visit: Visit, draft: str) -> Result:
    kept = case.draft_of(visit, PURPOSE, draft)
    return page(
        "kinds.html",
        place=PURPOSE,
        kept=kept,
        to=case.addressed(visit, kept),
        kinds=kind_cards(visit),
    )


def form(visit: Visit, draft: str) -> Result:
    kept = case.draft_of(visit, PURPOSE, draft)
    kind = case.kind_of(visit, kept)
    return page(
        "tell_form.html",
        folded_open=visit.form.at_fault in fields.names(kind.fields),
        known=_inputs(visit, kind, kept),
        **case.form_values(visit, kept, basis=BASIS),
    )


def _inputs(visit: Visit, kind: RequestKind, kept: Kept) -> tuple[fields.Input, ...]:
    """Return the fields of *kind*: none has to be filled, and what is asked is left out."""
    known = [each for each in kind.fields if each.name != _ASKED]
    shown = fields.inputs(visit, known, kept.values)
    return tuple(replace(each, required=False) for each in shown)


def fill(visit: Visit, draft: str) -> Result:
    return case.fill(visit, case.draft_of(visit, PURPOSE, draft), news)


def news(visit: Visit, kept: Kept) -> News:
    """Return what *kept* tells; raise Misused by the field that does not fit."""
    kind = case.kind_of(visit, kept)
    return News(
        to=kept.text("to"),
        kind=kind.id,
        fields=fields.supplied(kind, kept.values),
        facts=case.needed(kept, "facts"),
        offence=_offence(kept),
        why_you=kept.text("why_you").strip(),
        ref=case.needed(kept, "ref"),
        handling=handling.told(kept),
        basis=case.basis_of(kept, BASIS),
        attachments=kept.files,
        language=case.language_of(visit, kept),
        desk=kept.text("desk"),
        bars=case.bars_of(kept),
        roster_reason=kept.text("roster_reason").strip(),
        source=kept.text("source").strip(),
    )


def _offence(kept: Kept) -> str:
    chosen = kept.text("offence").strip()
    return kept.text("offence_text").strip() if chosen in {"", case.OTHER} else chosen


def send_page(visit: Visit, draft: str) -> Result:
    return case.send_page(visit, case.draft_of(visit, PURPOSE, draft), news, basis=BASIS)


def send(visit: Visit, draft: str) -> Result:
    """Tell it; its draft goes in the same write, so that it is never told twice."""
    kept = case.draft_of(visit, PURPOSE, draft)
    said = replace(news(visit, kept), typed_for=visit.form.text(TYPED_FOR))
    done = visit.seat.tell(said, draft=draft)
    return SeeOther(f"/sent/{done.thread}")


ROUTES: tuple[Route, ...] = (
    get("/tell", whom),
    post("/tell", begin, again=whom),
    get("/tell/<draft>", kinds),
    post("/tell/<draft>", choose, again=kinds),
    get("/tell/<draft>/form", form),
    post("/tell/<draft>/form", fill, again=form, limit=UPLOAD),
    get("/tell/<draft>/send", send_page),
    post("/tell/<draft>/send", send, again=send_page),
)
