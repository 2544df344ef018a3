# SPDX-License-Identifier: Apache-2.0
"""What a node knows of a thread without opening anything: its stage and its clock, from dockets.

So a node reminds of what is due while everybody is signed out. Like the fold it is insensitive to
order and repetition, and a docket of an agency that has no part in the thread moves nothing. Who
can open the statements sees more (``fold.py``), and where the two differ the statements count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import clocks
from comity.domain.clocks import Due, Standing, due
from comity.domain.docket import ClockClass, Docket, DocketStage, Receipt, ReceiptStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.thread import Released

_FINAL: Final = (DocketStage.ANSWERED, DocketStage.REFUSED)
_BACK_AND_FORTH: Final = (DocketStage.ASKED_BACK, DocketStage.CANNOT_READ, DocketStage.SUPPLIED)
_HEARD: Final = (DocketStage.ACKNOWLEDGED,)
_OPENING: Final = (DocketStage.ASKED, DocketStage.TOLD)


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


def carry(
    thread: ThreadId, dockets: Iterable[Released], receipts: Iterable[Receipt] = ()
) -> Carried:
    """Return what the dockets of *thread* tell."""
    ordered = sorted((each for each in dockets if each.docket.thread == thread), key=_by_time)
    abroad = [each for each in ordered if _moves(each.docket)]
    opening = next((each for each in abroad if each.docket.stage in _OPENING), None)
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
    return Carried(
        thread=thread,
        stage=_stage(opening, replies),
        asker=opening.docket.agency,
        asked=opening.docket.to,
        clock=opening.docket.clock,
        due=_due(opening, receipts),
        acknowledged=any(stage is not DocketStage.SUPPLIED for stage in replies),
        answered=any(stage in _FINAL for stage in replies),
    )


def _moves(docket: Docket) -> bool:
    """Return whether *docket* went to the other side: neither home nor to who looks on."""
    return docket.to != docket.agency and docket.stage is not DocketStage.COPIED


def _replies(abroad: Sequence[Released], opening: Released) -> list[DocketStage]:
    """Return the stages to which the two parties brought the thread, in order of time."""
    asker, asked = opening.docket.agency, opening.docket.to
    return [
        each.docket.stage
        for each in abroad
        if each.docket.stage not in _OPENING
        and each.docket.agency == (asker if each.docket.stage is DocketStage.SUPPLIED else asked)
    ]


def _stage(opening: Released, replies: Sequence[DocketStage]) -> DocketStage:
    for weightier in (_FINAL, _BACK_AND_FORTH, _HEARD):
        reached = [stage for stage in replies if stage in weightier]
        if reached:
            return reached[-1]
    return opening.docket.stage


def _due(opening: Released, receipts: Iterable[Receipt]) -> Due | None:
    docket = opening.docket
    received = [
        each.at
        for each in receipts
        if each.act == docket.act
        and each.agency == docket.to
        and each.stage is ReceiptStage.DELIVERED
    ]
    if not received and not opening.ours:
        received = [opening.at]
    return due(docket.clock, min(received)) if received else None


def _by_time(released: Released) -> tuple[datetime, str, str, bool]:
    docket = released.docket
    return (released.at, docket.act, docket.copy, released.ours)
