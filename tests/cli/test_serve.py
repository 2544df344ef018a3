# SPDX-License-Identifier: Apache-2.0
"""``serve`` and ``sync`` as processes of their own."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, PASSPHRASE, Countries, Typist, free_port

PROGRAM = [sys.executable, "-c", "from comity.cli.main import main; main()"]
HOUSE = "the house stands on a hill"


@contextmanager
def serving(home: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COMITY_")}
    process = subprocess.Popen(
        [*PROGRAM, "--home", str(home), "serve", "--port", str(port), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**clean, **environment},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for each in (process.stdout, process.stderr):
            assert each is not None
            each.close()


def test_a_question_is_delivered_to_a_server_that_nobody_signed_in_to(
    countries: Countries,
) -> None:
    with serving(countries.vn.home, countries.ports["vn"]) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        short = countries.ask()
        synced = countries.ke.json("sync", "--with", "VN")
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=20)
    shown = countries.ke.act_json("show", short)

    assert (told["ok"], told["code"]) == (True, "serving")
    assert told["address"] == f"http://127.0.0.1:{countries.ports['vn']}"
    assert [each["ok"] for each in synced["items"]] == [True]
    assert "delivered" in {each["stage"] for each in shown["receipts"]}
    assert ended == 0


def test_what_is_asked_beside_a_running_server_leaves_by_itself(countries: Countries) -> None:
    ports = countries.ports
    with (
        serving(countries.vn.home, ports["vn"]),
        serving(countries.ke.home, ports["ke"]) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        short = countries.ask()
        deadline = time.monotonic() + 30
        stages: set[str] = set()
        while "delivered" not in stages and time.monotonic() < deadline:
            time.sleep(0.2)
            stages = {e["stage"] for e in countries.ke.act_json("show", short)["receipts"]}

    assert "delivered" in stages


def test_a_port_that_is_taken_is_told(countries: Countries) -> None:
    port = countries.ports["vn"]
    with serving(countries.vn.home, port) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with serving(countries.ke.home, port) as other:
            assert other.stderr is not None
            code, said = other.wait(timeout=20), other.stderr.read()

    assert code == 2
    assert "[usage.port]" in said


def test_a_server_whose_key_lives_with_the_operator_waits_and_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = Typist(tmp_path / "home", capture=capfd, environment={"COMITY_HOUSE_PASSPHRASE": HOUSE})
    made = home.type(
        *("node", "create", "--agency", "Customs", "--country", "KE", "--practice"),
        *("--key-home", "prompt"),
    )
    port = free_port()

    with serving(home.home, port) as waiting:
        assert waiting.stderr is not None
        said = waiting.stderr.readline()
        absent = waiting.wait(timeout=20)
    with serving(home.home, port, COMITY_HOUSE_PASSPHRASE="no") as wrong:
        refused = wrong.wait(timeout=20)
    with serving(home.home, port, COMITY_HOUSE_PASSPHRASE=HOUSE) as right:
        assert right.stdout is not None
        told = json.loads(right.stdout.readline())

    assert made.code == 0, made.err
    assert "waits for its passphrase" in said
    assert (absent, refused) == (2, 4)
    assert told["code"] == "serving"


def test_a_server_whose_key_is_a_credential_returns_from_a_power_cut_without_anybody(
    countries: Countries,
) -> None:
    vn, port = countries.vn, countries.ports["vn"]
    vn.environment |= handed_over_by_the_system(vn.home, countries.folder / "credentials")

    with serving(vn.home, port, **vn.environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        before = countries.ask()
        countries.ke.json("sync", "--with", "VN")
        process.send_signal(signal.SIGKILL)
        cut = process.wait(timeout=20)
    meanwhile = countries.ask()
    with serving(vn.home, port, **vn.environment) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        countries.ke.json("sync", "--with", "VN")

    assert (cut, told["code"]) == (-signal.SIGKILL, "serving")
    for short in (before, meanwhile):
        receipts = countries.ke.act_json("show", short)["receipts"]
        assert "delivered" in {each["stage"] for each in receipts}
    inbox = vn.act_json("inbox")["items"]
    assert sorted(each["short"] for each in inbox) == sorted([before, meanwhile])


def handed_over_by_the_system(home: Path, folder: Path) -> dict[str, str]:
    """Take the key out of *home*; return how systemd hands it over to each process instead."""
    folder.mkdir()
    (home / "house.key").rename(folder / "comity-house")
    settings = home / "node.toml"
    settings.write_text(settings.read_text().replace('"file"', '"credential"'))
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_an_officers_passphrase_is_no_house_passphrase(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    environment = {"COMITY_HOUSE_PASSPHRASE": HOUSE}
    home = Typist(tmp_path / "home", capture=capfd, environment=environment)
    home.type(
        *("node", "create", "--agency", "Customs", "--country", "KE", "--practice"),
        *("--key-home", "prompt"),
    )
    environment["COMITY_HOUSE_PASSPHRASE"] = PASSPHRASE
    home.type("officer", "add", "--name", AMINA)

    done = home.type("inbox", "--as", AMINA)

    assert done.code == 4
    assert "[unavailable.locked" in done.err


def test_a_sync_that_reaches_nobody_keeps_what_waits_and_says_so(countries: Countries) -> None:
    short = countries.ask()
    failed = countries.ke.type("sync", "--json")
    said = countries.ke.type("sync")
    countries.exchange()

    assert (failed.code, said.code) == (4, 4)
    assert failed.told["items"][0]["ok"] is False
    assert "did not answer" in said.out
    assert [each["short"] for each in countries.vn.act_json("inbox")["items"]] == [short]


@contextmanager
def ended_once_it_serves() -> Iterator[None]:
    """Send this process SIGTERM as soon as a server that runs in it waits for that."""
    before, over = signal.getsignal(signal.SIGTERM), threading.Event()

    def end() -> None:
        while not over.wait(0.02):
            if signal.getsignal(signal.SIGTERM) != before:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    ending = threading.Thread(target=end)
    ending.start()
    try:
        yield
    finally:
        over.set()
        ending.join()


def test_serving_ends_when_the_system_says_so(countries: Countries) -> None:
    before = signal.getsignal(signal.SIGTERM)

    with ended_once_it_serves():
        done = countries.vn.type("serve", "--port", str(countries.ports["vn"]))

    assert done.code == 0, done.err
    assert f"answers at http://127.0.0.1:{countries.ports['vn']}" in done.out
    assert "what waits is kept" in done.out
    assert signal.getsignal(signal.SIGTERM) is before


def test_serving_ends_although_another_thread_was_told(countries: Countries) -> None:
    with serving(countries.vn.home, countries.ports["vn"]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        other = max(int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir())
        assert other != process.pid

        # The system may choose any thread; only the first one runs what is to be done then.
        assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGTERM) == 0

        assert process.wait(20) == 0


def test_a_mistyped_house_passphrase_is_asked_for_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = Typist(tmp_path / "home", capture=capfd)
    home.at_terminal(
        *("node", "create", "--agency", "Customs", "--country", "KE", "--practice"),
        *("--key-home", "prompt"),
        answers=["root", "root", HOUSE, HOUSE],
    )

    with ended_once_it_serves():
        done = home.at_terminal("serve", "--port", "0", answers=["no", HOUSE])

    assert done.code == 0, done.err
    assert "[" not in done.out.split("127.0.0.1")[0]
    assert "not the right one" in done.err
