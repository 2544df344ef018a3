# SPDX-License-Identifier: Apache-2.0
"""A folder of small locked files, apart from the database: one name, one file, whole or not at all.

What lies here is in no backup of the database. A file is replaced in one step (temporary file,
fsync, rename, fsync of the folder), so that whoever pulls the plug finds the old one or the new.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.errors import Damaged
from comity.storage.folder import full_disk, settle_folder

ENDING: Final = ".locked"
FILE_LIMIT: Final = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Vaulted:
    path: Path

    def names(self) -> tuple[str, ...]:
        """Return what lies here, in order."""
        if not self.path.is_dir():
            return ()
        found = (each.name.removesuffix(ENDING) for each in self.path.glob(f"*{ENDING}"))
        return tuple(sorted(each for each in found if _NAME.fullmatch(each)))

    def get(self, name: str) -> bytes | None:
        """Return the bytes of *name*; None if there are none."""
        try:
            with self._of(name).open("rb") as source:
                data = source.read(FILE_LIMIT + 1)
        except FileNotFoundError:
            return None
        if len(data) > FILE_LIMIT:
            raise Damaged("file", id=name)
        return data

    def add(self, name: str, data: bytes) -> bool:
        """Write *name*; return whether it is new. What is there stays."""
        place = self._of(name)
        with full_disk():
            temporary = self._write(place, data)
            try:
                # A link fails where the name is taken, whoever else is writing.
                os.link(temporary, place)
            except FileExistsError:
                return False
            finally:
                temporary.unlink(missing_ok=True)
            settle_folder(self.path)
        return True

    def put(self, name: str, data: bytes) -> None:
        """Write *name*, in the place of what is there."""
        place = self._of(name)
        with full_disk():
            temporary = self._write(place, data)
            try:
                temporary.replace(place)
            finally:
                temporary.unlink(missing_ok=True)
            settle_folder(self.path)

    def remove(self, name: str) -> None:
        self._of(name).unlink(missing_ok=True)
        if self.path.is_dir():
            settle_folder(self.path)

    def _of(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Damaged("file", id=name)
        return self.path / f"{name}{ENDING}"

    def _write(self, place: Path, data: bytes) -> Path:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.stem}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as sink:
                sink.write(data)
                sink.flush()
                os.fsync(sink.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary
