# SPDX-License-Identifier: Apache-2.0
"""Worlds to be attacked: three countries, of which one or another is not what it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, "ke", "vn", "et") as made:
        yield made
