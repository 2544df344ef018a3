# SPDX-License-Identifier: Apache-2.0
"""People: who is known here, how a key was checked, and who may change any of that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.templates import copy_of
from tests.web.desk import Visitor, application, words
from tests.world import World

from comity.services import admit
from comity.services.address_book import read_book
from comity.services.enrol import Person, enrol


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)


def _as(app: Flask, who: str) -> Visitor:
    return Visitor.signed_in(app, f"{who} KE")


def test_every_place_is_one_step_from_more(app: Flask) -> None:
    officer = _as(app, "investigator")

    more = officer.get("/more")

    assert {"People", "Our agency", "Proof", "Send by USB", "Practice", "Help"} <= {
        each.split("<")[0] for each in more.text.split("<strong>")
    }


def test_an_agency_shows_its_desks_and_nobodys_name(world: World, app: Flask) -> None:
    vietnam = world["vn"]
    enrol(vietnam.house, vietnam.agency, Person(name="Lan Pham", named_abroad=True), PASSPHRASE)
    world.sync()
    officer = _as(app, "investigator")

    shown = words(officer.get(f"/people/{vietnam.agency}"))
    ours = words(officer.get(f"/people/{world['ke'].agency}"))

    assert "Anti-smuggling desk" in shown
    assert "officer 1" in shown
    assert "Lan Pham" not in shown
    assert "colleague KE" in ours


def test_digits_are_shown_in_groups_and_as_a_square_code(world: World, app: Flask) -> None:
    officer, vietnam = _as(app, "investigator"), world["vn"]

    shown = words(officer.get(f"/people/{vietnam.agency}"))
    code = officer.get(f"/people/{vietnam.agency}/digits.svg")

    assert admit.fingerprint(vietnam.card) in shown
    assert code.mimetype == "image/svg+xml"
    assert code.data.startswith(b"<svg")


def test_a_supervisor_compares_by_voice_and_it_is_noted_who_did(world: World, app: Flask) -> None:
    supervisor, vietnam = _as(app, "supervisor"), world["vn"]

    done = supervisor.post(
        f"/people/{vietnam.agency}/compare", digits=admit.fingerprint(vietnam.card)
    )

    assert done.status_code == 303
    assert "supervisor KE heard them" in words(supervisor.get(done.headers["Location"]))


def test_other_digits_are_refused_and_what_was_typed_is_kept(world: World, app: Flask) -> None:
    supervisor, vietnam = _as(app, "supervisor"), world["vn"]

    wrong = supervisor.post(f"/people/{vietnam.agency}/compare", digits="1" * 40)
    short = supervisor.post(f"/people/{vietnam.agency}/compare", digits="12 34")

    assert wrong.status_code == 409
    assert (short.status_code, "12 34" in short.text) == (422, True)


@pytest.mark.parametrize("verb", ["compare", "suspend", "lift"])
def test_an_investigator_changes_nothing_about_another_agency(
    world: World, app: Flask, verb: str
) -> None:
    officer, vietnam = _as(app, "investigator"), world["vn"].agency
    digits = admit.fingerprint(world["vn"].card)
    place = f"/people/{vietnam}/{verb}"

    answers = [
        officer.post(place, digits=digits, code="policy", colleague="x", reason="y"),
        officer.get(place),
    ]

    assert {each.status_code for each in answers} == {409}
    assert not read_book(world["ke"].house).agency(vietnam).suspended


def test_one_suspends_and_two_lift(world: World, app: Flask) -> None:
    supervisor, vietnam, kenya = _as(app, "supervisor"), world["vn"].agency, world["ke"]

    supervisor.post(f"/people/{vietnam}/suspend", code="policy", remark="until they answer")
    suspended = read_book(kenya.house).agency(vietnam).suspended
    alone = supervisor.post(
        f"/people/{vietnam}/lift", colleague=kenya.settled.people["supervisor"], reason="settled"
    )
    lifted = supervisor.post(
        f"/people/{vietnam}/lift", colleague=kenya.settled.people["colleague"], reason="settled"
    )

    assert suspended
    assert (alone.status_code, lifted.status_code) == (422, 303)
    assert not read_book(kenya.house).agency(vietnam).suspended


def test_an_agency_that_nobody_knows_is_a_mistake_and_no_fault(app: Flask) -> None:
    supervisor = _as(app, "supervisor")

    assert supervisor.get("/people/nobody").status_code == 422
    assert supervisor.post("/people/%2e%2e/suspend", code="policy").status_code in {404, 422}


def test_two_agencies_are_introduced_and_one_accepts(two_strangers: World, tmp_path: Path) -> None:
    for world in copy_of(two_strangers, tmp_path / "apart"):
        kenya, vietnam, ethiopia = world.nodes("ke", "vn", "et")
        there = application(vietnam)
        begun = Visitor.signed_in(application(kenya), "supervisor KE").post(
            "/introductions/new",
            one=vietnam.agency,
            other=ethiopia.agency,
            sensitivity="nominal",
            until="2027-03-01",
            reason="A route through both.",
        )
        world.sync()
        officer = Visitor.signed_in(there, "investigator VN")
        head = Visitor.signed_in(there, "supervisor VN")
        [came] = [e for e in head.get("/introductions").text.split('"') if e.endswith("/accept")]

        barred = officer.post(came, colleague=vietnam.settled.people["colleague"])
        done = head.post(came, colleague=vietnam.settled.people["colleague"])

        assert begun.status_code == 303
        assert barred.status_code == 409
        assert done.headers["Location"] == f"/people/{ethiopia.agency}"
        assert "Introduced by" in words(head.get("/introductions"))


def test_an_introduction_for_some_uses_is_declined_and_both_sides_see_it(
    two_strangers: World, tmp_path: Path
) -> None:
    for world in copy_of(two_strangers, tmp_path / "apart"):
        kenya, vietnam, ethiopia = world.nodes("ke", "vn", "et")
        here = Visitor.signed_in(application(kenya), "supervisor KE")
        there = Visitor.signed_in(application(vietnam), "supervisor VN")
        form = here.get("/introductions/new")
        here.post(
            "/introductions/new",
            one=vietnam.agency,
            other=ethiopia.agency,
            sensitivity="plain",
            until="2027-03-01",
            kinds=["container"],
            uses=["intelligence"],
        )
        world.sync()
        [came] = [e for e in there.get("/introductions").text.split('"') if e.endswith("/decline")]
        there.post(came)
        again = there.post(came)
        world.sync()

        assert form.status_code == 200
        assert again.status_code == 409
        assert "names nobody" in words(here.get("/introductions"))
        assert "not accepted" in words(here.get("/introductions"))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"one": "x", "other": "y", "until": "2027-03-01", "sensitivity": "coercive"},
        {"one": "x", "other": "y", "until": "never", "sensitivity": "nominal"},
        {"one": "x", "other": "y", "until": "2027-03-01", "sensitivity": "nominal"},
    ],
)
def test_nonsense_introduces_nobody(app: Flask, form: dict[str, Any]) -> None:
    answer = _as(app, "supervisor").post("/introductions/new", **form)

    assert answer.status_code in {409, 422}


def test_whoever_answers_for_it_hands_out_the_invitation(app: Flask) -> None:
    handed = _as(app, "supervisor").get("/people/invitation")

    assert "attachment" in handed.headers["Content-Disposition"]
    assert _as(app, "investigator").get("/people/invitation").status_code == 409


def test_a_suspension_lifts_itself_after_its_last_day(world: World, app: Flask) -> None:
    supervisor, vietnam = _as(app, "supervisor"), world["vn"].agency

    junk = supervisor.post(f"/people/{vietnam}/suspend", code="nonsense")
    late = supervisor.post(f"/people/{vietnam}/suspend", code="policy", until="2020-01-01")
    last = supervisor.post(f"/people/{vietnam}/suspend", code="policy", until="9999-12-31")
    done = supervisor.post(f"/people/{vietnam}/suspend", code="policy", until="2026-12-01")

    refused = (junk.status_code, late.status_code, last.status_code)
    assert (*refused, done.status_code) == (422, 422, 422, 303)
    assert "suspended until" in words(supervisor.get(f"/people/{vietnam}"))
    assert "Lift the suspension" in words(supervisor.get(f"/people/{vietnam}/lift"))


def test_nobody_compares_with_himself(world: World, app: Flask) -> None:
    assert _as(app, "supervisor").get(f"/people/{world['ke'].agency}/compare").status_code == 422


def test_who_is_away_says_who_stands_in(world: World, app: Flask) -> None:
    officer, kenya = _as(app, "investigator"), world["ke"]
    beside = kenya.settled.people["colleague"]

    noted = officer.post("/away", begins="2026-11-23", ends="2026-11-30", stand_in=beside)
    shown = words(officer.get("/away"))
    seen = words(_as(app, "colleague").get(f"/people/{kenya.agency}"))
    back = officer.post("/away/back")

    assert (noted.status_code, back.status_code) == (303, 303)
    assert "colleague KE stands in." in shown
    assert "away until 2026-11-30" in seen
    assert "stands in." not in words(officer.get("/away"))


@pytest.mark.parametrize(
    ("begins", "ends", "stand_in"),
    [
        ("2026-11-30", "2026-11-23", ""),
        ("yesterday", "2026-11-30", ""),
        ("2026-11-23", "2026-11-30", "supervisor"),
        ("2026-11-23", "2026-11-30", "investigator"),
    ],
)
def test_nobody_is_away_backwards_or_with_a_stand_in_who_cannot_read(
    world: World, app: Flask, begins: str, ends: str, stand_in: str
) -> None:
    person = world["ke"].settled.people.get(stand_in, "")

    answer = _as(app, "investigator").post("/away", begins=begins, ends=ends, stand_in=person)

    assert answer.status_code in {409, 422}
