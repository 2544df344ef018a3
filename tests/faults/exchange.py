# SPDX-License-Identifier: Apache-2.0
"""Two nodes in two processes that exchange questions while either is killed at any moment.

``exchange(folder, asks=…, kills=…)`` runs it and returns what was found afterwards. A worker is
this file run as a program: it serves, carries, and (the asker) asks until told enough.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.services.settle import PASSPHRASE, Settled, befriend, settle  # noqa: E402

from comity.domain.ids import ThreadId  # noqa: E402
from comity.node import Node  # noqa: E402
from comity.services import home  # noqa: E402
from comity.services.ask import Question  # noqa: E402
from comity.services.thread import open_threads  # noqa: E402
from comity.services.unlock import unlock  # noqa: E402
from comity.services.verify import verify  # noqa: E402
from comity.storage import copies, outbox, whole  # noqa: E402

FACTS = "One question of many, asked while the lights go on and off."
PATIENCE = 120.0
"""Seconds after the last kill in which everything must have arrived."""


@dataclass(slots=True)
class Outcome:
    """What was found once the exchange had come to rest."""

    asked: int = 0
    """Acts durable at the asker."""
    told: int = 0
    """Of which the asking process had been told before it died."""
    arrived: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unreceipted: int = 0
    unsound: list[str] = field(default_factory=list)
    kills: int = 0
    recovered: float = 0.0
    """Seconds from the last restart until nothing was due."""


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


def work(home_: str, port: str, officer: str, said: str, total: str) -> None:
    """Serve and carry until standard input ends; ask until *total* questions were said."""
    node = Node.open(Path(home_), ask_house=str, clock=now)
    with node.serving("127.0.0.1", int(port)):
        print("ready", flush=True)
        if int(total):
            seat = node.seat(officer, PASSPHRASE)
            done = len(Path(said).read_text().splitlines())
            with Path(said).open("a", buffering=1) as told:
                while done < int(total):
                    told.write(f"{seat.ask(question(done)).thread}\n")
                    done += 1
        sys.stdin.read()


@dataclass(slots=True)
class Worker:
    settled: Settled
    port: int
    said: Path
    total: int
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                __file__,
                str(self.settled.house.home),
                str(self.port),
                self.settled.people["investigator"],
                str(self.said),
                str(self.total),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def working(*workers: Worker) -> Iterator[None]:
    try:
        for each in workers:
            each.start()
        yield
    finally:
        for each in workers:
            each.kill()


def exchange(folder: Path, *, asks: int, kills: int, seed: int, port: int) -> Outcome:
    """Let Kenya ask Viet Nam *asks* times while one of them is killed *kills* times."""
    chance = random.Random(seed)
    kenya, vietnam = settled_pair(folder, port)
    said = folder / "said"
    said.touch()
    asker = Worker(kenya, port, said, asks)
    answerer = Worker(vietnam, port + 1, said, 0)
    outcome = Outcome()
    with working(asker, answerer):
        while outcome.kills < kills or len(said.read_text().splitlines()) < asks:
            time.sleep(chance.uniform(0.02, 0.9))
            if outcome.kills < kills:
                victim = chance.choice((asker, answerer))
                victim.kill()
                victim.start()
                outcome.kills += 1
        begin = time.monotonic()
        settle_down(kenya, vietnam)
        outcome.recovered = time.monotonic() - begin
    look(outcome, kenya, vietnam, said.read_text().split())
    return outcome


def settled_pair(folder: Path, port: int) -> tuple[Settled, Settled]:
    kenya = settle(folder, "KE", address=f"http://127.0.0.1:{port}")
    vietnam = settle(folder, "VN", address=f"http://127.0.0.1:{port + 1}")
    befriend(kenya, vietnam)
    return kenya, vietnam


def settle_down(*settled: Settled) -> None:
    """Wait until nothing is due at either."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        waiting = 0
        for each in settled:
            with each.house.store.read() as reading:
                waiting += sum(due.count for due in outbox.pending(reading))
        if not waiting:
            return
        time.sleep(0.1)


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
