# SPDX-License-Identifier: Apache-2.0
"""What an officer may do on a thread as it stands, likeliest first: the buttons of its page.

What his side may do is the thread's to say (``domain/steps.py``); here it is looked at who he is:
whoever has it is offered to answer, whoever has not to take it. What the rules refuse all the same
is said when it is tried.
"""

from dataclasses import dataclass
from typing import Final

from comity.domain.clocks import Standing
from comity.domain.docket import ClockClass
from comity.domain.reminders import reminds
from comity.domain.statement import Telling
from comity.domain.steps import to_countersign
from comity.domain.thread import Act, Effect, Side, Stage
from comity.language.marks import marked
from comity.services.recall import may_take_back
from comity.services.remind import reminded_of, watch
from comity.services.thread import OpenThread
from comity.services.unseal import readers_of
from comity.web.visit import Visit

_WORDS: Final = {
    "consent": marked("Give or refuse consent"),
    "countersign": marked("Decide for the oversight desk"),
    "take": marked("Take"),
    "answer": marked("Answer"),
    "supply": marked("Give what is missing"),
    "acknowledge": marked("Acknowledge"),
    "ask-back": marked("Ask back"),
    "cannot-read": marked("I cannot read this"),
    "hand-over": marked("Hand over"),
    "call": marked("Call"),
    "remind": marked("Remind"),
    "urgent": marked("Make urgent"),
    "pass-on": marked("Pass on"),
    "ask-consent": marked("Ask for consent"),
    "withdraw": marked("Withdraw the question"),
    "delete": marked("Ask to delete"),
    "narrow": marked("Let less be done with it"),
    "correct": marked("Correct"),
    "export": marked("Export"),
}
_OVER: Final = frozenset({Stage.ANSWERED, Stage.REFUSED, Stage.WITHDRAWN, Stage.RECALLED})
_AT_HAND: Final = 2
"""Steps that stand beside the likeliest; the others are folded away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    to: str
    """The last part of its address."""
    words: str
    posts: bool = False
    """Done by one tap, without a page of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    first: Step | None
    near: tuple[Step, ...]
    more: tuple[Step, ...]


def steps_of(visit: Visit, opened: OpenThread) -> Steps:
    likely = [*_first(visit, opened), *_of_side(visit, opened)]
    codes = list(dict.fromkeys(likely))
    more = [each for each in dict.fromkeys(_more(visit, opened)) if each not in codes]
    first, near = codes[:1], codes[1 : 1 + _AT_HAND]
    rest = [*codes[1 + _AT_HAND :], *more]
    return Steps(
        first=_step(visit, first[0]) if first else None,
        near=tuple(_step(visit, each) for each in near),
        more=tuple(_step(visit, each) for each in rest),
    )


def _step(visit: Visit, code: str) -> Step:
    to = {"supply": "answer"}.get(code, code)
    return Step(to=to, words=visit.say(_WORDS[code]), posts=code == "take")


def to_decide(visit: Visit, opened: OpenThread) -> Act | None:
    """Return what this officer may decide on for an oversight desk."""
    mine = visit.seat.unlocked.entry
    return to_countersign(opened.thread, mine.id, mine.desks)


def _first(visit: Visit, opened: OpenThread) -> list[str]:
    """Return what waits for his word before all else."""
    consent = ["consent"] if "consent" in opened.next else []
    return [*consent, *(["countersign"] if to_decide(visit, opened) else [])]


def _of_side(visit: Visit, opened: OpenThread) -> list[str]:
    thread, open_ = opened.thread, set(opened.next)
    holder = thread.holder_in(opened.viewer)
    mine = visit.seat.unlocked.entry.id
    order = ["answer", "acknowledge", "ask-back", "hand-over"]
    if thread.side_of(opened.viewer) is Side.ASKER:
        if "answer" in open_:
            return ["supply"]
        press = ["call"] if _presses(visit, opened) else []
        return [*press, *(each for each in ("acknowledge", "ask-back") if each in open_)]
    if holder is None or holder.id != mine:
        free = holder is None or holder.id in readers_of(visit.seat.unlocked)
        takes = ["take"] if {"take", "hand-over"} & open_ else []
        if free:
            return [*takes, *(each for each in order[:3] if each in open_)]
        return [*(each for each in order[:3] if each in open_), *takes]
    return [each for each in order if each in open_]


def _presses(visit: Visit, opened: OpenThread) -> bool:
    """Return whether the asker should ring: it is late, or urgent and unheard at half its clock."""
    thread = opened.thread
    if thread.request is None or thread.answered or not thread.short or thread.stage in _OVER:
        return False
    watched = watch(thread, opened.viewer)
    unheard = bool(watched and reminds(watched, visit.now))
    return unheard or thread.standing(visit.now) is Standing.LATE


def _more(visit: Visit, opened: OpenThread) -> list[str]:
    thread = opened.thread
    side = thread.side_of(opened.viewer)
    if side is None or thread.opening is None:
        return ["export"]
    found = _pressing(visit, opened) if side is Side.ASKER and thread.request else []
    if {"answer", "ask-back"} & set(opened.next):
        found.append("cannot-read")
    if side is Side.ASKED and thread.holder_in(opened.viewer):
        found.append("hand-over")
    if any(_told(each, opened) for each in thread.acts):
        found += ["pass-on", "ask-consent"]
    if thread.short:
        found.append("call")
    if any(may_take_back(visit.seat.unlocked, visit.house, each) for each in thread.acts):
        found += ["delete", "narrow", "correct"]
    return [*found, "export"]


def _pressing(visit: Visit, opened: OpenThread) -> list[str]:
    thread = opened.thread
    if thread.answered or thread.stage in (*_OVER, Stage.HELD, Stage.STOPPED):
        return []
    watched = watch(thread, opened.viewer)
    passed = reminds(watched, visit.now) if watched else ()
    remind = ["remind"] if passed and passed[-1] not in reminded_of(thread) else []
    urgent = ["urgent"] if thread.clock is not ClockClass.URGENT else []
    return [*remind, *urgent, "withdraw"]


def _told(act: Act, opened: OpenThread) -> bool:
    """Return whether *act* told the viewer's side something that it may want to use further."""
    applied = act.effect is Effect.APPLIED and isinstance(act.body, Telling)
    return applied and act.agency != opened.viewer
