# SPDX-License-Identifier: Apache-2.0
"""Append to a store as a process of its own, until killed: ``appender.py URL HOME NAME COUNT``.

Four threads each write a row and a leaf at a time and print the leaf's index once it is durable.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import LeafType, Opening
from comity.storage import meta
from comity.storage.meta import Meta
from comity.storage.reading import Writing
from comity.storage.store import Store


def sign(checkpoint: Checkpoint) -> bytes:
    return checkpoint.text.encode()


def main(url: str, home: str, name: str, count: str) -> None:
    store = Store.open(url, signer=sign, home=Path(home))

    def one(number: int) -> None:
        said = f"{name}-{number}".encode()

        def work(writing: Writing) -> int:
            meta.put(writing, [Meta(name=said.decode(), value=said)])
            return writing.append([Opening(LeafType.DOCKET, b"s" * 16, said)])

        sys.stdout.write(f"{store.write(work)} {said.decode()}\n")
        sys.stdout.flush()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(int(count))))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
