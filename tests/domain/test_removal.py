# SPDX-License-Identifier: Apache-2.0
"""A removal names one copy, and stands in the receipt that tells of it."""

from dataclasses import replace

import pytest
from tests.wire import tale

from comity.domain.docket import ReceiptStage
from comity.domain.removal import Removal, Why, told_by

RECEIPT = replace(tale.DELIVERED, stage=ReceiptStage.REMOVED)


def test_whoever_recalled_makes_the_entry_from_the_receipt() -> None:
    assert told_by(RECEIPT) == Removal(
        agency=tale.KE,
        to=tale.VN,
        act=tale.ACT,
        copy=RECEIPT.copy,
        envelope=RECEIPT.envelope,
        thread=tale.THREAD,
        why=Why.RECALL,
        at=tale.AT,
    )


@pytest.mark.parametrize("field", ["act", "thread", "copy", "envelope"])
def test_a_removal_of_nothing_is_none(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        replace(told_by(RECEIPT), **{field: "x"})  # type: ignore[arg-type]  # as the test says
