# SPDX-License-Identifier: Apache-2.0
"""A play: commands in processes of their own, servers that are killed, claims that are checked.

What ``comity demo`` is made of. A step runs the very command that an officer would type, with its
values on standard input or in pipes, so that none stands in a list of processes or in a file; a
claim that does not hold ends the play.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from comity.cli.forks import Prepared, Started
from comity.cli.output import Output
from comity.errors import ComityError, Unavailable
from comity.language.marks import marked

PASSPHRASE: Final = "practice"  # noqa: S105  # of invented people on practice servers
PROGRAM: Final = ("-c", "from comity.cli.main import main; main()")
_CLAIM = marked("checked: {claim}")
_FALSE = marked("This does not hold: {claim}")
_ENDED = marked("The command “{command}” ended with {ended} [{code}].")
_STEP = marked("{number}  {step}  ({seconds} s, {bytes} bytes sealed)")
PATIENCE: Final = 20.0
"""Seconds that something may take to arrive."""
PATIENCE_OF_ONE: Final = 60.0
"""Seconds that one command may take."""


class ClaimFailed(ComityError):
    """Something that stands on the screen is not so."""

    code = "error.claim"
    exit = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One country's server."""

    country: str
    home: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Handed:
    """A value that a command reads from a pipe, as ``@<(…)`` hands one over in a shell."""

    text: str

    def open(self) -> int:
        """Return the end from which it can be read; it is short enough for the pipe to hold."""
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as sink:
            sink.write(self.text.encode())
        return reading


Server = subprocess.Popen[bytes] | Started
"""A server that runs: started by itself, or a fork."""


@dataclass(slots=True)
class Play:
    folder: Path
    out: Output
    python: Sequence[str] = ()
    """How Python is started for each command, where a test puts its recorder in between.

    Else commands are forks of one process that has the program loaded.
    """
    names: Mapping[str, str] = field(default_factory=dict)
    """Whole names of the people that this play calls by their first ones."""
    passphrases: dict[str, str] = field(default_factory=dict)
    """Of those who have not the one of all."""
    log: int = subprocess.DEVNULL
    """Where it goes what servers say: a descriptor."""
    serving: dict[str, "Server"] = field(default_factory=dict)
    steps: int = 0
    claims: int = 0
    _began: float = 0.0
    _held: int = 0
    _prepared: Prepared | None = None

    def __post_init__(self) -> None:
        if not self.python:
            self._prepared = Prepared()

    def step(self, said: str, /, **values: str | int) -> None:
        """End the step before with its time and bytes, and begin the next."""
        self.end_step()
        self.steps += 1
        self.out.heading(said, **values)
        self._began = time.monotonic()
        self._held = self._sealed()

    def end_step(self) -> None:
        if self._began:
            spent = f"{time.monotonic() - self._began:.1f}"
            grown = max(0, self._sealed() - self._held)
            self.out.say(_STEP, number=self.steps, step="·", seconds=spent, bytes=grown)
        self._began = 0.0

    def claim(self, holds: object, claim: str, /, **values: str | int) -> None:
        """Check a claim and say it; raise if it does not hold."""
        said = self.out.say_in.of(claim, **values)
        if not holds:
            self.out.warn(_FALSE, claim=said)
            raise ClaimFailed(claim=said)
        self.claims += 1
        self.out.say(_CLAIM, claim=said)

    def run(
        self,
        side: Side,
        *words: str | Handed,
        who: str = "",
        given: str = "",
        ends: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Run one command at *side* as *who*, *given* on standard input; return its object."""
        done = self._done(side, (*words, "--json"), who, given, env)
        told: dict[str, Any] = json.loads(done.stdout.decode() or "{}")
        if done.returncode != ends:
            wrong = {"command": words[0], "ended": done.returncode, "code": told.get("code", "")}
            self.out.warn(_ENDED, **wrong)
            raise ClaimFailed(**wrong)
        return told

    def read(self, side: Side, *words: str, who: str) -> bytes:
        """Run one command at *side* as *who*; return what it writes, to the byte."""
        done = self._done(side, words, who)
        if done.returncode:
            raise ClaimFailed(command=words[0], ended=done.returncode)
        return done.stdout

    def serve(self, side: Side, *, desk_port: int = 0) -> None:
        """Start *side*'s server as a process of its own and wait until it answers.

        With *desk_port* it serves the officers' pages there too.
        """
        words = ["serve", "--port", str(side.port), "--home", str(side.home), "--json"]
        if desk_port:
            words += ["--desk-port", str(desk_port)]
        if self._prepared is None:
            process: Server = subprocess.Popen(  # noqa: S603  # our own program
                [*self.python, *PROGRAM, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self.log,
                env=self._environment(None),
            )
        else:
            process = self._prepared.serve(words, self._environment(None), self.log)
        self.serving[side.country] = process
        assert process.stdout is not None
        if not process.stdout.readline():
            raise Unavailable("serve")

    def kill(self, side: Side) -> None:
        """Kill *side*'s server as a power cut would."""
        self._end(self.serving.pop(side.country), signal.SIGKILL)

    def stop_all(self) -> None:
        for process in self.serving.values():
            self._end(process, signal.SIGTERM)
        self.serving.clear()

    def close(self) -> None:
        """Stop all servers, and end the process of which commands are forks."""
        self.stop_all()
        if self._prepared is not None:
            self._prepared.close()
            self._prepared = None

    def until(self, holds: Callable[[], object], patience: float = PATIENCE) -> float:
        """Wait until *holds*; return the seconds it took, or raise Unavailable."""
        begin = time.monotonic()
        while not holds():
            if time.monotonic() - begin > patience:
                raise Unavailable("too-late")
            time.sleep(0.1)
        return time.monotonic() - begin

    def _done(
        self,
        side: Side,
        words: Sequence[str | Handed],
        who: str,
        given: str = "",
        env: Mapping[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        acting = ("--as", Handed(self.names.get(who, who))) if who else ()
        with contextlib.ExitStack() as pipes:

            def handed(value: Handed) -> int:
                number = value.open()
                pipes.callback(os.close, number)
                return number

            said = [handed(e) if isinstance(e, Handed) else e for e in (*words, *acting)]
            said += ["--home", str(side.home)]
            chosen = self.passphrases.get(who, PASSPHRASE)
            environment = self._environment({"COMITY_PASSPHRASE": chosen, **(env or {})})
            if self._prepared is None:
                return _plainly((*self.python, *PROGRAM), said, given, environment)
            return self._prepared.run(said, environment, given.encode(), PATIENCE_OF_ONE)

    def _end(self, process: "Server", sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(sign)
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith("COMITY_")}
        secrets = {"COMITY_PASSPHRASE": PASSPHRASE, "COMITY_NEW_PASSPHRASE": PASSPHRASE}
        return {**kept, **secrets, "LC_ALL": "C.UTF-8", **(more or {})}

    def _sealed(self) -> int:
        """Return how many bytes of databases and sealed files there are."""
        files = (each for each in self.folder.rglob("*") if each.is_file())
        return sum(each.stat().st_size for each in files if "-shm" not in each.name)


def _plainly(
    program: Sequence[str], words: Sequence[str | int], given: str, env: Mapping[str, str]
) -> "subprocess.CompletedProcess[bytes]":
    """Run one command as a program that is started for it alone."""
    return subprocess.run(  # noqa: S603  # our own program
        [*program, *(f"@/dev/fd/{each}" if isinstance(each, int) else each for each in words)],
        input=given.encode(),
        capture_output=True,
        env=env,
        pass_fds=[each for each in words if isinstance(each, int)],
        check=False,
        timeout=PATIENCE_OF_ONE,
    )


def free_port() -> int:
    """Return a port of this machine that nobody has; it may be taken before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
