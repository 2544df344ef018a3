# SPDX-License-Identifier: Apache-2.0
"""``comity carry`` on the command line: one file out, one in, and clear words for a bad one."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, MINH, NUMBER, Countries, Typist, admit, settle


def carried(countries: Countries) -> tuple[Path, Path]:
    """Carry what waits in Mombasa to Hai Phong; return the file, and the one that answers it."""
    stick, back = countries.folder / "for-vn.comity", countries.folder / "for-ke.comity"
    assert countries.ke.type("carry", "out", "--to", "VN", stick).code == 0
    assert countries.vn.type("carry", "in", stick, "--answer", back).code == 0
    return stick, back


def test_a_question_and_its_answer_cross_by_stick_alone(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    short = countries.ask()
    _, back = carried(countries)
    vn.act("answer", short, "--outcome", "nothing-known")

    taken = ke.type("carry", "in", back)
    answer = countries.folder / "answer.comity"
    written = vn.type("carry", "out", "--to", "KE", answer)
    ke.type("carry", "in", answer)

    assert "New receipts" in taken.out
    assert "Customs, Mombasa" in written.out
    assert short in vn.act("inbox").out or short in ke.act("inbox").out
    assert ke.act_json("show", short)["stage"] == "answered"


def test_the_file_shows_who_and_when_and_is_for_its_owner_alone(countries: Countries) -> None:
    countries.ask()
    stick, _ = carried(countries)
    data = stick.read_bytes()

    cover = json.loads(data[19 : 19 + int.from_bytes(data[15:19], "big")])

    assert set(cover) == {"at", "from_node", "id", "to_node"}
    assert stick.stat().st_mode & 0o777 == 0o600
    assert NUMBER.encode() not in data
    assert b"ivory" not in data
    assert sorted(each.name for each in countries.folder.iterdir() if "part" in each.name) == []


def test_a_file_that_is_there_is_written_over_only_when_that_is_said(countries: Countries) -> None:
    countries.ask()
    stick = countries.folder / "stick"
    stick.write_bytes(b"a letter")

    refused = countries.ke.type("carry", "out", "--to", "VN", stick)
    left = stick.read_bytes()
    forced = countries.ke.type("carry", "out", "--to", "VN", stick, "--force")

    assert (refused.code, left) == (2, b"a letter")
    assert "[usage.file-there]" in refused.err
    assert forced.code == 0
    assert stick.read_bytes().startswith(b"comity-carry/1\n")


def test_it_goes_through_a_pipe_in_both_directions(countries: Countries) -> None:
    short = countries.ask()
    pipe = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(pipe))
        countries.ke.type("carry", "out", "--to", "VN", "-")
        written = pipe.getvalue()

    came = countries.vn.type("carry", "in", "-", stdin=written)

    assert came.code == 0, came.err
    assert short in countries.vn.act("inbox").out


def test_a_cut_file_is_said_to_be_cut_and_what_came_of_it_counts(countries: Countries) -> None:
    countries.ask()
    stick, _ = carried(countries)
    stick.write_bytes(stick.read_bytes()[:-10])

    people = countries.vn.type("carry", "in", stick)
    programs = countries.vn.type("carry", "in", stick, "--json")

    assert people.code == programs.code == 3
    assert "cut short" in people.err
    assert programs.told["code"] == "untrusted.malformed.carry-cut"
    assert (programs.told["ok"], programs.told["before"]) == (False, 1)


def test_what_is_no_such_file_or_is_for_another_server_is_refused(countries: Countries) -> None:
    countries.ask()
    stick, back = carried(countries)
    letter = countries.folder / "letter.txt"
    letter.write_text("Dear colleague")

    foreign = countries.vn.type("carry", "in", letter)
    own = countries.ke.type("carry", "in", stick)
    missing = countries.ke.type("carry", "in", countries.folder / "nothing")
    unknown = countries.ke.type("carry", "out", "--to", "FR", countries.folder / "fr")

    assert "[untrusted.malformed.carry]" in foreign.err
    assert "[untrusted.not-for-us.carry]" in own.err
    assert "[usage.file-missing]" in missing.err
    assert "[usage.agency-unknown]" in unknown.err
    assert back.exists()


def test_where_nothing_waits_no_file_is_left(countries: Countries) -> None:
    told = countries.ke.type("carry", "out", "--to", "VN", countries.folder / "stick")

    assert told.code == 0
    assert "Nothing waits" in told.out
    assert not (countries.folder / "stick").exists()


@pytest.mark.slow
def test_two_servers_without_any_address_ask_and_answer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for each in ("ke", "vn"):
        settle(tmp_path / each, each.upper(), 0)
    admit(tmp_path / "ke", tmp_path / "vn", "VN")
    admit(tmp_path / "vn", tmp_path / "ke", "KE")
    capfd.readouterr()
    countries = Countries(
        ke=Typist(tmp_path / "ke", AMINA, capfd),
        vn=Typist(tmp_path / "vn", MINH, capfd),
        ports={},
        folder=tmp_path,
    )
    short = countries.ask()
    _, back = carried(countries)
    countries.ke.type("carry", "in", back)
    countries.vn.act("answer", short, "--outcome", "nothing-known")
    countries.vn.type("carry", "out", "--to", "KE", tmp_path / "answer")

    came = countries.ke.json("carry", "in", tmp_path / "answer")

    assert came["messages"] == 1
    assert countries.ke.act_json("show", short)["stage"] == "answered"
    assert countries.ke.type("sync").code == 0
