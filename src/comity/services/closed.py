# SPDX-License-Identifier: Apache-2.0
"""Closed: a file of the home says that nobody may open it, whatever keys lie about.

``closed`` is written before the first copy of the house key is destroyed; whoever opens the home
next, a server that the system starts again for one, destroys what a kill left. ``reopening`` takes
its place while holders open it again, so that nobody finishes a closing that is being undone.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from comity.errors import DiskFull, Unavailable
from comity.storage.folder import settle_folder

CLOSED: Final = "closed"
REOPENING: Final = "reopening"
_COPIES: Final = ("house.key*", ".house-key-*")
"""The house key as its home keeps it, the one that a change had begun to put beside it, and what a
killed process left of one that it was storing."""


def is_closed(home: Path) -> bool:
    return (home / CLOSED).exists() or (home / REOPENING).exists()


def check_open(home: Path) -> None:
    """Raise Unavailable if the home was closed, with no copy of its key left."""
    if (home / CLOSED).exists():
        finish(home)
    if is_closed(home):
        raise Unavailable("closed")


def finish(home: Path, random: Callable[[int], bytes] = os.urandom) -> tuple[Path, ...]:
    """Destroy every copy of the house key in *home*; return those that this user may not."""
    found = [each for name in _COPIES for each in sorted(home.glob(name))]
    return tuple(each for each in found if not destroy(each, random))


def destroy(path: Path, random: Callable[[int], bytes] = os.urandom) -> bool:
    """Overwrite and remove *path*; return whether nothing is there any more."""
    # What cannot be overwritten is removed as it is.
    with suppress(OSError), path.open("r+b", buffering=0) as file:
        file.write(random(max(1, path.stat().st_size)))
        os.fsync(file.fileno())
    with suppress(OSError):
        path.unlink(missing_ok=True)
        settle_folder(path.parent)
    return not path.exists()


def mark(home: Path) -> None:
    """Say that *home* is closed, durably."""
    try:
        if (home / REOPENING).exists():
            (home / REOPENING).replace(home / CLOSED)
        else:
            os.close(os.open(home / CLOSED, os.O_WRONLY | os.O_CREAT, 0o600))
        settle_folder(home)
    except OSError:
        raise DiskFull("closing") from None


def begin_reopening(home: Path) -> None:
    """Keep everybody from finishing a closing, and from opening, until ``unmark``."""
    if (home / CLOSED).exists():
        (home / CLOSED).replace(home / REOPENING)
        settle_folder(home)


def unmark(home: Path) -> None:
    (home / REOPENING).unlink(missing_ok=True)
    settle_folder(home)
