# SPDX-License-Identifier: Apache-2.0
"""A server in a process of its own, each of whose writes strace shows, its children's too."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parents[2]
STRACE = shutil.which("strace")
CALLS = "write,pwrite64,writev,pwritev,pwritev2,sendto"


@dataclass
class Served:
    process: "subprocess.Popen[str]"
    tells: str = ""
    """The first line that it said."""

    def do(self, what: str) -> str:
        """Tell it to do something; return the line that it says when that is done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def served(program: Path, folder: Path, traces: Path | None) -> Iterator[Served]:
    """Let *program* serve a world in *folder*, traced if there is a folder for *traces*.

    What it logs stands in ``log``, and what it puts into temporary files in ``tmp``.
    """
    traced = ["-D", "-ff", "-qq", "-y", "-xx", "-s", "300000", "-e", f"trace={CALLS}"]
    traced += ["-e", "signal=none", "-o", f"{traces}/t"]
    before = [str(STRACE), *traced] if traces else []
    (folder / "tmp").mkdir()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*before, sys.executable, str(program), str(folder / "world")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}",
                "TMPDIR": str(folder / "tmp"),
            },
        )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield Served(process, process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class Write:
    """A call that wrote something."""

    place: str
    data: bytes = field(repr=False)

    @property
    def is_to_a_file(self) -> bool:
        # A pipe leads to the child that decodes, a socket to whoever called.
        return self.place.startswith("/") and not self.place.startswith("/dev/")


def writes(traces: Path) -> Iterator[Write]:
    for file in traces.iterdir():
        for line in file.read_text(errors="replace").splitlines():
            if place := re.match(r"\w+\(\d+<([^>]*)>", line):
                yield Write(_unhex(place[1]), _held(line))


def _held(line: str) -> bytes:
    """Return what a traced call wrote."""
    text = "".join(re.findall(r'"((?:\\x[0-9a-f]{2})*)"', line.split(">, ", 1)[-1]))
    return bytes.fromhex(text.replace("\\x", ""))


def _unhex(path: str) -> str:
    """Return a path as strace writes it, some of them in hexadecimal."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path)
