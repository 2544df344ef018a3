# SPDX-License-Identifier: Apache-2.0
"""Delivery: how many questions a second cross between two processes, each receipt verified.

Two nodes with their own homes, SQLite, loopback HTTP, both ledgers durable. First as many asks as
``ASKS`` (5,000) are made durable in one outbox; then the receiver is started and the clock runs
until the sender holds a verified receipt for each. CPU is that of both processes, and stands beside
the sum of a message's cryptographic operations, measured alone between the rounds of the same run:
whatever else the machine does meanwhile weighs on both. CPU is the median of the rounds (of fifty
asks, of one exchange); the rates are those of the whole.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.services.settle import PASSPHRASE, Settled, befriend, settle

from comity.crypto import dsse
from comity.crypto.age import HybridIdentity, decrypt, encrypt
from comity.crypto.signing import SigningKey
from comity.crypto.vault import HOUSE_KEY_SIZE, Vault
from comity.node import Node
from comity.services.ask import Question
from comity.services.deliver import ITEMS
from comity.services.home import close
from comity.storage import copies

ASKS = int(os.environ.get("ASKS", "5000"))
ALONE = int(os.environ.get("ALONE", "60"))
ROUND = 50
"""Asks between two measurements of the floor."""
TIMED = 2_000
"""Microseconds, at least, that an operation is measured for each time."""
PARCEL = 900_000
"""Bytes of a full one."""
QUESTION = {
    "to": "VN/Anti-smuggling desk",
    "kind": "phone",
    "ref": "CM/2026/1123",
    "fields": {"number": ("+254202012345",), "period": ("2026-11-01/2026-11-20",)},
    "facts": "A container was opened; 312.5 kg of raw ivory lay under planks of timber. " * 6,
    "why_you": "The number was written on the seal.",
}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def serve(home: str, port: str) -> None:
    """The receiver's process: serve until standard input ends, then say what it cost."""
    node = Node.open(Path(home), ask_house=str, clock=lambda: datetime.now(UTC))
    with node.serving("127.0.0.1", int(port)):
        print("ready", flush=True)
        before = _cpu()
        for line in sys.stdin:
            if line.strip() == "cpu":
                print(_cpu() - before, flush=True)
    node.close()


class Receiver:
    def __init__(self, home: Path, port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", str(home), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def cpu(self) -> float:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("cpu\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def delivered(node: Node) -> bool:
    with node.house.store.read() as reading:
        waiting = copies.in_states(reading, ["queued", "sent"], limit=1)
    return not waiting


class Alone:
    """What a message spends in its cryptographic operations, each measured alone.

    Counted in both processes: two envelopes, sealed to three readers and to two; six signatures
    (two statements, two dockets, the checkpoint, the receipt) and two verified (docket, receipt);
    one housed row locked and looked for; 48 digests of 50 KB in all (ids, leaves, tree, bodies);
    and its part of an exchange: a parcel sealed on one side and opened on the other, and what is
    signed and verified once for all that it carries (request and answer, each side's checkpoint,
    its cosignature by the other, and the notice that it is proven), seven and ten, counted.
    """

    def __init__(self) -> None:
        key, house = SigningKey.generate(), Vault(os.urandom(HOUSE_KEY_SIZE))
        reader = HybridIdentity.generate()
        readers = [HybridIdentity.generate().recipient for _ in range(3)]
        payload, parcel = b"x" * 2048, b"x" * PARCEL
        signed = dsse.read(dsse.sign(payload, [key]), 1 << 20)
        sealed = encrypt(parcel, [reader.recipient])
        self._operations: dict[str, tuple[float, Callable[[], object]]] = {
            "seal to three": (1, lambda: encrypt(payload, readers)),
            "seal to two": (1, lambda: encrypt(payload, readers[:2])),
            "sign": (6 + 7 / ITEMS, lambda: key.sign(payload)),
            "verify": (2 + 10 / ITEMS, lambda: dsse.verify(signed, key.public)),
            "lock": (1, lambda: house.lock(b"KV-4821", "short/name")),
            "look up": (1, lambda: house.tag(b"KV-4821", "short")),
            "digest": (48, lambda: sha256(payload[:1024]).digest()),
            "seal parcel": (1 / ITEMS, lambda: encrypt(parcel, [reader.recipient])),
            "open parcel": (1 / ITEMS, lambda: decrypt(sealed, [reader])),
        }
        self._told: dict[str, list[float]] = {name: [] for name in self._operations}
        self._repeats = dict.fromkeys(self._operations, 5)
        self.measure()
        self._repeats = {name: 1 + int(TIMED / told[0]) for name, told in self._told.items()}

    def measure(self) -> None:
        """Do each operation a few times, and remember the microseconds of CPU of one."""
        for name, (_, work) in self._operations.items():
            repeats, begin = range(self._repeats[name]), time.process_time()
            for _ in repeats:
                work()
            self._told[name].append((time.process_time() - begin) / len(repeats) * 1e6)

    def medians(self) -> dict[str, float]:
        """Return the microseconds of a message, by operation."""
        return {
            name: times * statistics.median(self._told[name])
            for name, (times, _) in self._operations.items()
        }


def settled(folder: Path, port: int) -> tuple[Settled, Settled]:
    kenya = settle(folder, "KE", address=f"http://127.0.0.1:{port - 1}")
    vietnam = settle(folder, "VN", address=f"http://127.0.0.1:{port}")
    befriend(kenya, vietnam)
    return kenya, vietnam


def main() -> None:
    with tempfile.TemporaryDirectory() as told:
        folder = Path(told)
        port = 20_000 + os.getpid() % 20_000
        kenya, vietnam = settled(folder, port)
        close(vietnam.house)
        node = Node(kenya.house)
        seat = node.seat(kenya.people["investigator"], PASSPHRASE)
        question = Question(**QUESTION)  # type: ignore[arg-type]

        alone = Alone()
        asking, asked = 0.0, []
        for _ in range(ASKS // ROUND):
            cpu, begin = _cpu(), time.perf_counter()
            for _ in range(ROUND):
                seat.ask(question)
            asking += time.perf_counter() - begin
            asked.append((_cpu() - cpu) / ROUND)
            alone.measure()

        receiver = Receiver(vietnam.house.home, port)
        there = vietnam.house.keys.node
        carrying, carried = 0.0, []
        while not delivered(node):
            there_before, cpu, begin = receiver.cpu(), _cpu(), time.perf_counter()
            more = node.courier.exchange(there).more
            carrying += time.perf_counter() - begin
            carried.append(_cpu() - cpu + receiver.cpu() - there_before)
            alone.measure()
            if not more and not delivered(node):
                sys.exit("the outbox does not empty itself")

        waits = []
        for _ in range(ALONE):
            begin = time.perf_counter()
            seat.ask(question)
            node.courier.exchange(there)
            waits.append((time.perf_counter() - begin) * 1000)
            node.courier.call(there)
        receiver.stop()
        node.close()
    measured = Measured(
        asking=asking,
        asking_cpu=statistics.median(asked),
        carrying=carrying,
        carrying_cpu=statistics.median(carried) * len(carried) / ASKS,
        waits=waits,
        exchanges=len(carried),
        alone=alone.medians(),
    )
    sys.exit(not report(measured))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds by the clock, and of both processes' CPU a message; *waits* are milliseconds."""

    asking: float
    asking_cpu: float
    carrying: float
    carrying_cpu: float
    waits: list[float]
    exchanges: int
    alone: dict[str, float]
    """Microseconds of a message's cryptographic operations."""


def report(told: Measured) -> bool:
    """Print the table; return whether every floor is held."""
    floor = sum(told.alone.values())
    both = (told.asking_cpu + told.carrying_cpu) * 1e6
    median = statistics.median(told.waits)
    rows = [
        (f"Python {platform.python_version()}, {platform.python_compiler()}", "", ""),
        ("asking, a second", f"{ASKS / told.asking:,.0f}", "≥ 300"),
        ("delivered with verified receipt, a second", f"{ASKS / told.carrying:,.0f}", "≥ 600"),
        ("sequential, ask to verified receipt, p50", f"{median:.1f} ms", "≤ 30 ms"),
        ("CPU a message, asked and delivered", f"{both:,.0f} µs", f"≤ {3 * floor:,.0f} µs"),
        ("  of it asking", f"{told.asking_cpu * 1e6:,.0f} µs", ""),
        ("  of it delivery, both processes", f"{told.carrying_cpu * 1e6:,.0f} µs", ""),
        (
            "its cryptographic operations alone",
            f"{floor:,.0f} µs",
            json.dumps({k: round(v) for k, v in told.alone.items()}),
        ),
        ("ratio", f"{both / floor:.2f}", "≤ 3"),
        ("exchanges", f"{told.exchanges}", ""),
    ]
    for name, figure, wanted in rows:
        print(f"{name:<45} {figure:>12}   {wanted}")
    return (
        told.asking * 300 <= ASKS
        and told.carrying * 600 <= ASKS
        and median <= 30
        and both <= 3 * floor
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    else:
        main()
