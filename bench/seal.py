# SPDX-License-Identifier: Apache-2.0
"""How fast do we seal? Against raw ChaCha20-Poly1305 and pyrage, in one run.

SEAL_MIB=1024 python bench/seal.py
"""

import io
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from rich.console import Console
from rich.table import Table

from comity.crypto.age import HybridIdentity, decrypt, decrypt_stream, encrypt, encrypt_stream

MIB = int(os.environ.get("SEAL_MIB", "1024"))
REPEATS = 3
CHUNK = 64 * 1024
BLOCK = os.urandom(1 << 20)


class Source(io.RawIOBase):
    """Memory that hands out *size* bytes without holding them."""

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


def raw() -> None:
    aead = ChaCha20Poly1305(os.urandom(32))
    chunk = BLOCK[:CHUNK]
    for number in range(MIB * 16):
        aead.encrypt(number.to_bytes(12, "big"), chunk, None)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def disk(identity: HybridIdentity) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        clear, sealed, back = (Path(folder) / name for name in ("clear", "sealed", "back"))
        with clear.open("wb") as file:
            for _ in range(MIB):
                file.write(BLOCK)

        def seal() -> None:
            with clear.open("rb") as source, sealed.open("wb") as sink:
                encrypt_stream(source, sink, [identity.recipient])
                os.fsync(sink.fileno())

        def unseal() -> None:
            with sealed.open("rb") as source, back.open("wb") as sink:
                decrypt_stream(source, sink, [identity])
                os.fsync(sink.fileno())

        return seconds(seal, 1), seconds(unseal, 1)


def main() -> None:
    identity = HybridIdentity.generate()
    recipients = [HybridIdentity.generate().recipient for _ in range(3)]
    start = peak_mib()
    ours = seconds(
        lambda: encrypt_stream(stream_of(Source(MIB << 20)), stream_of(Null()), recipients[:1])
    )
    grown = peak_mib() - start
    floor = seconds(raw)
    rage = pyrage.x25519.Identity.generate().to_public()
    peer = seconds(lambda: pyrage.encrypt_io(Source(MIB << 20), Null(), [rage]), 1)
    sealing, opening = disk(identity)
    table = Table(title=f"sealing {MIB} MiB, memory to null sink; medians of {REPEATS}")
    for column in ("what", "MiB/s", "against ours", "must hold"):
        table.add_column(column, justify="right")
    table.add_row("Comity, hybrid", f"{MIB / ours:.0f}", "1.00", "")
    table.add_row(
        "raw ChaCha20-Poly1305", f"{MIB / floor:.0f}", f"{floor / ours:.2f}", "ours >= 0.65 of it"
    )
    table.add_row("pyrage, X25519", f"{MIB / peer:.0f}", f"{peer / ours:.2f}", "ours faster: > 1")
    table.add_row("memory above start", f"{grown:.0f} MiB", "", "<= 64 MiB")
    table.add_row(
        "disk to disk, seal / open", f"{MIB / sealing:.0f} / {MIB / opening:.0f}", "", "stated"
    )
    text = os.urandom(2000)
    sealed = encrypt(text, [*recipients, identity.recipient])
    small = seconds(lambda: [encrypt(text, recipients) for _ in range(100)]) * 10
    open_small = seconds(lambda: [decrypt(sealed, [identity]) for _ in range(100)]) * 10
    table.add_row("2 KB to 3 readers, seal", f"{small:.2f} ms", "", "stated")
    table.add_row("2 KB, the fourth of 4 readers opens", f"{open_small:.2f} ms", "", "stated")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
