# SPDX-License-Identifier: Apache-2.0
"""Tell without being asked (UNTOC art. 18(4)): in four pages, like a question; no clock runs.

It is graded in words, by source and by information; the source himself is a number here and no
more: who he is stays in a store of its own.
"""

from dataclasses import replace
from typing import Final

from comity.errors import Refused
from comity.knowledge.request_kind import RequestKind
from comity.services.drafts import Kept
from comity.services.tell import News
from comity.web import case, fields, handling
from comity.web.acting import TYPED_FOR, typed_box
from comity.web.answers import Result, Route, SeeOther, get, page, post
from comity.web.ask import UPLOAD, begin_to, choose, kind_cards
from comity.web.drafts import begun
from comity.web.readers import seen
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
    kind, to = case.kind_of(visit, kept), case.addressed(visit, kept)
    return page(
        "tell_form.html",
        place=PURPOSE,
        kept=kept,
        question=visit.say_in.label(kind.question),
        to=to,
        fields=(*fields.names(kind.fields), *case.TYPED),
        barred=visit.form.error is not None and not visit.form.at_fault,
        folded_open=visit.form.at_fault in fields.names(kind.fields),
        known=_inputs(visit, kind, kept),
        offences=case.offence_choices(visit),
        handling=handling.asked(visit, kept),
        languages=case.language_choices(visit, to),
        language=case.language_of(visit, kept),
        bases=case.basis_choices(visit),
        basis=kept.text("basis", BASIS),
        desks=case.desk_choices(visit),
        is_old=case.is_old(visit, to),
    )


def _inputs(visit: Visit, kind: RequestKind, kept: Kept) -> tuple[fields.Input, ...]:
    """Return the fields of *kind*: none has to be filled, and what is asked is left out."""
    known = [each for each in kind.fields if each.name != _ASKED]
    shown = fields.inputs(visit, known, kept.values)
    return tuple(replace(each, required=False) for each in shown)


def fill(visit: Visit, draft: str) -> Result:
    """Keep what was typed; go on if it could be told."""
    kept = case.draft_of(visit, PURPOSE, draft)
    kind = case.kind_of(visit, kept)
    kept = case.keep(visit, kept, fields.names(kind.fields))
    here = f"/{PURPOSE}/{draft}"
    if turned := case.turn(visit, kept, here=f"{here}/form"):
        return turned
    told = news(visit, kept)
    if not told.to:
        return SeeOther(f"{here}/elsewhere")
    try:
        visit.seat.who_will_see(told)
    except Refused as error:
        raise case.placed(error) from None
    return SeeOther(f"{here}/send")


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
    """Show who will see it, or why it cannot go."""
    kept = case.draft_of(visit, PURPOSE, draft)
    kind, to = case.kind_of(visit, kept), case.addressed(visit, kept)
    common = {
        "place": PURPOSE,
        "kept": kept,
        "to": to,
        "typed": typed_box(visit),
        "question": visit.say_in.label(kind.question),
        "basis": dict(case.basis_choices(visit)).get(kept.text("basis", BASIS), ""),
        "clock": "",
    }
    try:
        shown = visit.seat.who_will_see(news(visit, kept))
    except Refused as error:
        return page("send.html", barred=error, seen=None, **common)
    return page("send.html", barred=None, seen=seen(visit, shown), **common)


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
