# SPDX-License-Identifier: Apache-2.0
"""Kenya alone, made once: each test at the door goes on from a copy."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.templates import copy_of
from tests.web.desk import HOST, Visitor
from tests.world import World, WorldNode
from werkzeug.test import TestResponse

from comity.crypto import one_time
from comity.domain.roster import Role
from comity.services.enrol import Person, enrol
from comity.services.second_factor import offer, set_phone, set_sheet

INVESTIGATOR = "investigator KE"


@pytest.fixture(scope="session")
def first_door(tmp_path_factory: pytest.TempPathFactory) -> World:
    with World(tmp_path_factory.mktemp("door"), "ke") as made:
        kenya = made["ke"]
        chief = Person(name="administrator KE", roles=(Role.ADMINISTRATOR,))
        enrol(kenya.house, kenya.agency, chief, PASSPHRASE)
        return made


@pytest.fixture
def kenya(first_door: World, tmp_path: Path) -> Iterator[WorldNode]:
    for world in copy_of(first_door, tmp_path):
        yield world["ke"]


class Phone:
    """A telephone that shows codes."""

    def __init__(self, kenya: WorldNode, who: str = "investigator") -> None:
        self._kenya = kenya
        unlocked = kenya.settled.unlocked(who)
        offered = offer(unlocked, kenya.house, "a" * 26)
        self.seed = offered.seed
        set_phone(kenya.house, offered, PASSPHRASE, self.code)
        self.wait()

    @property
    def code(self) -> str:
        return one_time.shown_at(self.seed, self._kenya.world.hours.now)

    def wait(self) -> None:
        """Wait for the next code."""
        self._kenya.world.hours.now += timedelta(seconds=30)


def sheet_of(kenya: WorldNode) -> tuple[str, ...]:
    return set_sheet(kenya.house, kenya.settled.people["investigator"], PASSPHRASE)


def knock(app: Flask, who: str = INVESTIGATOR, **form: Any) -> TestResponse:
    """Try to sign in from a browser that has nothing of ours."""
    return Visitor.at(app).post("/in", **{"who": who, "passphrase": PASSPHRASE, **form})


def cookie_of(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("__Host-s", HOST)
    return cookie.value if cookie else ""
