# SPDX-License-Identifier: Apache-2.0
"""Killed while it reads a stick, as often as it likes, a server has each message once in the end."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.services.scene import asked
from tests.services.settle import PASSPHRASE, befriend, settle

from comity.cli.files import sink
from comity.node import Node
from comity.services import home
from comity.services.carry_in import carry_in
from comity.services.carry_out import carry_out
from comity.services.verify import verify
from comity.storage import copies, outbox

ASKS = 400
KILLS = 8
COMMAND = "from comity.cli.main import main; main()"


@pytest.mark.slow
def test_kills_while_a_stick_is_read_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    kenya, vietnam = settle(tmp_path, "KE", address=""), settle(tmp_path, "VN", address="")
    befriend(kenya, vietnam)
    seat = Node(kenya.house).seat(kenya.people["investigator"], PASSPHRASE)
    acts = [seat.ask(asked()).act for _ in range(ASKS)]
    stick = tmp_path / "stick"
    carry_out(kenya.house, vietnam.house.keys.node, lambda: sink(stick))
    vietnam.house.store.close()
    chance = random.Random(20)

    for _ in range(KILLS):
        words = ["--home", str(vietnam.house.home), "carry", "in", str(stick)]
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *words], stdout=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.4, 2.5))
        process.kill()
        process.wait()

    house = home.open_(vietnam.house.home, ask_house=str, clock=lambda: datetime.now(UTC))
    with stick.open("rb") as source:
        came = carry_in(house, source.read)
    with house.store.read() as reading:
        here = [row.act for row in copies.by_acts(reading, acts)]
        [owed] = outbox.pending(reading)
    sound = verify(house).sound
    house.store.close()
    kenya.house.store.close()
    assert came.fault is None
    assert came.messages + came.known == ASKS
    assert sorted(here) == sorted(acts)
    assert owed.count == ASKS
    assert sound
