# SPDX-License-Identifier: Apache-2.0
"""Recovery and closing, typed: shares are never arguments, and closing asks for one word."""

import json
import os
import signal
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, JOSEPH, MINH, WANJIRU, Countries, Typist
from tests.cli.test_serve import serving

from comity.crypto.age import HybridIdentity, decrypt
from comity.wire.recovery import read_share

DECIDED = ("--decided-by", "A. Mwangi", "--decided-by", "B. Otieno")


class Kept:
    """Kenya's holders: two at home, Minh in Viet Nam, a judge with a key of age."""

    def __init__(self, countries: Countries) -> None:
        self.ke, self.vn, self.folder = countries.ke, countries.vn, countries.folder
        self.judge = HybridIdentity.generate()
        line = self.folder / "judge.txt"
        line.write_text(f"The judge={self.judge.recipient}\n")
        who = ("--holder", AMINA, "--holder", WANJIRU, "--holder", "VN/officer 1")
        told = self.ke.json(
            *("recover", "split", "--threshold", "3", *who, "--holder", f"@{line}"),
            *(*DECIDED, "-o", self.folder / "kept"),
        )
        self.sealed = {each["holder"]: Path(each["path"]) for each in told["items"]}

    def brought(self, *, rehearsal: bool = False) -> tuple[str | Path, ...]:
        """Let three holders open theirs, each at his own server, and return the options."""
        more = ("--rehearsal",) if rehearsal else ()
        words: list[str | Path] = []
        for number, (desk, who) in enumerate(((self.ke.sits(WANJIRU), WANJIRU), (self.vn, "VN"))):
            source = self.sealed["VN/officer 1" if who == "VN" else who]
            opened = self.folder / f"opened-{rehearsal}-{number}.txt"
            desk.act_json("recover", "share", source, "-o", opened, *more)
            words += ["--share", opened]
        whole = self.folder / "whole.txt"
        whole.write_bytes(self.whole())
        return (*words, "--share", whole)

    def whole(self) -> bytes:
        return decrypt(self.sealed["The judge"].read_bytes(), [self.judge])

    def typed(self) -> list[str]:
        """Return what three holders would type at a prompt."""
        home = [self.ke.sits(each) for each in (AMINA, WANJIRU)]
        opened = [
            desk.act_json("recover", "share", self.sealed[desk.who])["words"] for desk in home
        ]
        return [*opened, read_share(self.whole()).words]


@pytest.fixture
def kept(countries: Countries) -> Kept:
    made = Kept(countries)
    for each in (AMINA, JOSEPH, WANJIRU):
        made.ke.sits(each).act_json("inbox")
    return made


def signed_in(desk: Typist, who: str, passphrase: str) -> bool:
    return desk.type("inbox", "--as", who, passphrase=passphrase).code == 0


def test_a_lost_passphrase_with_shares_from_files(kept: Kept) -> None:
    kept.ke.environment["COMITY_NEW_PASSPHRASE"] = "other words"

    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, *kept.brought())

    assert done.code == 0, done.err
    assert "signs with a new key" in done.out
    assert signed_in(kept.ke, JOSEPH, "other words")
    assert not signed_in(kept.ke, JOSEPH, "practice")


def test_shares_may_be_typed_unseen_at_a_prompt(kept: Kept) -> None:
    kept.ke.environment["COMITY_NEW_PASSPHRASE"] = "other words"

    done = kept.ke.at_terminal("recover", "join", JOSEPH, *DECIDED, answers=kept.typed())

    assert done.code == 0, done.err
    assert signed_in(kept.ke, JOSEPH, "other words")
    assert not any(each.split()[7] in done.out + done.err for each in kept.typed())


def test_shares_may_come_by_descriptor_one_a_line(kept: Kept) -> None:
    read, write = os.pipe()
    os.write(write, "\n".join(kept.typed()).encode())
    os.close(write)

    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, "--shares-fd", str(read))
    os.close(read)

    assert done.code == 0, done.err


def test_shares_may_come_on_standard_input(kept: Kept) -> None:
    words = "\n".join(kept.typed()).encode()

    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, "--share", "-", stdin=words)

    assert done.code == 0, done.err


def test_words_on_the_command_line_are_taken_for_a_file_that_is_not_there(kept: Kept) -> None:
    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, "--share", kept.typed()[0])

    assert done.code == 2
    assert "[usage.file-" in done.err


def test_where_nobody_can_be_asked_that_is_said(kept: Kept) -> None:
    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, "--shares-fd", "999")

    assert done.code == 2


def test_one_share_too_few_is_refused_and_changes_nothing(kept: Kept) -> None:
    done = kept.ke.type("recover", "join", JOSEPH, *DECIDED, *kept.brought()[:4])

    assert done.code == 1
    assert "These are 2 shares, and 3 are needed." in done.err
    assert signed_in(kept.ke, JOSEPH, "practice")


def test_a_share_of_somebody_else_does_not_open(kept: Kept) -> None:
    done = kept.vn.act("recover", "share", kept.sealed[AMINA])

    assert done.code == 3
    assert "[untrusted.not-for-us.age]" in done.err


def test_a_share_is_shown_as_words_alone_where_it_is_asked_for(kept: Kept) -> None:
    done = kept.vn.act("recover", "share", kept.sealed["VN/officer 1"])

    assert done.code == 0
    assert "Share 3 of 4; 3 are needed." in done.out
    assert len(done.out.splitlines()[-1].split()) == 33


def test_the_rehearsal_is_noted_and_falls_due(kept: Kept) -> None:
    done = kept.ke.type("recover", "drill", *kept.brought(rehearsal=True))
    shown = kept.ke.type("recover", "show")
    later = kept.ke.json("home")

    assert done.code == 0, done.err
    assert "shares 2, 3, 4" in done.out
    assert "rehearsed" in shown.out
    assert "The judge" in shown.out
    assert "Everybody's keys are left with the holders." in shown.out
    assert later["drill_due"] == []


def test_holders_are_changed_with_shares_of_those_before(kept: Kept) -> None:
    who = ("--holder", AMINA, "--holder", JOSEPH)
    split = ("recover", "split", "--threshold", "2", *who, *DECIDED, "-o", kept.folder / "next")

    done = kept.ke.type(*split, *kept.brought())

    assert done.code == 0, done.err
    told = kept.ke.json("recover", "show")
    assert (told["number"], told["missing"]) == (2, [])
    assert told["holders"] == [AMINA, JOSEPH]


def test_it_is_said_whose_keys_are_not_left_yet(countries: Countries) -> None:
    kept = Kept(countries)

    shown = kept.ke.type("recover", "show")

    assert "Not left with the holders yet" in shown.out
    assert JOSEPH in shown.out


def test_it_is_said_where_too_few_could_reopen_the_server(kept: Kept) -> None:
    who = ("--holder", AMINA, "--holder", "VN/officer 1")
    split = ("recover", "split", "--threshold", "2", *who, *DECIDED, "--start-over", "-o")

    done = kept.ke.type(*split, kept.folder / "next")

    assert done.code == 0, done.err
    assert "Only 1 of them have their keys elsewhere" in done.err


def test_an_officer_is_told_once_that_his_keys_were_left_with_holders(
    countries: Countries,
) -> None:
    kept = Kept(countries)

    first, second = (kept.ke.sits(JOSEPH).act("inbox") for _ in range(2))

    assert "Your keys were left with the 4 holders whom Customs, Mombasa named" in first.err
    assert "holders" not in second.err


def test_both_sides_are_told_who_could_open_it_in_an_emergency(
    kept: Kept, countries: Countries
) -> None:
    countries.exchange()
    ask = ("ask", "--kind", "phone", "--ref", "1", "--set", "number=-", "--dry-run", "--to")
    there = kept.vn.act(*ask, "KE/Operations desk", stdin=b"+84901234567")
    here = kept.ke.act(*ask, "VN/Anti-smuggling desk", stdin=b"+84901234567")

    for each in (there, here):
        assert "3 of 4 holders named by Customs, Mombasa could open it together" in each.out


# Closing.


def test_closing_asks_for_one_word(kept: Kept) -> None:
    other = kept.ke.at_terminal("node", "close", answers=["yes"])
    unasked = kept.ke.type("node", "close")
    done = kept.ke.at_terminal("node", "close", answers=["close"])

    assert (other.code, unasked.code, done.code) == (2, 2, 0)
    assert "[usage.recovery.not-typed]" in other.err
    assert "or say --now" in unasked.err
    assert "This server is closed." in done.out
    home = kept.ke.type("home")
    assert home.code == 4
    assert "[unavailable.closed]" in home.err


def test_a_server_without_holders_is_closed_for_good_only_in_so_many_words(
    countries: Countries,
) -> None:
    ke = countries.ke

    refused = ke.type("node", "close", "--now")
    half = ke.at_terminal("node", "close", "--without-recovery", answers=["close"])
    done = ke.at_terminal("node", "close", "--without-recovery", answers=["lose everything"])

    assert (refused.code, half.code, done.code) == (1, 2, 0)
    assert "[refused.recovery.no-escrow]" in refused.err
    assert "closed for good" in done.out


def test_what_serves_ends_and_forgets_when_the_server_is_closed(
    kept: Kept, countries: Countries
) -> None:
    with serving(kept.ke.home, countries.ports["ke"]) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["code"] == "serving"

        closed = kept.ke.json("node", "close", "--now")
        ended = process.wait(timeout=15)
    synced = kept.vn.type("sync", "--json")

    assert closed["code"] == "closed"
    assert ended == 0
    assert process.returncode != -signal.SIGKILL
    (told,) = synced.told["items"]
    assert (told["ok"], told["code"].split(".")[:2]) == (False, ["unavailable", "unreachable"])


def test_enough_holders_reopen_it_and_it_serves_again(kept: Kept, countries: Countries) -> None:
    brought = kept.brought()
    kept.ke.json("node", "close", "--now")

    few = kept.ke.type("node", "reopen", "--key-home", "file", *brought[:4])
    done = kept.ke.type("node", "reopen", "--key-home", "file", *brought)

    assert few.code == 1
    assert done.code == 0, done.err
    assert "This server is open again." in done.out
    assert "lies beside its records" in done.err
    short = countries.ask()
    countries.exchange()
    assert kept.vn.act_json("show", short)["thread"]


def test_reopened_it_may_wait_for_a_new_passphrase(kept: Kept) -> None:
    brought = kept.brought()
    kept.ke.json("node", "close", "--now")
    kept.ke.environment["COMITY_HOUSE_PASSPHRASE"] = "the house stands on a hill"

    done = kept.ke.type("node", "reopen", *brought)

    assert done.code == 0, done.err
    assert kept.ke.json("home")["key_home"] == "prompt"
    assert MINH not in done.out
