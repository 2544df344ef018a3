# SPDX-License-Identifier: Apache-2.0
"""Oversight on one screen: who asks whom about what, on what basis, what leaves; and the decision.

Only the act in the address is decided on: what a page showed is what is signed. A member of an
oversight desk may let a colleague decide for it, for some days.
"""

from typing import Final

from comity.domain.policy import SPOKEN_CONFIRMED_WITHIN, Sensitivity, sensitivity_of
from comity.domain.readers import WillSee, display_of
from comity.domain.release import stage_of
from comity.domain.statement import Decision, Opener, Request
from comity.domain.thread import Act, Effect
from comity.errors import Misused, TooLate
from comity.knowledge.codes import bases
from comity.knowledge.request_kind import is_nominal
from comity.language import words
from comity.services.compose import attachments_of
from comity.services.delegations import (
    DAYS_MOST,
    Delegation,
    delegate,
    delegations,
    end_delegation,
)
from comity.services.thread import OpenThread
from comity.web.acting import colleague, head, kind_of
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.readers import Line, line
from comity.web.steps import to_decide
from comity.web.visit import Visit

_DONE: Final = frozenset(
    f"{TooLate.code}.{each}" for each in ("not-held", "decided-already", "confirmed-already")
)


def countersign_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    act = to_decide(visit, opened)
    if act is None:
        raise TooLate("not-held")
    return page("countersign.html", **_told(visit, opened, act))


def _told(visit: Visit, opened: OpenThread, act: Act) -> dict[str, object]:
    thread, statement = opened.thread, act.statement
    body = thread.opening.body if thread.opening else None
    first = body if isinstance(body, Opener) else None
    asks = act.agency == thread.asker
    lines = visit.sayer(kind_of(opened)).lines(act.body, by_asker=asks)
    spoken = body.spoken if isinstance(body, Request) and act.effect is not Effect.HELD else ""
    return {
        **head(visit, opened),
        "act": act,
        "who": colleague(visit, act.officer),
        "agency": visit.agency(act.agency),
        "what": visit.say(words.EVENTS.get(stage_of(act.body, author_asked=False), "")),
        "lines": [each for each in lines if each[1]],
        "language": statement.language,
        "risk": visit.say(words.SENSITIVITIES[_risk(visit, opened, act)]),
        "basis": _basis(visit, first),
        "mandate": _mandate(visit, opened, first),
        "leaves": visit.say_in.country(_country(visit, opened)),
        "files": attachments_of(act.body),
        "spoken": spoken,
        "confirm_by": act.at + SPOKEN_CONFIRMED_WITHIN,
        "ours": _seers(visit, act, ours=True),
        "theirs": _seers(visit, act, ours=False),
        "delegated": [_delegated(visit, each) for each in _running(visit)],
    }


def _risk(visit: Visit, opened: OpenThread, act: Act) -> Sensitivity:
    """Return how much it could hurt, as the rules of oversight look at it."""
    kind = visit.house.kinds.get(kind_of(opened))
    coercive = kind is not None and kind.coercive
    fields = act.body.fields if isinstance(act.body, Request) else None
    bare = kind is not None and fields is not None and not attachments_of(act.body)
    nominal = not bare or (kind is not None and fields is not None and is_nominal(kind, fields))
    return sensitivity_of(nominal=nominal, coercive=coercive)


def _basis(visit: Visit, first: Opener | None) -> str:
    if first is None:
        return ""
    known = bases().get(first.basis.code)
    said = visit.say_in.label(known.label) if known else first.basis.code
    return f"{said} {first.basis.text}".strip()


def _mandate(visit: Visit, opened: OpenThread, first: Opener | None) -> str:
    card = visit.book.agency(opened.viewer)
    return next((e.law for e in card.mandates if first and e.id == first.mandate), "")


def _country(visit: Visit, opened: OpenThread) -> str:
    others = [each for each in (*opened.thread.asked, opened.thread.asker) if each]
    there = [each for each in others if each != opened.viewer and each in visit.book.cards]
    return visit.book.agency(there[0]).country if there else ""


def _seers(visit: Visit, act: Act, *, ours: bool) -> list[Line]:
    """Return who reads what is decided on, once it has gone."""
    found = {}
    for each in (*act.statement.readers, *act.statement.shown):
        card = visit.book.cards.get(each.agency)
        entry = card.readers.get(each.id) if card else None
        display = display_of(entry) if entry else visit.people.of(each.id)
        members = len(card.members(each.id)) if card else 0
        found[each.id] = WillSee(
            agency=each.agency,
            id=each.id,
            display=display,
            kind=each.kind,
            why=each.why,
            members=members,
        )
    return [line(visit, e) for e in found.values() if (e.agency == act.agency) is ours]


def countersign(visit: Visit, thread: str) -> Result:
    """Decide on the act that the page showed; a second tap finds it decided."""
    seat, form = visit.seat, visit.form
    opened = seat.thread(thread)
    act = form.need("act")
    if act not in {each.id for each in opened.thread.acts}:
        raise Misused("act-unknown")
    try:
        seat.countersign(
            act,
            _decision(form.need("decision")),
            reason=form.text("reason"),
            confirms_spoken=form.flag("spoken"),
        )
    except TooLate as error:
        if error.cause not in _DONE or not _by_him(visit, opened, act):
            raise
    return SeeOther(f"/t/{opened.id}?did=decided")


def _by_him(visit: Visit, opened: OpenThread, act: str) -> bool:
    own = visit.seat.unlocked.entry.id
    return any(
        each.officer == own and getattr(each.body, "to", "") == act for each in opened.thread.acts
    )


def _decision(typed: str) -> Decision:
    try:
        return Decision(typed)
    except ValueError:
        raise Misused("field-value", field="decision") from None


def delegate_page(visit: Visit) -> Result:
    """Show who decides for the oversight desks of this officer, and let him name somebody."""
    own = visit.seat.unlocked
    card = visit.book.agency(own.agency)
    mine = [each for each in card.oversight if each.id in own.entry.desks]
    return page(
        "delegate.html",
        running=[_delegated(visit, each) for each in _running(visit)],
        desks=[(each.id, each.name) for each in mine],
        people=[
            (each.id, each.name or each.label) for each in card.officers if each.id != own.entry.id
        ],
        most=DAYS_MOST,
    )


def set_delegate(visit: Visit) -> Result:
    form, seat = visit.form, visit.seat
    delegate(
        seat.unlocked,
        seat.house,
        form.need("to"),
        days=_days(form.need("days")),
        desk=form.text("desk"),
        remark=form.text("remark"),
    )
    return SeeOther("/delegate")


def end_delegate(visit: Visit) -> Result:
    seat = visit.seat
    end_delegation(seat.unlocked, seat.house, visit.form.need("delegation"))
    return SeeOther("/delegate")


def _days(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 3):
        raise Misused("field-value", field="days")
    return int(typed)


def _running(visit: Visit) -> tuple[Delegation, ...]:
    return delegations(visit.house, visit.seat.unlocked.agency)


def _delegated(visit: Visit, each: Delegation) -> dict[str, object]:
    return {
        "id": each.id,
        "desk": visit.people.of(each.desk),
        "by": colleague(visit, each.by),
        "to": colleague(visit, each.to),
        "until": each.until,
        "remark": each.remark,
        "mine": each.desk in visit.seat.unlocked.entry.desks,
    }


ROUTES = (
    get("/t/<thread>/countersign", countersign_page),
    post("/t/<thread>/countersign", countersign, again=countersign_page),
    get("/delegate", delegate_page),
    post("/delegate", set_delegate, again=delegate_page),
    post("/delegate/end", end_delegate, again=delegate_page),
)
