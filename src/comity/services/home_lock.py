# SPDX-License-Identifier: Apache-2.0
"""Who has a home open: many at once, or one alone.

Every process that opens a home holds a lock on a file in it, shared with the others, until it is
closed or ends, however it ends. Changing the house key needs the home alone: another process would
go on locking rows under the key that was.
"""

import contextlib
import fcntl
import os
import weakref
from pathlib import Path
from typing import Final

from comity.errors import Busy
from comity.storage.store import Store

FILE: Final = "home.lock"
_HELD: Final["weakref.WeakKeyDictionary[Store, tuple[int, weakref.finalize[[int], Store]]]"] = (
    weakref.WeakKeyDictionary()
)


def share(home: Path, store: Store) -> None:
    """Hold the home of *store* together with whoever else has it open; raise Busy if one may not.

    Where nothing can be written nothing can be changed either: then there is no lock.
    """
    with contextlib.suppress(PermissionError, FileNotFoundError):
        handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _lock(handle, fcntl.LOCK_SH):
            os.close(handle)
            raise Busy("home")
        _HELD[store] = (handle, weakref.finalize(store, os.close, handle))


def alone(store: Store) -> None:
    """Hold the home of *store* alone from now on; raise Busy while another process has it open."""
    held = _HELD.get(store)
    if held is None or not _lock(held[0], fcntl.LOCK_EX):
        if held is not None:
            _lock(held[0], fcntl.LOCK_SH)
        raise Busy("home")


def leave(store: Store) -> None:
    """Let others have the home of *store*."""
    held = _HELD.pop(store, None)
    if held is not None:
        held[1]()


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
