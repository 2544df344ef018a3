# SPDX-License-Identifier: Apache-2.0
"""At rest nothing lies in clear: not in a home, a temporary file, a log, a URL or an argument."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.faults.at_rest import RECORDER, canaries
from tests.faults.canaries import MARK, planted

AT_REST = RECORDER.with_name("at_rest.py")
RUN = f"import runpy, sys; runpy.run_path({str(AT_REST)!r}, run_name='__main__')"
ACTS = (
    *("node create", "officer add", "desk add", "mandate add", "peer accept", "peer check"),
    *("ask ", "take ", "acknowledge ", "ask-back ", "answer "),
)
"""Commands of the story that change a home."""
STRACE = shutil.which("strace")


def played(tmp_path: Path, *traced: str) -> dict[str, Any]:
    """Play it under the recorder; return what was found."""
    for name in ("here", "kept", "tmp"):
        (tmp_path / name).mkdir()
    environment = {
        **os.environ,
        "AT_REST_LOG": str(tmp_path / "record"),
        "AT_REST_KEPT": str(tmp_path / "kept"),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    done = subprocess.run(
        [sys.executable, str(RECORDER), "-c", RUN, str(tmp_path / "here"), *traced],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert MARK not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    kept = [each for each in (tmp_path / "kept").iterdir() if each.is_file()]
    for each in kept:
        told["found"] += [f"{name} in what was deleted" for name in canaries().found_in(each)]
    told["kept"] = len(kept)
    return told


@pytest.mark.parametrize(
    "said",
    [
        MARK,
        f"a long line with {MARK} in it",
        f"{MARK}ab",
    ],
)
def test_a_canary_is_found_in_whatever_it_is_written(said: str) -> None:
    here = planted({"mark": MARK}, {"bytes": b"\x00\xff\x80 some bytes of a picture"})
    texts = [said.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    for text in texts:
        for before in (b"", b"a", b"ab"):
            whole = before + text
            for form in (
                whole,
                whole.hex().encode(),
                whole.hex().upper().encode(),
                base64.b64encode(whole),
                base64.urlsafe_b64encode(whole),
            ):
                assert here.found(b"...." + form + b"....")
    assert here.found(b"nothing of the kind" * 1000) == []


@pytest.mark.slow
def test_in_the_whole_demonstration_no_file_log_url_or_argument_holds_a_canary(
    tmp_path: Path,
) -> None:
    told = played(tmp_path)

    assert told["found"] == []
    # And it was really looked at: every home, every command, every request.
    names = {Path(each).name for each in told["paths"]}
    assert {"comity.db", "comity.db-wal", "node.toml", "house.key"} <= names
    assert told["commands"] > 60
    assert told["called"]["argv"] > told["commands"]
    assert told["called"]["http"] > 2
    # Who acts on a home writes to its database: it was looked at after each such command.
    assert [each for each in told["idle"] if each.startswith(ACTS)] == []
    # Who only reads touches the files beside the database: at least one look a command on average,
    # and four for each of the two new homes: settings, house key, database, sealed root key.
    assert told["looked"] >= told["commands"] + 2 * 3
    assert any("blobs" in each for each in told["paths"])


def traced_writes(folder: Path) -> tuple[list[str], list[str]]:
    """Return the lines of strace, those that write to a command's standard output apart."""
    lines: tuple[list[str], list[str]] = ([], [])
    for file in folder.iterdir():
        for line in file.read_text(errors="replace").splitlines():
            lines[line.startswith(("write(1, ", "writev(1, "))].append(line)
    return lines


@pytest.mark.slow
def test_the_kernel_sees_no_canary_written_or_sent_either(tmp_path: Path) -> None:
    if STRACE is None:
        pytest.skip("strace is not on this machine; the recorder has looked at the same")
    traces = tmp_path / "traces"
    traces.mkdir()
    calls = "openat,creat,rename,renameat,renameat2,link,linkat,execve,write,pwrite64,writev,pwritev,sendto,sendmsg"

    told = played(
        tmp_path,
        *(STRACE, "-D", "-ff", "-qq", "-xx", "-s", "2000000"),
        *("-e", f"trace={calls}", "-e", "signal=none", "-o", str(traces / "t")),
    )

    assert told["found"] == []
    lines, shown = traced_writes(traces)
    forms = [
        (name, "".join(f"\\x{each:02x}" for each in form))
        for name, form in canaries().forms
        if not name.startswith("name ")
    ]
    assert [name for line in lines for name, form in forms if form in line] == []
    # An officer is shown what was said: there the same search does find it.
    assert any(form in line for line in shown for _, form in forms)
    assert sum(line.startswith("pwrite64(") for line in lines) > 100
    assert sum(line.startswith(("sendto(", "write(")) for line in lines) > 10
