# SPDX-License-Identifier: Apache-2.0
"""The folder of sealed files: ``HOME/blobs/ab/abcd…``, each named by the SHA-256 of its bytes.

A file comes to its place whole or not at all: temporary file, fsync, rename, fsync of the folder;
only then may a row name it. What arrives in chunks grows under ``part/`` and is moved when whole.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from comity.errors import Damaged, DiskFull, Malformed

BLOCK: Final = 1 << 20
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def of(self, id_: str) -> Path:
        return self.path / id_[:2] / id_

    def part_of(self, id_: str) -> Path:
        return self.path / "part" / id_

    def has(self, id_: str) -> bool:
        return self.of(id_).exists()

    def write(self, id_: str, sealed: bytes) -> None:
        """Put whole bytes in their place; nothing happens if they are there."""
        if self.has(id_):
            return
        with full_disk():
            part = self.part_of(id_)
            part.parent.mkdir(parents=True, exist_ok=True)
            temporary = part.with_name(f"{id_}.{os.getpid()}.{os.urandom(4).hex()}")
            try:
                with temporary.open("wb") as sink:
                    sink.write(sealed)
                    _settle(sink)
                self._place(temporary, id_)
            finally:
                temporary.unlink(missing_ok=True)

    def adopt(self, file: Path, id_: str) -> None:
        """Move a finished *file* of the same file system to its place."""
        with full_disk():
            with file.open("rb") as source:
                os.fsync(source.fileno())
            self._place(file, id_)

    def scratch(self, name: str) -> Path:
        """Return a path for a file that is being sealed here, to be adopted later."""
        with full_disk():
            (self.path / "part").mkdir(parents=True, exist_ok=True)
        return self.path / "part" / name

    @contextmanager
    def sealing(self, name: str) -> Iterator[tuple[Path, BinaryIO]]:
        """Open a new file that is being sealed here; it is deleted unless it has been adopted."""
        scratch = self.scratch(name)
        try:
            with full_disk(), scratch.open("xb") as sink:
                yield scratch, sink
        finally:
            scratch.unlink(missing_ok=True)

    def have(self, id_: str) -> int:
        """Return how many bytes of a part are here."""
        try:
            return self.part_of(id_).stat().st_size
        except FileNotFoundError:
            return 0

    def extend(self, id_: str, offset: int, data: bytes) -> int:
        """Write a chunk at *offset*, durably; return how many bytes are here without a gap.

        A chunk that begins after the end is passed over: the sender is told where to go on.
        """
        part = self.part_of(id_)
        if offset > self.have(id_):
            return self.have(id_)
        with full_disk():
            part.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as sink:
                sink.seek(offset)
                sink.write(data)
                _settle(sink)
        return self.have(id_)

    def finish(self, id_: str, size: int, *, part: str = "") -> None:
        """Check a whole part against its name and *size*, and move it to its place.

        *part* names it where it is not named after the file: each peer has parts of its own, so
        that nobody spoils another's. A part that is not what it should be is deleted and
        ``Malformed`` raised.
        """
        name = part or id_
        file = self.part_of(name)
        if self.have(name) != size or _digest(file) != id_:
            file.unlink(missing_ok=True)
            raise Malformed("digest")
        if self.has(id_):
            file.unlink(missing_ok=True)
            return
        self.adopt(file, id_)

    def read(self, id_: str) -> bytes:
        try:
            return self.of(id_).read_bytes()
        except FileNotFoundError:
            raise Damaged("file", id=id_) from None

    @contextmanager
    def open(self, id_: str) -> Iterator[BinaryIO]:
        """Open the sealed bytes for reading."""
        try:
            source = self.of(id_).open("rb")
        except FileNotFoundError:
            raise Damaged("file", id=id_) from None
        with source:
            yield source

    def slice(self, id_: str, offset: int, length: int) -> bytes:
        with self.open(id_) as source:
            source.seek(offset)
            return source.read(length)

    def check(self, id_: str) -> None:
        """Raise ``Damaged`` unless the file's bytes are those that its name says."""
        with self.open(id_):
            if _digest(self.of(id_)) != id_:
                raise Damaged("file", id=id_)

    def discard(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.of(id_).unlink(missing_ok=True)
            self.part_of(id_).unlink(missing_ok=True)

    def ids(self) -> list[str]:
        """Return what lies here, in order."""
        if not self.path.is_dir():
            return []
        return sorted(file.name for file in self.path.glob("[0-9a-f][0-9a-f]/*"))

    def _place(self, file: Path, id_: str) -> None:
        place = self.of(id_)
        new = not place.parent.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
        settle_folder(place.parent)
        if new:
            settle_folder(self.path)


@contextmanager
def full_disk() -> Iterator[None]:
    """Say of a disk that takes no more that it is full."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull("blob") from error
        raise


def _settle(sink: BinaryIO) -> None:
    sink.flush()
    os.fsync(sink.fileno())


def settle_folder(path: Path) -> None:
    """Return when the names in the folder at *path* are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    hashed = sha256()
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            hashed.update(block)
    return hashed.hexdigest()
