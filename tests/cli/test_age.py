# SPDX-License-Identifier: Apache-2.0
"""``comity seal`` and ``comity open``, as the program that an officer starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from comity.cli.age import TEXT_LIMIT
from comity.cli.main import main
from comity.crypto.age import HybridIdentity, decrypt, encrypt

AMINA = HybridIdentity.from_seed(bytes(range(32)))


def run(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Run one command here and return its exit code, output and errors."""
    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out = capfd.readouterr()
    return code, out.out, out.err


@pytest.fixture
def note(tmp_path: Path) -> Path:
    note = tmp_path / "note.txt"
    note.write_bytes(b"312 kg, declared as timber")
    return note


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    path = tmp_path / "amina.key"
    path.write_text(f"# Amina's key\n\n{AMINA}\n")
    return path


def test_a_file_sealed_to_a_recipient_opens_with_its_identity(
    tmp_path: Path, note: Path, identity: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sealed, opened = tmp_path / "note.age", tmp_path / "opened.txt"

    sealing = run(capfd, "seal", "--to", str(AMINA.recipient), "-o", sealed, note)
    opening = run(capfd, "open", "--identity", f"@{identity}", "-o", opened, sealed)

    assert (sealing[0], opening[0]) == (0, 0)
    assert opened.read_bytes() == note.read_bytes()
    assert opened.stat().st_mode & 0o777 == 0o600


def test_a_file_sealed_by_passphrase_opens_by_it_alone(
    tmp_path: Path,
    note: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sealed = tmp_path / "note.age"
    monkeypatch.setenv("COMITY_NEW_PASSPHRASE", "ivory coast line")
    monkeypatch.setenv("COMITY_PASSPHRASE", "ivory coast line")

    sealing = run(capfd, "seal", "--passphrase", "--factor", "4", "-o", sealed, note)
    opening = run(capfd, "open", sealed)
    monkeypatch.setenv("COMITY_PASSPHRASE", "another")
    wrong = run(capfd, "open", sealed)

    assert sealing[0] == 0
    assert opening[:2] == (0, note.read_text())
    assert wrong[0] == 3
    assert wrong[1] == ""
    assert "untrusted.not-for-us" in wrong[2]


def test_a_damaged_file_leaves_what_was_there_and_nothing_half_written(
    tmp_path: Path, identity: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sealed, opened = tmp_path / "note.age", tmp_path / "opened.txt"
    sealed.write_bytes(encrypt(bytes(200_000), [AMINA.recipient])[:-1])
    opened.write_text("kept")

    code, _, error = run(capfd, "open", "--identity", f"@{identity}", "-o", opened, sealed)

    assert code == 3
    assert "untrusted.signature.age.payload" in error
    assert opened.read_text() == "kept"
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "amina.key",
        "note.age",
        "opened.txt",
    ]


@pytest.mark.parametrize(
    ("words", "exit_code", "cause"),
    [
        (["seal"], 2, "usage.no-recipient"),
        (["seal", "--to", "age1nobody"], 3, "untrusted.malformed.bech32"),
        (["seal", "--to", "@/nowhere/at/all"], 2, "usage.file-missing"),
        (["seal", "--to", "@/"], 2, "usage.file-folder"),
        (["open", "--identity", "@/"], 2, "usage.file-folder"),
        (["open", "--identity", str(AMINA)], 2, "usage.identity-on-command-line"),
        (["shred"], 2, "shred"),
    ],
)
def test_a_wrong_call_is_told_by_code_and_sentence(
    words: list[str], exit_code: int, cause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, error = run(capfd, *words)

    assert (code, out) == (exit_code, "")
    assert cause in error
    assert str(AMINA) not in error


def test_a_recipient_file_that_is_no_text_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys").write_bytes(b"\xff\xfe")

    code, _, error = run(capfd, "seal", "--to", f"@{tmp_path / 'keys'}")

    assert code == 3
    assert "untrusted.malformed.text" in error


def test_recipients_that_are_too_many_are_refused_and_not_cut(
    tmp_path: Path, note: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = f"{AMINA.recipient}\n"
    (tmp_path / "keys").write_text(line * (TEXT_LIMIT // len(line) + 1))

    code, out, error = run(capfd, "seal", "--to", f"@{tmp_path / 'keys'}", note)

    assert (code, out) == (2, "")
    assert "usage.file-long" in error


def test_a_place_that_cannot_be_written_is_told(
    note: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(capfd, "seal", "--to", str(AMINA.recipient), "-o", "/nowhere/x", note)

    assert code == 4
    assert "No such file" in error


def test_an_error_in_json_has_its_fixed_shape(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "shred", "--json")

    assert code == 2
    assert json.loads(out) == {
        "ok": False,
        "code": "usage",
        "id": "",
        "thread": "",
        "stage": "",
        "next": [],
    }


def test_the_program_reads_standard_input_and_prompts_for_what_is_missing(identity: Path) -> None:
    program = [sys.executable, "-c", "from comity.cli.main import main; main()"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COMITY_")}

    sealed = subprocess.run(
        [*program, "seal", "--to", str(AMINA.recipient)],
        input=b"from a pipe",
        capture_output=True,
        check=True,
        env=clean,
    )
    asked = subprocess.run(
        [*program, "seal", "--passphrase", "-"],
        input=b"",
        capture_output=True,
        check=False,
        env=clean,
    )

    assert decrypt(sealed.stdout, [AMINA]) == b"from a pipe"
    assert asked.returncode == 2
    assert b"passphrase" in asked.stderr
