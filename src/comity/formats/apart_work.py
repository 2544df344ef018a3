# SPDX-License-Identifier: Apache-2.0
"""What is done with a stranger's file apart: a program of its own, that ``apart`` alone calls.

It reads one line of what is wanted and then the file, and writes the outcome. Before it looks at
the file it gives up what it does not need; what it cannot do it leaves without a word.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from comity.formats import marking, metadata, smaller

MEMORY: Final = 1 << 30
SECONDS: Final = 40
_LIMITS: Final = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, SECONDS),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 64),
)
_DENIED: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")
Work = Callable[[bytes, Mapping[str, Any]], bytes]
VERBS: Final[Mapping[str, Work]] = {
    "light": lambda data, told: smaller.light(data, told["limit"]),
    "mark-picture": lambda data, told: marking.picture(data, told["text"]),
    "mark-pdf": lambda data, told: marking.pdf(data, told["text"]),
    "clean-pdf": lambda data, _: metadata.pdf(data),
    "clean-office": lambda data, _: metadata.office(data),
}


def confine() -> None:
    """Give up files, programs, sockets and most of the machine."""
    for which, most in _LIMITS:
        resource.setrlimit(which, (most, most))
    sys.addaudithook(_deny)


def _deny(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_DENIED):
        raise PermissionError(event)
    if event == "open" and len(arguments) > 1 and set(arguments[1] or "") & set("wax+"):
        raise PermissionError(event)


def main() -> None:
    confine()
    told = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(VERBS[told["verb"]](data, told))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001  # a trace would hold what is in the file
        sys.exit(3)
