# SPDX-License-Identifier: Apache-2.0
"""Oversight on one screen: what is held is approved, returned or refused, by the desk or by whom it
lets decide; what was spoken is confirmed."""

from dataclasses import replace
from typing import Any

from tests.web.acts import VIETNAM, fill, officer
from tests.web.desk import Visitor, words
from tests.world import World, WorldNode, question

from comity.domain.policy import Mode, Policy, Rule
from comity.domain.statement import Urgency
from comity.services.oversight import change_policy


def held(node: WorldNode, who: str = "investigator") -> str:
    """Let *node* ask what its oversight desk must countersign; return the thread."""
    rule = Rule(mode=Mode.COUNTERSIGN, spoken_allowed=True)
    change_policy(
        node.house, node.agency, lambda before: replace(before, policy=Policy(rules=(rule,)))
    )
    return node.seat(who).ask(question(VIETNAM)).thread


def decide(visitor: Visitor, thread: str, decision: str, **form: str) -> int:
    return fill(visitor, f"/t/{thread}/countersign", decision=decision, **form).status_code


def test_a_supervisor_reads_all_he_needs_on_one_screen_and_approves(world: World) -> None:
    kenya, vietnam = world.nodes("ke", "vn")
    thread, wanjiru = held(kenya), officer(kenya, "supervisor")

    waits = words(wanjiru.get("/today"))
    page = words(wanjiru.get(f"/t/{thread}/countersign"))
    status = decide(wanjiru, thread, "approve")
    world.sync()

    assert "sign for the oversight desk" in waits
    for each in ("Customs, Hai Phong", "Vietnam", "UNTOC art. 27", "Wildlife Act", "timber"):
        assert each in page
    assert "names or identifies a person" in page
    assert status == 303
    assert vietnam.inbox()


def test_what_is_returned_comes_back_with_its_reason(world: World) -> None:
    kenya = world["ke"]
    thread, wanjiru = held(kenya), officer(kenya, "supervisor")

    without = decide(wanjiru, thread, "return")
    returned = decide(wanjiru, thread, "return", reason="Say which container")

    assert without in (409, 422)
    assert returned == 303
    assert "Say which container" in words(officer(kenya).get(f"/t/{thread}"))
    assert not kenya.world["vn"].inbox()


def test_an_impatient_thumb_approves_once(world: World) -> None:
    kenya = world["ke"]
    thread, wanjiru = held(kenya), officer(kenya, "supervisor")
    act = kenya.seat("supervisor").thread(thread).thread.acts[0].id
    path = f"/t/{thread}/countersign"

    twice = [wanjiru.post(path, act=act, decision="approve").status_code for _ in range(2)]

    assert twice == [303, 303]


def test_nobody_approves_his_own(world: World) -> None:
    kenya = world["ke"]
    thread, amina = held(kenya), officer(kenya)

    page = amina.get(f"/t/{thread}/countersign")
    act = kenya.seat().thread(thread).thread.acts[0].id
    tried = amina.post(f"/t/{thread}/countersign", act=act, decision="approve")

    assert page.status_code == 409
    assert tried.status_code == 409
    assert "sign for the oversight desk" not in words(amina.get("/today"))
    assert kenya.seat().thread(thread).thread.stage == "held"


def test_a_colleague_decides_while_it_is_delegated_to_him_and_no_longer(world: World) -> None:
    kenya = world["ke"]
    wanjiru, joseph = officer(kenya, "supervisor"), officer(kenya, "colleague")
    colleague = kenya.settled.people["colleague"]
    first = held(kenya)

    named = wanjiru.post("/delegate", to=colleague, days="2", remark="Leave")
    second = kenya.seat().ask(question(VIETNAM)).thread
    page = words(joseph.get(f"/t/{second}/countersign"))
    before = joseph.get(f"/t/{first}/countersign").status_code
    approved = decide(joseph, second, "approve")
    third = kenya.seat().ask(question(VIETNAM)).thread
    world.hours.pass_(hours=49)
    late = officer(kenya, "colleague")
    act = kenya.seat("colleague").thread(third).thread.acts[0].id
    over = late.post(f"/t/{third}/countersign", act=act, decision="approve")

    assert named.status_code == 303
    assert "decides for Oversight desk too, until" in page
    assert before == 409
    assert approved == 303
    assert kenya.seat().thread(second).thread.stage == "asked"
    assert over.status_code == 409
    assert "The time is over" in words(over)
    assert kenya.seat().thread(third).thread.stage == "held"


def test_who_is_of_no_oversight_desk_lets_nobody_decide(world: World) -> None:
    kenya = world["ke"]
    amina = officer(kenya)

    tried = amina.post("/delegate", to=kenya.settled.people["colleague"], days="2")

    assert tried.status_code == 409
    assert "Let a colleague decide" not in words(amina.get("/delegate"))


def test_a_delegation_is_ended_before_its_time(world: World) -> None:
    kenya = world["ke"]
    wanjiru = officer(kenya, "supervisor")
    wanjiru.post("/delegate", to=kenya.settled.people["colleague"], days="30")

    fill(wanjiru, "/delegate", days="0", to=kenya.settled.people["colleague"])
    ended = wanjiru.post("/delegate/end", **_first(wanjiru))

    assert ended.status_code == 303
    assert "Nobody decides for another now" in words(wanjiru.get("/delegate"))


def _first(visitor: Visitor) -> dict[str, Any]:
    text = visitor.get("/delegate").text
    return {"delegation": text.split('name="delegation" value="')[1].split('"')[0]}


def test_what_was_spoken_waits_for_a_day_and_is_confirmed(world: World) -> None:
    kenya = world["ke"]
    held(kenya)
    spoken = kenya.seat().ask(
        question(
            VIETNAM, urgency=Urgency.URGENT, urgency_reason="The ship leaves", spoken="W. Njoroge"
        )
    )
    wanjiru = officer(kenya, "supervisor")

    waits = words(wanjiru.get("/today"))
    page = words(wanjiru.get(f"/t/{spoken.thread}/countersign"))
    status = decide(wanjiru, spoken.thread, "approve")

    assert "confirm what was said by telephone" in waits
    assert "W. Njoroge" in page
    assert status == 303
    assert "confirm what was said" not in words(wanjiru.get("/today"))


def test_another_desks_held_question_is_not_there(world: World) -> None:
    thread = held(world["ke"])

    assert officer(world["vn"], "supervisor").get(f"/t/{thread}/countersign").status_code == 422
