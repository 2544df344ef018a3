# SPDX-License-Identifier: Apache-2.0
"""Next steps: what the viewer's side may do on a thread now, likeliest first.

Codes are the verbs of the services and the command line. Whoever only watches has none; what a
refused asker may still do comes with the ground (``knowledge/refusals.yaml``).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from comity.domain.acts import overseers_of
from comity.domain.consents import pending
from comity.domain.ids import ActId, AgencyId
from comity.domain.policy import SPOKEN_CONFIRMED_WITHIN
from comity.domain.statement import Countersignature
from comity.domain.thread import Act, Effect, Side, Stage, Thread

AGAIN: Final = "ask"
_BEFORE_SENT: Final = {
    Stage.HELD: ("countersign", "stop"),
    Stage.SENT_BACK: (AGAIN,),
    Stage.WITHHELD: (),
    Stage.STOPPED: (AGAIN,),
    Stage.WAITING: (),
    Stage.RECALLED: (AGAIN,),
    Stage.WITHDRAWN: (AGAIN,),
}


def next_steps(thread: Thread, viewer: AgencyId) -> tuple[str, ...]:
    """Return the codes of what *viewer*'s side may do next."""
    side = thread.side_of(viewer)
    if side is None:
        return ()
    if thread.stage in _BEFORE_SENT:
        return _unsent(thread) if side is Side.ASKER else ()
    consent = ("consent",) if pending(thread, viewer) else ()
    if side is Side.ASKED:
        return (*consent, *_of_asked(thread, viewer))
    confirm = ("countersign",) if confirm_by(thread) else ()
    return (*consent, *_of_asker(thread), *confirm)


def confirm_by(thread: Thread) -> datetime | None:
    """Return by when the desk confirms what it is said to have spoken; None if it need not."""
    request, opening = thread.request, thread.opening
    if request is None or opening is None or not request.spoken:
        return None
    if opening.effect is not Effect.APPLIED or is_confirmed(thread, opening.id):
        return None
    return opening.at + SPOKEN_CONFIRMED_WITHIN


def is_confirmed(thread: Thread, act: ActId) -> bool:
    """Return whether an oversight desk has said of *act* that it spoke for it, or denied it."""
    return any(
        isinstance(each.body, Countersignature)
        and (each.body.to, each.body.confirms_spoken, each.effect) == (act, True, Effect.APPLIED)
        for each in thread.acts
    )


def to_countersign(thread: Thread, officer: str, desks: Collection[str]) -> Act | None:
    """Return what *officer*, who reads for *desks* too, may decide on for an oversight desk.

    It is held, or its author says that the desk spoke for it; it is never his own.
    """
    mine = {officer, *desks}
    spoken = thread.opening if confirm_by(thread) else None
    for each in thread.acts:
        waits = each.effect is Effect.HELD or each is spoken
        if waits and each.officer != officer and not mine.isdisjoint(overseers_of(each)):
            return each
    return None


def _unsent(thread: Thread) -> tuple[str, ...]:
    steps = _BEFORE_SENT[thread.stage]
    if steps != (AGAIN,) or thread.request:
        return steps
    return ("tell",) if thread.note else ("pass-on",)


def _of_asker(thread: Thread) -> tuple[str, ...]:
    if any(each.of is Side.ASKER for each in thread.questions):
        return ("answer",)
    if thread.stage in (Stage.ANSWERED, Stage.REFUSED):
        return ("acknowledge", "ask-back")
    return ()


def _of_asked(thread: Thread, viewer: AgencyId) -> tuple[str, ...]:
    custody = "hand-over" if thread.holder_in(viewer) else "take"
    acknowledge = ("acknowledge",) if thread.acknowledged is None else ()
    if thread.request is None:
        return (*acknowledge, custody)
    if any(each.of is Side.ASKED for each in thread.questions):
        return ("answer", custody)
    if thread.stage in (Stage.ANSWERED, Stage.REFUSED):
        return ()
    ask_back = () if thread.stage in (Stage.ASKED_BACK, Stage.CANNOT_READ) else ("ask-back",)
    return (*acknowledge, custody, "answer", *ask_back)
