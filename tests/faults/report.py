# SPDX-License-Identifier: Apache-2.0
"""``make faults``: what the exchange survives, run for minutes, and written to ``docs/faults.md``.

Each fault strikes an exchange of ASKS (200) questions between two servers; afterwards both homes
are verified and everything is opened. The kills are of real processes (``exchange.py``); the other
faults strike nodes of one process, whose disk, database, clock and line are under our hands
(``tests/world.py``): everything else of them is real. Ends with 1 if anything was lost, came twice
or could not be read.
"""

import os
import platform
import random
import re
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.faults.exchange import exchange  # noqa: E402
from tests.world import World, WorldNode, question  # noqa: E402

from comity.domain.ids import ThreadId  # noqa: E402
from comity.errors import ComityError  # noqa: E402
from comity.services.thread import open_threads  # noqa: E402
from comity.storage import engine  # noqa: E402
from comity.storage import whole as tables  # noqa: E402
from comity.storage.copies import Copy, CopyState  # noqa: E402
from comity.storage.writer import GroupWriter  # noqa: E402

KILLS = int(os.environ.get("CRASH", "200"))
ASKS = int(os.environ.get("ASKS", "200"))
SEED = int(os.environ.get("SEED", "1"))
MINUTES = float(os.environ.get("MINUTES", "20"))
"""All of it together; the kills end when their share of that is over."""
PAGE = ROOT / "docs" / "faults.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found after one fault."""

    fault: str
    struck: int
    asked: int
    refused: int
    """Asks that the officer was told could not be kept: nothing of them may be there."""
    lost: int
    twice: int
    unreadable: int
    unsound: int
    recovered: str

    @property
    def wrong(self) -> int:
        return self.lost + self.twice + self.unreadable + self.unsound


# What strikes: each is a block in which something is wrong.


@contextmanager
def disk_full(_node: WorldNode, chance: random.Random) -> Iterator[None]:
    """Let no file of this process grow beyond a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (chance.choice((0, 4096, 65_536)), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(node: WorldNode, _chance: random.Random) -> Iterator[None]:
    """Let another process hold the database."""
    other = sqlite3.connect(node.house.home / "comity.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        with suppress(sqlite3.Error):
            other.execute("ROLLBACK")
        other.close()


@contextmanager
def read_only(node: WorldNode, _chance: random.Random) -> Iterator[None]:
    """Let the node's database be opened for reading only, as on a disk mounted so."""
    writer = node.house.store._writer  # under our hands
    assert isinstance(writer, GroupWriter)

    def anew() -> None:
        if writer._connection is not None:
            writer._connection.invalidate()
            writer._connection.close()
            writer._connection = None

    before = engine._PRAGMAS
    anew()
    engine._PRAGMAS = (*before, "PRAGMA query_only=ON")  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        engine._PRAGMAS = before  # type: ignore[misc]
        anew()


@contextmanager
def clock_jumps(node: WorldNode, chance: random.Random) -> Iterator[None]:
    """Let the node's clock be wrong by up to a day, forward or back."""
    node.skew = timedelta(minutes=chance.uniform(-24 * 60, 24 * 60))
    try:
        yield
    finally:
        node.skew = timedelta()


@contextmanager
def bad_line(node: WorldNode, chance: random.Random) -> Iterator[None]:
    """Lose three parcels of ten; repeat, delay, reorder and change others."""
    weather = node.world.weather
    weather.drop, weather.deaf = 0.15, 0.15
    weather.repeat = weather.delay = weather.corrupt = 0.2
    try:
        yield
    finally:
        weather.clear()


@contextmanager
def cut_for_an_hour(node: WorldNode, _chance: random.Random) -> Iterator[None]:
    weather = node.world.weather
    weather.away.add(node.id)
    try:
        yield
        node.world.hours.pass_(hours=1)
    finally:
        weather.clear()


@contextmanager
def restart(node: WorldNode, _chance: random.Random) -> Iterator[None]:
    yield
    node.restart()


QUESTION = question("VN/Anti-smuggling desk")
Fault = Callable[[WorldNode, random.Random], object]
FAULTS: Sequence[tuple[str, Fault]] = (
    ("the disk is full", disk_full),
    ("another process holds the database", locked),
    ("the database can only be read", read_only),
    ("a clock jumps by up to a day", clock_jumps),
    ("a line that loses 30 %, repeats, delays, reorders, corrupts", bad_line),
    ("a line that is cut for an hour", cut_for_an_hour),
    ("a server that is stopped and started", restart),
)


def strike(folder: Path, name: str, fault: Fault) -> Found:
    """Let *fault* strike either side of an exchange again and again; return what was found."""
    chance, struck, refused = random.Random(SEED), 0, 0
    told: list[str] = []
    with World(folder, "ke", "vn", seed=SEED) as world:
        ke, vn = world.nodes("ke", "vn")
        seat = ke.seat()
        while len(told) < ASKS:
            # What was kept in fair weather waits, and meets the fault on its way.
            told += [seat.ask(QUESTION).act for _ in range(chance.randint(1, 6))]
            victim = chance.choice((ke, vn))
            struck += 1
            with fault(victim, chance):  # type: ignore[attr-defined]  # a block
                for _ in range(chance.randint(1, 12)):
                    try:
                        told.append(seat.ask(QUESTION).act)
                    except ComityError:
                        refused += 1
                    with suppress(ComityError):
                        world.carry()
                    world.hours.pass_(seconds=chance.uniform(0, 20))
            seat = ke.seat()
            if chance.random() < 0.5:
                with suppress(ComityError):
                    world.carry()
        began, before = time.monotonic(), world.hours.now
        world.sync()
        spent, passed = time.monotonic() - began, world.hours.now - before
        return look(
            world,
            name,
            told,
            struck=struck,
            refused=refused,
            recovered=f"{spent:.1f} s; {passed}",
        )


def look(
    world: World, name: str, told: Sequence[str], *, struck: int, refused: int, recovered: str
) -> Found:
    """Compare what either side holds, open all of it, and verify both homes."""
    ke, vn = world.nodes("ke", "vn")
    sent = [row for row in rows(ke) if row.to == vn.agency and row.agency == ke.agency]
    came = Counter(row.act for row in rows(vn) if row.agency == ke.agency and row.to == vn.agency)
    threads = [ThreadId(row.thread) for row in sent]
    reader = vn.seat().unlocked
    opened = {each.id: each for each in open_threads(reader, vn.house, threads)}
    bad = [
        each
        for each in threads
        if each not in opened or opened[each].mistrusted or opened[each].thread.request is None
    ]
    kept = {row.act for row in sent}
    unreceipted = [row for row in sent if row.state != CopyState.DELIVERED]
    return Found(
        fault=name,
        struck=struck,
        asked=len(sent),
        refused=refused,
        lost=len(kept - came.keys()) + len(set(told) - kept) + len(unreceipted),
        twice=sum(count > 1 for count in came.values()) + len(sent) - len(kept),
        unreadable=len(bad),
        unsound=sum(len(each.verify().faults) for each in (ke, vn)),
        recovered=recovered,
    )


def rows(node: WorldNode) -> list[Copy]:
    with node.house.store.read() as reading:
        return list(tables.rows(reading, tables.COPIES))


def kills(folder: Path) -> Found:
    """Kill two real processes at random."""
    port = 23_000 + os.getpid() % 9_000
    found = exchange(folder, asks=10 * KILLS, kills=KILLS, seed=SEED, port=port)
    return Found(
        fault="either process is killed (kill -9)",
        struck=found.kills,
        asked=found.asked,
        refused=0,
        lost=len(found.lost) + found.unreceipted,
        twice=len(found.twice),
        unreadable=len(found.unreadable),
        unsound=len(found.unsound),
        recovered=f"{found.recovered:.1f} s",
    )


HEAD = """\
# Faults

Written by `make faults` ({minutes:.0f} minutes, {machine}, seed {seed}). Each fault strikes either
side of an exchange at random, again and again; afterwards both homes are verified to the byte and
everything is opened. *Refused* are questions that the officer was told could not be kept: nothing of
them is there. Lost counts what has no verified receipt, too. The last column is the time until all
was receipted once the fault was over, and how much of the world's clock that took where a clock is
moved by the test (backoff).

| fault | struck | asked | refused | lost | twice | unreadable | faults in `verify` | recovered |
|---|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    hasty = tuple(re.sub(r"(busy_timeout)=\d+", r"\1=50", e) for e in engine._PRAGMAS)
    began, found = time.monotonic(), []
    lines = []
    for name, fault in (*FAULTS, ("kills", None)):
        with tempfile.TemporaryDirectory() as told:
            if fault is None:
                each = kills(Path(told))
            else:
                kept, engine._PRAGMAS = engine._PRAGMAS, hasty  # type: ignore[misc, assignment]
                each = strike(Path(told), name, fault)
                engine._PRAGMAS = kept  # type: ignore[misc]
        found.append(each)
        cells = (
            *(each.fault, each.struck, each.asked, each.refused),
            *(each.lost, each.twice, each.unreadable, each.unsound, each.recovered),
        )
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
        print(lines[-1], flush=True)
        if (time.monotonic() - began) / 60 > MINUTES:
            print("stopped: out of time", flush=True)
            return 1
    head = HEAD.format(
        minutes=(time.monotonic() - began) / 60,
        machine=f"{os.cpu_count()} cores, Python {platform.python_version()}",
        seed=SEED,
    )
    PAGE.write_text(head + "\n".join(lines) + "\n")
    return int(any(each.wrong for each in found))


if __name__ == "__main__":
    sys.exit(main())
