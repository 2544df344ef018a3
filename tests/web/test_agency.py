# SPDX-License-Identifier: Apache-2.0
"""Our agency: each thing is changed by whoever answers for it, and by nobody else."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE, inhabit
from tests.web.desk import Visitor, application, words
from tests.world import World, WorldNode, question

from comity.domain.roster import Role
from comity.errors import NotCompetent
from comity.services import marked_identifiers
from comity.services.ask import Question
from comity.services.charge import charges_of
from comity.services.enrol import Person, enrol
from comity.services.office import Office
from comity.services.oversight import read_policy
from comity.services.recall_rules import read_rules


@pytest.fixture
def head(app: Flask) -> Visitor:
    return Visitor.signed_in(app, "supervisor KE")


def _watcher(kenya: WorldNode) -> str:
    """Enrol an integrity officer."""
    person = Person(name="watcher KE", roles=(Role.INTEGRITY,))
    return enrol(kenya.house, kenya.agency, person, PASSPHRASE).id


def _typed(**fields: str) -> dict[str, Any]:
    return {name.replace("_", "-"): text for name, text in fields.items()}


PLACES = (
    "/agency",
    "/agency/officers",
    "/agency/officers/new",
    "/agency/desks",
    "/agency/desks/new",
    "/agency/mandates",
    "/agency/mandates/new",
    "/agency/oversight",
    "/agency/oversight/new",
    "/agency/barred",
    "/agency/retention",
    "/agency/keys",
    "/agency/recovery",
    "/agency/transfers",
    "/agency/transfers.csv",
    "/agency/marked",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_supervisor_sees_every_place(head: Visitor, place: str) -> None:
    assert head.get(place).status_code == 200


def test_an_officer_sees_what_concerns_him_and_no_more(officer: Visitor) -> None:
    seen = {place: officer.get(place).status_code for place in PLACES}

    hidden = {place for place, status in seen.items() if status == 409}
    assert hidden == {
        "/agency/officers/new",
        "/agency/desks/new",
        "/agency/mandates/new",
        "/agency/oversight/new",
        "/agency/barred",
        "/agency/recovery",
        "/agency/transfers",
        "/agency/transfers.csv",
        "/agency/marked",
    }
    assert {seen[each] for each in set(seen) - hidden} == {200}


def test_nothing_of_the_agency_is_changed_by_an_officer(kenya: WorldNode, officer: Visitor) -> None:
    colleague, desk = kenya.settled.people["colleague"], kenya.settled.oversight
    mandate = kenya.card.mandates[0].id
    before = (kenya.card.number, read_policy(kenya.house, kenya.agency))
    forms: dict[str, dict[str, Any]] = {
        "/agency/officers/new": {"name": "Mole"},
        f"/agency/officers/{colleague}/renew": {},
        f"/agency/officers/{colleague}/roles": {"roles": "administrator"},
        f"/agency/officers/{colleague}/out": {},
        f"/agency/officers/{colleague}/revoke": {"reason": "left"},
        "/agency/desks/new": {"name": "Mole desk", "member": colleague},
        f"/agency/desks/{desk}/duty": {"hours": "mon 08:00-09:00"},
        f"/agency/desks/{desk}/members": {"join": kenya.settled.people["investigator"]},
        f"/agency/desks/{desk}/stand-ins": {"head": colleague},
        "/agency/mandates/new": {"law": "None", "signed-by": "Me", "until": "2027-01-01"},
        f"/agency/mandates/{mandate}/end": {"reason": "left"},
        "/agency/oversight/new": {"kind": "*", "to": "*", "sensitivity": "*", "mode": "direct"},
        "/agency/oversight/drop": {"rule": "0", "said": ""},
        "/agency/oversight/manner": {"stop": "0", "shows": "fact"},
        "/agency/barred": {"thread": "KV-0001", "who": "VN"},
        "/agency/barred/lift": {"thread": "x"},
        "/agency/retention": {"days-any": "1", "backups": "0"},
        "/agency/marked": {"value": "+254700000001"},
        "/agency/marked/remove": {"id": "x"},
        "/agency/marked/seen": {"id": "x"},
    }

    answers = {place: officer.post(place, **form).status_code for place, form in forms.items()}

    assert set(answers.values()) == {409}, answers
    assert (kenya.card.number, read_policy(kenya.house, kenya.agency)) == before


def test_a_supervisor_changes_nothing_of_another_agency_on_the_same_server(
    kenya: WorldNode, head: Visitor, tmp_path: Path
) -> None:
    other = inhabit(kenya.house, tmp_path, "TG")
    them, desk = other.people["investigator"], other.desk
    mandate, before = other.card.mandates[0].id, other.card.number

    answers = [
        head.get(f"/agency/officers/{them}"),
        head.post(f"/agency/officers/{them}/revoke", reason="left"),
        head.post(f"/agency/officers/{them}/renew"),
        head.post(f"/agency/officers/{them}/roles", roles="integrity"),
        head.post(f"/agency/officers/{them}/out"),
        head.post(f"/agency/desks/{desk}/members", leave=them),
        head.post(f"/agency/desks/{desk}/duty", zone="UTC", hours="mon 08:00-09:00"),
        head.post(f"/agency/desks/{desk}/stand-ins", head=them),
        head.post(f"/agency/mandates/{mandate}/end", reason="left"),
    ]

    assert {each.status_code for each in answers} == {422}
    assert other.card.number == before
    assert "investigator TG" not in words(head.get(f"/people/{other.agency}"))


def test_nobody_gives_himself_a_role_or_revokes_himself(kenya: WorldNode, head: Visitor) -> None:
    me = kenya.settled.people["supervisor"]

    roles = head.post(f"/agency/officers/{me}/roles", roles="integrity")
    revoked = head.post(f"/agency/officers/{me}/revoke", reason="left")

    assert (roles.status_code, revoked.status_code) == (409, 409)
    assert kenya.card.readers[me] is not None


def test_a_new_officer_is_enrolled_and_signs_in_with_what_was_shown_once(
    app: Flask, head: Visitor
) -> None:
    shown = head.post("/agency/officers/new", name="Wanjiru Njoroge", roles=["investigator"])
    found = re.search(r'class="passphrase"[^>]*>([a-z ]+)<', shown.text)

    assert found is not None
    assert len(found[1].split()) == 6
    assert found[1] not in head.get("/agency/officers").text
    assert Visitor.signed_in(app, "Wanjiru Njoroge", found[1]).get("/today").status_code == 200


def test_an_officer_who_is_revoked_is_out_at_once(
    kenya: WorldNode, head: Visitor, officer: Visitor
) -> None:
    him = kenya.settled.people["investigator"]

    page = head.get(f"/agency/officers/{him}/revoke")
    done = head.post(f"/agency/officers/{him}/revoke", reason="left")

    assert "This cannot be taken back." in words(page)
    assert "needs a new key" in words(done)
    assert officer.get("/today").status_code == 303


def test_other_roles_take_the_old_ones_powers_away(
    app: Flask, kenya: WorldNode, head: Visitor
) -> None:
    him = kenya.settled.people["colleague"]
    head.post(f"/agency/officers/{him}/roles", roles=["supervisor", "investigator"])
    second = Visitor.signed_in(app, "colleague KE")
    had = second.get("/agency/barred").status_code

    head.post(f"/agency/officers/{him}/roles", roles=["investigator"])

    assert had == 200
    assert second.get("/agency/barred").status_code == 409
    assert kenya.seat("colleague").unlocked.entry.roles == (Role.INVESTIGATOR,)


def test_an_officer_signs_himself_out_everywhere(kenya: WorldNode, officer: Visitor) -> None:
    me = kenya.settled.people["investigator"]

    officer.post(f"/agency/officers/{me}/out")

    assert officer.get("/today").status_code == 303


def test_a_desk_is_opened_and_its_hours_are_published(kenya: WorldNode, head: Visitor) -> None:
    members = [kenya.settled.people["investigator"], kenya.settled.people["supervisor"]]

    opened = head.post(
        "/agency/desks/new",
        name="Night desk",
        member=members,
        zone="Africa/Nairobi",
        hours="mon 20:00-06:00\ntue 20:00-06:00",
        telephone="+254 20 000 0001",
    )
    place = opened.headers["Location"]
    wrong = head.post(f"{place}/duty", zone="Africa/Nowhere", hours="", holidays="")
    right = head.post(f"{place}/duty", zone="Africa/Nairobi", hours="", holidays="2027-01-01")
    head.post(f"{place}/stand-ins", alternate=members[0], head=members[1])
    head.post(f"{place}/members", join=kenya.settled.people["colleague"], leave=members[0])

    shown = words(head.get(place))
    assert wrong.status_code == 422
    assert "Africa/Nowhere" in wrong.text
    assert right.status_code == 303
    assert "2027-01-01" in shown
    assert "colleague KE" in shown


def test_a_mandate_is_recorded_and_ended(kenya: WorldNode, head: Visitor) -> None:
    head.post(
        "/agency/mandates/new",
        **_typed(law="Customs Act, 7", signed_by="The Minister", until="2027-06-30"),
        kind=["phone"],
        country=["VN"],
    )
    made = next(each for each in kenya.card.mandates if each.law == "Customs Act, 7")
    shown = words(head.get("/agency/mandates"))
    head.post(f"/agency/mandates/{made.id}/end", reason="superseded")

    assert (made.kinds, made.countries) == (("phone",), ("VN",))
    assert "Who uses this phone?" in shown
    assert made.id not in {each.id for each in kenya.card.mandates}


@pytest.mark.parametrize(
    "fields",
    [
        {"law": "", "signed_by": "The Minister", "until": "2027-06-30"},
        {"law": "Customs Act", "signed_by": "The Minister", "until": "soon"},
        {"law": "Customs Act", "signed_by": "The Minister", "until": "2020-01-01"},
        {"law": "Customs Act", "signed_by": "X", "until": "2027-06-30", "country": "QQ"},
        {"law": "Customs Act", "signed_by": "X", "until": "2027-06-30", "copy": "nowhere"},
    ],
)
def test_no_mandate_of_nonsense_is_recorded(
    kenya: WorldNode, head: Visitor, fields: dict[str, str]
) -> None:
    before = kenya.card.mandates

    answer = head.post("/agency/mandates/new", **_typed(**fields))

    assert answer.status_code == 422
    assert kenya.card.mandates == before


def test_what_is_not_there_is_neither_ended_nor_shown(head: Visitor) -> None:
    for place in (
        "/agency/mandates/nothing/end",
        "/agency/officers/nobody",
        "/agency/officers/nobody/revoke",
        "/agency/desks/nowhere",
    ):
        assert head.get(place).status_code == 422
    assert head.post("/agency/mandates/nothing/end", reason="left").status_code == 422
    assert head.post("/agency/marked/remove", id="nothing").status_code == 422
    assert head.post("/agency/barred/lift", thread="nothing").status_code == 422
    assert head.post("/agency/barred", thread="KV-0000", who="VN").status_code == 422
    assert head.post("/agency/barred", thread="KV-0000", who="").status_code == 422


def test_a_mandate_is_ended_after_its_consequence_was_read(kenya: WorldNode, head: Visitor) -> None:
    mandate = kenya.card.mandates[0].id

    page = words(head.get(f"/agency/mandates/{mandate}/end"))
    wrong = head.post(f"/agency/mandates/{mandate}/end", reason="whim")

    assert "Nothing more goes abroad" in page
    assert wrong.status_code == 422


def test_how_long_one_may_stop_and_what_is_shown_is_set(kenya: WorldNode, head: Visitor) -> None:
    junk = head.post("/agency/oversight/manner", stop="99999", shows="fact")
    done = head.post("/agency/oversight/manner", stop="120", shows="fact")

    held = read_policy(kenya.house, kenya.agency)
    assert (junk.status_code, done.status_code) == (422, 303)
    assert (held.stop_seconds, held.shows.value) == (120, "fact")


def test_an_officer_is_renewed(kenya: WorldNode) -> None:
    him = kenya.settled.people["colleague"]
    kenya.world.hours.pass_(hours=30)
    again = Visitor.signed_in(application(kenya), "supervisor KE")
    before = kenya.card.readers[him].ends

    done = again.post(f"/agency/officers/{him}/renew")
    shown = again.get(f"/agency/officers/{him}")

    assert (done.status_code, shown.status_code) == (303, 200)
    assert kenya.card.readers[him].ends > before


def test_oversight_is_read_as_sentences_set_and_taken_away(
    world: World, kenya: WorldNode, head: Visitor
) -> None:
    vietnam, desk = world["vn"].agency, kenya.settled.oversight
    head.post(
        "/agency/oversight/new",
        kind="phone",
        to=vietnam,
        sensitivity="*",
        mode="countersign",
        desk=desk,
        spoken="1",
    )
    page = head.get("/agency/oversight")
    said = re.search(r'name="said" value="([^"]+)"', page.text)

    assert said is not None
    sentence = said[1]
    changed = head.post("/agency/oversight/drop", rule="0", said="something else")
    assert "Customs, Hai Phong: waits until Oversight desk has signed" in words(page)
    assert changed.status_code == 422
    assert len(read_policy(kenya.house, kenya.agency).policy.rules) == 1
    assert head.post("/agency/oversight/drop", rule="0", said=sentence).status_code == 303
    assert read_policy(kenya.house, kenya.agency).policy.rules == ()


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "nonsense", "to": "*", "sensitivity": "*", "mode": "copy"},
        {"kind": "*", "to": "nobody", "sensitivity": "*", "mode": "copy"},
        {"kind": "*", "to": "*", "sensitivity": "*", "mode": "blind"},
        {"kind": "*", "to": "*", "sensitivity": "*", "mode": "copy", "desk": "nowhere"},
        {},
    ],
)
def test_no_rule_of_nonsense_is_set(kenya: WorldNode, head: Visitor, form: dict[str, Any]) -> None:
    answer = head.post("/agency/oversight/new", **form)

    assert answer.status_code in {409, 422}
    assert read_policy(kenya.house, kenya.agency).policy.rules == ()


def test_a_desk_of_another_state_never_oversees_us(world: World, head: Visitor) -> None:
    answer = head.post(
        "/agency/oversight/new",
        kind="*",
        to="*",
        sensitivity="*",
        mode="copy",
        desk=world["vn"].settled.oversight,
    )

    assert answer.status_code == 409


def test_who_is_barred_is_shown_to_those_who_may_know(
    world: World, kenya: WorldNode, head: Visitor, officer: Visitor
) -> None:
    asked = kenya.seat().ask(question("VN"))
    short = kenya.seat("supervisor").thread(asked.thread).thread.short

    barred = head.post("/agency/barred", thread=short, who="VN/officer 2")
    shown = words(head.get("/agency/barred"))
    lifted = head.post("/agency/barred/lift", thread=asked.thread)

    assert (barred.status_code, lifted.status_code) == (303, 303)
    assert "officer 2" in shown
    assert officer.get("/agency/barred").status_code == 409
    assert Office.of(kenya.seat()).policy().exclusions == ()
    assert "Nobody is barred" in words(head.get("/agency/barred"))


def test_how_long_things_are_kept_is_set_as_a_whole(kenya: WorldNode, head: Visitor) -> None:
    set_ = head.post("/agency/retention", **_typed(days_any="365", recalls="ask", backups="14"))
    junk = head.post("/agency/retention", **_typed(days_any="²", recalls="now", backups="14"))

    held = read_rules(kenya.house, kenya.agency)
    assert (set_.status_code, junk.status_code) == (303, 422)
    assert (held.ask, held.backups, held.retention[0].days) == (True, 14, 365)


@pytest.mark.parametrize(
    "asked",
    [
        {"fields": {"number": ("+84 900 000 001",), "found": ("seal",)}},
        {"facts": "The driver also called +84 900-000-001, he says."},
        {"why_you": "He is known as Nguyen Van Bia-Dat."},
    ],
)
def test_who_asks_about_a_marked_identifier_is_seen_and_does_not_know(
    kenya: WorldNode, app: Flask, asked: dict[str, Any]
) -> None:
    _watcher(kenya)
    watcher = Visitor.signed_in(app, "watcher KE")
    watcher.post("/agency/marked", value="0084900000001", kind="phone", remark="in file 12")
    watcher.post("/agency/marked", value="Nguyen Van Bia-Dat")
    watcher.post("/agency/marked", value="Bia-Dat.")

    done = kenya.seat("colleague").ask(question("VN", **asked))
    told = words(watcher.get("/agency/marked"))
    culprit = Visitor.signed_in(app, "colleague KE")

    assert done.act
    assert "colleague KE" in told
    assert "asked about" in words(watcher.get("/agency"))
    assert "marked" not in words(culprit.get("/today")).casefold()
    assert culprit.get("/agency/marked").status_code == 409
    assert marked_identifiers.marked_alerts_for(kenya.seat("colleague").unlocked, kenya.house) == ()


def test_an_alert_is_looked_into_and_kept(kenya: WorldNode, app: Flask) -> None:
    _watcher(kenya)
    watcher = Visitor.signed_in(app, "watcher KE")
    watcher.post("/agency/marked", value="+84900000000", kind="phone")
    kenya.seat().ask(question("VN"))
    [alert] = marked_identifiers.marked_alerts_for(
        kenya.node.seat("watcher KE", PASSPHRASE).unlocked, kenya.house
    )

    watcher.post("/agency/marked/seen", id=alert.id)

    assert "investigator KE" in words(watcher.get("/agency/marked"))
    assert "asked about" not in words(watcher.get("/agency"))


def test_what_is_not_marked_alerts_nobody(kenya: WorldNode, head: Visitor) -> None:
    head.post("/agency/marked", value="+84900000777", kind="phone")
    head.post("/agency/marked", value="ab")

    kenya.seat().ask(question("VN"))

    assert "Who asked" not in words(head.get("/agency/marked"))
    assert "+84900000777" in words(head.get("/agency/marked"))


def test_a_supervisor_does_not_see_the_marks_where_somebody_watches(
    kenya: WorldNode, head: Visitor
) -> None:
    before = head.get("/agency/marked").status_code
    _watcher(kenya)

    assert (before, head.get("/agency/marked").status_code) == (200, 409)
    with pytest.raises(NotCompetent):
        Office.of(kenya.seat("supervisor")).marked()


def test_a_stolen_database_does_not_tell_what_is_marked(kenya: WorldNode, head: Visitor) -> None:
    head.post("/agency/marked", value="+84900000777", kind="phone", remark="in file twelve")

    stored = b"".join(each.read_bytes() for each in kenya.house.home.glob("*.db*"))

    assert b"84900000777" not in stored
    assert b"file twelve" not in stored


def test_the_register_tells_what_left_under_what_and_names_nobody(
    world: World, kenya: WorldNode, head: Visitor
) -> None:
    kenya.world.hours.pass_(minutes=2)
    kenya.seat().ask(question("VN", ref="=MSA/114"))
    world.sync()

    page = words(head.get("/agency/transfers"))
    answer = head.get("/agency/transfers.csv")
    [columns, row] = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))

    assert "Vietnam" in page
    assert columns[0] == "When"
    assert row[1:3] == ["Vietnam", "Customs, Hai Phong"]
    assert "Wildlife Act, section 12" in row
    assert row[-1] == "'=MSA/114"
    assert "84900000000" not in answer.text + page
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_register_of_another_time_is_empty(head: Visitor) -> None:
    told = words(head.get("/agency/transfers?since=2020-01-01&until=2020-12-31"))

    assert "Nothing left the country" in told
    assert head.get("/agency/transfers?since=junk").status_code == 422
    assert head.get("/agency/transfers?since=2021-01-01&until=2020-01-01").status_code == 422


def test_a_role_answers_for_nothing_of_another_agency(world: World, kenya: WorldNode) -> None:
    stranger = world["vn"].settled.people["supervisor"]

    assert charges_of(kenya.card, stranger) == frozenset()


def test_a_question_without_marks_is_asked_as_ever(kenya: WorldNode) -> None:
    asked: Question = question("VN")

    assert kenya.seat().ask(asked).act
