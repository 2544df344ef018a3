# SPDX-License-Identifier: Apache-2.0
"""Worlds that were made once: each test goes on from a copy of one that was closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import World


@pytest.fixture(scope="session")
def two_countries(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found Kenya and Viet Nam, who have admitted and checked each other, and close them."""
    with World(tmp_path_factory.mktemp("two"), "ke", "vn") as made:
        return made


@pytest.fixture(scope="session")
def three_countries(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found Ethiopia too."""
    with World(tmp_path_factory.mktemp("three"), "ke", "vn", "et") as made:
        return made


@pytest.fixture(scope="session")
def two_strangers(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found three: Kenya knows Viet Nam and Ethiopia, who do not know each other; close them."""
    apart = (frozenset(("vn", "et")),)
    with World(tmp_path_factory.mktemp("apart"), "ke", "vn", "et", strangers=apart) as made:
        return made


def copy_of(template: World, path: Path) -> Iterator[World]:
    """Yield a world that begins where *template* ended."""
    with template.copied(path) as made:
        yield made
