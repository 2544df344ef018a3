# SPDX-License-Identifier: Apache-2.0
"""Values and secrets: from a file, standard input, a descriptor or the environment, never echoed."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, NUMBER, PASSPHRASE, Countries, Typed, Typist

PROGRAM = [sys.executable, "-c", "from comity.cli.main import main; main()"]


def ask(countries: Countries, *more: str, stdin: bytes = b"") -> Typed:
    return countries.ke.act(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--json"), *more, stdin=stdin
    )


def fields_of(countries: Countries, typed: Typed) -> dict[str, list[str]]:
    told = countries.ke.act_json("show", typed.told["thread"])
    fields: dict[str, list[str]] = told["items"][0]["body"]["fields"]
    return fields


def test_a_file_holds_one_number_a_line(countries: Countries, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_text("+84 90 123 4567\n\n+84 90 123 4568\r\n")

    asked = ask(countries, "--set", f"number=@{tmp_path / 'numbers'}")

    assert asked.code == 0, asked.err
    assert fields_of(countries, asked)["number"] == ["+84901234567", "+84901234568"]


def test_a_field_of_one_value_takes_a_file_whole(countries: Countries, tmp_path: Path) -> None:
    (tmp_path / "facts").write_text("First.\n\nSecond: ivoire, 象牙.\n")

    asked = ask(
        countries, "--set", "number=-", "--facts", f"@{tmp_path / 'facts'}", stdin=NUMBER.encode()
    )
    told = countries.ke.act_json("show", asked.told["thread"])

    assert told["items"][0]["body"]["facts"] == "First.\n\nSecond: ivoire, 象牙."


def test_two_signs_of_at_begin_a_value_with_one(countries: Countries) -> None:
    asked = ask(countries, "--set", "number=-", "--facts", "@@home", stdin=NUMBER.encode())
    told = countries.ke.act_json("show", asked.told["thread"])

    assert told["items"][0]["body"]["facts"] == "@home"


@pytest.mark.parametrize(
    ("more", "stdin", "cause"),
    [
        (["--set", "number=-", "--facts", "-"], b"x", "usage.stdin-twice"),
        (["--set", "number=@/nowhere"], b"", "usage.file-missing"),
        (["--set", "number=@/"], b"", "usage.file-folder"),
        (["--set", "number=-"], b"\xff\xfe", "untrusted.malformed.text"),
        (["--set", "number=-"], b"1" * (1 << 20) + b"1", "usage.file-long"),
        (["--set", "number"], b"", "usage.field-missing"),
        (["--set", "number=?"], b"", "usage.field-missing"),
        ([], b"", "usage.field-missing"),
        (["--set", "number=-", "--set", "colour=red"], b"+84901234567", "usage.field-unknown"),
        (["--set", "number=-", "--handling", "9x9x9:1"], b"+84901234567", "usage.handling-code"),
        (["--set", "number=-", "--attach", "/nowhere"], b"+84901234567", "usage.file-missing"),
        (["--set", "number=-", "--attach", "/"], b"+84901234567", "usage.file-folder"),
    ],
)
def test_a_value_that_cannot_be_had_is_told(
    countries: Countries, more: list[str], stdin: bytes, cause: str
) -> None:
    asked = ask(countries, *more, stdin=stdin)

    assert asked.code in (2, 3)
    assert asked.told["code"].startswith(cause)


def test_a_number_on_the_command_line_is_taken_and_warned_of(countries: Countries) -> None:
    asked = ask(countries, "--set", f"number={NUMBER}")

    assert asked.code == 0
    assert "others on this machine can read it" in asked.err
    assert NUMBER not in asked.err


def test_a_grading_of_another_system_is_kept_and_only_narrowed(countries: Countries) -> None:
    asked = ask(
        countries,
        *("--set", "number=-", "--handling", "4x4:B2 H1 H2", "--onward", "yes", "--court", "no"),
        stdin=NUMBER.encode(),
    )
    told = countries.ke.act_json("show", asked.told["thread"])
    handling = told["items"][0]["body"]["handling"]

    assert handling["original"] == "4x4:B2 H1 H2"
    assert handling["onward"] == "ask"
    assert handling["judicial"] == "no"


def test_a_passphrase_comes_by_descriptor(countries: Countries) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{PASSPHRASE}\n".encode())
    os.close(writing)

    done = countries.ke.type(
        "inbox", "--as", AMINA, "--passphrase-fd", str(reading), passphrase="wrong"
    )
    os.close(reading)

    assert done.code == 0, done.err


def test_a_descriptor_of_nothing_is_told(countries: Countries) -> None:
    done = countries.ke.type("inbox", "--as", AMINA, "--passphrase-fd", "987")
    negative = countries.ke.type("inbox", "--as", AMINA, "--passphrase-fd", "-1")

    assert (done.code, negative.code) == (2, 2)
    assert "[usage.passphrase.descriptor]" in done.err


def test_a_wrong_passphrase_and_a_name_that_nobody_has_are_told_alike(
    countries: Countries,
) -> None:
    wrong = countries.ke.type("inbox", "--as", AMINA, passphrase="something else")
    nobody = countries.ke.type("inbox", "--as", "Nobody At All", passphrase="something else")

    assert (wrong.code, nobody.code) == (4, 4)
    assert wrong.err == nobody.err


def test_standard_input_is_never_taken_for_a_passphrase(countries: Countries) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COMITY_")}

    done = subprocess.run(
        [*PROGRAM, "--home", str(countries.ke.home), "inbox", "--as", AMINA],
        input=f"{PASSPHRASE}\n".encode(),
        capture_output=True,
        check=False,
        env=clean,
        start_new_session=True,
    )

    assert done.returncode == 2
    assert b"[usage.passphrase.absent]" in done.stderr


def test_at_a_terminal_what_is_missing_is_asked_for_and_secrets_are_not_echoed(
    countries: Countries,
) -> None:
    said = at_terminal(
        countries.ke.home,
        ["ask", "--as", AMINA, "--kind", "phone", "--facts", "?"],
        ["found on the seal", "practice", "VN/Anti-smuggling desk", "CUS/44", NUMBER],
    )

    assert "Passphrase:" in said
    assert "practice\r" not in said
    assert "Phone number" in said
    assert "to be said by telephone" in said


def test_a_new_passphrase_is_asked_twice_and_words_are_offered(tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_text("x")

    said = at_terminal(
        tmp_path, ["seal", "--passphrase", str(note), "-o", str(tmp_path / "n.age")], ["one", "two"]
    )

    assert "You may take these words: " in said
    assert "[usage.passphrase.twice]" in said
    assert not (tmp_path / "n.age").exists()


def test_a_field_is_asked_for_with_its_hint_and_its_choices(countries: Countries) -> None:
    asked = countries.ke.at_terminal(
        *("ask", "--as", AMINA, "--to", "VN", "--kind", "phone", "--ref", "1"),
        *("--set", "found", "--set", "device"),
        answers=[PASSPHRASE, "seal", "", NUMBER],
    )

    assert asked.code == 0, asked.err
    assert "Written on a seal or on goods [seal]" in asked.err
    assert "Fifteen digits" in asked.err
    assert "to be said by telephone" in asked.out


def test_who_enrols_is_offered_words_and_chooses(countries: Countries) -> None:
    done = countries.ke.at_terminal(
        "officer", "add", "--name", "?", answers=["Otieno Okello", "first", "first"]
    )
    slip = countries.ke.at_terminal(
        "officer", "add", "--name", "Other", answers=["first", "second"]
    )
    signed_in = countries.ke.type("inbox", "--as", "Otieno Okello", passphrase="first")

    assert done.code == 0, done.err
    assert "You may take these words: " in done.err
    assert (slip.code, "[usage.passphrase.twice]" in slip.err) == (2, True)
    assert signed_in.code == 0


def test_a_home_whose_key_lives_with_its_operator_asks_for_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = Typist(tmp_path / "home", capture=capfd)

    made = home.at_terminal(
        *("node", "create", "--agency", "Customs", "--country", "KE", "--practice"),
        *("--key-home", "prompt"),
        answers=["root words", "root words", "house words", "house words"],
    )
    shown = home.at_terminal("home", answers=["house words"])
    wrong = home.at_terminal("home", answers=["other words"])

    assert (made.code, shown.code, wrong.code) == (0, 0, 4), made.err + shown.err
    assert "prompt" in shown.out
    assert "plain file" not in shown.err


def at_terminal(home: Path, words: list[str], answers: list[str]) -> str:
    """Run a command at a terminal of its own, type *answers*, and return what stood there."""
    child, terminal = pty.fork()
    if child == 0:
        for name in [each for each in os.environ if each.startswith("COMITY_")]:
            del os.environ[name]
        environment = {**os.environ, "COMITY_HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        os.execve(sys.executable, [*PROGRAM, *words], environment)
    said, waiting = b"", list(answers)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
        if waiting and said.rstrip().endswith(b":") and part.endswith(b": "):
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    os.waitpid(child, 0)
    os.close(terminal)
    return said.decode("utf-8", "replace")
