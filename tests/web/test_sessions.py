# SPDX-License-Identifier: Apache-2.0
"""A session opens with the cookie alone, ends by the clock, and is nobody else's."""

from tests.web.desk import Visitor, application, words
from tests.world import WorldNode


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
