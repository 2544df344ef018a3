# SPDX-License-Identifier: Apache-2.0
"""Kenya's and Viet Nam's pages in a process of their own, for a test that watches what it writes.

``python two_desks.py FOLDER`` prints both addresses and Viet Nam's desk as JSON; at each line on its
input a second passes, and it lets the nodes call each other until all has arrived, and says so; it ends with its input.
"""

import json
import sys
from pathlib import Path

from tests.world import World

from comity.web.serving import Place, serving_pages


def main(folder: Path) -> None:
    with (
        World(folder, "ke", "vn") as world,
        serving_pages(world["ke"].node, Place()) as kenya,
        serving_pages(world["vn"].node, Place()) as vietnam,
    ):
        told = {"ke": kenya, "vn": vietnam, "desk": world["vn"].settled.desk}
        print(json.dumps(told), flush=True)
        for _ in sys.stdin:
            world.hours.pass_(seconds=1)
            world.sync()
            print("carried", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
