# SPDX-License-Identifier: Apache-2.0
"""Taking back from the command line: what officers type, and what both sides are shown."""

from typing import Any

from tests.cli.desk_top import Countries, Typist
from tests.cli.test_json import compare


def recalled(countries: Countries, *how: str) -> str:
    """Let Kenya ask and take it back; return the thread as Viet Nam finds it."""
    short = countries.ask()
    countries.exchange()
    thread = str(countries.ke.act_json("show", short)["thread"])
    countries.ke.act_json("recall", short, *how)
    countries.exchange()
    return thread


def held(typist: Typist, thread: str) -> list[str]:
    items: list[dict[str, Any]] = typist.act_json("recall", thread, "--tally")["items"]
    return [each["held"] for item in items for each in item["tally"]]


def test_a_question_is_taken_back_and_the_tally_says_who_deleted_it(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    thread = recalled(countries, "--text", "The number was misread.")

    assert held(ke, thread) == ["removed"]
    theirs = vn.act("show", thread).out
    assert "taken back by its author" in theirs
    assert "asks to delete it" in theirs
    assert "The number was misread." in theirs
    shown = ke.act("show", thread).out
    assert "What those who have it answered" in shown
    assert "deleted [removed]" in shown
    assert "backups hold it until" in " ".join(shown.split())
    assert "Deleted here, as its author asked: asked" in theirs
    assert "not sealed to you" not in theirs
    compare("recall-tally", ke.act_json("recall", thread, "--tally"))
    compare("show-recalled", vn.act_json("show", thread))
    short = ke.act_json("show", thread)["short"]
    assert "taken back by its author" in vn.act("show", short).out
    assert "+84901234567" not in theirs
    assert ke.json("verify")["ok"]
    assert vn.json("verify")["ok"]


def test_a_correction_stands_above_everything_else(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    short = countries.ask()
    countries.exchange()

    corrected = ke.act_json("correct", short, "--wrong-person")
    countries.exchange()

    compare("correct", corrected)
    assert vn.act("show", short).out.startswith("WRONG PERSON: ")
    assert vn.act_json("show", short)["taken_back"][0]["correction"] == "wrong-person"
    assert "[usage.correction-missing]" in ke.act("correct", short).err


def test_a_question_is_withdrawn_and_no_answer_is_due(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()

    withdrawn = countries.ke.act_json("withdraw", short)
    countries.exchange()

    compare("withdraw", withdrawn)
    theirs = countries.vn.act_json("show", short)
    assert (theirs["stage"], theirs["due"], theirs["next"]) == ("withdrawn", "", [])
    assert "no answer is wanted" in countries.vn.act("show", short).out


def test_less_may_be_done_with_what_is_narrowed(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()

    narrowed = countries.ke.act_json("narrow", short, "--court", "no", "--onward", "no")
    countries.exchange()

    compare("narrow", narrowed)
    only = ("--only", "VN/Anti-smuggling desk", "--court", "no", "--onward", "no")
    countries.ke.act_json("narrow", short, *only)
    countries.exchange()
    assert countries.vn.act_json("show", short)["items"][0]["effect"] == "applied"
    tally = " ".join(countries.ke.act("recall", short, "--tally").out.split())
    assert "they have the correction" not in tally


def test_who_is_asked_first_is_asked_and_keeps_or_deletes(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    compare("retention-set", vn.json("retention", "set", "--recalls", "ask", "--backups", "7"))
    thread = recalled(countries)
    assert held(ke, thread) == ["pending"]

    compare("recall-pending", vn.act_json("recall", "--pending"))
    assert thread[:8] in vn.act("recall", "--pending").out
    assert vn.act("recall", "keep", thread).code == 2
    compare("recall-keep", vn.act_json("recall", "keep", thread, "--ground", "evidence"))
    countries.exchange()
    assert held(ke, thread) == ["kept"]
    compare("recall-remove", vn.act_json("recall", "remove", thread))
    countries.exchange()

    assert held(ke, thread) == ["removed"]
    assert "Nobody waits" in vn.act("recall", "--pending").out


def test_of_several_messages_one_is_named(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    short = countries.ask()
    countries.exchange()
    vn.act_json("ask-back", short, "--reason", "period")
    countries.exchange()
    ke.act_json("answer", short, "--outcome", "information", "--text", "1-20 November")
    countries.exchange()

    assert ke.act("recall", short).code == 2
    listed = ke.act_json("recall", short, "--list")
    compare("recall-list", listed)
    assert listed["items"][1]["act"][:8] in ke.act("recall", short, "--list").out
    assert ke.act("recall", short, "--act", "zzzzzz").code == 2
    compare("recall", ke.act_json("recall", short, "--act", listed["items"][1]["act"][:8]))
    countries.exchange()

    assert vn.act_json("show", short)["stage"] == "asked-back"
    ke.act_json("recall", short, "--all", "--here-too")
    assert "[usage.nothing-to-take-back]" in ke.act("recall", short).err
    assert ke.act("recall").code == 2


def test_rules_of_keeping_are_set_and_shown(countries: Countries) -> None:
    ke = countries.ke
    assert "No rule is set" in ke.type("retention", "show").out
    assert ke.type("retention", "set").code == 2

    ke.json("retention", "set", "--stage", "answered", "--days", "1825")
    ke.json("retention", "set", "--days", "30")
    told = ke.type("retention", "show").out

    assert "1825" in told
    compare("retention-show", ke.json("retention", "show"))
    assert ke.type("retention", "set", "--kind", "nothing", "--days", "9").code == 2
    ke.json("retention", "set", "--kind", "person", "--days", "365")
    of_kind = ke.json("retention", "set", "--kind", "person", "--drop")
    assert "person" not in {each["kind"] for each in of_kind["items"]}
    dropped = ke.json("retention", "set", "--stage", "answered", "--drop")
    assert [each["days"] for each in dropped["items"]] == [30]
    assert ke.type("retention", "set", "--days", "99999").code == 2


def test_who_will_be_told_is_shown_first_and_nothing_is_sent(countries: Countries) -> None:
    ke, short = countries.ke, countries.ask()
    countries.exchange()
    before = ke.act_json("show", short)

    dry = ke.act_json("recall", short, "--dry-run")
    others = [
        ke.act("correct", short, "--cleared", "--dry-run"),
        ke.act("narrow", short, "--see", "named", "--dry-run"),
        ke.act("withdraw", short, "--dry-run"),
    ]

    compare("recall-dry-run", dry)
    for each in others:
        assert each.code == 0, each.err
        assert "Who will see this" in each.out
        assert "Anti-smuggling desk" in each.out
        assert "Nothing was sent." in each.out
    assert ke.act_json("show", short) == before
    assert "[usage.correction-missing]" in ke.act("correct", short, "--dry-run").err
