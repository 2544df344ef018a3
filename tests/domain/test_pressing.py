# SPDX-License-Identifier: Apache-2.0
"""Who asked may press: nothing runs slower for it, and nobody else can."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.scene import EVE, KENYA, MINUTE, NOTE, REQUEST, STRANGER, VIETNAM, Scene
from tests.domain.test_carried import carried
from tests.strategies import NOW, moments

from comity.domain.clocks import due, hastened
from comity.domain.docket import ClockClass, ReceiptStage
from comity.domain.ids import ActId
from comity.domain.pressing import Limit, Reminder, Urgent
from comity.domain.statement import Outcome, Urgency
from comity.domain.thread import Effect, Stage

NORMAL = replace(REQUEST, urgency=Urgency.NORMAL, urgency_reason="")
HOUR = timedelta(hours=1)


def effect_of(scene: Scene, act: ActId) -> tuple[Effect, str]:
    found = next(each for each in scene.folded().acts if each.id == act)
    return found.effect, found.why


def asked() -> tuple[Scene, ActId]:
    """Return a scene in which a question that can wait is at Hai Phong."""
    scene = Scene()
    act = scene.ask(NORMAL)
    scene.receipt(act)
    return scene, act


@given(
    clock=st.sampled_from([each for each in ClockClass if each is not ClockClass.NONE]),
    heard=moments,
)
def test_what_is_made_urgent_is_never_due_later_than_it_was(clock, heard):  # type: ignore[no-untyped-def]  # drawn
    before = due(clock, NOW)
    assert before is not None

    after = hastened(before, heard)

    assert after.acknowledge <= before.acknowledge
    assert after.answer <= before.answer
    assert after.acknowledge <= after.answer
    assert after.received == before.received
    assert hastened(after, heard) == after


def test_the_clock_runs_anew_from_when_the_other_side_has_it() -> None:
    scene, question = asked()
    scene.now += 3 * HOUR
    pressed = scene.ask(Urgent(to=question, reason="The ship leaves."))
    before = scene.folded()
    heard = scene.receipt(pressed).at
    after = scene.folded()

    assert (before.clock, after.clock) == (ClockClass.URGENT, ClockClass.URGENT)
    assert before.due is not None
    assert after.due is not None
    assert before.due.answer - before.due.received == timedelta(days=7)
    assert (after.due.acknowledge, after.due.answer) == (heard + 2 * HOUR, heard + 8 * HOUR)
    assert after.stage is Stage.ASKED
    assert [each.what for each in after.events][-3:] == ["hastened", "sent", "delivered"]


def test_a_node_runs_the_same_clock_from_the_dockets_alone() -> None:
    scene, question = asked()
    pressed = scene.ask(Urgent(to=question, reason="x"))
    waiting = carried(scene)
    scene.receipt(pressed)
    scene.ask(Reminder(to=question, limit=Limit.ACKNOWLEDGE))

    told, thread = carried(scene), scene.folded()

    assert waiting.clock is ClockClass.URGENT
    assert (told.clock, told.due) == (thread.clock, thread.due)
    assert not told.acknowledged


def test_the_asked_side_counts_from_when_it_came() -> None:
    scene = Scene(viewer=VIETNAM)
    question = scene.ask(NORMAL)
    scene.now += HOUR
    scene.ask(Urgent(to=question, reason="x"))

    thread = scene.folded()

    assert thread.due is not None
    assert thread.due.answer == scene.now + 8 * HOUR
    assert carried(scene).due == thread.due


def test_nobody_but_the_asker_presses() -> None:
    scene, question = asked()
    stranger = scene.act(
        Urgent(to=question, reason="x"), by=EVE, of=STRANGER, to=VIETNAM, addressed=False
    )
    asked_side = scene.by_asked(Urgent(to=question, reason="x"))
    reminded = scene.by_asked(Reminder(to=question, limit=Limit.ANSWER))

    thread, told = scene.folded(), carried(scene)

    assert effect_of(scene, stranger) == (Effect.STRANGER, "not-party")
    assert effect_of(scene, asked_side) == (Effect.STRANGER, "side")
    assert effect_of(scene, reminded) == (Effect.STRANGER, "side")
    assert (thread.clock, told.clock) == (ClockClass.NORMAL, ClockClass.NORMAL)
    assert (thread.acknowledged, told.acknowledged) == (None, False)


def test_only_the_question_itself_is_pressed_for() -> None:
    scene, question = asked()
    back = scene.ask_back(question)
    pressed = scene.ask(Urgent(to=back, reason="x"))
    unseen = scene.ask(Urgent(to=ActId("z" * 26), reason="x"))

    assert effect_of(scene, pressed) == (Effect.STRANGER, "side")
    assert effect_of(scene, unseen)[0] is Effect.WAITING


def test_a_note_wants_no_answer_and_so_is_never_urgent() -> None:
    scene = Scene()
    told = scene.ask(NOTE)
    scene.receipt(told)
    pressed = scene.ask(Urgent(to=told, reason="x"))
    scene.receipt(pressed)

    assert effect_of(scene, pressed) == (Effect.STRANGER, "side")
    assert scene.folded().due is None
    assert carried(scene).clock is ClockClass.NONE


def test_each_limit_is_spoken_of_once() -> None:
    scene, question = asked()
    first = scene.ask(Reminder(to=question, limit=Limit.ACKNOWLEDGE))
    again = scene.ask(Reminder(to=question, limit=Limit.ACKNOWLEDGE))
    other = scene.ask(Reminder(to=question, limit=Limit.ANSWER))

    assert effect_of(scene, first) == (Effect.APPLIED, "")
    assert effect_of(scene, again) == (Effect.STRANGER, "reminded-already")
    assert effect_of(scene, other) == (Effect.APPLIED, "")
    assert [each.what for each in scene.folded().events].count("reminded") == 2


def test_an_answer_stands_whatever_is_pressed_for_afterwards() -> None:
    scene, question = asked()
    scene.answer(question, Outcome.NOTHING_KNOWN)
    scene.ask(Urgent(to=question, reason="x"))

    assert scene.folded().stage is Stage.ANSWERED


def test_silence_is_shown_and_what_comes_later_stands_beside_it() -> None:
    scene = Scene()
    question = scene.ask(NORMAL)
    scene.receipt(question, ReceiptStage.NOT_DELIVERED, agency=KENYA)
    scene.now += MINUTE
    scene.receipt(question)

    thread = scene.folded()

    assert [each.stage for each in thread.receipts] == [
        ReceiptStage.NOT_DELIVERED,
        ReceiptStage.DELIVERED,
    ]
    assert thread.due is not None
