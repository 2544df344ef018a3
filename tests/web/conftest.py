# SPDX-License-Identifier: Apache-2.0
"""Worlds for the pages: founded once, copied for each test; and an officer at Kenya's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from tests.templates import copy_of, three_countries, two_countries, two_strangers
from tests.web.desk import Visitor, application
from tests.web.paper import Paper
from tests.web.taker import Taker
from tests.world import World, WorldNode

__all__ = ["three_countries", "two_countries", "two_strangers"]


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_countries, tmp_path)


@pytest.fixture
def three(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)


@pytest.fixture
def kenya(world: World) -> WorldNode:
    return world["ke"]


@pytest.fixture
def app(kenya: WorldNode) -> Flask:
    return application(kenya)


@pytest.fixture
def officer(app: Flask) -> Visitor:
    return Visitor.signed_in(app, "investigator KE")


@pytest.fixture
def taker(kenya: WorldNode) -> Taker:
    return Taker(kenya)


@pytest.fixture
def paper(kenya: WorldNode) -> Iterator[Paper]:
    with Paper.on(kenya) as paper:
        yield paper
