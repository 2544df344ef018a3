# SPDX-License-Identifier: Apache-2.0
"""Kills: how an exchange of 1,000 questions survives CRASH (20) kills of either side at random."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.exchange import exchange

KILLS = int(os.environ.get("CRASH", "20"))
ASKS = int(os.environ.get("ASKS", "1000"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = 23_000 + os.getpid() % 9_000
        # Many kills want many questions, or the last of them would hit two idle processes.
        asks = max(ASKS, 20 * KILLS)
        found = exchange(Path(folder), asks=asks, kills=KILLS, seed=KILLS, port=port)
    rows = [
        ("kills", found.kills, ""),
        ("asked, durable", found.asked, ""),
        ("arrived", found.arrived, ""),
        ("lost", len(found.lost), "0"),
        ("twice", len(found.twice), "0"),
        ("unreadable", len(found.unreadable), "0"),
        ("without a verified receipt", found.unreceipted, "0"),
        ("faults that verify names", len(found.unsound), "0"),
    ]
    for name, figure, wanted in rows:
        print(f"{name:<45} {figure:>12,}   {wanted}")
    print(f"{'from the last kill until all had come':<45} {found.recovered:>10.1f} s")


if __name__ == "__main__":
    main()
