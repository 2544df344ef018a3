# SPDX-License-Identifier: Apache-2.0
"""What is told of a recall further on holds together, or is no such value."""

from dataclasses import replace
from typing import Any

import pytest
from tests.wire.notice_cases import HELD, ONWARD

from comity.domain.docket import ORDER_LIMIT
from comity.domain.passed_on import HANDS_MOST
from comity.domain.recall_onward import CERTIFIED_LIMIT, CERTIFIED_MOST, REASON_LIMIT


@pytest.mark.parametrize(
    "changed",
    [
        {"to": ONWARD.agency},
        {"act": ONWARD.original},
        {"order": b""},
        {"order": b"o" * (ORDER_LIMIT + 1)},
        {"certified": (b"c",) * (CERTIFIED_MOST + 1)},
        {"certified": (b"c" * (CERTIFIED_LIMIT + 1),)},
    ],
    ids=["to itself", "of itself", "no order", "long order", "many keys", "long keys"],
)
def test_a_recall_goes_on_to_another_with_a_bounded_order(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="recall-onward"):
        replace(ONWARD, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"hands": 0},
        {"hands": HANDS_MOST + 1},
        {"to": HELD.agency},
        {"reason": "r" * (REASON_LIMIT + 1)},
    ],
    ids=["no hands", "many hands", "to itself", "long reason"],
)
def test_what_a_holder_answered_is_reported_to_another_and_bounded(
    changed: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="onward-held"):
        replace(HELD, **changed)
