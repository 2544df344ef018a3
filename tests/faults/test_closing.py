# SPDX-License-Identifier: Apache-2.0
"""A closing that is killed at any moment is done, not begun, or finished by the next start."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.services.holders import appoint
from tests.services.settle import PASSPHRASE, settle

from comity.errors import Unavailable
from comity.services import home, house_escrow
from comity.services.reopen_node import reopen_node
from comity.services.unlock import unlock

KILLS = 12
PROGRAM = (
    "import sys; from comity.cli.main import main; print('here', flush=True); "
    "main(['--home', sys.argv[1], 'node', 'close', '--now'])"
)


def now() -> datetime:
    return datetime.now(UTC)


def close_and_kill(path: Path, after: float) -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if not k.startswith("COMITY_")},
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        time.sleep(after)
        process.kill()
    return process.wait()


@pytest.mark.slow
def test_twelve_kills_leave_a_home_that_is_whole_or_shut_and_never_one_that_is_lost(
    tmp_path: Path,
) -> None:
    made = settle(tmp_path)
    keepers, _ = appoint(made, tmp_path / "shares")
    made.house.store.close()
    words = keepers.words(*keepers.keys)
    chance = random.Random(7)
    ended: list[int] = []
    for number in range(KILLS):
        path = shutil.copytree(made.house.home, tmp_path / f"try-{number}")

        ended.append(close_and_kill(path, chance.uniform(0.05, 0.9)))

        assert house_escrow.find(path)
        try:
            home.close(home.open_(path, ask_house=str, clock=now))
        except Unavailable:
            assert not (path / "house.key").exists()
            reopen_node(path, words, key_home="file", ask_house=str, clock=now)
        house = home.open_(path, ask_house=str, clock=now)
        assert unlock(house, "investigator KE", PASSPHRASE).desks
        home.close(house)
    assert -signal.SIGKILL in ended
