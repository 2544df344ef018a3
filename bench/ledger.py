# SPDX-License-Identifier: Apache-2.0
"""Does the ledger slow down as it grows? Appending and proving at 1,000 and at 1,000,000 entries.

LEDGER_ENTRIES=1000000 python bench/ledger.py
"""

import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from comity.crypto.signing import SigningKey
from comity.ledger.checkpoint import Checkpoint, sign
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.note import write
from comity.ledger.proof import verify_consistency, verify_inclusion
from comity.storage import logs
from comity.storage.store import Store

LARGE = int(os.environ.get("LEDGER_ENTRIES", "1000000"))
SMALL = 1_000
BATCH = 100
"""Leaves in one group, as a courier appends them."""
ROUNDS = 60
PROOFS = 100
FILL = 10_000
ENTRY = 900
"""Bytes of a docket with two readers and no blob, as canonical JSON."""
GROWTH, PROOF_MS = 1.2, 5.0
"""What must hold: append at the large size against the small, and one inclusion proof."""
ORIGIN = "comity/" + "a" * 26 + "/1"
BLOCK = os.urandom(1 << 20)


@dataclass
class Ledger:
    path: Path
    store: Store
    size: int


def leaf(number: int) -> Opening:
    """Return a leaf of a docket's size that can be made again from its number."""
    start = number * 7919 % (len(BLOCK) - ENTRY)
    return Opening(LeafType.DOCKET, number.to_bytes(16), BLOCK[start : start + ENTRY])


def batch(start: int, count: int = BATCH) -> list[Opening]:
    return [leaf(number) for number in range(start, start + count)]


def signer() -> Callable[[Checkpoint], bytes]:
    key = SigningKey.from_seed(os.urandom(32))
    return lambda checkpoint: write(sign(checkpoint, key))


def begin(folder: Path, name: str, size: int) -> Ledger:
    """Make a ledger and fill it in big groups."""
    path = folder / f"{name}.db"
    store = Store.create(f"sqlite:///{path}", signer=signer())
    store.write(lambda w: logs.start(w, ORIGIN, 1))
    for start in range(0, size, FILL):
        some = batch(start, min(FILL, size - start))
        store.write(lambda w, some=some: w.append(some))  # type: ignore[misc] # called at once
    return Ledger(path, store, size)


def again(ledger: Ledger, *, cold: bool) -> Store:
    """Open the ledger as a new process would: nothing remembered; *cold*, nothing cached either."""
    if cold and sys.platform == "linux":
        os.sync()
        with ledger.path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return Store.open(f"sqlite:///{ledger.path}", signer=signer())


def millis(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def append(ledger: Ledger) -> float:
    leaves = batch(ledger.size)
    taken = millis(lambda: ledger.store.write(lambda w: w.append(leaves)))
    ledger.size += BATCH
    return taken


def reopened(ledger: Ledger) -> float:
    """Return what the first batch takes that has to load the tree's edge from the database."""
    ledger.store.close()
    ledger.store = again(ledger, cold=False)
    ledger.store.write(lambda w: w.log)
    return append(ledger)


def alternate(ledgers: Sequence[Ledger], work: Callable[[Ledger], float]) -> list[float]:
    """Return the median of *work* on each ledger, measured by turns: the machine is not alone."""
    taken: list[list[float]] = [[] for _ in ledgers]
    for _ in range(ROUNDS):
        for each, ledger in zip(taken, ledgers, strict=True):
            each.append(work(ledger))
    return [statistics.median(each) for each in taken]


def floor(folder: Path) -> float:
    """Return what SQLite itself takes to make the same entries durable: one table, one commit."""
    with sqlite3.connect(folder / "floor.db", isolation_level=None) as plain:
        for pragma in ("page_size=4096", "journal_mode=WAL", "synchronous=FULL"):
            plain.execute(f"PRAGMA {pragma}")
        plain.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, salt BLOB, entry BLOB)")

        def once(start: int) -> None:
            plain.execute("BEGIN IMMEDIATE")
            rows = [(None, each.salt, each.entry) for each in batch(start)]
            plain.executemany("INSERT INTO entries VALUES (?, ?, ?)", rows)
            plain.execute("COMMIT")

        found = statistics.median(millis(lambda at=at: once(at)) for at in range(ROUNDS))  # type: ignore[misc] # called at once
    plain.close()
    return found


def prove(ledger: Ledger, *, cold: bool) -> list[float]:
    """Return what single inclusion proofs of random leaves take, each checked."""
    taken = []
    store = again(ledger, cold=cold)
    for index in random.sample(range(ledger.size), PROOFS):
        if cold:
            store.close()
            store = again(ledger, cold=True)
        began = time.perf_counter()
        with store.read() as reading:
            head = reading.head()
            assert head is not None
            [proof] = reading.inclusions([index], head.size)
        taken.append((time.perf_counter() - began) * 1e3)
        verify_inclusion(index, head.size, leaf(index).hash, proof, head.root)
    store.close()
    return taken


def extend(ledger: Ledger) -> list[float]:
    """Return what consistency proofs from random checkpoints to the newest take, each checked."""
    taken = []
    with ledger.store.read() as reading:
        points = logs.checkpoints_from(reading, 1, 1, 100_000)
        head = reading.head()
        assert head is not None
    for old in random.sample(points, min(PROOFS, len(points))):
        began = time.perf_counter()
        with ledger.store.read() as reading:
            proof = reading.consistency(old.size, head.size)
        taken.append((time.perf_counter() - began) * 1e3)
        verify_consistency(old.size, head.size, old.root, head.root, proof)
    return taken


def said(held: bool) -> str:  # noqa: FBT001 - a verdict, by its nature
    return "yes" if held else "NO"


def bytes_of(ledger: Ledger) -> tuple[float, float]:
    """Return the bytes that an entry takes in all, and those beside entry and salt."""
    ledger.store.close()
    whole = ledger.path.stat().st_size / ledger.size
    return whole, whole - ENTRY - 16


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        small, large = begin(folder, "small", SMALL), begin(folder, "large", LARGE)
        filled = time.perf_counter() - began
        bare = floor(folder)
        # Small first grows by what it appends; both grow alike, so the sizes stay far apart.
        at_small, at_large = alternate((small, large), append)
        edge_small, edge_large = alternate((small, large), reopened)
        warm, cold = prove(large, cold=False), prove(large, cold=True)
        consistent = extend(large)
        whole, beside = bytes_of(large)
        small.store.close()
    growth, slowest = at_large / at_small, statistics.median(cold)
    held = growth <= GROWTH and max(slowest, statistics.median(warm)) <= PROOF_MS
    table = Table(title=f"ledger of {LARGE:,} entries of {ENTRY} bytes, filled in {filled:.0f} s")
    for column in ("what", "figure", "beside it", "must hold", "holds"):
        table.add_column(column, justify="right")
    many = f"{BATCH} leaves durable"
    table.add_row(f"SQLite alone, {BATCH} rows durable", f"{bare:.2f} ms", "", "", "")
    table.add_row(f"append, {many}, at {SMALL:,}", f"{at_small:.2f} ms", "", "", "")
    table.add_row(
        f"append, {many}, at {LARGE:,}",
        f"{at_large:.2f} ms",
        f"{growth:.2f}",
        f"<= {GROWTH}",
        said(growth <= GROWTH),
    )
    table.add_row(
        "the same, edge loaded from the database",
        f"{edge_large:.2f} ms",
        f"{edge_large / edge_small:.2f}",
        "stated",
        "",
    )
    for what, taken in (("warm", warm), ("cold: nothing cached", cold)):
        median = statistics.median(taken)
        table.add_row(
            f"inclusion proof, {what}",
            f"{median:.2f} ms",
            f"worst {max(taken):.2f} ms",
            f"<= {PROOF_MS:.0f} ms",
            said(median <= PROOF_MS),
        )
    table.add_row(
        "consistency proof",
        f"{statistics.median(consistent):.2f} ms",
        f"worst {max(consistent):.2f} ms",
        "stated",
        "",
    )
    table.add_row("bytes an entry", f"{whole:.0f}", f"{beside:.0f} beside it", "stated", "")
    Console(width=120).print(table)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
