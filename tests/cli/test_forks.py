# SPDX-License-Identifier: Apache-2.0
"""Commands that are forks of one prepared process: each is a process of its own, and ends."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.cli.desk_top import Typist, free_port

from comity.cli.forks import Prepared
from comity.cli.play import Handed

PATIENCE: Final = 60.0
OUTSIDE: Final = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
SECRETS: Final = {**OUTSIDE, "COMITY_PASSPHRASE": "practice", "COMITY_NEW_PASSPHRASE": "practice"}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    made = Prepared()
    yield made
    made.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "ke"
    create = ("node", "create", "--agency", "Customs", "--country", "KE", "--practice")
    assert Typist(place).type(*create).code == 0
    return place


def test_a_command_ends_with_its_own_exit_code_and_says_it_on_its_own_streams(
    prepared: Prepared,
) -> None:
    done = prepared.run(["--version"], OUTSIDE, b"", PATIENCE)
    wrong = prepared.run(["home"], OUTSIDE, b"", PATIENCE)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"comity, version ")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"[usage.home]" in wrong.stderr


def test_what_one_command_was_told_the_next_does_not_know(prepared: Prepared, home: Path) -> None:
    named = prepared.run(["home", "--json"], {**OUTSIDE, "COMITY_HOME": str(home)}, b"", PATIENCE)
    unnamed = prepared.run(["home", "--json"], OUTSIDE, b"", PATIENCE)

    assert json.loads(named.stdout)["practice"] is True
    assert unnamed.returncode == 2


def test_a_value_comes_in_a_pipe(prepared: Prepared, home: Path) -> None:
    name = Handed("Amina Wanjala").open()
    try:
        words: list[str | int] = ["officer", "add", "--name", name, "--home", str(home)]
        done = prepared.run(words, SECRETS, b"", PATIENCE)
    finally:
        os.close(name)

    assert done.returncode == 0, done.stderr
    shown = prepared.run(["roster", "--home", str(home)], OUTSIDE, b"", PATIENCE)
    assert b"Amina Wanjala" in shown.stdout


def test_standard_input_may_be_longer_than_a_pipe_holds_or_not_be_read_at_all(
    prepared: Prepared, home: Path
) -> None:
    long = b"x" * 3_000_000

    read = prepared.run(["peer", "accept", "-", "--home", str(home)], OUTSIDE, long, PATIENCE)
    left = prepared.run(["--version"], OUTSIDE, long, PATIENCE)

    assert read.returncode == 2
    assert left.returncode == 0


def test_a_command_that_takes_too_long_is_killed(prepared: Prepared, home: Path) -> None:
    words = ["serve", "--port", "0", "--home", str(home), "--json"]

    with pytest.raises(TimeoutError):
        prepared.run(words, OUTSIDE, b"", 1.0)

    assert prepared.run(["--version"], OUTSIDE, b"", PATIENCE).returncode == 0


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0)])
def test_a_server_is_a_process_of_its_own_that_can_be_killed(
    prepared: Prepared, home: Path, sign: int, code: int
) -> None:
    port = free_port()
    words = ["serve", "--port", str(port), "--home", str(home), "--json"]
    server = prepared.serve(words, OUTSIDE, subprocess.DEVNULL)
    assert server.stdout is not None
    with server.stdout as said:
        assert json.loads(said.readline())["code"] == "serving"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/")

        listed = Path(f"/proc/{server.pid}/cmdline")
        assert not listed.exists() or str(port).encode() not in listed.read_bytes()

        server.send_signal(sign)

        assert server.wait(PATIENCE) == code
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/")


def test_it_starts_nothing_any_more_once_it_is_closed() -> None:
    prepared = Prepared()
    prepared.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        prepared.run(["--version"], OUTSIDE, b"", PATIENCE)
