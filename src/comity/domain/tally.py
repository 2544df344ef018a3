# SPDX-License-Identifier: Apache-2.0
"""The tally of a recall: what each holder did, as far as he has said so.

A holder who says nothing was not reached; that he has the recall and says nothing of the act means
that the act never came there, since both answers travel in one parcel.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain.docket import Receipt, ReceiptStage
from comity.domain.ids import AgencyId

PENDING: Final = "pending"
"""Said of what is kept until somebody has decided."""


class Held(StrEnum):
    """What became of one holder's copy."""

    REMOVED = "removed"
    KEPT = "kept"
    PENDING = "pending"
    """Somebody there is asked."""
    MARKED = "marked"
    """The correction or narrowing stands beside it."""
    ABSENT = "absent"
    """It never came there."""
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderAnswer:
    agency: AgencyId
    held: Held
    reason: str = ""
    """Why it is kept, or until when backups may hold it."""
    at: datetime | None = None
    via: AgencyId | None = None
    """Who passed it on to him, and says so; None for whom the author told himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    answers: tuple[HolderAnswer, ...]

    @property
    def is_complete(self) -> bool:
        """Return whether every holder has said what he did."""
        open_ = (Held.NOT_REACHED, Held.PENDING)
        return all(each.held not in open_ for each in self.answers)

    @property
    def counts(self) -> tuple[tuple[Held, int], ...]:
        """Return how many did what, in the order of ``Held``."""
        counted = Counter(each.held for each in self.answers)
        return tuple((held, counted[held]) for held in Held if counted[held])


def held_of(said: Receipt) -> Held:
    """Return what became of a copy by the answer *said* to its recall."""
    if said.stage is ReceiptStage.REMOVED:
        return Held.REMOVED
    return Held.PENDING if said.reason == PENDING else Held.KEPT


def tally(answers: Iterable[HolderAnswer]) -> Tally:
    return Tally(answers=tuple(sorted(answers, key=_place)))


def _place(answer: HolderAnswer) -> tuple[str, str]:
    return answer.via or "", answer.agency
