# SPDX-License-Identifier: Apache-2.0
"""What every command keeps: its overview, its exit codes, its languages, and its discretion."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.desk_top import AMINA, NUMBER, Countries, typed

from comity.cli import main as program
from comity.cli.commands import SECTIONS
from comity.cli.main import comity, main, now
from comity.cli.output import Output
from comity.errors import Damaged

ROOT = Path(__file__).parents[2]
HEAVY = ("sqlalchemy", "flask", "cheroot", "cryptography", "urllib3", "yaml", "msgspec")
OFFICERS = SECTIONS[0].commands
PLAIN = {"LC_ALL": "C", "TZ": "UTC"}


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


def test_the_overview_says_of_each_command_what_its_own_help_says() -> None:
    context = click.Context(comity)

    for section in SECTIONS:
        for each in section.commands:
            found = comity.get_command(context, each.name)
            assert found is not None
            assert (found.help or "").split("\n")[0] == each.line


def test_the_overview_loads_no_service() -> None:
    code = (
        "import sys\n"
        "from comity.cli.main import main\n"
        "main(['--help'])\n"
        f"sys.exit(','.join(each for each in {HEAVY!r} if each in sys.modules) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


def test_every_command_speaks_to_programs_and_can_be_told_its_home() -> None:
    lacking = [
        words
        for words, command in commands(comity)
        if not {"json", "home", "lang"} <= {each.name for each in command.params}
    ]

    assert lacking == []


def test_the_shared_options_may_stand_before_the_command(countries: Countries) -> None:
    elsewhere = {"COMITY_HOME": "/nowhere", "COMITY_PASSPHRASE": "practice", **PLAIN}

    done = typed(
        ["--home", str(countries.ke.home), "--json", "inbox", "--as", AMINA],
        elsewhere,
        b"",
        countries.ke.capture,
    )

    assert done.code == 0
    assert done.told["items"] == []


@pytest.mark.parametrize(
    ("words", "code", "cause"),
    [
        (["inbox"], 2, "usage"),
        (["inbox", "--as", "Nobody"], 4, "unavailable.locked.passphrase"),
        (["show", "KV-0000", "--as", AMINA], 2, "usage.thread-unknown"),
        (["show", "zzzzzz", "--as", AMINA], 2, "usage.thread-unknown"),
        (["roster", "Atlantis"], 2, "usage.agency-unknown"),
        (["kinds", "gossip"], 2, "usage.kind-unknown"),
        (["agency", "add", "--agency", "Customs, Mombasa", "--country", "KE"], 2, "usage.agency-exists"),
        (["node", "create", "--agency", "X", "--country", "KE", "--practice"], 2, "usage.exists"),
        (["ledger", "check", "/nowhere"], 2, "usage.file-missing"),
        (["ledger", "check", "/"], 2, "usage.file-folder"),
        (["by-hand", "/", "--as", AMINA], 2, "usage.file-folder"),
        (["ledger", "check", __file__], 3, "untrusted.malformed"),
        (["peer", "check", "VN", "--digits", "1" * 40, "--by", "A"], 3, "untrusted.fingerprint"),
        (["sync"], 4, "unavailable.unreachable"),
    ],
)  # fmt: skip
def test_an_error_is_told_by_code_and_sentence_and_exit(
    countries: Countries, words: list[str], code: int, cause: str
) -> None:
    done = countries.ke.type(*words, "--json")

    assert done.code == code, done.err
    assert done.told["ok"] is False
    assert done.told["code"].startswith(cause)
    assert {"id", "thread", "stage", "next"} <= done.told.keys()


def test_what_the_rules_refuse_is_told_by_its_reason(countries: Countries) -> None:
    other = countries.ke.type(
        *("ask", "--as", AMINA, "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        *("--urgency", "urgent"),
        stdin=NUMBER.encode(),
    )

    assert other.code == 1
    assert "An urgent question needs the reason why it is urgent." in other.err
    assert "[refused.needs-reason.urgency]" in other.err


def test_a_home_that_was_changed_is_not_verified_and_the_place_is_named(
    countries: Countries,
) -> None:
    countries.ask()
    sound = countries.ke.type("verify")
    database = countries.ke.home / "comity.db"
    with __import__("sqlite3").connect(database) as connection:
        connection.execute("DROP TRIGGER IF EXISTS envelopes_no_update")
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'envelopes'"
        )
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE envelopes SET sealed = zeroblob(length(sealed))")

    told = countries.ke.type("verify", "--json")
    said = countries.ke.type("verify")

    assert sound.code == 0, sound.out
    assert "as it was written" in sound.out
    assert (told.code, said.code) == (3, 3)
    assert told.told["code"] == "untrusted.home"
    assert told.told["items"][0]["table"] == "envelopes"
    assert "envelopes" in said.out
    assert "[untrusted.home]" in said.out


def test_errors_and_stages_are_said_in_the_callers_language(countries: Countries) -> None:
    french = countries.ke.type("--lang", "fr", "show", "zzzzzz", "--as", AMINA)
    plain = countries.ke.type("kinds", "--lang", "fr-BE")
    by_system = typed(["kinds"], {"LC_ALL": "fr_FR.UTF-8"}, b"", countries.ke.capture)

    assert "[usage.thread-unknown]" in french.err
    assert "téléphone" in plain.out
    assert by_system.out == plain.out


def test_a_mistake_of_our_own_tells_its_place_and_nothing_of_what_was_held(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMITY_DEBUG", raising=False)

    @click.command()
    def slip() -> None:
        raise ValueError(NUMBER)

    monkeypatch.setitem(comity.__dict__, "get_command", lambda _context, _name: slip)
    with pytest.raises(SystemExit) as ended:
        main(["slip"])

    told = capfd.readouterr().err
    assert ended.value.code == 4
    assert "ValueError, test_frame.py:" in told
    assert NUMBER not in told


def test_a_reader_who_leaves_early_is_not_an_error(countries: Countries) -> None:
    command = f"{sys.executable} -c 'from comity.cli.main import main; main()' kinds phone"

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | true"],
        capture_output=True,
        check=False,
        env={**os.environ, "COMITY_HOME": str(countries.ke.home)},
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_disk_that_cannot_be_written_is_told(countries: Countries) -> None:
    done = countries.ke.type("peer", "invite", "-o", "/nowhere/invitation")

    assert done.code == 4
    assert "[unavailable.disk]" in done.err


def test_no_home_named_is_told_before_anything_is_asked(capfd: pytest.CaptureFixture[str]) -> None:
    done = typed(["inbox", "--as", AMINA], PLAIN, b"", capfd)

    assert done.code == 2
    assert "[usage.home]" in done.err


def test_an_interrupted_command_ends_as_shells_expect(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def slow() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(comity.__dict__, "get_command", lambda _context, _name: slow)
    done = typed(["slow"], PLAIN, b"", capfd)

    assert done.code == program.INTERRUPTED


def test_help_for_officers_has_none_of_our_own_words() -> None:
    table = (ROOT / "docs" / "glossary.md").read_text()
    never = re.findall(r"^\| ([^|]+) \|[^|]*\| never", table, re.MULTILINE)
    assert "docket" in never

    said = {
        f"{each.name}: {word}"
        for each in OFFICERS
        for word in never
        if re.search(rf"\b{word}s?\b", _help(each.name), re.IGNORECASE)
    }

    assert said == set()


def test_what_officers_are_shown_has_none_of_our_own_words(countries: Countries) -> None:
    table = (ROOT / "docs" / "glossary.md").read_text()
    never = re.findall(r"^\| ([^|]+) \|[^|]*\| never", table, re.MULTILINE)
    short = countries.ask()
    countries.exchange()

    shown = "".join(
        each.out
        for each in (
            countries.ke.act("inbox"),
            countries.vn.act("show", short),
            countries.vn.act("take", short),
            countries.vn.act("ask-back", short, "--reason", "period"),
            countries.ke.act("show", short),
        )
    )

    assert [w for w in never if re.search(rf"\b{w}s?\b", shown, re.IGNORECASE)] == []


def test_what_a_peer_wrote_moves_no_cursor_and_turns_no_text(
    capfd: pytest.CaptureFixture[str],
) -> None:
    out = Output("en", as_json=False, clock=now)
    written = "\x1b[2J\u202eplain\x07\r\u2028 [b]w[/b] :smile:\t"

    out.line(written)
    out.block(written)
    out.pairs([(written, written)])
    out.table([""], [[written]])
    out.warn("{text}", text=written)

    told = "".join(capfd.readouterr())
    assert told.count("[2Jplain [b]w[/b] :smile:") == 6
    assert not {"\x1b", "\u202e", "\u2028", "\x07", "\r", "\t"} & set(told)


def test_nothing_that_was_typed_stands_in_an_error(countries: Countries) -> None:
    done = countries.ke.act(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        stdin=b"not a number, but a secret",
    )

    assert done.code == 2
    assert "[usage.identifier.phone]" in done.err
    assert "secret" not in done.err + done.out


def test_a_damaged_home_says_what_to_run(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text("what is this")

    done = typed(["home", "--home", str(tmp_path)], PLAIN, b"", capfd)

    assert done.code == Damaged.exit
    assert "comity verify" in done.err


def test_json_is_one_line_of_ascii(countries: Countries) -> None:
    done = countries.ke.type("kinds", "phone", "--json", "--lang", "vi")

    assert done.out.isascii()
    assert json.loads(done.out)["id"] == "phone"


def _help(name: str) -> str:
    context = click.Context(comity, info_name="comity", **comity.context_settings)
    found = comity.get_command(context, name)
    assert found is not None
    return found.get_help(click.Context(found, info_name=name, parent=context))
