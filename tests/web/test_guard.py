# SPDX-License-Identifier: Apache-2.0
"""The guard of the pages: what a stranger's page, a thief or a liar tries, and what becomes of it."""

import re
import shutil
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.web.desk import HOST, Visitor, application, words
from tests.web.door import INVESTIGATOR, cookie_of, first_door, kenya, knock, sheet_of
from tests.world import WorldNode
from werkzeug.test import TestResponse

from comity.crypto.vault import Vault
from comity.domain.ids import mint
from comity.errors import Damaged, Locked
from comity.services.sessions import open_sessions
from comity.storage.sessions import SessionFile
from comity.web import guard
from comity.web.app import ROUTES
from comity.web.kit import _redirect
from comity.web.kit import cookie_of as written

__all__ = ["first_door", "kenya"]
_OURS = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{HOST}"}


def every_answer(officer: Visitor) -> list[tuple[str, TestResponse]]:
    """Call every route that there is, with names that nothing has."""
    found = []
    for route in ROUTES:
        if "leave" in route.path:
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", mint(bytes), route.path)
        call = officer.get if route.method == "GET" else officer.post
        found.append((f"{route.method} {route.path}", call(path)))
    return found


def test_every_answer_is_kept_by_no_cache_and_runs_nothing_of_others(officer: Visitor) -> None:
    for name, answer in every_answer(officer):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "http" not in policy, name
        if name != "GET /worker.js":  # a browser asks each time whether it has changed
            assert answer.headers["Cache-Control"] == guard.NO_STORE, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert "Server" not in answer.headers, name
        assert answer.status_code < 500, (name, words(answer))


def test_no_page_holds_a_script_a_style_or_an_address_of_others(officer: Visitor) -> None:
    for name, answer in every_answer(officer):
        if answer.mimetype != "text/html":
            continue
        for tag in re.findall(r"<script[^>]*>", answer.text):
            assert 'src="/static/' in tag, name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text), name
        for address in re.findall(r'(?:src|href|action)="([^"]+)"', answer.text):
            assert re.match(r"/(?!/)|#|data:", address), name


def test_our_own_files_are_named_by_what_they_hold_and_nothing_else_is_kept(app: Flask) -> None:
    page = Visitor.at(app).get("/")
    for path in re.findall(r'"(/static/[^"]+)"', page.text):
        answer = Visitor.at(app).get(path)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"] == guard.CSP
    for path in ("/static/desk.css", "/static/../kit.py", "/static/%2e%2e/kit.py", "/static/"):
        assert Visitor.at(app).get(path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"http://{HOST}.evil.example"},
        {"Origin": f"http://{HOST}@evil.example"},
        {"Origin": f"http://evil.example/{HOST}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{HOST}"},
    ],
)
def test_another_page_does_nothing_in_his_name(
    kenya: WorldNode, officer: Visitor, headers: dict[str, str]
) -> None:
    for route in ROUTES:
        if route.method == "POST":
            path = re.sub(r"<\w+>", mint(kenya.house.random), route.path)
            assert officer.post(path, headers=headers).status_code == 409, route.path

    assert officer.get("/today").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": f"http://{HOST}"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_an_old_browser_that_says_one_of_the_two_is_believed(
    officer: Visitor, headers: dict[str, str]
) -> None:
    assert officer.post("/language", headers=headers, language="fr").status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "desk.localhost.evil.example", ""]
)
def test_a_stranger_s_name_leads_nowhere(app: Flask, host: str) -> None:
    answer = Visitor.at(app).get("/", Host=host)

    assert answer.status_code in (400, 409)
    assert "evil" not in answer.text


def test_a_cookie_is_ours_alone(app: Flask) -> None:
    answer = knock(app)
    told = SimpleCookie(answer.headers["Set-Cookie"])

    [(name, cookie)] = told.items()
    assert name == "__Host-s"
    assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "Strict", "")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert not cookie["expires"]  # gone with the browser
    assert not cookie["max-age"]


def test_a_cookie_that_somebody_planted_is_never_his(kenya: WorldNode, app: Flask) -> None:
    """Fixation: the thief signs in as himself, plants his cookie, and waits."""
    thief = Visitor.signed_in(app, "colleague KE")
    planted = cookie_of(thief)
    victim = Visitor.at(app)
    victim.client.set_cookie("__Host-s", planted, domain=HOST)

    victim.post("/in", who=INVESTIGATOR, passphrase=PASSPHRASE)

    assert cookie_of(victim) != planted
    assert thief.get("/today").status_code == 303  # his own is over too
    assert victim.get("/today").status_code == 200


def test_a_secret_that_he_chose_himself_opens_nothing(app: Flask) -> None:
    visitor = Visitor.at(app)
    for value in (written(bytes(32)), "A" * 43, "", "x", "%00", "A" * 3000):
        visitor.client.set_cookie("__Host-s", value, domain=HOST)
        assert visitor.get("/today").status_code == 303


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil", "evil", "", "/\n"]
)
def test_nobody_is_led_elsewhere(place: str) -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        _redirect(place)


@pytest.mark.parametrize("query", ["next", "to", "url", "return", "over", "saved"])
def test_no_parameter_leads_elsewhere(officer: Visitor, query: str) -> None:
    for path in ("/", "/sign-in", "/today"):
        answer = officer.get(f"{path}?{query}=//evil.example")
        assert "evil" not in answer.headers.get("Location", "")
        assert "evil" not in answer.text


def test_a_line_end_in_a_field_makes_no_header(app: Flask, officer: Visitor) -> None:
    bad = "en\r\nSet-Cookie: x=1"
    answers = [
        knock(app, who=bad),
        knock(app, code=bad),
        officer.post("/language", language=bad),
        officer.post("/sign-in/end", place=bad),
        officer.get("/?over=1%0d%0aSet-Cookie:%20x=1"),
    ]

    for answer in answers:
        assert all("x=1" not in value for _, value in answer.headers.items())


def test_what_he_typed_is_shown_and_not_run(app: Flask) -> None:
    answer = knock(app, who='<script>alert(1)</script>"><img src=x onerror=1>', passphrase="x")

    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text


def test_a_form_of_nobody_s_is_refused_and_hurts_nothing(officer: Visitor) -> None:
    many: dict[str, Any] = {f"f{number}": "x" for number in range(400)}
    long: dict[str, Any] = {"who": "x" * 40_000}

    assert officer.post("/sign-in/end", **many).status_code == 422
    assert officer.post("/sign-in/lock", **long).status_code == 422
    assert officer.post("/sign-in/end", place="x" * 300_000).status_code == 413


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("multipart/form-data", b"junk"),
        ("multipart/form-data; boundary=x", b"junk"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" * 10_000),
        ("multipart/form-data; boundary=" + "x" * 2000, b"--x"),
        ("application/x-www-form-urlencoded", b"\xff\x00=%zz&&&=" * 1000),
        ("application/json", b'{"who": "x"}'),
        ("text/plain", b"\x00" * 1000),
    ],
)
def test_junk_is_no_form(officer: Visitor, media: str, body: bytes) -> None:
    posted = officer.client.post(
        "/sign-in/sheet",
        base_url=f"http://{HOST}",
        data=body,
        headers={**_OURS, "Content-Type": media},
    )
    answer = officer.follow(posted)

    assert 400 <= answer.status_code < 500
    assert officer.get("/today").status_code == 200


def test_no_address_has_room_for_a_name() -> None:
    named = {each for route in ROUTES for each in re.findall(r"<(?:\w+:)?(\w+)>", route.path)}

    assert not named & {"name", "who", "desk_name", "person", "country", "number", "title", "ref"}


def test_who_is_not_signed_in_is_told_nothing_of_what_is_there(app: Flask) -> None:
    stranger = Visitor.at(app)
    for route in ROUTES:
        if not route.open and route.method == "GET":
            path = re.sub(r"<\w+>", mint(bytes), route.path)
            assert stranger.get(path).headers["Location"] == "/", route.path


def test_one_ends_no_other_officer_s_session(
    kenya: WorldNode, app: Flask, officer: Visitor
) -> None:
    other = Visitor.signed_in(app, "colleague KE")
    sessions = open_sessions(kenya.house)
    [place] = sessions.of(kenya.settled.people["colleague"])

    officer.post("/sign-in/end", place=place.id)

    assert other.get("/today").status_code == 200


def test_one_ends_one_s_own_elsewhere(app: Flask, officer: Visitor) -> None:
    other = Visitor.signed_in(app, INVESTIGATOR)

    officer.post("/sign-in/end", place="others")

    assert officer.get("/today").status_code == 200
    assert other.get("/today").headers["Location"] == "/?over=1"


def test_a_thief_of_the_disk_and_the_house_key_opens_no_session(
    kenya: WorldNode, officer: Visitor, tmp_path: Path
) -> None:
    """He has all that the machine has when it is off; the secret is in the browser."""
    stolen = tmp_path / "stolen"
    shutil.copytree(kenya.house.home, stolen)
    vault: Vault = kenya.house.vault
    file = SessionFile.open(stolen / "sessions.db")
    [row] = file.of(vault.tag(kenya.settled.people["investigator"].encode(), "session").hex())

    for key in (vault, Vault(vault.tag_key("session")), Vault(bytes.fromhex(row.id))):
        with pytest.raises(Damaged):
            key.open(row.body, f"session/{row.id}")
    file.close()
    data = (stolen / "sessions.db").read_bytes()
    assert b"AGE-SECRET-KEY" not in data
    assert kenya.settled.people["investigator"].encode() not in data
    assert cookie_of(officer).encode() not in data


def test_a_thief_of_the_cookie_without_the_database_opens_nothing(
    kenya: WorldNode, officer: Visitor
) -> None:
    stolen = cookie_of(officer)
    (kenya.house.home / "sessions.db").unlink()
    thief = Visitor.at(application(kenya))
    thief.client.set_cookie("__Host-s", stolen, domain=HOST)

    assert thief.get("/today").headers["Location"] == "/?over=1"


def test_a_row_put_under_another_s_name_opens_nothing(kenya: WorldNode, app: Flask) -> None:
    """A corrupt operator writes rows: the thief's own cookie with the victim's body."""
    victim, thief = Visitor.signed_in(app, INVESTIGATOR), Visitor.signed_in(app, "colleague KE")
    sessions = open_sessions(kenya.house)
    [his] = sessions.of(kenya.settled.people["investigator"])
    [mine] = sessions.of(kenya.settled.people["colleague"])
    victims, thieves = sessions.file.get(his.id), sessions.file.get(mine.id)
    assert victims is not None
    assert thieves is not None
    sessions.file.discard([mine.id])
    sessions.file.put(replace(thieves, body=victims.body))
    fresh = Visitor.at(application(kenya))
    fresh.client.set_cookie("__Host-s", cookie_of(thief), domain=HOST)

    assert fresh.get("/today").headers["Location"] == "/?over=1"
    assert victim.get("/today").status_code == 200


def test_leaving_works_without_a_session_and_forgets_all(app: Flask) -> None:
    answer = Visitor.at(app).post("/leave")

    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_a_shared_phone_says_so_and_is_left_soon(kenya: WorldNode, app: Flask) -> None:
    visitor = Visitor.at(app)
    visitor.post("/in", who=INVESTIGATOR, passphrase=PASSPHRASE, shared="1")

    assert "Shared phone" in words(visitor.get("/today"))
    kenya.world.hours.pass_(minutes=6)
    assert visitor.get("/today").headers["Location"] == "/?over=1"


def test_one_address_may_try_so_often_whatever_names_it_tries(kenya: WorldNode, app: Flask) -> None:
    for number in range(30):
        knock(app, f"nobody {number}", passphrase="a guess")

    waits = knock(app)
    elsewhere = Visitor.at(app).client.post(
        "/in",
        base_url=f"http://{HOST}",
        headers={**_OURS, "X-Forwarded-For": "203.0.113.9"},
        data={"who": INVESTIGATOR, "passphrase": PASSPHRASE},
    )

    assert waits.status_code == 403
    assert elsewhere.status_code == 303
    kenya.world.hours.pass_(minutes=1)
    assert knock(app).status_code == 303


def test_what_a_caller_says_of_himself_in_front_of_the_proxy_s_word_counts_for_nothing(
    kenya: WorldNode, app: Flask
) -> None:
    def through_proxy(number: int, passphrase: str) -> TestResponse:
        return Visitor.at(app).client.post(
            "/in",
            base_url=f"http://{HOST}",
            headers={**_OURS, "X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"},
            data={"who": f"nobody {number}", "passphrase": passphrase},
        )

    for number in range(30):
        through_proxy(number, "a guess")

    assert "Wait" in words(through_proxy(31, "a guess"))


def test_where_somebody_called_from_is_kept_as_a_hash_and_forgotten_in_a_day(
    kenya: WorldNode, app: Flask
) -> None:
    from comity.services import attempts  # noqa: PLC0415  # the one test that looks inside
    from comity.storage import housed  # noqa: PLC0415

    knock(app, passphrase="a guess")
    with kenya.house.store.read() as reading:
        before = [row.name for row in housed.of_room(reading, attempts.ROOM)]
    kenya.world.hours.pass_(hours=25)
    attempts.forget_old(kenya.house)
    with kenya.house.store.read() as reading:
        after = housed.of_room(reading, attempts.ROOM)

    assert any(each.startswith("at-") for each in before)
    assert not any("127.0.0.1" in each for each in before)
    assert after == ()


def test_who_has_a_second_factor_begins_no_session_without(kenya: WorldNode, app: Flask) -> None:
    codes = sheet_of(kenya)
    with pytest.raises(Locked):
        open_sessions(kenya.house).begin(INVESTIGATOR, PASSPHRASE)

    assert knock(app, code=codes[0]).status_code == 303
