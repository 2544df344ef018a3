# SPDX-License-Identifier: Apache-2.0
"""Presence: which processes of this home are alive, so that nobody waits for a dead one's leases.

Each courier holds a lock on a file of its own in the home; the lock ends with its process, however
that ended. Who finds the lock of another free knows that its leases are nobody's. A process on
another machine (PostgreSQL) has its own folder and is waited for as long as its leases say.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from comity.errors import DiskFull

FOLDER: Final = "run"


class Presence:
    """Says that *owner* is alive until it is left or the process ends."""

    def __init__(self, home: Path, owner: str) -> None:
        self._folder = home / FOLDER
        self._file = self._folder / owner
        self._handle = -1

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if not self._file.exists():  # else this process says so already, in another thread
                self._handle = self._say()
        except OSError:
            raise DiskFull("run") from None
        return self

    def _say(self) -> int:
        """Return a locked file in its place, where it is never seen unlocked and taken for dead."""
        beside = self._folder / f".{self._file.name}"
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        beside.rename(self._file)
        return handle

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._handle >= 0:
            self._file.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1

    def dead(self) -> tuple[str, ...]:
        """Return the owners that are no longer alive; each is told of once."""
        gone = []
        for each in sorted(self._folder.iterdir()):
            if each != self._file and each.name[0] != "." and _is_free(each):
                gone.append(each.name)
                each.unlink(missing_ok=True)
        return tuple(gone)


def _is_free(file: Path) -> bool:
    try:
        handle = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
