# SPDX-License-Identifier: Apache-2.0
"""Worlds to travel through."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.templates import copy_of, two_countries
from tests.world import World

__all__ = ["two_countries"]


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_countries, tmp_path)
