# SPDX-License-Identifier: Apache-2.0
"""A session opens with the cookie alone, ends by the clock, and is nobody else's."""

from tests.services.settle import PASSPHRASE
from tests.web.desk import HOST, Visitor, application, words
from tests.world import WorldNode

from comity.services.sessions import PAGES_MOST, open_sessions


def test_whoever_is_signed_in_sees_today(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    answer = officer.get("/today")

    assert answer.status_code == 200
    assert "will stand here" in words(answer)


def test_another_process_serves_the_same_session(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")
    cookie = officer.client.get_cookie("__Host-s", "desk.localhost")
    other = Visitor.at(application(kenya))

    assert cookie is not None
    other.client.set_cookie("__Host-s", cookie.value, domain="desk.localhost")

    assert other.get("/today").status_code == 200


def test_what_was_ended_in_another_process_leaves_the_memory_of_this_one(kenya: WorldNode) -> None:
    here, elsewhere = open_sessions(kenya.house), open_sessions(kenya.house)
    _, ended = here.begin("investigator KE", PASSPHRASE)
    _, goes_on = here.begin("colleague KE", PASSPHRASE)

    elsewhere.end_all(ended.unlocked.entry.id)
    here.sweep()

    assert set(here._live) == {goes_on.id}


def test_a_session_ends_when_nothing_is_done(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    kenya.world.hours.pass_(minutes=31)

    assert officer.get("/today").headers["Location"] == "/?over=1"


def test_who_has_left_is_signed_out_everywhere(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    left = officer.post("/leave")

    assert "cookies" in left.headers["Clear-Site-Data"]
    assert officer.get("/today").headers["Location"] == "/"


def test_a_page_of_somebody_else_changes_nothing(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    strange = officer.post("/leave", headers={"Sec-Fetch-Site": "cross-site"})
    silent = officer.post("/leave", headers={})

    assert {strange.status_code, silent.status_code} == {409}
    assert officer.get("/today").status_code == 200


def test_what_answers_a_form_has_an_address_of_its_own(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    posted = officer.client.post(
        "/guests/new",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "same-origin"},
        data={"name": "Souk V."},
    )
    shown, again = officer.follow(posted), officer.follow(posted)

    assert posted.status_code == 303
    assert not posted.data
    assert shown.status_code == 422
    assert 'value="Souk V."' in shown.text
    assert again.text == shown.text


def test_it_is_nobody_elses_and_ends_with_the_session(kenya: WorldNode) -> None:
    app = application(kenya)
    officer = Visitor.signed_in(app, "investigator KE")
    colleague = Visitor.signed_in(app, "colleague KE")
    posted = officer.client.post(
        "/guests/new",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "same-origin"},
        data={"name": "Souk V."},
    )
    place = posted.headers["Location"]

    other = colleague.get(place)
    officer.post("/leave")
    file = (kenya.house.home / "sessions.db").read_bytes()

    assert "Souk" not in other.text
    assert other.status_code == 422
    assert officer.get(place).headers["Location"] == "/"
    assert b"Souk" not in file


def test_no_more_than_a_few_such_pages_are_kept(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")
    places = []
    for _ in range(PAGES_MOST + 1):
        kenya.world.hours.pass_(seconds=1)
        places.append(
            officer.client.post(
                "/guests/new", base_url=f"http://{HOST}", headers={"Sec-Fetch-Site": "same-origin"}
            ).headers["Location"]
        )

    first, last = officer.get(places[0]), officer.get(places[-1])

    assert "There is no such page" in words(first)
    assert 'action="/guests/new"' in last.text
