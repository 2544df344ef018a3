# SPDX-License-Identifier: Apache-2.0
"""A server of pages in a process of its own, for a test that watches what it writes to the disk.

``python served.py FOLDER`` prints its address, and serves until nothing more comes on its input.
"""

import sys
from pathlib import Path

from tests.web.paper import Paper
from tests.world import World


def main(folder: Path) -> None:
    with World(folder, "ke") as world, Paper.on(world["ke"]) as paper:
        print(paper.address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
