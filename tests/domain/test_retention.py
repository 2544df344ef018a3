# SPDX-License-Identifier: Apache-2.0
"""How long what is over is kept, and until when a record about a person."""

import pytest

from comity.domain.docket import DocketStage
from comity.domain.retention import (
    DAYS_MOST,
    RetentionRule,
    days_by_stage,
    kinds_named,
    person_until,
)


def test_the_rule_for_a_stage_stands_before_that_for_any() -> None:
    rules = [RetentionRule(days=365), RetentionRule(stage="refused", days=30)]

    days = days_by_stage(rules)

    assert days[DocketStage.REFUSED] == 30
    assert days[DocketStage.ANSWERED] == days[DocketStage.WITHDRAWN] == 365


def test_what_no_rule_names_is_kept() -> None:
    assert days_by_stage([RetentionRule(stage="told", days=1)]) == {DocketStage.TOLD: 1}
    assert days_by_stage([]) == {}


@pytest.mark.parametrize(
    ("stage", "days"), [("asked", 1), ("any", 0), ("any", DAYS_MOST + 1), ("sung", 1)]
)
def test_a_rule_for_what_is_not_over_or_for_no_time_is_none(stage: str, days: int) -> None:
    with pytest.raises(ValueError, match="retention"):
        RetentionRule(stage=stage, days=days)


def test_the_earliest_date_of_a_person_counts_to_its_end() -> None:
    fields = {"keep_until": ("2027-01-31", "2026-12-31", "soon")}

    assert person_until(fields) == "2026-12-31T23:59:59Z"
    assert person_until({"keep_until": ("soon",)}) == person_until({}) == ""


def test_of_the_rule_for_a_kind_and_that_for_all_the_shorter_stands() -> None:
    rules = (
        RetentionRule(days=1000),
        RetentionRule(kind="person", days=365),
        RetentionRule(stage="answered", kind="vessel", days=4000),
        RetentionRule(stage="refused", kind="person", days=30),
    )

    assert set(days_by_stage(rules).values()) == {1000}
    assert days_by_stage(rules, "person")[DocketStage.ANSWERED] == 365
    assert days_by_stage(rules, "person")[DocketStage.REFUSED] == 30
    assert days_by_stage(rules, "vessel")[DocketStage.ANSWERED] == 1000
    assert days_by_stage(rules[1:], "phone") == {}
    assert kinds_named(rules) == {"person", "vessel"}


def test_a_kind_has_a_length() -> None:
    with pytest.raises(ValueError, match="kind"):
        RetentionRule(kind="x" * 101, days=1)
