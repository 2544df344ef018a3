# SPDX-License-Identifier: Apache-2.0
"""Today says in words and by the clock what waits for whom, and nothing that is empty."""

from dataclasses import replace

from tests.web.acts import VIETNAM, asked, fill, hidden, officer
from tests.web.desk import words
from tests.world import World, question

from comity.domain.policy import Mode, Policy, Rule
from comity.domain.statement import Outcome
from comity.services.answer import Reply
from comity.services.oversight import change_policy


def test_a_question_is_to_be_taken_then_answered_then_done(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    first = words(minh.get("/today"))
    minh.post(f"/t/{thread}/take")
    then = words(minh.get("/today"))
    world["vn"].seat().answer(thread, Reply(outcome=Outcome.NOTHING_KNOWN))
    last = words(minh.get("/today?show=done"))

    assert "to take" in first
    assert "due in" in first
    assert "answer it" in then
    assert "Who uses this phone?" in last


def test_what_is_mine_and_what_is_the_desks_are_shown_apart(world: World) -> None:
    thread = asked(world)
    world["vn"].seat().take(thread)
    minh, lan = officer(world["vn"]), officer(world["vn"], "colleague")

    assert "Who uses this phone?" in words(minh.get("/today?show=mine"))
    assert "Nothing here" in words(lan.get("/today?show=mine"))
    assert "Who uses this phone?" in words(lan.get("/today?show=desk"))
    assert "investigator" not in words(lan.get("/today?show=junk"))


def test_what_is_late_is_said_in_words_and_brought_to_whoever_asked(world: World) -> None:
    thread = asked(world)
    kenya, vietnam = world.nodes("ke", "vn")
    world.hours.pass_(hours=24 * 8)
    for node in (kenya, vietnam):
        node.node.courier.sync()
    page = words(officer(vietnam).get("/today"))
    asker = words(officer(kenya).get(f"/t/{thread}"))

    assert "Late" in page
    assert "1 late" in page
    assert "Call" in asker


def test_a_copy_owed_on_paper_stays_until_it_was_handed_in(world: World) -> None:
    kenya = world["ke"]
    rule = Rule(mode=Mode.COPY, to=("the national bureau",))
    change_policy(
        kenya.house, kenya.agency, lambda held: replace(held, policy=Policy(rules=(rule,)))
    )
    done = kenya.seat().ask(question(VIETNAM))
    amina = officer(kenya)

    owed = words(amina.get("/today"))
    handed = amina.post("/owed", act=done.act, office="the national bureau")
    again = amina.post("/owed", act=done.act, office="the national bureau")

    assert "the national bureau, owed since" in owed
    assert handed.status_code == again.status_code == 303
    assert "owed since" not in words(amina.get("/today"))


def test_what_was_typed_for_a_colleague_waits_for_his_word(world: World) -> None:
    thread, vietnam = asked(world), world["vn"]
    minh, lan = officer(vietnam), officer(vietnam, "colleague")
    form = {"outcome": "nothing-known", "typed_for": vietnam.settled.people["colleague"]}

    review = fill(minh, f"/t/{thread}/answer", **form)
    minh.post(f"/t/{thread}/answer", **hidden(review), sure="1")
    world.hours.pass_(minutes=5)
    waits = lan.get("/today")
    place = waits.text.split('href="/typed/')[1].split('"')[0]
    shown = words(lan.get(f"/typed/{place}"))
    stranger = minh.get(f"/typed/{place}").status_code
    confirmed = [lan.post(f"/typed/{place}", word="yes").status_code for _ in range(2)]

    assert "typed something for you" in words(waits)
    assert "Nothing is known here" in shown
    assert stranger == 422
    assert confirmed == [303, 303]
    page = words(minh.get(f"/t/{thread}"))
    assert "Dictated by" in page
    assert "confirmed" in page


def test_what_nobody_confirmed_in_a_day_is_shown_to_the_supervisor(world: World) -> None:
    thread, vietnam = asked(world), world["vn"]
    minh = officer(vietnam)
    form = {"outcome": "nothing-known", "typed_for": vietnam.settled.people["colleague"]}
    minh.post(f"/t/{thread}/answer", **hidden(fill(minh, f"/t/{thread}/answer", **form)), sure="1")

    early = words(officer(vietnam, "supervisor").get("/today"))
    world.hours.pass_(hours=25)
    late = words(officer(vietnam, "supervisor").get("/today"))

    assert "has not confirmed" not in early
    assert "has not confirmed what" in late
    assert "has not confirmed" not in words(officer(vietnam).get("/today"))
