# SPDX-License-Identifier: Apache-2.0
"""Outage: 1,000 questions are sent while the receiver is away; how soon are all there once back?"""

import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.exchange import (
    Outcome,
    Told,
    Worker,
    look,
    settle_down,
    settled_pair,
    working,
)

ASKS = int(os.environ.get("ASKS", "1000"))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        port = 24_000 + os.getpid() % 9_000
        kenya, vietnam = settled_pair(Path(folder), port)
        with closing(Told()) as told:
            asker, away = Worker(kenya, port, told, ASKS), Worker(vietnam, port + 1, told)
            with working(asker):
                while len(told.threads) < ASKS:
                    time.sleep(0.1)
                time.sleep(3)  # the asker has tried by now, in vain, and waits
                away.start()
                assert away.is_ready()
                begin = time.monotonic()
                settle_down(asker, kenya, vietnam)
                spent = time.monotonic() - begin
                away.kill()
        found = Outcome()
        look(found, kenya, vietnam, told.threads)
    wrong = len(found.lost) + len(found.twice) + len(found.unreadable) + len(found.unsound)
    print(f"{'sent while the receiver was away':<45} {found.asked:>12,}")
    print(f"{'lost, twice, unreadable or unsound':<45} {wrong:>12,}   0")
    print(f"{'from its return until all were receipted':<45} {spent:>10.1f} s   ≤ 5 s")
    return int(bool(wrong) or spent > 5)


if __name__ == "__main__":
    sys.exit(main())
