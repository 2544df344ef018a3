# SPDX-License-Identifier: Apache-2.0
"""By stick: how long one file with many questions takes to write and to read, in how much memory.

``ASKS`` (10,000) questions wait in one outbox. Each time is that of a process of its own, from the
open home to the file that is safe, or to the last message that is durable; medians of ``RUNS`` (3),
each reading into a fresh copy of the home. Beside it stands the sum of the cryptographic operations
of a message, measured alone in the same process. Memory is the peak (VmHWM) of processes in which
SQLite's two caches, of up to 32 MiB each, are cut to 2: with half of the questions and with all of
them, it must not grow.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.services.settle import PASSPHRASE, befriend, settle

from comity.cli.files import sink
from comity.crypto import dsse
from comity.crypto.age import HybridIdentity, decrypt, encrypt
from comity.crypto.signing import SigningKey
from comity.domain.ids import NodeId
from comity.node import Node
from comity.services import home
from comity.services.ask import Question
from comity.services.carry_in import carry_in
from comity.services.carry_out import carry_out
from comity.services.deliver import ITEMS
from comity.services.home import close
from comity.storage import engine

ASKS = int(os.environ.get("ASKS", "10000"))
RUNS = int(os.environ.get("RUNS", "3"))
WRITTEN, READ = 20.0, 30.0
"""Seconds."""
GROWTH = 8
"""MiB that the peak may differ by: what an allocator keeps, not what a file holds."""
PARCEL = 900_000
QUESTION = {
    "to": "VN/Anti-smuggling desk",
    "kind": "phone",
    "ref": "CM/2026/1123",
    "fields": {"number": ("+254202012345",), "period": ("2026-11-01/2026-11-20",)},
    "facts": "A container was opened; 312.5 kg of raw ivory lay under planks of timber. " * 6,
    "why_you": "The number was written on the seal.",
}


def peak() -> float:
    """Return the most memory that this process ever had, in MiB."""
    [line] = [
        each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each
    ]
    return int(line.split()[1]) / 1024


def alone() -> dict[str, float]:
    """Return the microseconds of CPU of one message's part, by operation."""
    key, node = SigningKey.generate(), HybridIdentity.generate()
    payload, parcel = b"x" * 2048, b"x" * PARCEL
    signed = dsse.read(dsse.sign(payload, [key]), 1 << 20)
    sealed = encrypt(parcel, [node.recipient])
    operations: dict[str, tuple[float, Callable[[], object]]] = {
        "seal parcel": (1 / ITEMS, lambda: encrypt(parcel, [node.recipient])),
        "open parcel": (1 / ITEMS, lambda: decrypt(sealed, [node])),
        "digest": (1, lambda: sha256(payload).digest()),
        "verify": (1, lambda: dsse.verify(signed, key.public)),
        "sign": (1, lambda: key.sign(payload)),
    }
    told = {}
    for name, (times, work) in operations.items():
        begin, count = time.process_time(), 0
        while time.process_time() - begin < 0.1:
            work()
            count += 1
        told[name] = times * (time.process_time() - begin) / count * 1e6
    return told


def child(verb: str, place: str, file: str, node: str) -> None:
    """Write or read one file; say what it cost."""
    if os.environ.get("LEAN"):
        cut = [each.replace("-32768", "-2048") for each in vars(engine)["_PRAGMAS"]]
        vars(engine).update(_PRAGMAS=tuple(cut))
    house = home.open_(Path(place), ask_house=str, clock=lambda: datetime.now(UTC))
    begin, cpu = time.perf_counter(), time.process_time()
    if verb == "out":
        done = carry_out(house, NodeId(node), lambda: sink(Path(file)))
        count = done.messages if done else 0
    else:
        with Path(file).open("rb") as source:
            came = carry_in(house, source.read)
        assert came.fault is None
        count = came.messages
        if verb == "answer":
            begin, cpu = time.perf_counter(), time.process_time()
            carry_out(
                house, NodeId(node), lambda: sink(Path(f"{file}.answer")), answering=came.owed
            )
    told = {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "peak": peak(),
        "count": count,
    }
    close(house)
    print(json.dumps({**told, "alone": alone()}))


def run(verb: str, place: Path, file: Path, node: str, *, lean: bool = False) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, __file__, verb, str(place), str(file), node],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LEAN": "1" if lean else ""},
    )
    result: dict[str, float] = json.loads(told.stdout)
    return result


@contextmanager
def copied(place: Path) -> Iterator[Path]:
    other = place.with_name(f"{place.name}-again")
    shutil.copytree(place, other)
    yield other
    shutil.rmtree(other)


def main() -> None:
    with tempfile.TemporaryDirectory() as told:
        folder = Path(told)
        kenya, vietnam = settle(folder, "KE", address=""), settle(folder, "VN", address="")
        befriend(kenya, vietnam)
        here, there = kenya.house.keys.node, vietnam.house.keys.node
        paths = kenya.house.home, vietnam.house.home
        close(vietnam.house)
        seat = Node(kenya.house).seat(kenya.people["investigator"], PASSPHRASE)
        question = Question(**QUESTION)  # type: ignore[arg-type]
        for _ in range(ASKS // 2):
            seat.ask(question)
        half = measured(paths, folder / "half", here, there, 0)
        for _ in range(ASKS - ASKS // 2):
            seat.ask(question)
        close(kenya.house)
        all_ = measured(paths, folder / "all", here, there, RUNS)
        size = (folder / "all").stat().st_size
    sys.exit(not report(half, all_, size))


Runs = dict[str, list[dict[str, float]]]


def measured(paths: tuple[Path, Path], file: Path, here: str, there: str, runs: int) -> Runs:
    """Write and read *file* as often as *runs* says, and the answer; once more for the memory."""
    told: Runs = {"out": [], "in": [], "answer": [], "back": [], "lean": []}
    for at in range(runs + 1):
        lean = at == runs
        out = run("out", paths[0], file, there, lean=lean)
        with copied(paths[1]) as fresh:
            in_ = run("in", fresh, file, here, lean=lean)
        with copied(paths[1]) as fresh, copied(paths[0]) as asker:
            answer = run("answer", fresh, file, here, lean=lean)
            back = run("in", asker, Path(f"{file}.answer"), there, lean=lean)
        if lean:
            told["lean"] = [out, in_, answer, back]
        else:
            for name, each in zip(told, (out, in_, answer, back), strict=False):
                told[name].append(each)
    return told


def report(half: Runs, all_: Runs, size: int) -> bool:
    """Print the table; return whether every figure is held."""

    def median(name: str, what: str = "seconds") -> float:
        return statistics.median(each[what] for each in all_[name])

    alone: dict[str, float] = all_["in"][0]["alone"]  # type: ignore[assignment]  # of its own shape
    writing = alone["seal parcel"] * ASKS / 1e6
    reading = sum(alone[each] for each in ("open parcel", "digest", "verify")) * ASKS / 1e6
    peaks = [
        (one["peak"], other["peak"]) for one, other in zip(half["lean"], all_["lean"], strict=True)
    ]
    rows = [
        (f"Python {platform.python_version()}, {platform.python_compiler()}", "", ""),
        ("messages in one file", f"{ASKS:,}", f"{size / 1e6:,.1f} MB"),
        ("written", f"{median('out'):.1f} s", f"≤ {WRITTEN:.0f} s"),
        ("  of it CPU", f"{median('out', 'cpu'):.1f} s", ""),
        ("  its cryptographic operations alone", f"{writing:.2f} s", ""),
        ("read, every message durable", f"{median('in'):.1f} s", f"≤ {READ:.0f} s"),
        ("  of it CPU", f"{median('in', 'cpu'):.1f} s", ""),
        ("  its cryptographic operations alone", f"{reading:.2f} s", ""),
        ("the answer written, a receipt for each", f"{median('answer'):.1f} s", ""),
        ("the answer read, each verified", f"{median('back'):.1f} s", ""),
    ]
    names = ("writing", "reading", "reading, and writing the answer", "reading the answer")
    for name, (one, other) in zip(names, peaks, strict=True):
        limit = f"{one:.0f} MiB with half; ≤ {GROWTH} MiB more"
        rows.append((f"peak of {name}", f"{other:.0f} MiB", limit))
    for name, figure, wanted in rows:
        print(f"{name:<45} {figure:>12}   {wanted}")
    whole = {each["count"] for name in ("out", "in") for each in all_[name]} == {ASKS}
    flat = all(other - one <= GROWTH for one, other in peaks)
    return whole and flat and median("out") <= WRITTEN and median("in") <= READ


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:])
    else:
        main()
