# SPDX-License-Identifier: Apache-2.0
"""Who said something may take it back, whoever else tries changes nothing."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.scene import (
    AMINA,
    CHIEF,
    EVE,
    HAIPHONG,
    JUMA,
    KENYA,
    LAN,
    NOTE,
    OVERSIGHT,
    PORT,
    STRANGER,
    VIETNAM,
    Scene,
    an_id,
    unknown,
)

from comity.domain.clocks import Standing
from comity.domain.fold import fold
from comity.domain.handling import Handling, Leave
from comity.domain.ids import ActId
from comity.domain.recall import seen_by, speaks_for
from comity.domain.statement import Outcome, Unknown
from comity.domain.taking_back import ACTS_LIMIT, Correction, Recall, Taking, Withdrawal
from comity.domain.thread import Effect, Stage, Thread


def recalled(*acts: ActId, **how: object) -> Recall:
    return Recall(acts=acts, what=Taking.RECALL, **how)  # type: ignore[arg-type]  # as the test says


def effects(thread: Thread) -> dict[ActId, tuple[Effect, str]]:
    return {each.id: (each.effect, each.why) for each in thread.acts}


def test_a_question_that_is_recalled_wants_no_answer_any_more() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked)
    by = scene.ask(recalled(asked, text="Wrong number."))

    thread = scene.folded()

    assert thread.stage is Stage.RECALLED
    assert thread.standing(scene.now + timedelta(days=9)) is Standing.FINE
    assert effects(thread)[asked] == (Effect.RECALLED, "")
    assert [(each.act, each.by, each.text) for each in thread.taken_back] == [
        (asked, by, "Wrong number.")
    ]


def test_an_answer_that_is_recalled_counts_no_more_and_the_clock_runs_again() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked)
    answered = scene.answer(asked)
    scene.by_asked(recalled(answered))

    thread = scene.folded()

    assert thread.stage is Stage.ASKED
    assert thread.outcomes == ()
    assert thread.answered is None


def test_what_replied_to_a_recalled_act_stays_as_it_was() -> None:
    scene = Scene()
    asked = scene.ask()
    answered = scene.answer(asked)
    scene.ask(recalled(asked))

    assert effects(scene.folded())[answered] == (Effect.APPLIED, "")


@pytest.mark.parametrize(
    ("by", "of", "desk", "works"),
    [
        (AMINA, KENYA, "", True),
        (JUMA, KENYA, PORT, True),
        (JUMA, KENYA, "", False),
        (CHIEF, KENYA, OVERSIGHT, False),
        (LAN, VIETNAM, PORT, False),
        (EVE, STRANGER, "", False),
    ],
)
def test_only_the_author_or_who_signs_for_his_desk_takes_back(
    by: str, of: str, desk: str, *, works: bool
) -> None:
    scene = Scene()
    asked = scene.ask(desk=PORT)
    tried = scene.ask(recalled(asked), by=by, of=of, desk=desk)

    thread = scene.folded()

    assert (thread.stage is Stage.RECALLED) is works
    expected = (Effect.APPLIED, "") if works else (Effect.STRANGER, "not-author")
    assert effects(thread)[tried] == expected


def test_one_act_of_another_among_those_named_spoils_the_whole_recall() -> None:
    scene = Scene()
    asked = scene.ask()
    answered = scene.answer(asked)
    scene.ask(recalled(asked, answered))

    thread = scene.folded()

    assert thread.taken_back == ()
    assert thread.stage is Stage.ANSWERED


def test_what_stays_at_home_and_what_took_back_are_not_taken_back() -> None:
    scene = Scene()
    asked = scene.ask()
    taken = scene.take(asked)
    narrowed = scene.ask(Recall(acts=(asked,), what=Taking.NARROW))
    first, second = scene.ask(recalled(taken)), scene.ask(recalled(narrowed))

    found = effects(scene.folded())

    assert found[first] == found[second] == (Effect.STRANGER, "target")


def test_what_a_later_version_says_is_taken_back_too() -> None:
    scene = Scene()
    scene.ask()
    dance = scene.ask(unknown())
    by = scene.ask(recalled(dance))

    assert effects(scene.folded())[by] == (Effect.APPLIED, "")


def test_a_recall_waits_for_an_act_that_was_not_seen_unless_that_was_removed() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    by = scene.ask(recalled(asked))
    scene.seen = scene.seen[1:]

    waits = scene.folded()
    removed = fold(waits.id, scene.seen, dockets=scene.dockets, removed={(KENYA, asked)})

    assert effects(waits)[by] == (Effect.WAITING, "target-unseen")
    assert removed.stage is Stage.RECALLED
    assert effects(removed)[by] == (Effect.APPLIED, "")


def test_a_correction_stands_beside_what_it_corrects() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.ask(Recall(acts=(asked,), what=Taking.CORRECT, correction=Correction.CLEARED))

    thread = scene.folded()

    assert thread.stage is Stage.ASKED
    assert effects(thread)[asked] == (Effect.APPLIED, "")
    assert [each.correction for each in thread.taken_back] == [Correction.CLEARED]


def test_a_narrowing_lets_less_be_done() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.ask(Recall(acts=(asked,), what=Taking.NARROW, handling=Handling(judicial=Leave.NO)))

    assert scene.folded().handling.judicial is Leave.NO


def test_what_is_narrowed_to_others_is_blank_for_all_but_its_author() -> None:
    scene = Scene()
    asked = scene.ask()
    answered = scene.answer(asked)
    scene.ask(Recall(acts=(asked,), what=Taking.NARROW, readers=(LAN,)))
    thread = scene.folded()

    hidden = seen_by(thread, [HAIPHONG], VIETNAM)

    assert hidden.acts[0].body == Unknown(raw=b"")
    assert hidden.acts[0].effect is Effect.NARROWED
    assert hidden.opening == hidden.acts[0]
    assert seen_by(thread, [LAN], VIETNAM) == seen_by(thread, [], KENYA) == thread
    assert effects(hidden)[answered] == (Effect.APPLIED, "")


def test_an_answer_is_narrowed_and_the_question_stays() -> None:
    scene = Scene()
    answered = scene.answer(scene.ask())
    scene.by_asked(Recall(acts=(answered,), what=Taking.NARROW, readers=(AMINA,)))

    hidden = seen_by(scene.folded(), [JUMA], KENYA)

    assert hidden.opening is not None
    assert hidden.opening.effect is Effect.APPLIED
    assert hidden.having(Effect.NARROWED)[0].id == answered


def test_whoever_asked_withdraws_and_the_clock_stops() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked)
    scene.ask(Withdrawal(to=asked))

    thread = scene.folded()

    assert thread.stage is Stage.WITHDRAWN
    assert thread.due is None
    assert effects(thread)[asked] == (Effect.APPLIED, "")


def test_what_is_answered_stays_answered_though_it_is_withdrawn() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.answer(asked, Outcome.PARTLY)
    scene.ask(Withdrawal(to=asked))

    assert scene.folded().stage is Stage.ANSWERED


def test_nobody_else_withdraws_a_question_and_nobody_a_note() -> None:
    scene, told = Scene(), Scene()
    asked, note = scene.ask(), told.ask(NOTE)
    by = scene.by_asked(Withdrawal(to=asked))
    of = told.ask(Withdrawal(to=note))

    assert effects(scene.folded())[by] == (Effect.STRANGER, "side")
    assert effects(told.folded())[of] == (Effect.STRANGER, "side")


def test_a_successor_speaks_for_whom_he_follows() -> None:
    assert speaks_for(JUMA, author=AMINA, desk="", desks=[], successors=[JUMA])
    assert not speaks_for(JUMA, author=AMINA, desk="", desks=[PORT])


@pytest.mark.parametrize(
    "how",
    [
        {"acts": (), "what": Taking.RECALL},
        {"acts": (ActId(an_id("a")),) * 2, "what": Taking.RECALL},
        {"acts": ("nothing",), "what": Taking.RECALL},
        {
            "acts": tuple(ActId(an_id(str(n))) for n in range(ACTS_LIMIT + 1)),
            "what": Taking.RECALL,
        },
        {"acts": (ActId(an_id("a")),), "what": Taking.CORRECT},
        {"acts": (ActId(an_id("a")),), "what": Taking.RECALL, "correction": "cleared"},
        {"acts": (ActId(an_id("a")),), "what": Taking.RECALL, "readers": (LAN,)},
        {"acts": (ActId(an_id("a")),), "what": Taking.NARROW, "readers": ("nobody",)},
        {
            "acts": (ActId(an_id("a")),),
            "what": Taking.CORRECT,
            "correction": "cleared",
            "handling": Handling(judicial=Leave.NO),
        },
    ],
)
def test_a_recall_that_says_nothing_or_two_things_is_none(how: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"recall|act|reader"):
        Recall(**how)  # type: ignore[arg-type]  # as the test says


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_order_and_repetition_change_nothing_of_what_was_taken_back(data: st.DataObject) -> None:
    scene = Scene()
    asked = scene.ask(desk=PORT)
    answered = scene.answer(asked)
    scene.ask(Recall(acts=(asked,), what=Taking.CORRECT, correction=Correction.WRONG_PERSON))
    scene.ask(recalled(asked), by=JUMA, desk=PORT)
    scene.act(recalled(asked), by=EVE, of=STRANGER, to=KENYA)
    scene.by_asked(recalled(answered, ActId(an_id("never seen"))))
    scene.ask(Withdrawal(to=asked))
    seen = data.draw(st.permutations([*scene.seen, *scene.seen[:2]]))
    shuffled = Scene(seen=list(seen), dockets=scene.dockets)

    assert shuffled.folded() == scene.folded()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3), st.booleans())
def test_no_recall_of_another_agency_changes_what_counts(which: int, private: bool) -> None:  # noqa: FBT001  # drawn
    scene = Scene()
    asked = scene.ask()
    acts = [asked, scene.acknowledge(asked), scene.ask_back(asked), scene.answer(asked)]
    before = effects(scene.folded())
    scene.act(recalled(acts[which]), by=EVE, of=STRANGER, to=KENYA, private=private)

    after = scene.folded()

    assert {each: effects(after)[each] for each in before} == before
    assert after.taken_back == ()


def test_the_timeline_says_what_was_done_and_then_that_it_was_taken_back() -> None:
    scene = Scene()
    asked = scene.ask()
    by = scene.ask(recalled(asked))

    told = [(each.act, each.what) for each in scene.folded().events if each.what != "sent"]

    assert told == [(asked, "asked"), (by, "taken-back")]
