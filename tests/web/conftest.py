# SPDX-License-Identifier: Apache-2.0
"""Worlds for the pages: founded once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.templates import copy_of, three_countries, two_countries, two_strangers
from tests.world import World

__all__ = ["three_countries", "two_countries", "two_strangers"]


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_countries, tmp_path)


@pytest.fixture
def three(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)
