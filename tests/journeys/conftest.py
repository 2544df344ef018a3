# SPDX-License-Identifier: Apache-2.0
"""Worlds to travel through."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, "ke", "vn") as made:
        yield made
