# SPDX-License-Identifier: Apache-2.0
"""What is held against a peer keeps new things back until people have decided, or only warns."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.test_introduction import INTRODUCED
from tests.strategies import NOW

from comity.domain.standing import (
    Mark,
    MarkCode,
    OnFork,
    Standing,
    SuspendCode,
    Suspension,
    again,
    holds,
)

FORKED = Mark(code=MarkCode.FORKED, since=NOW, last=NOW, count=1, subject="one", holds=True)


@pytest.mark.parametrize(
    ("code", "rule", "held"),
    [
        (MarkCode.FORKED, OnFork.HOLD, True),
        (MarkCode.FORKED, OnFork.SUSPEND, True),
        (MarkCode.FORKED, OnFork.WARN, False),
        (MarkCode.UNPROVEN, OnFork.HOLD, True),
        (MarkCode.REPLAYED, OnFork.SUSPEND, False),
        (MarkCode.FALSE_INTRODUCTION, OnFork.HOLD, False),
        (MarkCode.KEY_DIFFERS, OnFork.WARN, True),
    ],
)
def test_what_holds_back_is_the_agencys_rule_but_for_another_key(
    code: MarkCode,
    rule: OnFork,
    held: bool,  # noqa: FBT001  # of the table above
) -> None:
    assert holds(code, rule) == held


def test_what_is_seen_again_is_counted_and_waits_for_a_new_decision() -> None:
    later = replace(FORKED, since=NOW + timedelta(days=1), last=NOW + timedelta(days=1))

    told = again(replace(FORKED, decided=True), later)

    assert (told.since, told.last, told.count, told.decided) == (NOW, later.last, 2, False)
    assert again(None, FORKED) is FORKED


def test_the_first_thing_that_nobody_decided_is_why_it_waits() -> None:
    decided = replace(FORKED, decided=True)
    warns = replace(FORKED, holds=False)
    differs = replace(FORKED, code=MarkCode.KEY_DIFFERS)

    assert Standing(marks=(decided, warns)).held == ""
    assert Standing(marks=(decided, warns, differs)).held == MarkCode.KEY_DIFFERS


def test_a_suspension_is_dated_in_utc() -> None:
    with pytest.raises(ValueError, match="at"):
        Suspension(code=SuspendCode.OTHER, by="", at=NOW.replace(tzinfo=None))


def test_only_an_introduction_is_ever_over() -> None:
    end = INTRODUCED.until

    assert Standing().over(checked=False, at=end) == ""
    assert Standing(introduced=INTRODUCED).over(checked=True, at=end) == "introduction-ended"
