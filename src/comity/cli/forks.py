# SPDX-License-Identifier: Apache-2.0
"""A prepared process: the program is loaded once, and each command is a fork of it.

What a play (``play.py``) runs its commands with, so that whoever watches does not wait for Python
to start two hundred times. Each command is a process of its own all the same: with its own standard
streams, environment and end. The prepared process has one thread and opens no home; forks of it
share code and nothing else. A command is handed over as descriptors alone, and what they hold is
read by the fork: nothing of it stands in a list of processes.
"""

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from comity.cli.commands import SECTIONS
from comity.cli.main import main

PROGRAM: Final = ("-c", "import sys; from comity.cli import forks; forks.serve(int(sys.argv[1]))")
MOST: Final = 64
"""Descriptors that one command is handed."""
_PIECE: Final = 65_536
_WORD: Final = b"\x01"


class Prepared:
    """The prepared process, as whoever started it sees it."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, *PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )

    def start(
        self,
        words: Sequence[str | int],
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
    ) -> "Started":
        """Start one command; a word that is a number is a descriptor that it is handed.

        *streams* are its standard input, output and error.
        """
        handed = [each for each in words if isinstance(each, int)]
        said = [handed.index(each) if isinstance(each, int) else each for each in words]
        asked = json.dumps({"words": said, "environment": dict(environment)}).encode()
        (request, writing), (ends, status) = os.pipe(), os.pipe()
        reading = os.fdopen(ends, "rb", buffering=0)
        try:
            with os.fdopen(request), os.fdopen(writing, "wb") as sink, os.fdopen(status, "wb"):
                socket.send_fds(self._line, [_WORD], [request, status, *streams, *handed])
                sink.write(asked)
            return Started(reading)
        except OSError:
            reading.close()
            raise

    def run(
        self,
        words: Sequence[str | int],
        environment: Mapping[str, str],
        given: bytes,
        patience: float,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run one command to its end, *given* on its standard input."""
        (in_, feed), (out, out_), (err, err_) = os.pipe(), os.pipe(), os.pipe()
        try:
            started = self.start(words, environment, (in_, out_, err_))
        except OSError:
            for each in (feed, out, err):
                os.close(each)
            raise
        finally:
            for each in (in_, out_, err_):
                os.close(each)
        feeding = threading.Thread(target=_feed, args=(feed, given))  # longer than a pipe holds
        feeding.start()
        try:
            said = _read_all([out, err], patience)
            code = started.wait(patience)
        except TimeoutError:
            started.send_signal(signal.SIGKILL)
            started.wait(patience)
            raise
        finally:
            feeding.join()
            os.close(out)
            os.close(err)
        return subprocess.CompletedProcess(("comity",), code, said[0], said[1])

    def serve(self, words: Sequence[str], environment: Mapping[str, str], log: int) -> "Started":
        """Start a server; what it says can be read from its ``stdout``, its *log* goes there."""
        out, out_ = os.pipe()
        said = os.fdopen(out, "rb")
        try:
            with os.fdopen(out_, "wb"), Path(os.devnull).open("r+b", buffering=0) as nothing:
                errors = nothing.fileno() if log == subprocess.DEVNULL else log
                started = self.start(words, environment, (nothing.fileno(), out_, errors))
        except OSError:
            said.close()
            raise
        started.stdout = said
        return started

    def close(self) -> None:
        """Let it end; servers that were started go on until they are stopped."""
        self._line.close()
        self._process.wait(20)


class Started:
    """One command that runs: the little of ``Popen`` that a play needs."""

    def __init__(self, ends: BinaryIO, stdout: BinaryIO | None = None) -> None:
        self._ends = ends
        """Says its number and, at its end, its exit code; shut when it is gone."""
        self.stdout = stdout
        self.pid = int(_line(ends))

    def send_signal(self, sign: int) -> None:
        os.kill(self.pid, sign)

    def wait(self, timeout: float) -> int:
        """Return its exit code once it has ended; that of a kill if it said none."""
        if self._ends.closed:
            raise ValueError
        [said] = _read_all([self._ends.fileno()], timeout)
        self._ends.close()
        return int(said or -signal.SIGKILL)


def _feed(descriptor: int, given: bytes) -> None:
    """Write *given* for a command to read, as far as it wants to."""
    with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as sink:
        sink.write(given)


def _line(source: BinaryIO) -> bytes:
    """Return a line, read byte by byte: what follows it is for somebody else."""
    said = b""
    while not said.endswith(b"\n"):
        piece = source.read(1)
        if not piece:
            raise ChildProcessError
        said += piece
    return said


def _read_all(descriptors: Sequence[int], patience: float) -> list[bytes]:
    """Return all that comes from each of *descriptors*; raise TimeoutError after *patience*."""
    said: dict[int, list[bytes]] = {each: [] for each in descriptors}
    until = time.monotonic() + patience
    with selectors.DefaultSelector() as waiting:
        for each in descriptors:
            waiting.register(each, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                said[key.fd].append(piece)
                if not piece:
                    waiting.unregister(key.fd)
    return [b"".join(said[each]) for each in descriptors]


def serve(number: int) -> None:
    """Be the prepared process: fork a command for each word that comes, until nobody asks."""
    for section in SECTIONS:
        for each in section.commands:
            importlib.import_module(f"comity.cli.{each.module}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us stops us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system clears away those that ended
    with socket.socket(fileno=number) as line:
        while True:
            word, handed, _, _ = socket.recv_fds(line, 1, MOST)
            if not word:
                return
            if os.fork() == 0:
                line.close()
                _become(handed)
            for descriptor in handed:
                os.close(descriptor)


def _become(handed: Sequence[int]) -> NoReturn:
    """Be the command that is handed over, and end as it ends."""
    code = 1
    request, status, *more = handed
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with os.fdopen(request, "rb") as source:
            asked = json.load(source)
        os.write(status, f"{os.getpid()}\n".encode())
        code = _command(asked["words"], asked["environment"], more)
        os.write(status, str(code).encode())
    except BaseException:  # noqa: BLE001  # nothing may lead back into the prepared process
        traceback.print_exc()
    finally:
        os._exit(code)


def _command(
    words: Sequence[str | int], environment: Mapping[str, str], more: Sequence[int]
) -> int:
    """Run the command as the shell would; return its exit code."""
    streams, handed = more[:3], more[3:]
    for place, each in enumerate(streams):
        os.dup2(each, place)
        os.close(each)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for its life
    sys.stdout, sys.stderr = (open(e, "w", encoding="utf-8", closefd=False) for e in (1, 2))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    said = [f"@/dev/fd/{handed[e]}" if isinstance(e, int) else e for e in words]
    sys.argv = ["comity", *said]
    try:
        main(said)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    return code
