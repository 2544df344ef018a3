# SPDX-License-Identifier: Apache-2.0
"""A small world for each test, opened from a copy of homes that were made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.scene import Scene
from tests.world import World


@pytest.fixture(scope="session")
def settled_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found Kenya and Viet Nam, who have admitted and checked each other, and close them."""
    path = tmp_path_factory.mktemp("settled")
    with World(path, "ke", "vn") as world:
        Scene.remember(world, path)
    return path


@pytest.fixture
def scene(settled_homes: Path, tmp_path: Path) -> Iterator[Scene]:
    """Open Kenya and Viet Nam anew, as they were when they had just admitted each other."""
    path = tmp_path / "scene"
    shutil.copytree(settled_homes, path)
    with Scene(path) as scene:
        yield scene
