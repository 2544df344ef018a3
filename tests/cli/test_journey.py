# SPDX-License-Identifier: Apache-2.0
"""A question from Mombasa to Hai Phong and back, typed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.desk_top import (
    JOSEPH,
    LAN,
    MINH,
    NUMBER,
    WANJIRU,
    Countries,
    sealed_for_abroad,
)


def test_a_question_is_asked_asked_back_and_answered(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn

    short = countries.ask()
    countries.exchange()
    waiting = vn.act_json("inbox")["items"]
    taken = vn.act_json("take", short)
    back = vn.act_json("ask-back", short, "--reason", "period", "--field", "period")
    countries.exchange()
    supplied = ke.act_json("answer", short, "--outcome", "information", "--text", "1-20 November")
    countries.exchange()
    answered = vn.act_json(
        *("answer", short, "--outcome", "partly", "--set", "registered_name=-"),
        *("--onward", "no", "--court", "no"),
        stdin=b"Minh Long Timber",
    )
    countries.exchange()
    read = ke.act("show", short)

    assert [(each["short"], each["stage"], each["waits"]) for each in waiting] == [
        (short, "asked", True)
    ]
    assert "hand-over" in taken["next"]
    assert (back["stage"], supplied["stage"], answered["stage"]) == (
        "asked-back",
        "supplied",
        "answered",
    )
    assert read.code == 0
    for told in (
        NUMBER,
        "Minh Long Timber",
        "Here is part of it [partly]",
        "delivered, with proof",
    ):
        assert told in read.out


def test_files_come_to_the_byte_and_over_nothing_that_is_there(countries: Countries) -> None:
    photo, place = countries.folder / "seal.jpg", countries.folder / "saved"
    photo.write_bytes(bytes(range(256)) * 500)
    place.mkdir()
    (place / "seal.jpg").write_text("mine")

    short = countries.ask("--attach", photo)
    countries.exchange()
    told = countries.vn.act_json("show", short, "--save", place)

    assert [Path(each).name for each in told["saved"]] == ["seal-2.jpg"]
    assert (place / "seal-2.jpg").read_bytes() == photo.read_bytes()
    assert (place / "seal-2.jpg").stat().st_mode & 0o777 == 0o600
    assert (place / "seal.jpg").read_text() == "mine"
    assert "seed" not in str(told)


def test_one_file_can_be_written_to_standard_output_alone(countries: Countries) -> None:
    (countries.folder / "list.txt").write_text("nine sacks\n")
    short = countries.ask("--attach", countries.folder / "list.txt")
    countries.exchange()

    first = countries.vn.act("show", short, "--file", "1")
    second = countries.vn.act("show", short, "--file", "2")

    assert (first.code, first.out) == (0, "nine sacks\n")
    assert (second.code, second.out) == (2, "")


def test_an_oversight_desk_reads_what_its_own_side_replied_and_no_more(
    countries: Countries,
) -> None:
    short = countries.ask()
    countries.exchange()
    vn, lan = countries.vn, countries.vn.sits(LAN)
    said = vn.act_json("answer", short, "--outcome", "nothing-known", "--text", "Not in our lists.")

    told, shown = lan.act_json("show", said["thread"]), lan.act("show", said["thread"])

    assert "Not in our lists." in str(told["items"])
    assert "Not in our lists." in shown.out
    assert "312 kg" not in str(told) + shown.out


def test_what_is_told_without_being_asked_needs_no_answer(countries: Countries) -> None:
    told = countries.ke.act_json(
        *("tell", "--to", "VN/Anti-smuggling desk", "--kind", "container", "--ref", "CUS/45"),
        *("--facts", "-", "--condition", "not before the raid"),
        stdin=b"Two more containers of the same shipper",
    )
    countries.exchange()
    shown = countries.vn.act("show", told["short"])

    assert told["stage"] == "told"
    assert "Two more containers" in shown.out
    assert "not before the raid" in shown.out


def test_a_thread_is_taken_handed_over_and_taken_anyway(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    vn = countries.vn
    vn.type("officer", "add", "--name", "Pham Hoa")
    joined = vn.act("desk", "change", "--desk", "Anti-smuggling desk", "--join", "Pham Hoa")
    taken = vn.act("take", short)
    again = vn.act("take", short)
    handed = vn.act("hand-over", short, "--to", "Anti-smuggling desk", "--remark", "back at 8")

    assert (joined.code, taken.code, again.code, handed.code) == (0, 0, 1, 0), handed.err
    assert "refused.too-late.taken-already" in again.err


def test_a_held_question_leaves_when_the_oversight_desk_has_signed(countries: Countries) -> None:
    ke, overseer = countries.ke, countries.ke.sits(WANJIRU)
    ke.json("oversight", "set", "--mode", "countersign", "--kind", "phone")

    short = countries.ask()
    countries.exchange()
    before = countries.vn.act_json("inbox")["items"]
    own = ke.act("countersign", short, "--approve")
    silent = overseer.act("countersign", short, "--refuse")
    signed = overseer.act_json("countersign", short, "--approve")
    countries.exchange()
    after = countries.vn.act_json("inbox")["items"]

    assert before == []
    assert (own.code, silent.code) == (1, 1)
    assert "refused.needs-reason" in silent.err
    assert signed["stage"] == "asked"
    assert [each["short"] for each in after] == [short]


def test_a_held_question_can_be_stopped_and_the_other_side_sees_nothing(
    countries: Countries,
) -> None:
    countries.ke.json("oversight", "set", "--mode", "countersign")

    short = countries.ask()
    colleague = countries.ke.sits(JOSEPH).act("stop", short)
    stopped = countries.ke.act_json("stop", short)
    countries.exchange()

    assert colleague.code in (1, 2)
    assert stopped["stage"] == "stopped"
    assert countries.vn.act_json("inbox")["items"] == []


def test_who_will_see_it_is_shown_and_nothing_is_sent(countries: Countries) -> None:
    shown = countries.ke.act(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-", "--dry-run"),
        stdin=NUMBER.encode(),
    )
    inbox = countries.ke.act_json("inbox")

    assert shown.code == 0, shown.err
    for told in ("Anti-smuggling desk", "Oversight", "is addressed", "disclosed to the defence"):
        assert told in shown.out
    assert NUMBER not in shown.out
    assert inbox["items"] == []


def test_proof_leaves_the_house_and_is_checked_without_any(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    thread = countries.ke.act_json("show", short)["thread"]
    proof = countries.folder / "proof.json"

    made = countries.ke.type("ledger", "prove", thread, "-o", proof)
    countries.ke.home.rename(countries.folder / "gone")
    held = countries.ke.type("ledger", "check", proof)
    told = json.loads(proof.read_bytes())
    told["dockets"][0]["salt"] = told["dockets"][0]["salt"].swapcase()
    proof.write_text(json.dumps(told, separators=(",", ":"), sort_keys=True) + "\n")
    forged = countries.ke.type("ledger", "check", proof)

    assert (made.code, held.code) == (0, 0), held.err
    assert "Customs, Hai Phong" in held.out
    assert forged.code == 3
    assert "untrusted." in forged.err


def test_before_anything_leaves_its_readers_can_be_shown(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    vn = countries.vn

    told = countries.ke.act_json(
        *("tell", "--to", "VN", "--kind", "container", "--ref", "1", "--facts", "x", "--dry-run")
    )
    acknowledged = vn.act_json("acknowledge", short, "--dry-run")
    asked_back = vn.act_json("ask-back", short, "--reason", "period", "--dry-run")
    answered = vn.act_json("answer", short, "--outcome", "nothing-known", "--dry-run")

    for shown in (told, acknowledged, asked_back, answered):
        assert {each["why"] for each in shown["items"]} >= {"author", "addressed"}
    assert [each["stage"] for each in vn.act_json("inbox")["items"]] == ["asked"]


def test_what_its_sender_should_know_first_is_said(countries: Countries) -> None:
    countries.vn.json(
        *("desk", "add", "--name", "Night desk", "--member", MINH, "--language", "vi"),
        *("--urgent-telephone", "-", "--hours", "mon 08:00-08:01"),
        stdin=b"+84 225 000 0000",
    )
    countries.exchange()
    ask = ("ask", "--to", "VN/Night desk", "--kind", "phone", "--ref", "1", "--set", "number=-")
    urgent = ("--urgency", "urgent", "--urgency-reason", "the ship sails", "--dry-run")

    countries.ke.json("oversight", "set", "--mode", "copy", "--to", "Bureau")
    owed = countries.ke.act(*ask, *urgent, stdin=NUMBER.encode())
    countries.ke.json("oversight", "set", "--mode", "countersign")
    held = countries.ke.act(*ask, *urgent, stdin=NUMBER.encode())

    assert "+84 225 000 0000" in owed.out
    assert "Somebody is there in" in owed.out
    assert "owed on paper: Bureau" in owed.out
    assert "They read Vietnamese" in owed.err
    assert "until the oversight desk has signed" in held.out


def test_an_acknowledged_thread_says_when_an_answer_may_come_and_who_has_it(
    countries: Countries,
) -> None:
    short = countries.ask("--urgency", "urgent", "--urgency-reason", "the ship sails tonight")
    countries.exchange()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    vn = countries.vn
    vn.act("acknowledge", short, "--expect", tomorrow, "--remark", "we look")
    vn.act("take", short)
    countries.exchange()

    asker, asked = countries.ke.act("show", short), vn.act("show", short)

    assert "An answer may come in 23 h" in asker.out
    assert "the ship sails tonight" in asker.out
    assert "officer 1 has it, since" in asked.out
    assert "Answer: due in 7 h" in asked.out


def test_a_refusal_says_what_can_still_be_done(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    refused = ("--outcome", "refused", "--ground", "not-competent", "--competent", "Border Guard")
    countries.vn.act("answer", short, *refused)
    countries.exchange()

    shown = countries.ke.act("show", short)

    assert "We refuse [refused]" in shown.out
    assert "Border Guard" in shown.out
    assert "What you can do" in shown.out


def test_who_sees_only_a_part_is_told_that_there_is_more(countries: Countries) -> None:
    countries.ke.json("oversight", "set", "--mode", "direct")
    short = countries.ask()
    countries.ke.json("oversight", "set", "--mode", "copy")
    countries.exchange()
    countries.vn.act("ask-back", short, "--reason", "period")
    countries.exchange()
    countries.ke.act("answer", short, "--outcome", "information", "--text", "1-20 November")
    overseer = countries.ke.sits(WANJIRU)
    thread = overseer.act_json("inbox")["items"][0]["thread"]

    shown = overseer.act("show", thread)

    assert shown.code == 0, shown.err
    assert "Something here is not sealed to you" in shown.out


def test_an_office_without_a_server_is_owed_its_copy_until_it_was_handed_in(
    countries: Countries,
) -> None:
    ke = countries.ke
    ke.json("oversight", "set", "--mode", "copy", "--to", "National bureau")

    countries.ask()
    owed = ke.act_json("owed")["items"]
    told = ke.act_json("inbox")
    reminded = ke.act("inbox")
    handed = ke.act_json("owed", "--handed-in", owed[0]["id"])
    after = ke.act("owed")
    done = ke.act_json("inbox")
    again = ke.act("owed", "--handed-in", owed[0]["id"])

    assert [each["office"] for each in owed] == ["National bureau"]
    assert "1 copy is owed on paper" in reminded.err
    assert "On paper, owed since" in reminded.err
    assert (told["owed_since"], done["owed_since"]) == (owed[0]["since"], "")
    assert handed["handed_in"] == 1
    assert "Nothing is owed" in after.out
    assert (again.code, "[usage.nothing-owed]" in again.err) == (2, True)


def test_what_came_on_a_stick_is_private_until_it_comes_through_the_agency(
    countries: Countries,
) -> None:
    short = countries.ask()
    stick = countries.folder / "message.age"
    stick.write_bytes(sealed_for_abroad(countries))

    private = countries.vn.act("by-hand", stick)
    told = countries.vn.act_json("by-hand", stick)
    countries.exchange()
    known = countries.vn.act_json("by-hand", stick)
    stick.write_bytes(stick.read_bytes()[:-1])
    cut = countries.vn.act("by-hand", stick)

    assert "Private, not from the agency" in private.err
    assert NUMBER in private.out
    assert (told["private"], known["private"]) == (True, False)
    assert told["body"]["short"] == short
    assert cut.code == 3


def test_what_is_erased_by_law_is_gone_and_the_record_is_sound(countries: Countries) -> None:
    countries.ask()
    leaves = countries.ke.json("ledger", "show")["items"]
    asked = next(each["index"] for each in leaves if each["stage"] == "asked")

    erased = countries.ke.json("ledger", "erase", str(asked), "--ground", "order 4/26")
    shown = countries.ke.json("ledger", "show", "--from", str(asked), "--limit", "1")["items"]
    sound = countries.ke.json("verify")
    nowhere = countries.ke.type("ledger", "erase", "9999", "--ground", "order 4/26")

    assert erased["items"] == [asked]
    assert [each["digest"] for each in shown] == [""]
    assert (sound["ok"], sound["logs"][0]["erased"]) == (True, 1)
    assert nowhere.code == 2
