# SPDX-License-Identifier: Apache-2.0
"""Strangers' files are decoded apart: in a process of their own, with little to break and no time.

A decoder of pictures is written in C, and the next hole in one is found by whoever sends us a file.
So it runs where no key is: a child that gets the bytes through a pipe, answers through another,
may write no file, has bounded memory and seconds, and dumps no core. The limits are the kernel's;
the child is still the same user (``docs/threat-model.md``).
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from comity.errors import Malformed, Unavailable

SECONDS: Final = 60.0
AT_ONCE: Final = 2
"""Children at a time: each may need several hundred MiB."""
_HERE: Final = Path(__file__).parents[2]
_places = threading.BoundedSemaphore(AT_ONCE)


def can(verb: str) -> bool:
    """Return whether the library that *verb* needs is installed (the extra ``desk``)."""
    needed = {"light": "PIL", "mark-picture": "PIL", "clean-pdf": "pypdf", "mark-pdf": "pypdf"}
    return verb not in needed or find_spec(needed[verb]) is not None


def done(verb: str, data: bytes, **told: str | int) -> bytes:
    """Return what ``apart_work`` makes of *data*; raise Malformed where nothing can be made."""
    given: Mapping[str, str | int] = told
    head = json.dumps({"verb": verb, **given}).encode() + b"\n"
    if not _places.acquire(timeout=SECONDS):
        raise Unavailable("busy")
    try:
        answer = subprocess.run(  # our own program, no word of it from outside
            [sys.executable, "-s", "-B", "-m", "comity.formats.apart_work"],
            input=head + data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd="/",
            env={"PYTHONPATH": str(_HERE), "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise Malformed("document") from None
    finally:
        _places.release()
    if answer.returncode != 0:
        # What it says of its failure may hold what was in the file.
        raise Malformed("document")
    return answer.stdout
