# SPDX-License-Identifier: Apache-2.0
"""Runs a program as ``python -c`` does, and writes down what it opens for writing and starts.

``python recorder.py -c CODE ARGUMENTS``. One JSON line a happening goes to the file that AT_REST_LOG
names: paths, the arguments of processes, the heads of HTTP requests. What is deleted is kept in the
folder AT_REST_KEPT first, under another name, so that it can still be looked into.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
HEAD = 2048
"""Bytes of a request that are written down: its first line and its headers."""
PLACES = {  # event: which of its arguments is the place that is written to
    "os.link": 1,
    "os.mkdir": 0,
    "os.rename": 1,
    "os.symlink": 1,
    "os.truncate": 0,
    "shutil.copyfile": 1,
    "shutil.copytree": 1,
    "shutil.move": 1,
    "sqlite3.connect": 0,
    "tempfile.mkdtemp": 0,
    "tempfile.mkstemp": 0,
}


class Recorder:
    """The hook, and what it must not hear of: its own doings."""

    def __init__(self, log: str, kept: str) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._kept = Path(kept)
        self._count = 0
        self._deaf = False

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._deaf:
            return
        if event == "open":
            self._opened(*arguments)
        elif event in PLACES:
            self._place(arguments[PLACES[event]])
        elif event == "os.remove":
            self._keep(arguments[0])
        elif event == "subprocess.Popen":
            self.say("argv", [_text(each) for each in arguments[1]])
        elif event == "http.client.send":
            self.say("http", bytes(arguments[1])[:HEAD].decode("latin-1"))

    def say(self, kind: str, what: object) -> None:
        os.write(self._log, json.dumps({"kind": kind, "what": what}).encode() + b"\n")

    def _opened(self, path: object, mode: str | None, flags: int) -> None:
        if flags & WRITING or set(mode or "") & set("wax+"):
            self._place(path)

    def _place(self, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            told = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  # asks nothing of the disk
            if not told.startswith(("/dev/", "/proc/")):
                self.say("path", told)

    def _keep(self, path: object) -> None:
        """Keep what is about to be deleted."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        self._deaf = True
        try:
            self._count += 1
            os.link(path, self._kept / f"{os.getpid()}-{self._count}")
        except OSError:
            pass  # it was not there
        finally:
            self._deaf = False


def _text(word: object) -> str:
    return os.fsdecode(word) if isinstance(word, str | bytes | os.PathLike) else str(word)


def main() -> None:
    recorder = Recorder(os.environ["AT_REST_LOG"], os.environ["AT_REST_KEPT"])
    recorder.say("argv", sys.orig_argv)
    sys.addaudithook(recorder.hear)
    _, code, *arguments = sys.argv[1:]
    sys.argv = ["-c", *arguments]
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    main()
