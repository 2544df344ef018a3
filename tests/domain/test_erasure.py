# SPDX-License-Identifier: Apache-2.0
"""An erasure says exactly which openings are gone."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from tests.strategies import NOW

from comity.domain.erasure import LEAVES_LIMIT, Erasure


def test_an_erasure_names_its_leaves_in_order() -> None:
    made = Erasure(origin="log", leaves=(3, 9), ground="order 7", at=NOW)

    assert made.type == "comity/erasure@1"


@pytest.mark.parametrize("leaves", [(), (9, 3), (3, 3), (-1, 3), range(LEAVES_LIMIT + 1)], ids=str)
def test_an_erasure_of_anything_else_is_none(leaves: Sequence[int]) -> None:
    with pytest.raises(ValueError, match="erasure"):
        Erasure(origin="log", leaves=tuple(leaves), ground="order 7", at=NOW)


def test_an_erasure_has_its_hour_in_utc() -> None:
    with pytest.raises(ValueError, match="at"):
        Erasure(origin="log", leaves=(3,), ground="order 7", at=datetime(2026, 1, 1))  # noqa: DTZ001  # the point
