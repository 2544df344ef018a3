# SPDX-License-Identifier: Apache-2.0
"""Killed at any moment, either side loses nothing, doubles nothing and breaks nothing."""

import os
from pathlib import Path

import pytest
from tests.faults.exchange import exchange


@pytest.mark.slow
def test_twenty_kills_of_either_side_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    port = 22_000 + os.getpid() % 9_000

    found = exchange(tmp_path, asks=1000, kills=20, seed=20, port=port)

    assert (found.lost, found.twice, found.unreadable, found.unsound) == ([], [], [], [])
    assert found.asked == found.arrived >= found.told == 1000
    assert found.unreceipted == 0
    assert found.kills == 20
