# SPDX-License-Identifier: Apache-2.0
"""``make faults``: what the exchange survives, run for minutes, and written to ``docs/faults.md``.

Each fault strikes an exchange of ASKS (200) questions between two servers; afterwards both homes
are verified and everything is opened. Killed, stopped, with a full disk and with a database that
another holds are real processes (``exchange.py``); those faults and the others strike nodes of one
process, too, whose disk, database, clock and line are under our hands (``tests/world.py``):
everything else of them is real. Ends with 1 if anything was lost, came twice or could not be read.

Recovery is taken from the end of a strike, with something waiting, until all of it has its receipt.
Nodes call each other as servers do, by their own clocks: what failed is tried again ever later.
"""

import os
import platform
import random
import re
import resource
import sqlite3
import statistics
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

from tests.faults import exchange as processes_of  # noqa: E402
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
"""All of it together: nothing more is begun after them."""
STRIKES = 20
"""How often a process is struck by what does not kill it."""
MEASURED = 6
"""Of how many more strikes against processes the recovery is timed."""
LONGEST = 86_400.0
"""Seconds of the world's clock after which what waits never arrives."""
HASTY = tuple(re.sub(r"(busy_timeout)=\d+", r"\1=50", e) for e in engine._PRAGMAS)
"""So that a database that another holds is refused soon, and more strikes fit into the minutes."""
PAGE = ROOT / "docs" / "faults.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found after one fault."""

    fault: str
    struck: int
    asked: int
    refused: int
    """Asks that the officer was told could not be kept: nothing of them may be there."""
    kept_all_the_same: int
    lost: int
    twice: int
    unreadable: int
    unsound: int
    recovered: Sequence[float]
    """Seconds of ours, strike by strike, until all that waited had its receipt."""
    passed: Sequence[float] = ()
    """Seconds of the world's clock meanwhile, where that is moved by the test."""

    @property
    def wrong(self) -> int:
        return self.kept_all_the_same + self.lost + self.twice + self.unreadable + self.unsound


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
    """Let nobody reach the node for an hour, in which both go on trying."""
    weather = node.world.weather
    weather.away.add(node.id)
    try:
        yield
        for _ in range(60):
            node.world.hours.pass_(minutes=1)
            node.world.call_due()
    finally:
        weather.clear()


@contextmanager
def restart(node: WorldNode, _chance: random.Random) -> Iterator[None]:
    yield
    node.restart()


QUESTION = question("VN/Anti-smuggling desk")
Fault = Callable[[WorldNode, random.Random], object]
FAULTS: Sequence[tuple[str, Fault | processes_of.Strike]] = (
    ("the disk is full", disk_full),
    ("another process holds the database", locked),
    ("the database can only be read", read_only),
    ("a clock jumps by up to a day", clock_jumps),
    ("a line that loses 30 %, repeats, delays, reorders, corrupts", bad_line),
    ("a line that is cut for an hour", cut_for_an_hour),
    ("a server that is stopped and started", restart),
    ("process: its disk is full", processes_of.disk_full),
    ("process: another holds its database", processes_of.locked),
    ("process: stopped and started", processes_of.stopped),
    ("process: killed (kill -9)", processes_of.killed),
)


def strike(folder: Path, name: str, fault: Fault) -> Found:
    """Let *fault* strike either side of an exchange again and again; return what was found."""
    chance, struck, refused = random.Random(SEED), 0, 0
    told: list[str] = []
    recovered: list[tuple[float, float]] = []
    with World(folder, "ke", "vn", seed=SEED) as world:
        ke, vn = world.nodes("ke", "vn")
        seat = ke.seat()
        while len(told) < ASKS or not recovered:
            # What was kept in fair weather waits, and meets the fault on its way.
            told += [seat.ask(QUESTION).act for _ in range(chance.randint(1, 6))]
            victim = chance.choice((ke, vn))
            struck += 1
            with fault(victim, chance):  # type: ignore[attr-defined]  # a block
                for _ in range(chance.randint(1, 12)):
                    with suppress(ComityError):
                        world.call_due()
                    world.hours.pass_(seconds=chance.uniform(0, 20))
                    # Last of all something is asked: it waits, when the fault is over.
                    try:
                        told.append(seat.ask(QUESTION).act)
                    except ComityError:
                        refused += 1
            seat = ke.seat()
            # Half of them strike again while the last is not yet overcome.
            if chance.random() < 0.5 and world.waiting():
                recovered.append(recover(world))
        recover(world)
        world.sync()
        return look(world, name, told, struck=struck, refused=refused, recovered=recovered)


def recover(world: World) -> tuple[float, float]:
    """Let servers do as they do until nothing waits; return how long it took, by either clock."""
    began, before = time.monotonic(), world.hours.now
    passed = 0.0
    world.call_due()
    while world.waiting():
        if passed > LONGEST:
            raise AssertionError("what was held up did not arrive")
        # By the second; of what takes hours, to a fiftieth.
        world.hours.pass_(seconds=max(1.0, passed / 50))
        world.call_due()
        passed = (world.hours.now - before).total_seconds()
    return time.monotonic() - began, passed


def look(
    world: World,
    name: str,
    told: Sequence[str],
    *,
    struck: int,
    refused: int,
    recovered: Sequence[tuple[float, float]],
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
        kept_all_the_same=len(kept - set(told)),
        lost=len(kept - came.keys()) + len(set(told) - kept) + len(unreceipted),
        twice=sum(count > 1 for count in came.values()) + len(sent) - len(kept),
        unreadable=len(bad),
        unsound=sum(len(each.verify().faults) for each in (ke, vn)),
        recovered=[spent for spent, _ in recovered],
        passed=[passed for _, passed in recovered],
    )


def rows(node: WorldNode) -> list[Copy]:
    with node.house.store.read() as reading:
        return list(tables.rows(reading, tables.COPIES))


def processes(folder: Path, name: str, fault: processes_of.Strike) -> Found:
    """Let *fault* strike either of two real processes."""
    kills = fault is processes_of.killed
    found = processes_of.exchange(
        folder,
        asks=10 * KILLS if kills else ASKS,
        strikes=KILLS if kills else STRIKES,
        seed=SEED,
        port=23_000 + os.getpid() % 9_000,
        strike=fault,
        # Longer than a writer waits for a database that is held.
        longest=0.3 if kills else 8.0 if fault is processes_of.locked else 2.0,
        measured=MEASURED,
    )
    return Found(
        fault=name,
        struck=found.strikes,
        asked=found.asked,
        refused=found.refused,
        # Who is killed may have kept what it had no time to tell.
        kept_all_the_same=0 if kills else found.asked - found.told,
        lost=len(found.lost) + found.unreceipted,
        twice=len(found.twice),
        unreadable=len(found.unreadable),
        unsound=len(found.unsound),
        recovered=found.recovered,
    )


HEAD = """\
# Faults

Written by `make faults` ({minutes:.0f} minutes, {machine}, seed {seed}). Each fault strikes either
side of an exchange at random, again and again; afterwards both homes are verified to the byte and
everything is opened. The rows that say *process* strike two real servers, each a process of its own;
the others strike nodes of one process, whose disk, database, clock and line are under the test's
hands. *Refused* are questions that the officer was told could not be kept; *kept all the same* those
of them that are there. Lost counts what has no verified receipt, too.

*Recovered* is taken from the end of a strike until everything that waited then, or was asked
meanwhile, had its receipt: the median and the longest of those measured. Where the test moves the
clock, *by the clock* says how much of it that took, since who cannot reach a peer tries ever later;
the seconds before it are what the work itself took. A process is struck for {outage:.0f} seconds
with {held_up} questions asked meanwhile; what it then takes is by the clock on the wall, and what
was killed or stopped first has to begin.

| fault | struck | asked | refused | kept all the same | lost | twice | unreadable | faults in `verify` | measured | recovered | by the clock |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def line(found: Found) -> str:
    """Return the row of the page that says what was *found*."""
    cells = (
        *(found.fault, found.struck, found.asked, found.refused, found.kept_all_the_same),
        *(found.lost, found.twice, found.unreadable, found.unsound, len(found.recovered)),
        f"{statistics.median(found.recovered):.1f} s, {max(found.recovered):.1f} s",
        f"{spell(statistics.median(found.passed))}, {spell(max(found.passed))}"
        if found.passed
        else "",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def spell(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def struck(name: str, fault: Fault | processes_of.Strike) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        if name.startswith("process"):
            return processes(Path(folder), name, fault)  # type: ignore[arg-type]
        kept, engine._PRAGMAS = engine._PRAGMAS, HASTY  # type: ignore[misc, assignment]
        try:
            return strike(Path(folder), name, fault)  # type: ignore[arg-type]
        finally:
            engine._PRAGMAS = kept  # type: ignore[misc]


def main() -> int:
    began, found = time.monotonic(), []
    for name, fault in FAULTS:
        found.append(struck(name, fault))
        print(line(found[-1]), flush=True)
        if (time.monotonic() - began) / 60 > MINUTES:
            print("stopped: out of time", flush=True)
            return 1
    head = HEAD.format(
        minutes=(time.monotonic() - began) / 60,
        machine=f"{os.cpu_count()} cores, Python {platform.python_version()}",
        seed=SEED,
        outage=processes_of.OUTAGE,
        held_up=processes_of.HELD_UP,
    )
    PAGE.write_text(head + "\n".join(line(each) for each in found) + "\n")
    return int(any(each.wrong for each in found))


if __name__ == "__main__":
    sys.exit(main())
