# SPDX-License-Identifier: Apache-2.0
"""What a node knows of a thread without opening anything: its stage and its clock, from dockets.

So a node reminds of what is due while everybody is signed out. Like the fold it is insensitive to
order and repetition, and a docket of an agency that has no part in the thread moves nothing. Who
can open the statements sees more (``fold.py``), and where the two differ the statements count.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import clocks
from comity.domain.clocks import Due, Standing, due, hastened
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import ActId, AgencyId, CopyId, ThreadId

_FINAL: Final = (DocketStage.ANSWERED, DocketStage.REFUSED)
_BACK_AND_FORTH: Final = (DocketStage.ASKED_BACK, DocketStage.CANNOT_READ, DocketStage.SUPPLIED)
_HEARD: Final = (DocketStage.ACKNOWLEDGED,)
_BACK: Final = (DocketStage.TAKEN_BACK, DocketStage.WITHDRAWN)
_OPENING: Final = (DocketStage.ASKED, DocketStage.TOLD)
_ASIDE: Final = (DocketStage.COPIED, DocketStage.CONSENT_ASKED, DocketStage.CONSENT_GIVEN)
"""What moves no clock: a copy for who looks on, and what is said of consent."""
_PRESSING: Final = (DocketStage.HASTENED, DocketStage.REMINDED)
"""What the asker may say of his own question; from the other side it is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What stage and clock go by of one docket that a node recorded; its words were checked."""

    agency: AgencyId
    to: AgencyId
    act: ActId
    copy: CopyId
    stage: DocketStage
    clock: ClockClass
    at: datetime
    """When it was made durable here."""
    ours: bool
    taken_back: bool = False
    """Whether its agency recalled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a *delivered* receipt says: an act is there, since when."""

    agency: AgencyId
    act: ActId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    thread: ThreadId
    stage: DocketStage | None
    """None until the docket that opens the thread is here."""
    asker: AgencyId | None
    asked: AgencyId | None
    clock: ClockClass
    due: Due | None
    acknowledged: bool
    answered: bool

    def standing(self, now: datetime) -> Standing:
        """Return how the thread stands on its clock; fine where none runs."""
        if self.due is None:
            return Standing.FINE
        return clocks.standing(
            self.due, now, acknowledged=self.acknowledged, answered=self.answered
        )


def carry(thread: ThreadId, steps: Iterable[Step], arrivals: Iterable[Arrival] = ()) -> Carried:
    """Return what the dockets of *thread* tell."""
    abroad = sorted((each for each in steps if _moves(each)), key=_by_time)
    opening = next((each for each in abroad if each.stage in _OPENING), None)
    if opening is None:
        return Carried(
            thread=thread,
            stage=None,
            asker=None,
            asked=None,
            clock=ClockClass.NONE,
            due=None,
            acknowledged=False,
            answered=False,
        )
    replies = _replies(abroad, opening)
    urged = [each for each in abroad if _hastens(each, opening)]
    over = _over(abroad, opening, replies)
    return Carried(
        thread=thread,
        stage=over or _stage(opening, replies),
        asker=opening.agency,
        asked=opening.to,
        clock=ClockClass.URGENT if urged else opening.clock,
        due=None if over else _due(opening, urged, tuple(arrivals)),
        acknowledged=any(stage is not DocketStage.SUPPLIED for stage in replies),
        answered=any(stage in _FINAL for stage in replies),
    )


def _moves(step: Step) -> bool:
    """Return whether *step* went to the other side and moves its clock."""
    return step.to != step.agency and step.stage not in _ASIDE


def _replies(abroad: Sequence[Step], opening: Step) -> list[DocketStage]:
    """Return the stages to which the two parties brought the thread, in order of time."""
    return [
        each.stage
        for each in abroad
        if each.stage not in (*_OPENING, *_PRESSING, *_BACK)
        and not each.taken_back
        and each.agency == (opening.agency if each.stage is DocketStage.SUPPLIED else opening.to)
    ]


def _over(
    abroad: Sequence[Step], opening: Step, replies: Sequence[DocketStage]
) -> DocketStage | None:
    """Return the stage of a thread that wants no answer any more; None while it does."""
    if opening.taken_back:
        return DocketStage.TAKEN_BACK
    withdrawn = any(
        each.stage is DocketStage.WITHDRAWN and each.agency == opening.agency for each in abroad
    )
    answered = any(stage in _FINAL for stage in replies)
    return DocketStage.WITHDRAWN if withdrawn and not answered else None


def _stage(opening: Step, replies: Sequence[DocketStage]) -> DocketStage:
    for weightier in (_FINAL, _BACK_AND_FORTH, _HEARD):
        reached = [stage for stage in replies if stage in weightier]
        if reached:
            return reached[-1]
    return opening.stage


def _hastens(step: Step, opening: Step) -> bool:
    """Return whether *step* makes the question of *opening* urgent; a note wants no answer."""
    return (step.stage, step.agency, step.to, opening.stage) == (
        DocketStage.HASTENED,
        opening.agency,
        opening.to,
        DocketStage.ASKED,
    )


def _due(opening: Step, urged: Iterable[Step], arrivals: Collection[Arrival]) -> Due | None:
    received = _received(opening, arrivals)
    until = due(opening.clock, received) if received else None
    for each in urged:
        heard = _received(each, arrivals)
        if until and heard:
            until = hastened(until, heard)
    return until


def _received(step: Step, arrivals: Iterable[Arrival]) -> datetime | None:
    """Return since when the other side has *step*; None as long as it has not said so."""
    said = [each.at for each in arrivals if (each.act, each.agency) == (step.act, step.to)]
    return min(said, default=None if step.ours else step.at)


def _by_time(step: Step) -> tuple[datetime, str, str, bool]:
    return (step.at, step.act, step.copy, step.ours)
