# SPDX-License-Identifier: Apache-2.0
"""Agencies and people, typed: what is founded, shown, changed and revoked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, JOSEPH, MINH, WANJIRU, Countries, Typist

from comity.crypto.age import Passphrase, decrypt
from comity.domain.standing import MarkCode
from comity.node import Node
from comity.services import suspend
from comity.services.address_book import read_book


def test_a_failed_founding_leaves_nothing_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = Typist(tmp_path / "home", capture=capfd)
    create = ("node", "create", "--agency", "Customs", "--practice", "--country")

    nowhere = home.type(*create, "QQ1")
    left = sorted(each.name for each in tmp_path.iterdir())
    made = home.type(*create, "KE")

    assert nowhere.code == 2
    assert left == []
    assert made.code == 0, made.err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "home.root.age"]


def test_the_first_key_leaves_sealed_for_its_owner_alone(countries: Countries) -> None:
    told = countries.ke.json(
        "agency", "add", "--agency", "Wildlife Service", "--country", "KE", "--type", "agency"
    )
    root = Path(told["root_file"])

    opened = decrypt(root.read_bytes(), [Passphrase("practice")])

    assert root.stat().st_mode & 0o777 == 0o600
    assert b"root-ed25519-seed" in opened
    assert len(told["fingerprint"].replace(" ", "")) == 40


def test_with_two_agencies_which_one_is_asked_for(countries: Countries) -> None:
    countries.ke.json("agency", "add", "--agency", "Wildlife Service", "--country", "KE")

    unsaid = countries.ke.type("officer", "add", "--name", "Otieno")
    said = countries.ke.type("officer", "add", "--name", "Otieno", "--agency", "Wildlife Service")

    assert (unsaid.code, said.code) == (2, 0)
    assert "[usage.agency-ambiguous]" in unsaid.err


def test_peers_see_no_name_that_the_agency_keeps_to_itself(countries: Countries) -> None:
    own = countries.ke.type("roster")
    theirs = countries.vn.type("roster", "KE")

    assert AMINA in own.out
    assert "Operations desk" in theirs.out
    assert AMINA not in theirs.out
    assert "officer 1" in theirs.out


def test_a_revoked_officer_unlocks_nothing_and_his_desk_is_named(countries: Countries) -> None:
    done = countries.ke.type("officer", "revoke", JOSEPH, "--reason", "stolen", "--json")
    after = countries.ke.sits(JOSEPH).act("inbox")
    again = countries.ke.type("officer", "revoke", JOSEPH, "--reason", "left")

    assert done.code == 0
    assert len(done.told["items"]) == 1
    assert "comity desk change" in done.err
    assert after.code == 4
    assert again.code == 2


def test_an_officers_own_keys_are_handed_out(countries: Countries) -> None:
    place = countries.folder / "amina.age"

    done = countries.ke.type("officer", "export", AMINA, "-o", place)

    opened = decrypt(place.read_bytes(), [Passphrase("practice")])
    assert done.code == 0
    assert place.stat().st_mode & 0o777 == 0o600
    assert b"AGE-SECRET-KEY-PQ-1" in opened


def test_a_wrong_digit_is_no_check(countries: Countries) -> None:
    digits = countries.vn.json("peer", "fingerprint", "KE")["fingerprint"]
    wrong = ("1" if digits[0] != "1" else "2") + digits[1:]

    refused = countries.vn.type(
        "peer", "check", "KE", "--digits", "-", "--by", MINH, stdin=wrong.encode()
    )
    short = countries.vn.type("peer", "check", "KE", "--digits", "-", "--by", MINH, stdin=b"123")
    right = countries.vn.type(
        "peer", "check", "KE", "--digits", "-", "--by", MINH, stdin=digits.encode()
    )

    assert (refused.code, short.code, right.code) == (3, 2, 0)


def test_nothing_goes_to_an_agency_that_is_suspended(countries: Countries) -> None:
    why = ("--reason", "compromised", "--remark", "its root was copied", "--by", "A. Mwangi")
    countries.ke.json("suspend", "VN", *why)

    asked = countries.ke.act(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        stdin=b"+84901234567",
    )
    lift = ("--lift", "--by", "A. Mwangi", "--by", "B. Otieno", "--reason", "a new root")
    countries.ke.json("suspend", "VN", *lift)
    again = countries.ask()

    assert asked.code == 1
    assert "[refused.not-admitted.suspended]" in asked.err
    assert again


def test_one_decider_admits_nobody(countries: Countries) -> None:
    text = (countries.folder / "ke").exists()
    invitation = countries.ke.json("peer", "invite")["invitation"]

    done = countries.vn.type(
        *("peer", "accept", "-", "--nominated-by", "M", "--letter", "1", "--called", "1"),
        *("--number-from", "site", "--decided-by", "A", "--review", "2099-01-01"),
        stdin=invitation.encode(),
    )

    assert text
    assert done.code == 2
    assert "[usage.admission-deciders]" in done.err


def test_rules_of_oversight_are_set_replaced_and_dropped(countries: Countries) -> None:
    ke = countries.ke
    phone = ("oversight", "set", "--kind", "phone", "--peer", "VN")

    ke.json(*phone, "--mode", "countersign", "--spoken")
    ke.json(*phone, "--mode", "direct")
    ke.json("oversight", "set", "--stop-seconds", "30", "--shows", "fact")
    shown = ke.json("oversight", "show")
    said = ke.type("oversight", "show")
    ke.json(*phone, "--drop")
    dropped = ke.json("oversight", "show")
    nothing = ke.type("oversight", "set")

    assert [(each["kind"], each["mode"]) for each in shown["items"]] == [("phone", "direct")]
    assert (shown["stop_seconds"], shown["shows"]) == (30, "fact")
    assert "goes directly [direct]" in said.out
    assert "Customs, Hai Phong" in said.out
    assert dropped["items"] == []
    assert dropped["stop_seconds"] == 30
    assert nothing.code == 2


def test_who_is_barred_gets_nothing_more_of_the_thread(countries: Countries) -> None:
    ke = countries.ke
    short = countries.ask()
    countries.exchange()
    countries.vn.act_json("ask-back", short, "--reason", "period")
    countries.exchange()

    ke.act_json("oversight", "exclude", short, "--reader", "KE/Oversight")
    barred = ke.act("answer", short, "--outcome", "information", "--text", "1-20 November")
    ke.act_json("oversight", "readmit", short)
    again = ke.act("answer", short, "--outcome", "information", "--text", "1-20 November")

    assert barred.code == 1
    assert "[refused.excluded]" in barred.err
    assert WANJIRU not in barred.err
    assert again.code == 0, again.err


def test_the_home_says_what_it_is_and_warns_of_a_bare_key(countries: Countries) -> None:
    done = countries.ke.type("home")

    assert done.code == 0
    assert "A practice server" in done.out
    assert "Customs, Hai Phong" in done.out
    assert "key checked by voice" in done.out
    assert "plain file" in done.err


def test_a_server_that_moved_tells_others_where(countries: Countries) -> None:
    countries.ke.json("agency", "move", "--address", "http://127.0.0.1:9")
    countries.exchange()
    shown = countries.vn.json("home")["items"]

    assert "http://127.0.0.1:9" in {each["address"] for each in shown if not each["own"]}


@pytest.mark.parametrize("law", ["", "   "])
def test_a_mandate_needs_a_law(countries: Countries, law: str) -> None:
    done = countries.ke.type(
        *("mandate", "add", "--law", law, "--signed-by", "The minister", "--until", "2099-12-31")
    )

    assert done.code == 2
    assert "[usage.field-missing]" in done.err


def test_what_is_held_against_an_agency_is_said_wherever_it_is_dealt_with(
    countries: Countries,
) -> None:
    ke, short = countries.ke, countries.ask()
    node = Node.open(ke.home, ask_house=str, clock=lambda: datetime.now(UTC))
    try:
        [peer] = read_book(node.house).peers
        there, house = peer.node.node, node.house
        house.store.write(lambda w: suspend.mark(w, house, there, MarkCode.REPLAYED, "x"))
    finally:
        node.close()
    draft = ("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-")

    for done in (
        ke.act("show", short),
        ke.act(*draft, "--dry-run", stdin=b"+84901234567"),
        ke.type("verify"),
        ke.type("home"),
        ke.type("peer", "show", "VN"),
    ):
        assert done.code == 0
        assert "an old list of its people" in " ".join((done.out + done.err).split())
    assert ke.json("home")["items"][1]["marks"] == ["replayed"]
