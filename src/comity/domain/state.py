# SPDX-License-Identifier: Apache-2.0
"""The state of a thread, derived from the acts that count.

A final answer stands before an open ask-back, an ask-back before an acknowledgement: so a receipt
or a late acknowledgement never moves a thread backwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final

from comity.domain.clocks import Due, due, hastened
from comity.domain.docket import ClockClass, ReceiptStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.onward import narrower
from comity.domain.pressing import Urgent
from comity.domain.release import OPEN_OUTCOMES, clock_of, leaves_open
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    HandOver,
    Opener,
    Outcome,
    Request,
    Take,
    Telling,
)
from comity.domain.taking_back import Recall, Taking
from comity.domain.thread import (
    Act,
    Closed,
    Effect,
    Event,
    Given,
    Holder,
    Question,
    Received,
    Side,
    Stage,
    Thread,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who opened a thread, and to whom."""

    opening: ActId | None
    asker: AgencyId | None
    asked: frozenset[AgencyId]

    def sides_of(self, agency: AgencyId) -> frozenset[Side]:
        """Return on which sides *agency* stands; on both when an agency asks itself."""
        return frozenset(
            side
            for side, stands in (
                (Side.ASKER, agency == self.asker),
                (Side.ASKED, agency in self.asked),
            )
            if stands
        )

    def face(self, one: AgencyId, other: AgencyId) -> bool:
        """Return whether the two stand on opposite sides."""
        return any(
            {mine, theirs} == {Side.ASKER, Side.ASKED}
            for mine in self.sides_of(one)
            for theirs in self.sides_of(other)
        )


_BEFORE_ALL: Final = {
    Effect.HELD: Stage.HELD,
    Effect.SENT_BACK: Stage.SENT_BACK,
    Effect.WITHHELD: Stage.WITHHELD,
    Effect.STOPPED: Stage.STOPPED,
    Effect.RECALLED: Stage.RECALLED,
}


def derive(
    thread: ThreadId,
    parties: Parties,
    acts: Sequence[Act],
    *,
    closed: tuple[Closed, ...],
    receipts: tuple[Received, ...],
    events: tuple[Event, ...],
) -> Thread:
    opening = next((act for act in acts if _opens(act, parties)), None)
    counting = [act for act in acts if act.effect is Effect.APPLIED]
    by_asked = [act for act in counting if Side.ASKED in parties.sides_of(act.agency)]
    shown = [act for act in by_asked if isinstance(act.body, Acknowledgement | AskBack | Answer)]
    outcomes = _outcomes(by_asked, opening)
    questions = _questions(counting, parties, outcomes)
    final = [each for each in outcomes if each.outcome not in OPEN_OUTCOMES]
    body = opening.body if opening else None
    return Thread(
        id=thread,
        stage=_stage(opening, by_asked, questions, final),
        opening=opening,
        asker=parties.asker,
        asked=tuple(sorted(parties.asked)),
        clock=_clock(opening, counting),
        due=_due(opening, counting, parties, receipts),
        acknowledged=min((act.at for act in shown), default=None),
        expect=_expect(by_asked),
        answered=min((each.at for each in final), default=None),
        holders=_holders(counting),
        questions=questions,
        outcomes=outcomes,
        refs=_refs(counting),
        short=body.short if isinstance(body, Opener) else "",
        handling=_handling(counting),
        acts=tuple(acts),
        closed=closed,
        receipts=receipts,
        events=events,
    )


def _opens(act: Act, parties: Parties) -> bool:
    return act.id == parties.opening and isinstance(act.body, Opener) and not act.why


def _stage(
    opening: Act | None,
    by_asked: Sequence[Act],
    questions: Sequence[Question],
    final: Sequence[Given],
) -> Stage:
    if opening is None:
        return Stage.WAITING
    if opening.effect in _BEFORE_ALL:
        return _BEFORE_ALL[opening.effect]
    if final:
        return Stage.REFUSED if final[-1].outcome is Outcome.REFUSED else Stage.ANSWERED
    to_asker = [each for each in questions if each.of is Side.ASKER]
    if to_asker:
        unread = Outcome.TRANSLATION_NEEDED.value in to_asker[-1].reasons
        return Stage.CANNOT_READ if unread else Stage.ASKED_BACK
    return _quiet_stage(opening, by_asked)


def _quiet_stage(opening: Act, by_asked: Sequence[Act]) -> Stage:
    """Return the stage of a thread in which nothing stands open and nothing was answered."""
    if any(leaves_open(act.body) for act in by_asked):
        return Stage.SUPPLIED
    if any(isinstance(act.body, Acknowledgement) for act in by_asked):
        return Stage.ACKNOWLEDGED
    return Stage.ASKED if isinstance(opening.body, Request) else Stage.TOLD


def _outcomes(by_asked: Sequence[Act], opening: Act | None) -> tuple[Given, ...]:
    return tuple(
        Given(
            act=act.id,
            agency=act.agency,
            outcome=body.outcome,
            ground=body.ground,
            competent=body.competent,
            at=act.at,
        )
        for act in by_asked
        if isinstance(body := act.body, Answer) and opening and body.to == opening.id
    )


def _questions(
    acts: Sequence[Act], parties: Parties, outcomes: Sequence[Given]
) -> tuple[Question, ...]:
    """Return what stands open: not replied to, and not overtaken by its author's final answer."""
    replied = {act.body.to for act in acts if isinstance(act.body, Answer)}
    places = {act.id: place for place, act in enumerate(acts)}
    settled = max(
        (places[each.act] for each in outcomes if each.outcome not in OPEN_OUTCOMES), default=-1
    )
    return tuple(
        _question(act, parties)
        for act in acts
        if leaves_open(act.body)
        and act.id not in replied
        and (Side.ASKED not in parties.sides_of(act.agency) or places[act.id] > settled)
    )


def _question(act: Act, parties: Parties) -> Question:
    body = act.body
    reasons = body.reasons if isinstance(body, AskBack) else ()
    if isinstance(body, Answer):
        reasons = (body.outcome.value,)
    by_asked = Side.ASKED in parties.sides_of(act.agency)
    return Question(
        act=act.id,
        of=Side.ASKER if by_asked else Side.ASKED,
        reasons=reasons,
        fields=body.fields if isinstance(body, AskBack) else (),
        at=act.at,
    )


def _clock(opening: Act | None, counting: Sequence[Act]) -> ClockClass:
    """Return how soon the asker wants it: urgent, once he has said so."""
    if opening is None:
        return ClockClass.NONE
    made = any(isinstance(act.body, Urgent) for act in counting)
    return ClockClass.URGENT if made else clock_of(opening.body)


def _due(
    opening: Act | None, counting: Sequence[Act], parties: Parties, receipts: Sequence[Received]
) -> Due | None:
    """Return by when a reply is due: the clock runs from receipt by the asked side."""
    if opening is None or opening.effect is not Effect.APPLIED:
        return None
    received = _received(opening, parties, receipts)
    until = due(clock_of(opening.body), received) if received else None
    for act in counting:
        heard = _received(act, parties, receipts) if isinstance(act.body, Urgent) else None
        if until and heard:
            until = hastened(until, heard)
    return until


def _received(act: Act, parties: Parties, receipts: Sequence[Received]) -> datetime | None:
    """Return since when the asked side has *act*; None as long as it has not said so."""
    said = [
        each.at
        for each in receipts
        if each.act == act.id
        and each.stage is ReceiptStage.DELIVERED
        and each.agency in parties.asked
    ]
    return min(said, default=None if act.ours else act.at)


def _expect(by_asked: Sequence[Act]) -> str:
    said = [act.body.expect for act in by_asked if isinstance(act.body, Acknowledgement)]
    return next((each for each in reversed(said) if each), "")


def _holders(acts: Sequence[Act]) -> tuple[Holder, ...]:
    holders: dict[AgencyId, Holder] = {}
    for act in acts:
        if isinstance(body := act.body, Take | HandOver):
            holders[act.agency] = Holder(
                agency=act.agency,
                id=body.taker if isinstance(body, HandOver) else act.officer,
                since=act.at,
                act=act.id,
                remark=body.remark if isinstance(body, HandOver) else "",
            )
    return tuple(holders[agency] for agency in sorted(holders))


def _refs(acts: Sequence[Act]) -> tuple[tuple[AgencyId, str], ...]:
    """Return each side's own file number, as last said."""
    refs = {
        act.agency: act.body.ref for act in acts if isinstance(act.body, Telling) and act.body.ref
    }
    return tuple(sorted(refs.items()))


def _handling(acts: Sequence[Act]) -> Handling:
    said = [act.body.handling for act in acts if isinstance(act.body, Telling)]
    said += [
        act.body.handling
        for act in acts
        if isinstance(act.body, Recall) and act.body.what is Taking.NARROW
    ]
    return reduce(narrower, said) if said else Handling()
