# SPDX-License-Identifier: Apache-2.0
"""The folder of what is still arriving: ``HOME/uploads/OFFICER/UPLOAD/``, in sealed pieces.

Each piece is durable before it is answered for, and comes to its place whole or not at all. Nothing
here is in the database or in a backup of it: losing it means sending again.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.storage.folder import full_disk, settle_folder

ABOUT: Final = "about"
DONE: Final = "done"
_PIECE = re.compile(r"[0-9]{7}")
_ID = re.compile(r"[a-z2-7]{26}")
_OWNER = _ID


@dataclass(frozen=True, slots=True)
class UploadFolder:
    path: Path

    def begin(self, owner: str, id_: str, begun: int, about: bytes) -> None:
        """Make a place for an upload; *about* is what is sealed of it."""
        place = self._of(owner, id_)
        with full_disk():
            place.mkdir(parents=True, mode=0o700)
            _put(place / f"begun.{begun}", b"")
            _put(place / ABOUT, about)
            settle_folder(place.parent)

    def has(self, owner: str, id_: str) -> bool:
        return bool(_ID.fullmatch(id_)) and (self._of(owner, id_) / ABOUT).is_file()

    def read(self, owner: str, id_: str, name: str) -> bytes | None:
        """Return what stands under *name* of an upload; None if nothing does."""
        try:
            return (self._of(owner, id_) / name).read_bytes()
        except FileNotFoundError:
            return None

    def pieces(self, owner: str, id_: str) -> int:
        """Return how many pieces are here without a gap: they come one after the other."""
        try:
            names = {e.name for e in self._of(owner, id_).iterdir() if _PIECE.fullmatch(e.name)}
        except FileNotFoundError:
            return 0
        count = 0
        while f"{count:07}" in names:
            count += 1
        return count

    def put(self, owner: str, id_: str, number: int, sealed: bytes) -> None:
        """Keep a piece, durably."""
        place = self._of(owner, id_)
        with full_disk():
            _put(place / f"{number:07}", sealed)

    def piece(self, owner: str, id_: str, number: int) -> bytes:
        return (self._of(owner, id_) / f"{number:07}").read_bytes()

    def finish(self, owner: str, id_: str, done: bytes) -> None:
        """Keep what became of an upload in the place of its pieces."""
        place = self._of(owner, id_)
        with full_disk():
            _put(place / DONE, done)
        for number in range(self.pieces(owner, id_)):
            (place / f"{number:07}").unlink(missing_ok=True)

    def of(self, owner: str) -> list[str]:
        """Return the uploads of *owner*, in order."""
        with suppress(FileNotFoundError):
            return sorted(e.name for e in self._owner(owner).iterdir() if _ID.fullmatch(e.name))
        return []

    def drop(self, owner: str, id_: str) -> None:
        shutil.rmtree(self._of(owner, id_), ignore_errors=True)

    def drop_before(self, begun: int) -> int:
        """Remove what began before *begun*; return how many uploads that were."""
        old = [place for place, at in self._all() if at < begun]
        for each in old:
            shutil.rmtree(each, ignore_errors=True)
        return len(old)

    def _all(self) -> Iterator[tuple[Path, int]]:
        for mark in sorted(self.path.glob("*/*/begun.*")):
            with suppress(ValueError):
                yield mark.parent, int(mark.suffix[1:])

    def _owner(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise ValueError("not the id of an officer")
        return self.path / owner

    def _of(self, owner: str, id_: str) -> Path:
        if not _ID.fullmatch(id_):
            raise ValueError("not the id of an upload")
        return self._owner(owner) / id_


def _put(place: Path, data: bytes) -> None:
    temporary = place.with_name(f"{place.name}.{os.urandom(4).hex()}.part")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        temporary.replace(place)
        settle_folder(place.parent)
    finally:
        temporary.unlink(missing_ok=True)
