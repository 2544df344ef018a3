# SPDX-License-Identifier: Apache-2.0
"""Retention: for how long an agency keeps threads after nothing moves in them any more.

A node knows of a thread its stage, so a rule goes by the stage that the thread has reached, and may
name the kind of its question as well, which is known once somebody there has opened it. Days are
counted from the last thing that happened. Of rules for one stage and for any, the one for the stage
stands; of that for the kind and that for all kinds the shorter. A record of a person has a date of
its own, which the docket carries as its expiry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.domain.docket import DocketStage

ANY: Final = "any"
KIND_LONGEST: Final = 100
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
    kind: str = ""
    """Of the question; empty for all."""

    def __post_init__(self) -> None:
        if self.stage != ANY and self.stage not in ENDED:
            raise ValueError("retention: not a stage in which a thread ends")
        if not 0 < self.days <= DAYS_MOST:
            raise ValueError("retention: no possible number of days")
        if len(self.kind) > KIND_LONGEST:
            raise ValueError("retention: no kind of question")


def days_by_stage(rules: Iterable[RetentionRule], kind: str = "") -> Mapping[DocketStage, int]:
    """Return after how many days threads of *kind* go, by stage; those that no rule names stay."""
    told = tuple(rules)
    every, own = _by_stage(told, ""), _by_stage(told, kind)
    both = {stage: (every.get(stage, 0), own.get(stage, 0)) for stage in ENDED}
    return {stage: min(filter(None, days)) for stage, days in both.items() if any(days)}


def kinds_named(rules: Iterable[RetentionRule]) -> frozenset[str]:
    """Return the kinds that *rules* name."""
    return frozenset(each.kind for each in rules if each.kind)


def _by_stage(rules: Iterable[RetentionRule], kind: str) -> Mapping[DocketStage, int]:
    told = {each.stage: each.days for each in rules if each.kind == kind}
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
