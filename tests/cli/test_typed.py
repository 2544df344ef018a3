# SPDX-License-Identifier: Apache-2.0
"""Typed for a colleague, at the command line: he says whether it is his, and nobody else may."""

from tests.cli.desk_top import AMINA, JOSEPH, Countries


def test_a_colleague_says_whether_he_dictated_what_was_typed_for_him(countries: Countries) -> None:
    amina, joseph = countries.ke, countries.ke.sits(JOSEPH)

    short = countries.ask("--typed-for", JOSEPH)
    [waits] = joseph.act_json("typed", "list")["items"]
    stranger = amina.act("typed", "confirm", waits["id"])
    done = joseph.act("typed", "confirm", waits["id"])
    again = joseph.act("typed", "deny", waits["id"])

    assert stranger.code != 0
    assert done.code == 0, done.err
    assert again.code != 0
    assert short
    assert joseph.act_json("typed", "list")["items"] == []
    assert joseph.act("typed", "list").out


def test_what_was_told_and_answered_may_be_dictated_and_denied(countries: Countries) -> None:
    amina, joseph = countries.ke, countries.ke.sits(JOSEPH)
    told = ("tell", "--to", "VN/Anti-smuggling desk", "--kind", "phone", "--ref", "1")

    own = amina.act(*told, "--facts", "A container.", "--typed-for", AMINA)
    done = amina.act_json(*told, "--facts", "A container.", "--typed-for", JOSEPH)
    shown = joseph.act("typed", "list")
    denied = joseph.act_json("typed", "deny", done["id"], "--text", "-", stdin=b"Not my words.")

    assert own.code != 0
    assert done["id"] in shown.out
    assert denied["id"] == done["id"]


def test_an_answer_may_be_dictated_only_by_somebody_else_who_reads_it(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    vn = countries.vn
    answer = ("answer", short, "--outcome", "nothing-known")

    own = vn.act(*answer, "--typed-for", vn.who)
    shown = vn.act(*answer, "--dry-run")
    sent = vn.act(*answer)

    assert own.code != 0
    assert (shown.code, sent.code) == (0, 0)
