# SPDX-License-Identifier: Apache-2.0
"""Worlds to be attacked: three countries, of which one or another is not what it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.templates import copy_of, three_countries
from tests.world import World

__all__ = ["three_countries"]


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)
