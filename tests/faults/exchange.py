# SPDX-License-Identifier: Apache-2.0
"""Two nodes in two processes that exchange questions while something strikes either of them.

``exchange(folder, …)`` runs it and returns what was found afterwards. A worker is this file run as
a program: it serves, carries, and (the asker) asks until it has asked as often as it was last told
to. What a strike is stands below: a process killed or stopped, its disk full, its database held by
this process. Every so often both are let come to rest, something is asked while a strike lasts, and
the time is taken from the strike's end until all of it has its receipt.
"""

import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.services.settle import PASSPHRASE, Settled, befriend, settle  # noqa: E402

from comity.domain.ids import ThreadId  # noqa: E402
from comity.errors import ComityError  # noqa: E402
from comity.node import Node  # noqa: E402
from comity.services import home  # noqa: E402
from comity.services.ask import Question  # noqa: E402
from comity.services.seat import Seat  # noqa: E402
from comity.services.thread import open_threads  # noqa: E402
from comity.services.unlock import unlock  # noqa: E402
from comity.services.verify import verify  # noqa: E402
from comity.storage import copies, outbox, whole  # noqa: E402

FACTS = "One question of many, asked while the lights go on and off."
PATIENCE = 120.0
"""Seconds after a strike in which everything must have arrived."""
HELD_UP = 20
"""Questions that are asked while a strike lasts whose recovery is measured."""
OUTAGE = 2.0
"""Seconds that such a strike lasts."""
REFUSED = "-"


@dataclass(slots=True)
class Outcome:
    """What was found once the exchange had come to rest."""

    asked: int = 0
    """Acts durable at the asker."""
    told: int = 0
    """Of which the asking process had been told before it died."""
    arrived: int = 0
    refused: int = 0
    """Asks of which the asking process was told that they could not be kept."""
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unreceipted: int = 0
    unsound: list[str] = field(default_factory=list)
    strikes: int = 0
    recovered: list[float] = field(default_factory=list)
    """Seconds from a strike's end until all that was asked meanwhile had its receipt."""


def now() -> datetime:
    return datetime.now(UTC)


def question(number: int) -> Question:
    return Question(
        to="VN/Anti-smuggling desk",
        kind="phone",
        ref=f"CM/2026/{number}",
        fields={"number": ("+254202012345",)},
        facts=FACTS,
    )


def work(home_: str, port: str, officer: str, pipe: str, done: str) -> None:
    """Serve and carry until standard input ends; each line of it says how often to have asked."""
    node = Node.open(Path(home_), ask_house=str, clock=now)
    count = int(done)
    with node.serving("127.0.0.1", int(port)):
        seat: Seat | None = None
        for line in sys.stdin:
            while count < int(line):
                try:
                    seat = seat or node.seat(officer, PASSPHRASE)
                    said = seat.ask(question(count)).thread
                    count += 1
                except ComityError:
                    said = ThreadId(REFUSED)
                    time.sleep(0.05)
                # A pipe: no limit of the disk holds it up, and a short line is written whole.
                os.write(int(pipe), f"{said}\n".encode())
    node.close()


class Told:
    """What the asking process says that it has asked, whichever process it is by now."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.refused = 0
        read, self.pipe = os.pipe()
        self._thread = threading.Thread(target=self._hear, args=(read,), daemon=True)
        self._thread.start()

    def _hear(self, read: int) -> None:
        with os.fdopen(read) as lines:
            for line in lines:
                if line.strip() == REFUSED:
                    self.refused += 1
                else:
                    self.threads.append(line.strip())

    def close(self) -> None:
        os.close(self.pipe)
        self._thread.join()


@dataclass(slots=True)
class Worker:
    settled: Settled
    port: int
    told: Told
    goal: int = 0
    """How often it is to have asked; 0 of one that only answers."""
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                __file__,
                str(self.settled.house.home),
                str(self.port),
                self.settled.people["investigator"],
                str(self.told.pipe),
                str(len(self.told.threads)),
            ],
            stdin=subprocess.PIPE,
            pass_fds=(self.told.pipe,),
            text=True,
        )
        self.aim(self.goal)

    def aim(self, goal: int) -> None:
        """Let it have asked *goal* times; one that is not there is told when it starts."""
        self.goal = goal
        assert self.process is not None
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            self.process.stdin.write(f"{goal}\n")
            self.process.stdin.flush()

    def is_ready(self) -> bool:
        """Wait until it serves."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            time.sleep(0.02)
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """Let it end as an operator's stop does: what it was asked to ask, it asks first."""
        self._end()

    def _end(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        self.process.wait()


Strike = Callable[[Worker, random.Random], AbstractContextManager[None]]


@contextmanager
def killed(worker: Worker, _chance: random.Random) -> Iterator[None]:
    worker.kill()
    yield
    worker.start()


@contextmanager
def stopped(worker: Worker, _chance: random.Random) -> Iterator[None]:
    worker.stop()
    yield
    worker.start()


@contextmanager
def disk_full(worker: Worker, chance: random.Random) -> Iterator[None]:
    """Let no file of the running process grow beyond a few bytes."""
    assert worker.process is not None
    pid = worker.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    few = chance.choice((0, 4096, 65_536))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (few, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(worker: Worker, _chance: random.Random) -> Iterator[None]:
    """Hold the database of the running process from this one."""
    place = worker.settled.house.home / "comity.db"
    other = sqlite3.connect(place, isolation_level=None, timeout=60)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def working(*workers: Worker) -> Iterator[None]:
    try:
        for each in workers:
            each.start()
        yield
    finally:
        for each in workers:
            each.kill()


def exchange(
    folder: Path,
    *,
    asks: int,
    strikes: int,
    seed: int,
    port: int,
    strike: Strike = killed,
    longest: float = 0.3,
    measured: int = 4,
) -> Outcome:
    """Let Kenya ask Viet Nam *asks* times while *strike* hits one of them *strikes* times.

    A strike lasts up to *longest* seconds; *measured* more are those whose recovery is timed.
    """
    chance = random.Random(seed)
    kenya, vietnam = settled_pair(folder, port)
    outcome = Outcome()
    with (
        closing(Told()) as told,
        working(asker := Worker(kenya, port, told), answerer := Worker(vietnam, port + 1, told)),
    ):
        for count in range(1, strikes + 1):
            # Every strike meets questions of its own.
            asker.aim(asks * count // strikes)
            time.sleep(chance.uniform(0.02, 0.6))
            with strike(chance.choice((asker, answerer)), chance):
                time.sleep(chance.uniform(0, longest))
            outcome.strikes += 1
        for count in range(measured):
            settle_down(asker, kenya, vietnam)
            outcome.recovered.append(recovery(strike, (answerer, asker)[count % 2], asker, chance))
            outcome.strikes += 1
        settle_down(asker, kenya, vietnam)
    outcome.refused = told.refused
    look(outcome, kenya, vietnam, told.threads)
    return outcome


def recovery(strike: Strike, victim: Worker, asker: Worker, chance: random.Random) -> float:
    """Ask while *strike* hits *victim*; return how long after it all had its receipt."""
    with strike(victim, chance):
        asker.aim(asker.goal + HELD_UP)
        time.sleep(OUTAGE)
    began = time.monotonic()
    settle_down(asker, asker.settled, pause=0.02)
    return time.monotonic() - began


def settled_pair(folder: Path, port: int) -> tuple[Settled, Settled]:
    kenya = settle(folder, "KE", address=f"http://127.0.0.1:{port}")
    vietnam = settle(folder, "VN", address=f"http://127.0.0.1:{port + 1}")
    befriend(kenya, vietnam)
    return kenya, vietnam


def settle_down(asker: Worker, *settled: Settled, pause: float = 0.1) -> None:
    """Wait until all is asked that was to be, and nothing of it waits for its receipt."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        waiting = max(0, asker.goal - len(asker.told.threads))
        for each in settled:
            with each.house.store.read() as reading:
                waiting += sum(due.count for due in outbox.pending(reading))
        if not waiting:
            return
        time.sleep(pause)
    raise AssertionError("the exchange does not come to rest")


def look(outcome: Outcome, kenya: Settled, vietnam: Settled, told: Sequence[str]) -> None:
    """Compare what either side holds, open all of it, and verify both homes."""
    with kenya.house.store.read() as reading:
        sent = [row for row in every(reading) if row.to == vietnam.agency]
    with vietnam.house.store.read() as reading:
        came = [row for row in every(reading) if row.to == vietnam.agency]
    arrived = [row.act for row in came if row.agency == kenya.agency]
    outcome.asked, outcome.told, outcome.arrived = len(sent), len(told), len(arrived)
    outcome.lost = sorted({row.act for row in sent} - set(arrived))
    outcome.lost += sorted(set(told) - {row.thread for row in sent})
    outcome.twice = sorted({each for each in arrived if arrived.count(each) > 1})
    outcome.unreceipted = sum(row.state != copies.CopyState.DELIVERED for row in sent)
    reader = unlock(vietnam.house, vietnam.people["investigator"], PASSPHRASE)
    threads = sorted({ThreadId(row.thread) for row in came if row.agency == kenya.agency})
    opened = {each.id: each for each in open_threads(reader, vietnam.house, threads)}
    outcome.unreadable = [
        each
        for each in threads
        if each not in opened
        or opened[each].mistrusted
        or opened[each].thread.request is None
        or opened[each].thread.request.facts != FACTS  # type: ignore[union-attr]
    ]
    for each in (kenya, vietnam):
        outcome.unsound += [str(found) for found in verify(each.house).faults]
        home.close(each.house)


def every(reading: object) -> list[copies.Copy]:
    return list(whole.rows(reading, whole.COPIES))  # type: ignore[arg-type]


if __name__ == "__main__":
    work(*sys.argv[1:])
