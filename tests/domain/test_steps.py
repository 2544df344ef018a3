# SPDX-License-Identifier: Apache-2.0
"""Each side is shown what it may do next, and who only watches nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.scene import (
    CHIEF,
    KENYA,
    NOTE,
    OVERSIGHT,
    REQUEST,
    STRANGER,
    VIETNAM,
    Scene,
)

from comity.domain.ids import AgencyId
from comity.domain.statement import AskBack, Countersignature, Decision, Outcome
from comity.domain.steps import confirm_by, is_confirmed, next_steps
from comity.domain.thread import Side, Stage


def steps(scene: Scene, viewer: AgencyId = VIETNAM) -> tuple[str, ...]:
    return next_steps(scene.folded(), viewer)


def test_the_asked_side_acknowledges_takes_answers_or_asks_back() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    assert steps(scene) == ("acknowledge", "take", "answer", "ask-back")
    assert steps(scene, KENYA) == ()

    scene.take(asked)
    scene.acknowledge(asked)

    assert steps(scene) == ("hand-over", "answer", "ask-back")


def test_who_is_asked_back_answers() -> None:
    scene = Scene(viewer=VIETNAM)

    scene.ask_back(scene.ask())

    assert steps(scene, KENYA) == ("answer",)
    assert steps(scene) == ("take", "answer")


@pytest.mark.parametrize("outcome", [Outcome.INFORMATION, Outcome.REFUSED])
def test_after_an_answer_the_asker_may_acknowledge_or_ask_back(outcome: Outcome) -> None:
    scene = Scene()

    answer = scene.answer(scene.ask(), outcome)

    assert steps(scene, KENYA) == ("acknowledge", "ask-back")
    assert steps(scene) == ()
    scene.ask(AskBack(to=answer, reasons=()))
    assert steps(scene) == ("answer", "take")


def test_what_is_told_may_be_acknowledged_and_taken() -> None:
    scene = Scene(viewer=VIETNAM)

    told = scene.ask(NOTE)

    assert steps(scene) == ("acknowledge", "take")
    scene.acknowledge(told)
    assert steps(scene) == ("take",)


def test_what_was_stopped_may_be_asked_or_told_again() -> None:
    question, note = Scene(), Scene()
    question.stop(question.ask())
    note.stop(note.ask(NOTE))

    assert steps(question, KENYA) == ("ask",)
    assert steps(note, KENYA) == ("tell",)
    assert steps(question) == ()


def test_what_is_held_may_be_countersigned_or_stopped() -> None:
    scene = Scene()

    scene.held.add(scene.ask())

    assert steps(scene, KENYA) == ("countersign", "stop")


def test_what_was_spoken_is_to_be_confirmed_within_a_day() -> None:
    scene = Scene()
    asked = scene.ask(replace(REQUEST, spoken="A. Mwangi"), overseer=OVERSIGHT)
    thread = scene.folded()
    assert thread.opening is not None
    assert confirm_by(thread) == thread.opening.at + timedelta(days=1)
    assert steps(scene, KENYA) == ("countersign",)

    word = Countersignature(to=asked, decision=Decision.APPROVE, confirms_spoken=True)
    scene.at_home(word, by=CHIEF, desk=OVERSIGHT)

    thread = scene.folded()
    assert confirm_by(thread) is None
    assert is_confirmed(thread, asked)
    assert steps(scene, KENYA) == ()


def test_nothing_is_to_be_confirmed_that_was_not_spoken_or_did_not_leave() -> None:
    plain, held, empty = Scene(), Scene(), Scene()
    plain.ask()
    held.held.add(held.ask(replace(REQUEST, spoken="A. Mwangi")))

    for scene in (plain, held, empty):
        assert confirm_by(scene.folded()) is None


def test_who_only_watches_has_nothing_to_do() -> None:
    scene = Scene()

    scene.ask()

    assert steps(scene, STRANGER) == ()


@pytest.mark.parametrize(
    ("decision", "stage", "author"),
    [
        (None, Stage.HELD, ("countersign", "stop")),
        (Decision.RETURN, Stage.SENT_BACK, ("ask",)),
        (Decision.REFUSE, Stage.WITHHELD, ()),
    ],
)
def test_before_a_thread_has_left_only_its_authors_side_has_something_to_do(
    decision: Decision | None, stage: Stage, author: tuple[str, ...]
) -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.held.add(asked)
    if decision is not None:
        scene.countersign(asked, decision)

    assert scene.folded().stage is stage
    assert scene.folded().side_of(VIETNAM) is Side.ASKED
    assert steps(scene, KENYA) == author
    assert steps(scene, VIETNAM) == ()


def test_while_what_opens_a_thread_is_not_seen_nobody_has_something_to_do() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    scene.acknowledge(asked)

    scene.forget(asked)

    assert scene.folded().stage is Stage.WAITING
    assert steps(scene, KENYA) == steps(scene, VIETNAM) == ()
