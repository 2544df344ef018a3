# SPDX-License-Identifier: Apache-2.0
"""Keys changed and ended by typing: what is said, what programs are told, and that it holds."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.desk_top import AMINA, JOSEPH, PASSPHRASE, WANJIRU, Countries
from tests.cli.test_json import compare

ROOT = {"COMITY_ROOT_PASSPHRASE": PASSPHRASE}
HOUR_AGO = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def rooted(countries: Countries, two_homes: tuple[Path, dict[str, int]]) -> Path:
    """Let the passphrase of Kenya's first key be known; return its file."""
    countries.ke.environment.update(ROOT)
    return Path(shutil.copy(two_homes[0] / "ke.root.age", countries.folder))


def test_a_roster_key_is_changed_and_a_root_succeeded(countries: Countries, rooted: Path) -> None:
    ke = countries.ke
    number = countries.vn.json("roster", "KE")["number"]

    compare("rotate-roster", ke.json("rotate", "roster", "--root-file", rooted))
    new = countries.folder / "ke-2.root.age"
    told = ke.json("rotate", "root", "--root-file", rooted, "--new-root-file", new)
    compare("rotate-root", told)
    again = ke.type("rotate", "roster", "--root-file", rooted)
    stolen = ke.type("rotate", "roster", "--root-file", new, "--stolen")
    countries.exchange()

    assert (again.code, stolen.code) == (2, 0)
    assert "[usage.root-file-other]" in again.err
    assert "Make a backup now" in stolen.err
    assert new.stat().st_mode & 0o777 == 0o600
    assert countries.vn.json("roster", "KE")["number"] > number + 1000
    assert countries.vn.json("peer", "fingerprint", "KE")["fingerprint"] == told["fingerprint"]
    assert countries.ask() != ""


def test_a_wrong_passphrase_of_the_first_key_changes_nothing(
    countries: Countries, rooted: Path
) -> None:
    countries.ke.environment["COMITY_ROOT_PASSPHRASE"] = "another"

    refused = countries.ke.type("rotate", "roster", "--root-file", rooted)

    assert refused.code == 4
    assert "[unavailable.locked" in refused.err


@pytest.mark.parametrize(
    "named",
    ["rotate-carrier", "rotate-parcel", "rotate-tls", "rotate-ledger", "rotate-witness"],
)
def test_a_server_changes_each_of_its_keys(countries: Countries, named: str) -> None:
    told = countries.ke.json(*named.split("-"))
    countries.exchange()

    compare(named, told)
    short = countries.ask()
    countries.exchange()
    assert countries.vn.act("show", short).code == 0
    assert countries.ke.type("verify").code == 0


def test_the_key_of_a_home_is_changed(countries: Countries) -> None:
    short = countries.ask()

    told = countries.ke.json("rotate", "house")
    said = countries.ke.type("rotate", "house")
    none = countries.ke.type("rotate", "house", "--passphrase-only")

    compare("rotate-house", told)
    assert "Backups from before" in said.err
    assert none.code == 2
    assert "[usage.house-key.no-passphrase]" in none.err
    assert countries.ke.act("show", short).code == 0


def test_an_officer_is_renewed_and_changes_his_passphrase(countries: Countries) -> None:
    ke = countries.ke

    compare("officer-renew", ke.json("officer", "renew", AMINA))
    renewed = ke.type("officer", "renew", AMINA, "--new-keys")
    ke.environment["COMITY_NEW_PASSPHRASE"] = "another practice"
    compare("officer-passphrase", ke.json("officer", "passphrase", AMINA))

    assert "new keys" in renewed.out
    assert ke.act("inbox").code == 4
    assert ke.type("inbox", "--as", AMINA, passphrase="another practice").code == 0


def test_a_person_a_device_and_a_server_are_revoked(countries: Countries) -> None:
    ke = countries.ke
    person = ("revoke", "person", JOSEPH, "--reason", "left", "--successor", AMINA)

    compare("revoke-person", ke.json(*person))
    ke.environment["COMITY_NEW_PASSPHRASE"] = "another practice"
    compare("revoke-device", ke.json("revoke", "device", AMINA, "--since", HOUR_AGO))
    compare("revoke-node", ke.json("revoke", "node", "--since", HOUR_AGO))
    countries.exchange()
    roster = countries.vn.json("roster", "KE")["items"]

    assert ke.sits(JOSEPH).act("inbox").code == 4
    assert ke.type("inbox", "--as", AMINA, passphrase="another practice").code == 0
    reasons = {each["reason"] for each in roster if each["type"] == "revocation"}
    assert reasons == {"left", "stolen"}
    assert ke.type("verify").code == 0


def test_whoever_left_is_followed(countries: Countries) -> None:
    ke = countries.ke
    label = next(each["label"] for each in ke.json("roster")["items"] if each.get("name") == JOSEPH)
    ke.json("officer", "revoke", JOSEPH, "--reason", "left")

    compare("officer-successor", ke.json("officer", "successor", label, "--to", AMINA))
    circle = ke.type("officer", "successor", AMINA, "--to", AMINA)

    assert circle.code == 2
    assert "[usage.successor-circle]" in circle.err


def test_a_mandate_is_withdrawn_by_its_law(countries: Countries) -> None:
    done = countries.ke.type("mandate", "revoke", "act 12", "--reason", "superseded")
    again = countries.ke.type("mandate", "revoke", "act 12", "--reason", "superseded")
    asked = countries.ke.act(
        *("ask", "--to", "VN/Anti-smuggling desk", "--ref", "1"),
        *("--kind", "phone", "--set", "number=-"),
        stdin=b"+84901234567",
    )

    assert (done.code, again.code, asked.code) == (0, 2, 1)
    assert "[usage.mandate-unknown]" in again.err
    assert "[refused.no-mandate" in asked.err


def test_what_ends_soon_is_said(countries: Countries) -> None:
    ke = countries.ke
    soon = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d")
    ke.json(*("mandate", "add", "--law", "Act 13", "--signed-by", "M", "--until", soon))

    said = ke.type("home")

    assert "The mandate “Act 13” ends" in said.err
    assert len(ke.json("home")["ending"]) == 1
    assert WANJIRU not in said.err
