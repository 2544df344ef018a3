# SPDX-License-Identifier: Apache-2.0
"""A passkey of a real browser: made on a page, shown at the door, good for nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from tests.services.settle import PASSPHRASE
from tests.web.browser import DESK, PHONE, Browser, needs_browser, sign_in
from tests.web.desk import Visitor
from tests.web.door import INVESTIGATOR, first_door, kenya, knock
from tests.world import WorldNode

from comity.crypto import passkey
from comity.crypto.passkey import Door
from comity.domain.ids import OfficerId
from comity.errors import Locked, Malformed, Refused, Unavailable
from comity.services import attempts, second_factor
from comity.services.second_factor import Part, add_passkey
from comity.services.sessions import Caller, open_sessions
from comity.storage import housed
from comity.web.serving import Place, serving_pages
from comity.wire.identity import PASSKEYS, Passkey

__all__ = ["first_door", "kenya"]
DOOR = Door(host="desk.customs.example", origins=("https://desk.customs.example",), challenge=b"c")
KEY = Passkey(host=DOOR.host, id=b"id", public=b"public")


@pytest.fixture
def browser(kenya: WorldNode, tmp_path: Path) -> Iterator[Browser]:
    with (
        serving_pages(kenya.node, Place()) as address,
        Browser.opened(
            tmp_path / "chromium", address.replace("127.0.0.1", "ke.localhost"), size=DESK
        ) as opened,
    ):
        options = VirtualAuthenticatorOptions(
            protocol=VirtualAuthenticatorOptions.Protocol.CTAP2,
            transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
            has_user_verification=True,
            is_user_verified=True,
            has_resident_key=True,
        )
        opened.driver.add_virtual_authenticator(options)
        yield opened


@pytest.mark.slow
@needs_browser
def test_a_passkey_is_made_and_asked_for_from_then_on(kenya: WorldNode, browser: Browser) -> None:
    sign_in(browser, INVESTIGATOR, PASSPHRASE)
    browser.get("/sign-in")
    browser.shot("sign-in-by-1280")
    browser.get("/sign-in/passkey")
    browser.type("passphrase", PASSPHRASE)
    browser.press("form[data-passkey] button")
    set_up = browser.text
    browser.press(".leave")

    sign_in(browser, INVESTIGATOR, PASSPHRASE)
    asked = browser.path
    half = browser.driver.get_cookies()
    browser.get("/today")  # the passphrase alone leads nowhere
    without = browser.path
    browser.get("/in/passkey")
    browser.press("form[data-passkey] button")

    assert "1 passkey is set up" in set_up
    assert asked == "/in/passkey"
    assert without == "/"
    assert browser.path == "/today"
    assert {each["value"] for each in half} != {
        each["value"] for each in browser.driver.get_cookies()
    }
    assert [e["message"] for e in browser.log("browser") if e["level"] == "SEVERE"] == []


@pytest.mark.slow
@needs_browser
def test_the_pages_of_signing_in_fit_a_phone(kenya: WorldNode, tmp_path: Path) -> None:
    for language, dark in (("en", False), ("ar", True)):
        with (
            serving_pages(kenya.node, Place()) as address,
            Browser.opened(
                tmp_path / language,
                address.replace("127.0.0.1", "ke.localhost"),
                size=PHONE,
                language=language,
                dark=dark,
            ) as browser,
        ):
            browser.get("/")
            browser.shot(f"sign-in-360-{language}")
            sign_in(browser, INVESTIGATOR, PASSPHRASE)
            for page in ("", "/phone", "/sheet", "/passkey", "/lock", "/passphrase"):
                browser.get(f"/sign-in{page}")
                browser.shot(f"sign-in{page.replace('/', '-') or '-by'}-360-{language}")
                assert not browser.is_clipped(), page


def half_session(kenya: WorldNode) -> Caller:
    add_passkey(kenya.house, INVESTIGATOR, PASSPHRASE, KEY)
    return Caller(host=DOOR.host, address="203.0.113.9")


def test_a_half_session_opens_nothing_and_ends_soon(kenya: WorldNode) -> None:
    sessions = open_sessions(kenya.house)
    secret, half = sessions.begin(INVESTIGATOR, PASSPHRASE, half_session(kenya))

    assert half.is_half
    assert sessions.resume(secret).is_half
    assert "challenge" not in repr(half)
    kenya.world.hours.pass_(minutes=4)
    with pytest.raises(Locked):
        sessions.resume(secret)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "none",
        "{}",
        "x" * 20_000,
        json.dumps({"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": {}}),
        json.dumps(
            {
                "id": "aWQ",
                "rawId": "aWQ",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "authenticatorData": "AAAA",
                    "signature": "AAAA",
                },
            }
        ),
    ],
)
def test_what_is_no_passkey_of_his_ends_the_attempt(kenya: WorldNode, said: str) -> None:
    sessions = open_sessions(kenya.house)
    secret, half = sessions.begin(INVESTIGATOR, PASSPHRASE, half_session(kenya))

    with pytest.raises(Locked):
        sessions.finish(half, said, DOOR)
    with pytest.raises(Locked):
        sessions.resume(secret)


def test_the_right_passphrase_does_not_end_the_count_before_the_passkey_is_shown(
    kenya: WorldNode,
) -> None:
    """Else a thief with the passphrase would guess codes for ever, three at a time."""
    sessions, caller = open_sessions(kenya.house), half_session(kenya)
    for _ in range(3):
        sessions.begin(INVESTIGATOR, PASSPHRASE, caller)

    with pytest.raises(Locked, match="throttled"):
        sessions.begin(INVESTIGATOR, PASSPHRASE, caller)
    with kenya.house.store.read() as reading:
        assert housed.of_room(reading, attempts.ROOM)


def test_at_another_address_his_passkey_is_not_asked_for(kenya: WorldNode) -> None:
    """A passkey of one name is good for no other: neither is the passphrase alone."""
    half_session(kenya)

    with pytest.raises(Locked):
        open_sessions(kenya.house).begin(INVESTIGATOR, PASSPHRASE, Caller(host="other.example"))
    with pytest.raises(Locked):
        open_sessions(kenya.house).begin(INVESTIGATOR, PASSPHRASE)


def test_he_has_so_many_and_removes_them_all(kenya: WorldNode) -> None:
    for number in range(PASSKEYS):
        key = Passkey(host=DOOR.host, id=bytes([number]), public=b"public")
        add_passkey(kenya.house, INVESTIGATOR, PASSPHRASE, key)
    officer: OfficerId = kenya.settled.people["investigator"]

    with pytest.raises(Refused, match="second-factor-many"):
        add_passkey(kenya.house, INVESTIGATOR, PASSPHRASE, KEY)
    assert second_factor.stands(kenya.house, officer).passkeys == PASSKEYS
    second_factor.remove(kenya.house, officer, PASSPHRASE, Part.PASSKEYS)
    assert not second_factor.stands(kenya.house, officer).any


def test_what_a_browser_makes_for_another_place_is_none(kenya: WorldNode) -> None:
    for said in ("", "none", "{}", "[" * 5000):
        with pytest.raises(Malformed):
            passkey.registered(DOOR, said)


def test_a_server_without_the_library_says_so(
    kenya: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("comity.crypto.passkey.importlib.import_module", absent)

    assert not passkey.is_there()
    with pytest.raises(Unavailable, match=r"passkey\.library"):
        passkey.to_show(DOOR, ())


def test_where_the_browser_calls_by_number_there_are_no_passkeys(
    kenya: WorldNode, app: Flask
) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)

    by_number = officer.client.get("/sign-in/passkey", base_url="http://127.0.0.1")

    assert by_number.status_code in (303, 422)
    assert knock(app).status_code == 303
