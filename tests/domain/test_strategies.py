# SPDX-License-Identifier: Apache-2.0
"""Every strategy draws values that the domain accepts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests import strategies

DRAWN: dict[str, SearchStrategy[object]] = {
    name: each for name, each in vars(strategies).items() if isinstance(each, SearchStrategy)
}


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_what_is_drawn_is_valid_and_equals_itself(name: str) -> None:
    @settings(max_examples=10)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        value = data.draw(DRAWN[name])

        assert value == value  # noqa: PLR0124  # a value, not an identity

    draw()
