# SPDX-License-Identifier: Apache-2.0
"""The homes of the house key: what is stored opens again, for those alone who should open it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from comity.errors import ComityError, Damaged, DiskFull, Locked, Misused, Unavailable
from comity.services.key_homes import (
    CredentialHome,
    FileHome,
    KeyHome,
    PromptHome,
    TpmHome,
)

KEY = bytes(range(100, 132))
WORDS = "correct horse battery staple"
LIGHT = 4
"""A work factor for tests."""
TOOLS = ("createprimary", "create", "load", "unseal", "flushcontext")


def prompt(path: Path, *answers: str, practice: bool = False) -> PromptHome:
    """Return a home whose operator gives these answers, one a question, then goes away."""
    left = list(answers)
    return PromptHome(
        path=path, ask=lambda: left.pop(0) if left else "", practice=practice, factor=LIGHT
    )


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


# The plain file.


def test_a_file_keeps_the_key_for_its_user_alone(tmp_path: Path) -> None:
    home = FileHome(tmp_path / "house.key")

    home.store(KEY)

    assert home.open() == KEY
    assert home.path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["house.key"]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    home = FileHome(tmp_path / "house.key")
    home.store(KEY)
    home.path.chmod(0o640)

    with pytest.raises(Misused) as caught:
        home.open()

    assert caught.value.cause == "usage.house-key.mode"


def test_storing_again_replaces_the_key(tmp_path: Path) -> None:
    home = FileHome(tmp_path / "house.key")

    home.store(bytes(32))
    home.store(KEY)

    assert home.open() == KEY


@pytest.mark.parametrize("content", [b"", KEY[:31], KEY + b"\n", bytes(10_000)])
def test_a_file_of_another_size_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "house.key"
    path.touch(0o600)
    path.write_bytes(content)

    with pytest.raises(Damaged):
        FileHome(path).open()


def test_only_a_whole_key_is_stored(tmp_path: Path) -> None:
    for home in (FileHome(tmp_path / "a"), prompt(tmp_path / "b", WORDS), TpmHome(path=tmp_path)):
        with pytest.raises(Damaged):
            home.store(KEY[:31])

    assert names(tmp_path) == []


def test_an_absent_file_is_named_as_such(tmp_path: Path) -> None:
    homes: Sequence[KeyHome] = (
        FileHome(tmp_path / "none"),
        CredentialHome(directory=tmp_path),
        prompt(tmp_path / "none", WORDS),
        TpmHome(path=tmp_path / "none"),
    )

    for home in homes:
        with pytest.raises(Misused) as caught:
            home.open()
        assert caught.value.cause == "usage.house-key.absent"


def test_a_folder_in_its_place_is_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "house.key"
    folder.mkdir()

    with pytest.raises(Unavailable):
        FileHome(folder).open()
    with pytest.raises(Unavailable):
        FileHome(folder).store(KEY)

    assert names(tmp_path) == ["house.key"]


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        FileHome(tmp_path / "none" / "house.key").store(KEY)

    assert caught.value.cause == "unavailable.house-key.unwritable"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_leaves_the_old_key_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = FileHome(tmp_path / "house.key")
    home.store(KEY)
    opened = os.fdopen

    def full(descriptor: int, mode: str) -> object:
        os.close(descriptor)
        return opened(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(DiskFull):
        home.store(bytes(32))
    monkeypatch.undo()

    assert home.open() == KEY
    assert names(tmp_path) == ["house.key"]


# systemd credentials.


def test_a_credential_is_read_from_the_folder_that_systemd_names(tmp_path: Path) -> None:
    (tmp_path / "comity-house").write_bytes(KEY)

    home = CredentialHome.from_environment({"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert home.open() == KEY
    home.store(KEY)


def test_without_a_credential_the_command_is_told(tmp_path: Path) -> None:
    for home in (CredentialHome.from_environment({}), CredentialHome(directory=tmp_path)):
        with pytest.raises(Misused) as caught:
            home.store(KEY)

        assert caught.value.cause == "usage.house-key.credential"
        assert "systemd-creds encrypt --name=comity-house" in str(caught.value.values["command"])
        assert KEY.hex() not in str(caught.value)
    with pytest.raises(Misused):
        CredentialHome(directory=None).open()
    assert names(tmp_path) == []


def test_a_credential_that_holds_another_key_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "comity-house").write_bytes(KEY)

    with pytest.raises(Misused) as caught:
        CredentialHome(directory=tmp_path).store(bytes(32))

    assert caught.value.cause == "usage.house-key.other"
    assert (tmp_path / "comity-house").read_bytes() == KEY


# The operator's passphrase.


def test_the_house_passphrase_opens_what_it_sealed(tmp_path: Path) -> None:
    home = prompt(tmp_path / "house.age", WORDS, WORDS)

    home.store(KEY)

    assert home.open() == KEY
    sealed = home.path.read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert KEY not in sealed


def test_the_passphrase_is_the_same_from_every_keyboard(tmp_path: Path) -> None:
    prompt(tmp_path / "house.age", "une cl\u00e9 pour la maison").store(KEY)

    again = prompt(tmp_path / "house.age", "une cle\u0301 pour\u00a0la maison")

    assert again.open() == KEY


@pytest.mark.parametrize("typed", ["correct horse battery stable", "x", "with\x07bell"])
def test_a_wrong_passphrase_leaves_the_house_locked(tmp_path: Path, typed: str) -> None:
    prompt(tmp_path / "house.age", WORDS).store(KEY)

    with pytest.raises(Locked) as caught:
        prompt(tmp_path / "house.age", typed).open()

    assert caught.value.cause == "unavailable.locked.passphrase"
    assert typed not in str(caught.value)


def test_when_nobody_can_be_asked_the_house_stays_locked(tmp_path: Path) -> None:
    prompt(tmp_path / "house.age", WORDS).store(KEY)

    with pytest.raises(Locked) as caught:
        prompt(tmp_path / "house.age").open()

    assert caught.value.cause == "unavailable.locked"


def test_nobody_is_asked_for_a_passphrase_to_no_file(tmp_path: Path) -> None:
    questions = iter([WORDS])
    home = PromptHome(path=tmp_path / "none", ask=lambda: next(questions))

    with pytest.raises(Misused):
        home.open()

    assert list(questions) == [WORDS]


def test_a_trivial_house_passphrase_is_for_practice_only(tmp_path: Path) -> None:
    with pytest.raises(Misused):
        prompt(tmp_path / "house.age", "practice").store(KEY)
    assert names(tmp_path) == []

    home = prompt(tmp_path / "house.age", "practice", "practice", practice=True)
    home.store(KEY)
    assert home.open() == KEY


def test_a_damaged_passphrase_file_is_damaged(tmp_path: Path) -> None:
    home = prompt(tmp_path / "house.age", WORDS)
    home.store(KEY)
    sealed = home.path.read_bytes()

    for wrong in (sealed[:-1], b"not age", sealed + b"x", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        home.path.write_bytes(wrong)
        with pytest.raises(Damaged):
            prompt(home.path, WORDS).open()


# The TPM.


def wrap_tools(folder: Path) -> Path:
    """Put a recorder before each tool: it notes arguments, environment and files, then goes on."""
    record = folder / "record"
    for verb in TOOLS:
        tool = shutil.which(f"tpm2_{verb}")
        script = folder / f"tpm2_{verb}"
        script.write_text(
            f'#!/bin/sh\necho "$@" >>{record}\nenv >>{record}\n{tool} "$@"; code=$?\n'
            f"cat ./* >>{record} 2>/dev/null\nexit $code\n"
        )
        script.chmod(0o700)
    return record


@pytest.fixture
def tcti() -> Iterator[str]:
    """Return the address of a TPM made of software, running for one test."""
    if not shutil.which("swtpm") or not shutil.which("tpm2_createprimary"):
        pytest.skip("needs swtpm and tpm2-tools (Debian packages swtpm, tpm2-tools)")
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        socket = Path(folder, "tpm")
        command = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}"]
        command += ["--server", f"type=unixio,path={socket}"]
        command += ["--ctrl", f"type=unixio,path={socket}.ctrl"]
        command += ["--flags", "not-need-init,startup-clear"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 10
            while not Path(f"{socket}.ctrl").exists() and time.monotonic() < until:
                time.sleep(0.02)
            yield f"swtpm:path={socket}"
        finally:
            process.terminate()
            process.wait()


def test_a_tpm_gives_the_key_back_as_often_as_it_is_asked(tmp_path: Path, tcti: str) -> None:
    home = TpmHome(path=tmp_path / "house.tpm", tcti=tcti)

    home.store(KEY)

    assert [home.open() for _ in range(3)] == [KEY] * 3
    assert KEY not in home.path.read_bytes()
    assert home.path.stat().st_mode & 0o777 == 0o600


def test_the_key_stands_in_no_argument_no_environment_and_no_file(
    tmp_path: Path, tcti: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    record = wrap_tools(tools)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    home = TpmHome(path=tmp_path / "house.tpm", tcti=tcti)

    home.store(KEY)
    assert home.open() == KEY

    recorded = record.read_bytes()
    assert b"-C primary -i -" in recorded
    assert KEY not in recorded
    assert KEY.hex().encode() not in recorded


def test_another_machines_tpm_does_not_open_it(tmp_path: Path, tcti: str) -> None:
    home = TpmHome(path=tmp_path / "house.tpm", tcti=tcti)
    home.store(KEY)
    environment = {**os.environ, "TPM2TOOLS_TCTI": tcti}
    subprocess.run(["tpm2_clear", "-Q"], env=environment, check=True)  # a new owner seed

    with pytest.raises(Unavailable) as caught:
        home.open()

    assert caught.value.cause == "unavailable.tpm.failed"
    assert caught.value.values == {"step": "load"}


def test_a_flipped_bit_in_the_blobs_is_refused(tmp_path: Path, tcti: str) -> None:
    home = TpmHome(path=tmp_path / "house.tpm", tcti=tcti)
    home.store(KEY)
    blobs = bytearray(home.path.read_bytes())

    blobs[-1] ^= 1
    home.path.write_bytes(blobs)

    with pytest.raises(ComityError):
        home.open()


@pytest.mark.parametrize("content", [b"", b"comity-tpm/1\n", b"comity-tpm/1\n\0\1a\0\2b", KEY * 3])
def test_a_file_that_no_tpm_home_wrote_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "house.tpm"
    path.write_bytes(content)

    with pytest.raises(Damaged):
        TpmHome(path=path).open()


def test_a_machine_without_the_tools_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unavailable) as caught:
        TpmHome(path=tmp_path / "house.tpm").store(KEY)

    assert caught.value.cause == "unavailable.tpm.tools"
    assert caught.value.values == {"tool": "tpm2_createprimary"}


def test_a_failing_tool_leaves_nothing_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "tpm2_createprimary"
    tool.write_text("#!/bin/sh\necho handle 0x81000001 >&2\nexit 1\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unavailable) as caught:
        TpmHome(path=tmp_path / "house.tpm").store(KEY)

    assert str(caught.value) == "unavailable.tpm.failed (step=createprimary)"
    assert names(tmp_path) == ["tpm2_createprimary"]


# All of them.


def test_each_home_says_what_it_is(tmp_path: Path) -> None:
    homes: Sequence[KeyHome] = (
        FileHome(tmp_path),
        CredentialHome(directory=None),
        prompt(tmp_path),
        TpmHome(path=tmp_path),
    )

    assert [home.describe for home in homes] == ["file", "credential", "prompt", "tpm"]
    assert [home.standing_warning for home in homes] == [True, False, False, False]
    assert [home.needs_person for home in homes] == [False, False, True, False]
