# SPDX-License-Identifier: Apache-2.0
"""Files that a command reads or writes: whole or not at all.

What is read has a limit. A sink is for its owner alone; it is written beside its place and moved
there only when it is whole, so that a failure leaves nothing half-written and a file that was there
before stays as it was.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from comity.errors import Misused


def open_file(path: Path) -> BinaryIO:
    """Open *path*, which somebody named, to be read; raise Misused if that cannot be."""
    try:
        return path.open("rb")
    except IsADirectoryError:
        raise Misused("file-folder") from None
    except PermissionError:
        raise Misused("file-closed") from None
    except OSError:
        raise Misused("file-missing") from None


def read_bytes(path: Path, limit: int) -> bytes:
    """Return all of *path*; raise Misused if that is more than *limit* bytes."""
    with open_file(path) as file:
        return read_all(file, limit)


def read_all(file: BinaryIO, limit: int) -> bytes:
    """Return what is left of *file*; raise Misused if that is more than *limit* bytes."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise Misused("file-long", limit=limit)
    return data


@contextlib.contextmanager
def sink(output: Path | None) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of *output* once everything has been written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = output.with_name(f".{output.name}.{os.getpid()}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(output)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def free_name(folder: Path, name: str) -> Path:
    """Return a place in *folder* for *name* at which nothing is yet."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    place, count = folder / name, 1
    while place.exists() or place.is_symlink():
        count += 1
        place = folder / f"{stem}-{count}{dot}{ending}"
    return place
