# SPDX-License-Identifier: Apache-2.0
"""Taking back on pages: deleted, narrowed, corrected, withdrawn; and what others ask to delete."""

from dataclasses import replace

from tests.web.acts import asked, fill, officer, send
from tests.web.desk import words
from tests.world import World

from comity.services.recall_rules import read_rules, set_rules


def act_of(world: World, thread: str) -> str:
    opening = world["ke"].seat().thread(thread).thread.opening
    assert opening is not None
    return opening.id


def test_a_question_is_withdrawn_and_its_clock_stops(world: World) -> None:
    thread, amina = asked(world), officer(world["ke"])

    send(amina, f"/t/{thread}/withdraw", text="Solved")
    world.sync()

    assert "no answer is wanted" in words(officer(world["vn"]).get(f"/t/{thread}"))


def test_what_is_deleted_is_counted_and_its_consequence_said_first(world: World) -> None:
    thread, amina = asked(world), officer(world["ke"])

    page = words(amina.get(f"/t/{thread}/delete"))
    done = fill(amina, f"/t/{thread}/delete", acts=act_of(world, thread))
    again = fill(amina, f"/t/{thread}/delete", acts=act_of(world, thread))
    world.sync()

    assert "cannot be taken back" in page
    assert "Anti-smuggling desk" in page
    assert done.status_code == 303
    assert again.status_code == 422
    assert "deleted" in words(amina.get(f"/t/{thread}"))


def test_the_wrong_person_stands_above_everything(world: World) -> None:
    thread, amina = asked(world), officer(world["ke"])

    fill(amina, f"/t/{thread}/correct", acts=act_of(world, thread), correction="wrong-person")
    world.sync()

    page = officer(world["vn"]).get(f"/t/{thread}").text
    assert page.index("WRONG PERSON") < page.index("<h1>")


def test_less_is_allowed_and_never_more(world: World) -> None:
    thread, amina = asked(world), officer(world["ke"])
    act = act_of(world, thread)

    wider = fill(
        amina, f"/t/{thread}/narrow", acts=act, onward="yes", judicial="yes", see="community"
    )
    less = fill(amina, f"/t/{thread}/narrow", acts=act, onward="no", judicial="no", see="desk")
    world.sync()

    assert wider.status_code == 422
    assert less.status_code == 303
    assert world["vn"].seat().thread(thread).thread.handling.onward == "no"


def test_another_officers_message_is_not_taken_back(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    tried = fill(minh, f"/t/{thread}/delete", acts=act_of(world, thread))

    assert tried.status_code == 422
    assert world["vn"].seat().thread(thread).thread.stage == "asked"


def test_a_person_decides_where_the_agency_wants_to_be_asked(world: World) -> None:
    vietnam = world["vn"]
    rules = read_rules(vietnam.house, vietnam.agency)
    set_rules(vietnam.house, vietnam.agency, replace(rules, ask=True))
    thread, minh = asked(world), officer(vietnam)
    fill(officer(world["ke"]), f"/t/{thread}/delete", acts=act_of(world, thread))
    world.sync()

    waits = words(minh.get("/today"))
    without = fill(minh, f"/t/{thread}/asked-to-delete", decision="keep")
    kept = fill(minh, f"/t/{thread}/asked-to-delete", decision="keep", ground="evidence")
    world.sync()

    assert "asks to delete something" in waits
    assert without.status_code == 422
    assert kept.status_code == 303
    assert "kept" in words(officer(world["ke"]).get(f"/t/{thread}"))
