# SPDX-License-Identifier: Apache-2.0
"""Kills: how an exchange survives CRASH (20) kills of either side at random.

ASKS (1,000) questions are asked, or twenty for each kill if that is more.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.exchange import exchange

KILLS = int(os.environ.get("CRASH", "20"))
ASKS = int(os.environ.get("ASKS", "1000"))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        port = 23_000 + os.getpid() % 9_000
        # Many kills want many questions, or the last of them would hit two idle processes.
        asks = max(ASKS, 20 * KILLS)
        found = exchange(Path(folder), asks=asks, strikes=KILLS, seed=KILLS, port=port)
    wrong = [
        ("lost", len(found.lost)),
        ("twice", len(found.twice)),
        ("unreadable", len(found.unreadable)),
        ("without a verified receipt", found.unreceipted),
        ("faults that verify names", len(found.unsound)),
    ]
    rows = [
        ("kills", found.strikes, ""),
        ("asked, durable", found.asked, ""),
        ("arrived", found.arrived, ""),
        *((name, figure, "0") for name, figure in wrong),
    ]
    for name, figure, wanted in rows:
        print(f"{name:<45} {figure:>12,}   {wanted}")
    worst = max(found.recovered)
    print(f"{'from a kill until all asked meanwhile had come':<45} {worst:>10.1f} s at most")
    return int(any(figure for _, figure in wrong))


if __name__ == "__main__":
    sys.exit(main())
