# SPDX-License-Identifier: Apache-2.0
"""Struck at any moment, either process loses nothing, doubles nothing and breaks nothing."""

import os
from pathlib import Path

import pytest
from tests.faults.exchange import Outcome, Strike, disk_full, exchange, locked, stopped

PORT = 22_000 + os.getpid() % 9_000


def check(found: Outcome) -> None:
    assert (found.lost, found.twice, found.unreadable, found.unsound) == ([], [], [], [])
    assert found.unreceipted == 0
    assert len(found.recovered) == 2


@pytest.mark.slow
def test_twenty_kills_of_either_side_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    found = exchange(tmp_path, asks=1000, strikes=20, seed=20, port=PORT, measured=2)

    check(found)
    assert found.asked == found.arrived >= found.told >= 1000
    assert found.strikes == 22


@pytest.mark.slow
@pytest.mark.parametrize("strike", [disk_full, locked, stopped])
def test_a_process_that_is_struck_and_lives_keeps_what_it_said_and_no_more(
    strike: Strike, tmp_path: Path
) -> None:
    found = exchange(tmp_path, asks=60, strikes=6, seed=3, port=PORT, strike=strike, measured=2)

    check(found)
    # Of what was refused nothing is there: what is kept is what the process was told.
    assert found.asked == found.arrived == found.told == 100
