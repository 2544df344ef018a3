# SPDX-License-Identifier: Apache-2.0
"""A small world for each test, opened from a copy of homes that were made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.guests import copied, housed
from tests.services.letters import START, Post
from tests.services.scene import Scene
from tests.services.settle import Settled, settle, ticking
from tests.templates import two_countries
from tests.world import World

from comity.services.house import House

__all__ = ["two_countries"]


@pytest.fixture(scope="session")
def settled_homes(two_countries: World) -> Path:
    """Return the folder of the homes of Kenya and Viet Nam, who have admitted each other."""
    Scene.remember(two_countries, two_countries.path)
    return two_countries.path


@pytest.fixture
def scene(settled_homes: Path, tmp_path: Path) -> Iterator[Scene]:
    """Open Kenya and Viet Nam anew, as they were when they had just admitted each other."""
    path = tmp_path / "scene"
    shutil.copytree(settled_homes, path)
    with Scene(path) as scene:
        yield scene


@pytest.fixture(scope="session")
def first_kenya(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """Settle Kenya, and close it."""
    made = settle(tmp_path_factory.mktemp("kenya"), clock=lambda: START)
    made.house.store.close()
    return made


@pytest.fixture
def kenya(first_kenya: Settled, tmp_path: Path) -> Iterator[Settled]:
    """Open Kenya anew, where the clock goes on whenever it is asked."""
    made = first_kenya.copied(tmp_path, ticking(START))
    yield made
    made.house.store.close()


@pytest.fixture(scope="session")
def first_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Make the house of an agency that has no people yet, and close it."""
    made = housed(tmp_path_factory.mktemp("house"))
    made.store.close()
    return made


@pytest.fixture
def house(first_house: House, tmp_path: Path) -> Iterator[House]:
    """Open that house anew."""
    made = copied(first_house, tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def first_post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """Settle both ends of a post, before any letter, and close them."""
    made = Post.open(tmp_path_factory.mktemp("post"))
    made.close()
    return made


@pytest.fixture
def post(first_post: Post, tmp_path: Path) -> Iterator[Post]:
    """Open both ends anew."""
    post = first_post.copied(tmp_path)
    yield post
    post.close()
