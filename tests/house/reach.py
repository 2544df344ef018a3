# SPDX-License-Identifier: Apache-2.0
"""Fail when the tests reach too little: all of the floors below storage, nine tenths elsewhere.

python tests/house/reach.py .coverage.json
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

WHOLE = {"errors", "domain", "crypto", "ledger", "wire"}
ELSEWHERE = 90.0


def main(report: Path) -> int:
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, seen in json.loads(report.read_text())["files"].items():
        room = Path(name).parts[2].removesuffix(".py")
        total = seen["summary"]
        rooms[room][0] += total["covered_lines"] + total["covered_branches"]
        rooms[room][1] += total["num_statements"] + total["num_branches"]
    poor = False
    for room, (reached, all_of_it) in sorted(rooms.items()):
        share = 100 * reached / all_of_it if all_of_it else 100.0
        wanted = 100.0 if room in WHOLE else ELSEWHERE
        poor |= share < wanted
        print(f"{room:12} {share:6.1f} %  of {all_of_it:5}  wanted {wanted:.0f}")
    return int(poor)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
