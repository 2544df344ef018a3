# SPDX-License-Identifier: Apache-2.0
"""Practice on pages: its own colour, its own threads, its own session, and no way across."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.web.browser import Browser, needs_browser, sign_in
from tests.web.desk import Visitor, application, words
from tests.world import World, question

from comity.web.app import close_pages
from comity.web.kit import cookie_of, placed
from comity.web.serving import Place, serving_pages


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    made = application(world["ke"])
    yield made
    close_pages(made)


def _begun(officer: Visitor) -> Visitor:
    assert officer.post("/practice").headers["Location"] == "/practice/today"
    return officer


def test_practice_is_there_from_the_first_day_and_says_what_it_is(officer: Visitor) -> None:
    before = officer.get("/practice/today").headers["Location"]

    page = _begun(officer).get("/practice/today")

    assert before == "/practice"
    assert "Practice: nothing leaves this machine." in words(page)
    assert 'class=" practice"' in page.text
    assert "Who uses this phone?" in words(page)


def test_every_link_of_practice_stays_there_but_two(officer: Visitor) -> None:
    page = _begun(officer).get("/practice/today").text

    links = set(re.findall(r'(?:href|action)="([^"#]+)"', page))
    outside = {e for e in links if not e.startswith(("/practice/", "/static/"))}
    assert outside == {"/today", "/leave"}


def test_practice_has_no_practice_of_its_own(officer: Visitor) -> None:
    _begun(officer)

    assert officer.get("/practice/practice").status_code == 404
    assert officer.post("/practice/practice").status_code == 404
    assert 'data-real href="/practice"' in officer.get("/practice/more").text


def test_what_somebody_typed_is_no_link() -> None:
    typed = "&lt;a href=&#34;/today&#34;&gt;"

    assert placed(typed, "/practice") == typed
    assert placed('<a href="/today">', "/practice") == '<a href="/practice/today">'
    assert placed('<a data-real href="/today">', "/practice") == '<a data-real href="/today">'
    assert placed('<a href="/today">', "") == '<a href="/today">'


def test_the_two_worlds_show_nothing_of_each_other(world: World, officer: Visitor) -> None:
    real = world["ke"].seat().ask(question("VN"))
    today = _begun(officer).get("/practice/today").text
    practised = re.search(r'href="/practice/t/([a-z2-7]+)"', today)

    assert practised is not None
    assert real.thread not in officer.get("/practice/today").text
    assert practised[1] not in officer.get("/today").text
    assert officer.get(f"/practice/t/{real.thread}").status_code == 422
    assert officer.get(f"/t/{practised[1]}").status_code == 422
    assert "Customs, Hai Phong" not in words(officer.get("/practice/people"))


def test_a_colleague_practises_as_himself(app: Flask, officer: Visitor) -> None:
    _begun(officer)
    head = Visitor.signed_in(app, "supervisor KE")

    mine = words(officer.get("/practice/agency/officers"))

    assert "investigator KE" in mine
    assert "supervisor KE" not in mine
    assert head.get("/practice/agency/barred").status_code == 200
    assert officer.get("/practice/agency/barred").status_code == 409


def test_whoever_is_not_signed_in_practises_nothing(app: Flask, officer: Visitor) -> None:
    _begun(officer)
    stranger = Visitor.at(app)
    cookie = officer.client.get_cookie("__Host-s", "desk.localhost")

    assert stranger.get("/practice/today").headers["Location"] == "/"
    assert (
        stranger.post("/practice/in", who="investigator KE", passphrase=PASSPHRASE).headers[
            "Location"
        ]
        == "/"
    )
    assert cookie is not None


def test_practice_sets_no_cookie_and_ends_with_the_real_session(officer: Visitor) -> None:
    page = _begun(officer).get("/practice/today")

    officer.post("/leave")

    assert "Set-Cookie" not in page.headers
    assert officer.get("/practice/today").headers["Location"] == "/"


def test_leaving_inside_practice_does_not_open_the_door_again(officer: Visitor) -> None:
    _begun(officer).post("/practice/leave")

    assert officer.get("/practice/today").status_code == 200
    assert officer.get("/today").status_code == 200


def test_a_stolen_practice_cookie_opens_nothing_real(app: Flask, officer: Visitor) -> None:
    """What practice calls a session is known to this process alone, and is no key elsewhere."""
    _begun(officer).get("/practice/today")
    practising = app.extensions["comity.practising"]
    [secret] = practising._secrets.values()  # a thief in the process's memory
    thief = Visitor.at(app)

    thief.client.set_cookie("__Host-s", cookie_of(secret), domain="desk.localhost")

    assert thief.get("/today").status_code == 303
    assert thief.get("/practice/today").headers["Location"] == "/"


def test_a_strange_page_posts_nothing_into_practice(officer: Visitor) -> None:
    _begun(officer)

    strange = officer.post("/practice/away", headers={"Sec-Fetch-Site": "cross-site"})

    assert strange.status_code == 409


def test_whoever_begins_anew_finds_the_old_threads_gone(officer: Visitor) -> None:
    first = re.findall(r"/practice/t/([a-z2-7]+)", _begun(officer).get("/practice/today").text)

    officer.post("/practice", anew="1")
    second = re.findall(r"/practice/t/([a-z2-7]+)", officer.get("/practice/today").text)

    assert first
    assert second
    assert set(first).isdisjoint(second)


def test_another_process_serves_the_same_practice(world: World, officer: Visitor) -> None:
    _begun(officer)
    other_app = application(world["ke"])
    other = Visitor.at(other_app)
    cookie = officer.client.get_cookie("__Host-s", "desk.localhost")
    assert cookie is not None
    other.client.set_cookie("__Host-s", cookie.value, domain="desk.localhost")

    assert other.get("/practice/today").status_code == 200
    close_pages(other_app)


@needs_browser
@pytest.mark.slow
def test_an_officer_practises_in_a_browser_without_scripts(tmp_path: Path) -> None:
    with (
        World(tmp_path / "world", "ke") as world,
        serving_pages(world["ke"].node, Place()) as address,
        Browser.opened(
            tmp_path / "chromium", address.replace("127.0.0.1", "ke.localhost"), scripts=False
        ) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/practice")
        browser.press("form[action='/practice'] .primary")
        browser.shot("practice-today-360")
        browser.press(".thread-line a")
        inside = browser.path
        browser.press(".practice-bar a")

        assert inside.startswith("/practice/t/")
        assert browser.path == "/today"
