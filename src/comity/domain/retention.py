# SPDX-License-Identifier: Apache-2.0
"""Retention: for how long an agency keeps threads after nothing moves in them any more.

A node knows of a thread its stage and not what it is about, so a rule goes by the stage that the
thread has reached; days are counted from the last thing that happened in it. Of rules for one stage
and for any, the one for the stage stands. A record of a person has a date of its own, which the
docket carries as its expiry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.domain.docket import DocketStage

ANY: Final = "any"
DAYS_MOST: Final = 36_500
ENDED: Final = (
    DocketStage.TOLD,
    DocketStage.ANSWERED,
    DocketStage.REFUSED,
    DocketStage.WITHDRAWN,
    DocketStage.TAKEN_BACK,
)
"""Stages in which nobody waits for anything."""
KEEP_UNTIL: Final = "keep_until"
"""The field of a record about a person that says when it is to be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    stage: str = ANY
    """One of ``ENDED``, or ``any`` of them."""
    days: int

    def __post_init__(self) -> None:
        if self.stage != ANY and self.stage not in ENDED:
            raise ValueError("retention: not a stage in which a thread ends")
        if not 0 < self.days <= DAYS_MOST:
            raise ValueError("retention: no possible number of days")


def days_by_stage(rules: Iterable[RetentionRule]) -> Mapping[DocketStage, int]:
    """Return after how many days threads of each stage go; those that no rule names stay."""
    told = {each.stage: each.days for each in rules}
    return {stage: days for stage in ENDED if (days := told.get(stage.value, told.get(ANY, 0)))}


def person_until(fields: Mapping[str, tuple[str, ...]]) -> str:
    """Return until when a record that names somebody may be kept, RFC 3339; or nothing.

    A date that is no whole day says nothing: it was checked when it was written.
    """
    told = [each for each in map(_day, fields.get(KEEP_UNTIL, ())) if each]
    return f"{min(told).isoformat()}T23:59:59Z" if told else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
