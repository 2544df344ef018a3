# SPDX-License-Identifier: Apache-2.0
"""By stick: how long one file with many questions takes to write and to read, in how much memory.

``ASKS`` (10,000) questions wait in one outbox. Each time is that of a process of its own, from the
open home to the file that is safe, or to the last message that is durable; medians of ``RUNS`` (3),
each reading into a fresh copy of the home. Beside it stands the sum of the cryptographic operations
of a message, measured alone in the same process. Memory is the process's peak (VmHWM), with half of
the questions and with all of them: it must not grow. Two caches of SQLite, 32 MiB each, are in it.
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
    house = home.open_(Path(place), ask_house=str, clock=lambda: datetime.now(UTC))
    begin = time.perf_counter()
    if verb == "out":
        done = carry_out(house, NodeId(node), lambda: sink(Path(file)))
        count = done.messages if done else 0
    else:
        with Path(file).open("rb") as source:
            came = carry_in(house, source.read)
        assert came.fault is None
        count = came.messages
        if verb == "answer":
            begin = time.perf_counter()
            carry_out(
                house, NodeId(node), lambda: sink(Path(f"{file}.answer")), answering=came.owed
            )
    seconds = time.perf_counter() - begin
    close(house)
    print(json.dumps({"seconds": seconds, "peak": peak(), "count": count, "alone": alone()}))


def run(verb: str, place: Path, file: Path, node: str) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, __file__, verb, str(place), str(file), node],
        check=True,
        capture_output=True,
        text=True,
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
        half = measured(paths, folder / "half", here, there, 1)
        for _ in range(ASKS - ASKS // 2):
            seat.ask(question)
        close(kenya.house)
        all_ = measured(paths, folder / "all", here, there, RUNS)
    sys.exit(not report(half, all_))


def measured(
    paths: tuple[Path, Path], file: Path, here: str, there: str, runs: int
) -> dict[str, list[dict[str, float]]]:
    """Write and read *file* as often as *runs* says; the answer once."""
    out, in_, size = [], [], 0
    for _ in range(runs):
        out.append(run("out", paths[0], file, there))
        size = file.stat().st_size
        with copied(paths[1]) as fresh:
            in_.append(run("in", fresh, file, here))
    with copied(paths[1]) as fresh, copied(paths[0]) as asker:
        answer = run("answer", fresh, file, here)
        back = run("in", asker, Path(f"{file}.answer"), there)
    return {
        "out": out,
        "in": in_,
        "answer": [answer],
        "back": [back],
        "size": [{"seconds": size / 1e6}],
    }


def report(
    half: dict[str, list[dict[str, float]]], all_: dict[str, list[dict[str, float]]]
) -> bool:
    """Print the table; return whether every figure is held."""

    def seconds(name: str) -> float:
        return statistics.median(each["seconds"] for each in all_[name])

    def most(told: dict[str, list[dict[str, float]]], name: str) -> float:
        return max(each["peak"] for each in told[name])

    floors = {name: all_[name][0]["alone"] for name in ("out", "in")}
    writing = floors["out"]["seal parcel"] * ASKS / 1e6  # type: ignore[index]
    reading = sum(floors["in"][n] for n in ("open parcel", "digest", "verify")) * ASKS / 1e6  # type: ignore[index]
    held = (
        {each["count"] for name in ("out", "in") for each in all_[name]} == {ASKS}
        and seconds("out") <= WRITTEN
        and seconds("in") <= READ
        and most(all_, "out") - most(half, "out") <= GROWTH
        and most(all_, "in") - most(half, "in") <= GROWTH
    )
    rows = [
        (f"Python {platform.python_version()}, {platform.python_compiler()}", "", ""),
        ("messages in one file", f"{ASKS:,}", f"{all_['size'][0]['seconds']:,.1f} MB"),
        ("written", f"{seconds('out'):.1f} s", f"≤ {WRITTEN:.0f} s"),
        ("  its cryptographic operations alone", f"{writing:.2f} s", ""),
        ("read, every message durable", f"{seconds('in'):.1f} s", f"≤ {READ:.0f} s"),
        ("  its cryptographic operations alone", f"{reading:.2f} s", ""),
        ("the answer written, a receipt for each", f"{seconds('answer'):.1f} s", ""),
        ("the answer read, each verified", f"{seconds('back'):.1f} s", ""),
    ]
    for name, said in (
        ("out", "peak of writing"),
        ("in", "peak of reading"),
        ("back", "peak of reading the answer"),
    ):
        figure = f"{most(all_, name):.0f} MiB"
        rows.append((said, figure, f"{most(half, name):.0f} MiB with half; ≤ {GROWTH} MiB more"))
    for name, figure, wanted in rows:
        print(f"{name:<45} {figure:>12}   {wanted}")
    return held


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:])
    else:
        main()
