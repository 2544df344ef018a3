# SPDX-License-Identifier: Apache-2.0
"""What is said in a thread after it was opened: acknowledged, asked back, supplied, answered."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.services.scene import (
    INFORMATION,
    Scene,
    container,
    counts,
    foreign,
    real,
    stanzas,
)
from tests.world import WorldNode

from comity.domain.docket import ReceiptStage
from comity.domain.handling import Handling, Leave
from comity.domain.policy import Exclusion, Mode, Policy, Rule, Sensitivity
from comity.domain.statement import Answer, AskBack, Body, Outcome, RefusalGround, Urgency, Why
from comity.domain.thread import Stage, Thread
from comity.errors import ComityError, Excluded, Misused, NoMandate, NotChecked, Refused, TooLate
from comity.knowledge.codes import ask_back_reasons
from comity.services.address_book import mark
from comity.services.answer import Reply, draft_answer
from comity.services.compose import Composed, compose
from comity.services.oversight import AgencyPolicy, exclude, set_policy
from comity.services.release import Done
from comity.services.replies import Manner
from comity.services.revoke import revoke
from comity.services.rosters import issue
from comity.services.seat import Seat
from comity.storage import agencies, copies
from comity.storage.copies import CopyState
from comity.storage.reading import Writing

SAID = "Registered in Hai Phong since 2024."


def refused(node: WorldNode, act: Callable[[], object]) -> str:
    """Return why *act* is refused; nothing of it may be left behind."""
    before = counts(node)
    with pytest.raises(ComityError) as raised:
        act()
    assert counts(node) == before
    return raised.value.cause


def open_here(scene: Scene, done: Done) -> Seat:
    """Let Viet Nam's investigator open what came, so that his receipt is not counted again."""
    seat = scene.vn.seat()
    seat.thread(done.thread)
    return seat


def said(thread: Thread, done: Done) -> Body:
    return next(act.body for act in thread.acts if act.id == done.act)


def end_mandates(node: WorldNode) -> None:
    current = node.card.current
    issue(
        node.house,
        node.agency,
        end=[named for named, each in current.items() if each in node.card.mandates],
    )


def uncheck(node: WorldNode, peer: WorldNode) -> None:
    with node.house.store.read() as reading:
        row = next(each for each in agencies.every(reading) if each.id == peer.agency)

    def work(writing: Writing) -> None:
        agencies.put(writing, [replace(row, checked_at=0)])
        mark(writing, node.house)

    node.house.store.write(work)


# A whole conversation.


def test_a_question_is_acknowledged_asked_back_supplied_and_answered(scene: Scene) -> None:
    asked = scene.ask()
    kenya, vietnam = scene.ke.seat(), scene.vn.seat()

    vietnam.acknowledge(asked.thread, expect=datetime(2026, 11, 25, tzinfo=UTC))
    scene.sync()
    assert kenya.thread(asked.thread).thread.stage is Stage.ACKNOWLEDGED
    assert kenya.thread(asked.thread).thread.expect == "2026-11-25T00:00:00Z"

    vietnam.ask_back(asked.thread, ["period", "period"], fields=["period"], text="Since when?")
    scene.sync()
    thread = kenya.thread(asked.thread).thread
    assert thread.stage is Stage.ASKED_BACK
    assert thread.questions[0].reasons == ("period",)

    period = {"period": ("2026-11-01/2026-11-20",)}
    kenya.answer(asked.thread, Reply(outcome=Outcome.INFORMATION, fields=period))
    scene.sync()
    assert vietnam.thread(asked.thread).thread.stage is Stage.SUPPLIED

    answered = vietnam.answer(asked.thread, INFORMATION)
    scene.sync()
    thread = kenya.thread(asked.thread).thread
    assert thread.stage is Stage.ANSWERED
    answer = said(thread, answered)
    assert isinstance(answer, Answer)
    assert answer.fields == INFORMATION.fields
    assert (scene.vn.agency, "HP/7") in thread.refs

    kenya.acknowledge(asked.thread)
    scene.sync()
    assert vietnam.thread(asked.thread).thread.stage is Stage.ANSWERED
    assert scene.ke.verify().sound
    assert scene.vn.verify().sound


def test_the_answer_reaches_the_desk_that_asked_and_the_overseers_of_both_sides(
    scene: Scene,
) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)

    draft = draft_answer(vietnam.unlocked, vietnam.house, asked.thread, INFORMATION)
    shown = vietnam.preview(draft)
    done = vietnam.answer(asked.thread, INFORMATION)
    scene.sync()

    opened = vietnam.thread(asked.thread)
    sealed = {each.id for copy in opened.copies_of(done.act) for each in copy.statement.readers}
    assert sealed == {each.id for each in shown.readers}
    assert {each.id: each.why for each in shown.readers} == {
        scene.vn.settled.people["investigator"]: Why.AUTHOR,
        scene.ke.settled.desk: Why.ADDRESSED,
        scene.vn.settled.oversight: Why.OVERSIGHT,
        scene.vn.settled.desk: Why.OWN_DESK,
    }
    assert stanzas(scene.vn, foreign(scene.vn, done.act)) == 2
    assert scene.ke.seat("colleague").thread(asked.thread).thread.stage is Stage.ANSWERED


def test_who_will_see_an_acknowledgement_is_shown_too_and_writes_nothing(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    before = counts(scene.vn)

    shown = real(vietnam).who_will_see_acknowledgement(asked.thread)

    assert counts(scene.vn) == before
    assert (len(shown.readers), shown.wait) == (4, 0)


def test_who_will_see_what_is_asked_back_is_what_is_sent(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    before = counts(scene.vn)

    shown = real(vietnam).who_will_see_ask_back(asked.thread, ["period"], text="Until when?")

    assert counts(scene.vn) == before
    done = real(vietnam).ask_back(asked.thread, ["period"], text="Until when?")
    with scene.vn.house.store.read() as reading:
        home = next(r for r in copies.by_acts(reading, [done.act]) if r.agency == r.to)
        kept = copies.readers_of(reading, [home.copy])
    own = {each.id for each in shown.readers if each.agency == scene.vn.agency}
    assert own == {each.reader for each in kept}


def test_what_is_shown_of_an_acknowledgement_is_what_its_remark_brings_about(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    policy = Policy(rules=(Rule(sensitivity=Sensitivity.NOMINAL, mode=Mode.COUNTERSIGN),))
    set_policy(scene.vn.house, scene.vn.agency, AgencyPolicy(policy=policy))

    plain = vietnam.who_will_see_acknowledgement(asked.thread)
    named = vietnam.who_will_see_acknowledgement(asked.thread, remark="Ask for Mr B.")
    with pytest.raises(Misused) as raised:
        vietnam.who_will_see_acknowledgement(asked.thread, expect=scene.hours.now)

    assert not plain.held
    assert named.held
    assert raised.value.cause == "usage.expect-past"
    assert vietnam.acknowledge(asked.thread, remark="Ask for Mr B.").held


def test_an_answer_waits_in_the_stop_window_and_an_acknowledgement_does_not(
    scene: Scene,
) -> None:
    asked = scene.ask()
    urgent = scene.ask(urgency=Urgency.URGENT, urgency_reason="The ship leaves.")
    vietnam = real(scene.vn.seat())
    now = scene.vn.house.millis()

    assert vietnam.acknowledge(asked.thread).leaves_at == now
    assert vietnam.answer(asked.thread, INFORMATION).leaves_at == now + 60_000
    assert vietnam.answer(urgent.thread, INFORMATION).leaves_at == now + 10_000


def test_opening_to_reply_is_told_to_who_asked(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat().acknowledge(asked.thread)
    scene.sync()

    stages = {each.stage for each in scene.ke.seat().thread(asked.thread).thread.receipts}

    assert ReceiptStage.OPENED in stages


# Every outcome has its code, and what it needs.

GOOD = [
    Reply(outcome=Outcome.INFORMATION, text=SAID),
    Reply(outcome=Outcome.PARTLY, fields={"operator": ("Viettel",)}),
    Reply(outcome=Outcome.NOTHING_KNOWN),
    Reply(outcome=Outcome.NEITHER),
    Reply(outcome=Outcome.MORE_NEEDED, text="Which SIM?"),
    Reply(outcome=Outcome.NEEDS_LETTER),
    Reply(outcome=Outcome.TRANSLATION_NEEDED),
    Reply(outcome=Outcome.PASSED_ON, competent="Ministry of Public Security, C05"),
    *(
        Reply(
            outcome=Outcome.REFUSED,
            ground=ground,
            competent="The court in Hai Phong" if ground == "not-competent" else "",
        )
        for ground in RefusalGround
    ),
]


@pytest.mark.parametrize(
    "reply", GOOD, ids=lambda reply: f"{reply.outcome}-{reply.ground}".rstrip("-")
)
def test_every_outcome_arrives_as_its_code(scene: Scene, reply: Reply) -> None:
    asked = scene.ask()
    scene.vn.seat().answer(asked.thread, reply)
    scene.sync()

    (given,) = scene.ke.seat().thread(asked.thread).thread.outcomes

    assert (given.outcome, given.ground, given.competent) == (
        reply.outcome,
        reply.ground,
        reply.competent,
    )


def test_an_official_letter_travels_with_its_answer(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = scene.vn.seat()
    letter = vietnam.attach(io.BytesIO(b"Official letter"), "letter.pdf", "application/pdf")
    done = vietnam.answer(
        asked.thread, Reply(outcome=Outcome.LETTER_ATTACHED, attachments=(letter,))
    )
    scene.sync()

    answer = said(scene.ke.seat().thread(asked.thread).thread, done)

    assert isinstance(answer, Answer)
    assert answer.attachments == (letter,)


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (Reply(outcome=Outcome.REFUSED), "usage.field-missing"),
        (Reply(outcome=Outcome.REFUSED, ground="tired"), "usage.ground-unknown"),
        (Reply(outcome=Outcome.NEITHER, ground="policy"), "usage.ground-without-refusal"),
        (Reply(outcome=Outcome.REFUSED, ground="not-competent"), "usage.field-missing"),
        (Reply(outcome=Outcome.PASSED_ON, competent=" "), "usage.field-missing"),
        (Reply(outcome=Outcome.NEITHER, competent="C05"), "usage.competent-without-code"),
        (Reply(outcome=Outcome.LETTER_ATTACHED), "usage.field-missing"),
        (Reply(outcome=Outcome.INFORMATION), "usage.field-missing"),
        (
            Reply(outcome=Outcome.NEITHER, fields={"operator": ("Viettel",)}),
            "usage.fields-without-information",
        ),
        (
            Reply(outcome=Outcome.INFORMATION, fields={"number": ("+84900000000",)}),
            "usage.field-unknown",
        ),
        (
            Reply(outcome=Outcome.INFORMATION, fields={"status": ("lost",)}),
            "usage.field-value",
        ),
        (Reply(outcome=Outcome.INFORMATION, text="x" * 8001), "usage.field-long"),
        (Reply(outcome=Outcome.INFORMATION, text=SAID, ref="x" * 201), "usage.field-long"),
        (
            Reply(outcome=Outcome.INFORMATION, text=SAID, handling=Handling(expires="x")),
            "usage.handling-expires",
        ),
    ],
)
def test_an_answer_that_does_not_hold_together_is_not_signed(
    scene: Scene, reply: Reply, cause: str
) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)

    assert refused(scene.vn, lambda: vietnam.answer(asked.thread, reply)) == cause


def test_an_asker_supplies_fields_of_the_question_and_no_others(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat().ask_back(asked.thread, ["identifier-unclear"], fields=["number"])
    scene.sync()
    kenya = scene.ke.seat()
    kenya.thread(asked.thread)
    wrong = Reply(outcome=Outcome.INFORMATION, fields={"operator": ("Viettel",)})

    assert refused(scene.ke, lambda: kenya.answer(asked.thread, wrong)) == "usage.field-unknown"

    right = Reply(outcome=Outcome.INFORMATION, fields={"number": ("+84 90 000 0001",)})
    done = kenya.answer(asked.thread, right)
    scene.sync()

    supplied = said(scene.vn.seat().thread(asked.thread).thread, done)
    assert isinstance(supplied, Answer)
    assert supplied.fields == {"number": ("+84900000001",)}


# Asking back.


def test_it_is_asked_back_by_code_and_the_thread_stays_open(scene: Scene) -> None:
    for reason in ask_back_reasons():
        asked = scene.ask()
        scene.vn.seat().ask_back(asked.thread, [reason], text="Please say more.")
        scene.sync()

        thread = scene.ke.seat().thread(asked.thread).thread

        assert thread.answered is None
        assert thread.questions[0].reasons == (reason,)


@pytest.mark.parametrize(
    ("reasons", "fields", "text", "cause"),
    [
        ([], [], "", "usage.field-missing"),
        (["boredom"], [], "", "usage.reason-unknown"),
        (["other"], [], " ", "refused.needs-reason.ask-back"),
        (["period"], ["operator"], "", "usage.field-unknown"),
        (["period"], [], "x" * 8001, "usage.field-long"),
    ],
)
def test_asking_back_needs_a_reason_of_the_list(
    scene: Scene, reasons: list[str], fields: list[str], text: str, cause: str
) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)

    told = refused(
        scene.vn,
        lambda: vietnam.ask_back(asked.thread, reasons, fields=fields, text=text),
    )

    assert told == cause


def test_the_asker_asks_back_about_the_answer(scene: Scene) -> None:
    asked = scene.ask()
    answered = scene.vn.seat().answer(asked.thread, INFORMATION)
    scene.sync()
    done = scene.ke.seat().ask_back(asked.thread, ["identifier-unclear"], fields=["operator"])
    scene.sync()

    vietnam = scene.vn.seat()
    back = said(vietnam.thread(asked.thread).thread, done)
    assert isinstance(back, AskBack)
    assert back.to == answered.act

    vietnam.answer(asked.thread, Reply(outcome=Outcome.INFORMATION, text="It is right."))
    scene.sync()
    assert scene.ke.seat().thread(asked.thread).thread.questions == ()


# When it is too late, or not his to say.


def test_a_reply_comes_in_its_time_or_not_at_all(scene: Scene) -> None:
    asked = scene.ask()
    kenya, vietnam = scene.ke.seat(), scene.vn.seat()
    assert refused(scene.ke, lambda: kenya.answer(asked.thread, INFORMATION)) == (
        f"{TooLate.code}.step"
    )

    vietnam.answer(asked.thread, INFORMATION)

    for again in (
        lambda: vietnam.answer(asked.thread, INFORMATION),
        lambda: vietnam.acknowledge(asked.thread),
        lambda: vietnam.ask_back(asked.thread, ["period"]),
    ):
        assert refused(scene.vn, again) == f"{TooLate.code}.step"


def test_an_answer_expected_yesterday_is_refused(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    yesterday = scene.hours.now - timedelta(days=1)

    told = refused(scene.vn, lambda: vietnam.acknowledge(asked.thread, expect=yesterday))

    assert told == "usage.expect-past"


def test_of_two_colleagues_who_answer_at_once_the_second_is_told_to_look_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scene.ask()
    quick, slow = scene.vn.seat("investigator"), scene.vn.seat("colleague")
    slow.thread(asked.thread)

    def meanwhile(*given: Any) -> tuple[Composed, ...]:
        """Answer in the moment between the other's decision and his write."""
        monkeypatch.undo()
        quick.answer(asked.thread, INFORMATION)
        return compose(*given)

    monkeypatch.setattr("comity.services.draft.compose", meanwhile)
    with pytest.raises(TooLate) as raised:
        slow.answer(asked.thread, Reply(outcome=Outcome.NOTHING_KNOWN))

    assert raised.value.cause == f"{TooLate.code}.moved"
    scene.sync()
    assert len(scene.ke.seat().thread(asked.thread).thread.outcomes) == 1


# Mandates, checks and bars hold for replies too.


def test_without_a_mandate_nothing_is_told_but_a_bare_no_can_be_said(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    end_mandates(scene.vn)
    for telling in (
        INFORMATION,
        Reply(outcome=Outcome.NOTHING_KNOWN),
        Reply(outcome=Outcome.REFUSED, ground="policy", text="He is our informer."),
        Reply(outcome=Outcome.PASSED_ON, competent="C05"),
    ):
        with pytest.raises(NoMandate):
            vietnam.answer(asked.thread, telling)
    with pytest.raises(NoMandate):
        vietnam.acknowledge(asked.thread, remark="We have him in view.")

    vietnam.acknowledge(asked.thread)
    vietnam.ask_back(asked.thread, ["legal-basis"])
    vietnam.answer(asked.thread, Reply(outcome=Outcome.REFUSED, ground="no-lawful-basis"))
    scene.sync()

    assert scene.ke.seat().thread(asked.thread).thread.stage is Stage.REFUSED


def test_an_answer_that_may_name_somebody_goes_to_no_unchecked_key(scene: Scene) -> None:
    named, plain = scene.ask(), scene.ke.seat().ask(container())
    scene.sync()
    uncheck(scene.vn, scene.ke)
    vietnam = scene.vn.seat()
    photograph = vietnam.attach(io.BytesIO(b"x"), "driver.jpg", "image/jpeg")

    for reply in (INFORMATION, Reply(outcome=Outcome.INFORMATION, text=SAID)):
        with pytest.raises(NotChecked):
            vietnam.answer(named.thread, reply)
    with pytest.raises(NotChecked):
        vietnam.answer(
            plain.thread,
            Reply(outcome=Outcome.INFORMATION, text="See there.", attachments=(photograph,)),
        )
    with pytest.raises(NotChecked):
        vietnam.answer(
            plain.thread, Reply(outcome=Outcome.INFORMATION, fields={"sender": ("Mr B",)})
        )

    assert vietnam.answer(named.thread, Reply(outcome=Outcome.NOTHING_KNOWN)).act
    with pytest.raises(NotChecked):  # free words may name anybody
        vietnam.answer(plain.thread, Reply(outcome=Outcome.INFORMATION, text="Scanned."))


def test_who_is_barred_from_a_thread_later_is_not_sealed_to_any_more(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)
    exclude(
        scene.vn.house,
        scene.vn.agency,
        Exclusion(
            thread=asked.thread,
            readers=frozenset({scene.vn.settled.people["supervisor"]}),
        ),
    )

    with pytest.raises(Excluded):
        vietnam.answer(asked.thread, INFORMATION)


def test_the_mandate_of_a_reply_may_be_named_and_must_then_cover_it(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)

    with pytest.raises(NoMandate):
        vietnam.answer(asked.thread, INFORMATION, manner=Manner(mandate="a" * 26))
    with pytest.raises(Refused) as raised:
        vietnam.answer(asked.thread, INFORMATION, manner=Manner(language="vi_VN"))

    assert raised.value.cause == "usage.language"
    manner = Manner(mandate=scene.vn.card.mandates[0].id, language="vi")
    assert vietnam.answer(asked.thread, INFORMATION, manner=manner).act


def test_the_handling_of_a_thread_is_the_narrowest_that_was_said(scene: Scene) -> None:
    asked = scene.ask(handling=Handling(onward=Leave.YES, judicial=Leave.NO))
    wide = replace(INFORMATION, handling=Handling(onward=Leave.NO, judicial=Leave.YES))
    scene.vn.seat().answer(asked.thread, wide)
    scene.sync()

    handling = scene.ke.seat().thread(asked.thread).thread.handling

    assert (handling.onward, handling.judicial) == (Leave.NO, Leave.NO)


def test_a_reply_is_returned_to_the_desk_though_the_officer_who_asked_has_left(
    scene: Scene,
) -> None:
    asked = scene.ask()
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, scene.ke.settled.people["investigator"], reason="left")
    scene.sync()

    done = scene.vn.seat().answer(asked.thread, INFORMATION)
    scene.hours.pass_(minutes=2)
    scene.sync()

    assert foreign(scene.vn, done.act).state in (CopyState.DELIVERED, CopyState.PROVEN)
    assert scene.ke.seat("colleague").thread(asked.thread).thread.stage is Stage.ANSWERED


def test_a_kind_that_we_do_not_have_is_answered_in_words(scene: Scene) -> None:
    asked = scene.ask()
    seat = scene.vn.seat()
    kinds = {name: kind for name, kind in seat.house.kinds.items() if name != "phone"}
    older = replace(seat, house=replace(seat.house, kinds=kinds))

    with pytest.raises(Refused) as raised:
        older.answer(asked.thread, INFORMATION)
    assert raised.value.cause == "usage.field-unknown"

    older.ask_back(asked.thread, ["period"], fields=["period"])
    done = older.answer(asked.thread, Reply(outcome=Outcome.INFORMATION, text=SAID))
    scene.sync()

    assert isinstance(said(scene.ke.seat().thread(asked.thread).thread, done), Answer)


def test_what_its_opening_did_not_reach_cannot_be_replied_to(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat().acknowledge(asked.thread)
    overseer = scene.vn.seat("supervisor")
    assert overseer.thread(asked.thread).thread.opening is None

    with pytest.raises(TooLate) as raised:
        overseer.answer(asked.thread, INFORMATION)

    assert raised.value.cause == f"{TooLate.code}.thread-waiting"


def test_too_many_fields_in_question_are_refused(scene: Scene) -> None:
    asked = scene.ask()
    vietnam = open_here(scene, asked)

    told = refused(
        scene.vn,
        lambda: vietnam.ask_back(asked.thread, ["period"], fields=["period"] * 51),
    )

    assert told == "usage.field-many"
