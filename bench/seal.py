# SPDX-License-Identifier: Apache-2.0
"""How fast do we seal? Against raw ChaCha20-Poly1305 and pyrage, in one run.

SEAL_MIB=1024 python bench/seal.py
"""

import io
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from rich.console import Console
from rich.table import Table

from comity.crypto.age import HybridIdentity, decrypt, decrypt_stream, encrypt, encrypt_stream
from comity.crypto.age.hybrid import INFO, SUITE

MIB = int(os.environ.get("SEAL_MIB", "1024"))
REPEATS = 3
CHUNK = 64 * 1024
BLOCK = os.urandom(1 << 20)
SMALL = (2 << 10, 8 << 10)
RATIO, MEMORY = 0.65, 64.0
"""What must hold: our share of the raw speed, and MiB above the start."""


class Source(io.RawIOBase):
    """So many bytes of memory, handed out without being held."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        take = min(size if size >= 0 else self._left, self._left, len(BLOCK))
        self._left -= take
        return BLOCK[:take]

    def readinto(self, into: object, /) -> int:
        view = cast(memoryview, into)
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class Null(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return len(cast(bytes, data))


def stream_of(each: io.RawIOBase) -> BinaryIO:
    return cast(BinaryIO, each)


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def micros(work: Callable[[], object], rounds: int = 200) -> float:
    """Return the median time of one *work*, warm, in millionths of a second."""
    work()
    return seconds(lambda: [work() for _ in range(rounds)], 5) / rounds * 1e6


def resident(field: str) -> float:
    """Return MiB that this process holds (``VmRSS``) or has held at most (``VmHWM``)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def grown(work: Callable[[], object]) -> float:
    """Return how many MiB above its start the process rises during *work*."""
    if sys.platform != "linux":
        # Without /proc there is only the highest mark ever: an upper bound from the start on.
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (1 << 20)
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the peak to what is held now
    before = resident("VmRSS")
    work()
    return resident("VmHWM") - before


def raw() -> None:
    aead = ChaCha20Poly1305(os.urandom(32))
    chunk = BLOCK[:CHUNK]
    for number in range(MIB * 16):
        aead.encrypt(number.to_bytes(12, "big"), chunk, None)


def large(identity: HybridIdentity) -> tuple[Table, bool]:
    """Return the table, and whether all in it that must hold does."""

    def ours() -> None:
        encrypt_stream(stream_of(Source(MIB << 20)), stream_of(Null()), [identity.recipient])

    def theirs() -> None:
        pyrage.encrypt_io(Source(MIB << 20), Null(), [rage])

    rage = pyrage.x25519.Identity.generate().to_public()
    risen = grown(ours)
    taken, floor, peer = seconds(ours), seconds(raw), seconds(theirs)
    held = floor / taken >= RATIO and peer > taken and risen <= MEMORY
    table = Table(title=f"sealing {MIB} MiB, memory to null sink; medians of {REPEATS}")
    for column in ("what", "figure", "ours against it", "must hold", "holds"):
        table.add_column(column, justify="right")
    table.add_row("Comity, hybrid", f"{MIB / taken:.0f} MiB/s", "", "", "")
    table.add_row(
        "raw ChaCha20-Poly1305, 64 KiB chunks",
        f"{MIB / floor:.0f} MiB/s",
        f"{floor / taken:.2f}",
        f">= {RATIO}",
        said(floor / taken >= RATIO),
    )
    table.add_row(
        "pyrage, X25519",
        f"{MIB / peer:.0f} MiB/s",
        f"{peer / taken:.2f}",
        "> 1",
        said(peer > taken),
    )
    table.add_row(
        "memory above start", f"{risen:.1f} MiB", "", f"<= {MEMORY:.0f} MiB", said(risen <= MEMORY)
    )
    sealing, opening, copying = disk(identity)
    for what, at in (("seal", sealing), ("open", opening)):
        table.add_row(f"disk to disk, synced: {what}", f"{MIB / at:.0f} MiB/s", "", "stated", "")
    table.add_row(
        "disk to disk, synced: plain copy",
        f"{MIB / copying:.0f} MiB/s",
        f"{copying / sealing:.2f} / {copying / opening:.2f}",
        "stated",
        "",
    )
    return table, held


def said(held: bool) -> str:  # noqa: FBT001 - a verdict, by its nature
    return "yes" if held else "NO"


def disk(identity: HybridIdentity) -> tuple[float, float, float]:
    """Return the seconds that sealing, opening and merely copying a file take."""
    with tempfile.TemporaryDirectory() as folder:
        clear, sealed, back = (Path(folder) / name for name in ("clear", "sealed", "back"))
        with clear.open("wb") as file:
            for _ in range(MIB):
                file.write(BLOCK)
            os.fsync(file.fileno())

        def through(start: Path, end: Path, work: Callable[[BinaryIO, BinaryIO], None]) -> float:
            def once() -> None:
                with start.open("rb") as source, end.open("wb") as sink:
                    work(source, sink)
                    sink.flush()
                    os.fsync(sink.fileno())

            return seconds(once)

        def copy(source: BinaryIO, sink: BinaryIO) -> None:
            while data := source.read(CHUNK):
                sink.write(data)

        return (
            through(clear, sealed, lambda a, b: encrypt_stream(a, b, [identity.recipient])),
            through(sealed, back, lambda a, b: decrypt_stream(a, b, [identity])),
            through(clear, back, copy),
        )


def hpke() -> tuple[float, float]:
    """Return what one HPKE seal and one that opens nothing take by themselves."""
    first = mlkem.MLKEM768PrivateKey.generate()
    second = x25519.X25519PrivateKey.generate()
    other = MLKEM768X25519PrivateKey(mlkem.MLKEM768PrivateKey.generate(), second)
    public = MLKEM768X25519PublicKey(first.public_key(), second.public_key())
    sealed = SUITE.encrypt(bytes(16), public, info=INFO)

    def miss() -> None:
        try:
            SUITE.decrypt(sealed, other, info=INFO)
        except InvalidTag:
            return

    return micros(lambda: SUITE.encrypt(bytes(16), public, info=INFO)), micros(miss)


def small() -> Table:
    ours = [HybridIdentity.generate() for _ in range(4)]
    readers = [each.recipient for each in ours[:3]]
    table = Table(title="small messages; medians of 5; beside each the HPKE operations alone")
    for column in ("what", "µs", "HPKE alone, µs", "against it"):
        table.add_column(column, justify="right")

    def row(what: str, taken: float, alone: float) -> None:
        table.add_row(what, f"{taken:.0f}", f"{alone:.0f}", f"{taken / alone:.2f}")

    for size in SMALL:
        text = os.urandom(size)
        to_three, to_last = encrypt(text, readers), encrypt(text, [ours[3].recipient])
        seal, miss = hpke()
        kib = f"{size >> 10} KiB"
        row(f"{kib}: seal to 3", micros(partial(encrypt, text, readers)), 3 * seal)
        row(f"{kib}: first of 3 opens", micros(partial(decrypt, to_three, ours[:1])), miss)
        row(f"{kib}: third of 3 opens", micros(partial(decrypt, to_three, ours[2:3])), 3 * miss)
        row(f"{kib}: fourth of 4 keys opens", micros(partial(decrypt, to_last, ours)), 4 * miss)
    return table


def main() -> int:
    console = Console(width=110)
    table, held = large(HybridIdentity.generate())
    console.print(table)
    console.print(small())
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
