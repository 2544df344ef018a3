# SPDX-License-Identifier: Apache-2.0
"""A thread is what was said in it, in whatever order and however often it came."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.scene import (
    AMINA,
    BUREAU,
    CHIEF,
    EVE,
    HAIPHONG,
    JUMA,
    KENYA,
    LAN,
    MINH,
    MINUTE,
    NOTE,
    OVERSIGHT,
    PORT,
    REQUEST,
    STRANGER,
    THREAD,
    VIETNAM,
    Scene,
    an_id,
    unknown,
    with_body,
)

from comity.domain.clocks import Standing
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import askings
from comity.domain.docket import ClockClass, DocketStage, ReceiptStage
from comity.domain.fold import fold
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ActId, CopyId, ThreadId, digest
from comity.domain.onward import Use
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Outcome,
    Stop,
    Take,
)
from comity.domain.thread import Act, Effect, Side, Stage


def effect_of(scene: Scene, act: ActId) -> tuple[Effect, str]:
    found = next(each for each in scene.folded().acts if each.id == act)
    return found.effect, found.why


def a_whole_story() -> Scene:
    """Everything that may happen, and much that should not."""
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.take(asked)
    scene.receipt(asked)
    scene.receipt(asked, ReceiptStage.OPENED, reader=HAIPHONG)
    scene.prove()
    scene.acknowledge(asked, expect="2026-11-24T00:00:00Z")
    back = scene.ask_back(asked)
    scene.supply(back)
    scene.hand_over(asked, JUMA)
    slip = scene.supply(back)
    scene.stop(slip)
    scene.countersign(asked, Decision.APPROVE)
    scene.by_asked(unknown())
    scene.act(Acknowledgement(to=asked), by=EVE, of=STRANGER, to=KENYA)
    scene.answer(asked, Outcome.PARTLY)
    double = scene.answer(asked, Outcome.REFUSED)
    scene.seen.append(with_body(scene.seen[-1], Answer(to=asked, outcome=Outcome.NEITHER), "b"))
    scene.by_asked(Acknowledgement(to=double))
    scene.acknowledge(ActId(an_id("never seen")))
    scene.by_asked(Acknowledgement(to=asked), private=True)
    scene.held.add(scene.supply(back))
    scene.forget(scene.acknowledge(asked))
    return scene


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_shuffle_with_repeats_gives_the_same_thread(data: st.DataObject) -> None:
    scene = a_whole_story()
    expected = scene.folded()

    def shuffled(facts: list[object]) -> list[object]:
        again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
        return data.draw(st.permutations([*facts, *again]))

    shuffle = Scene(
        seen=shuffled(list(scene.seen)),  # type: ignore[arg-type]  # the same kind as went in
        dockets=shuffled(list(scene.dockets)),  # type: ignore[arg-type]  # likewise
        receipts=shuffled(list(scene.receipts)),  # type: ignore[arg-type]  # likewise
        proven=shuffled(list(scene.proven)),  # type: ignore[arg-type]  # likewise
        held=scene.held,
    )

    assert shuffle.folded() == expected


@st.composite
def hostile_scenes(draw: st.DrawFn) -> Scene:
    """Draw acts by anybody, to anything, with ids used twice and times turned round."""
    scene = Scene(viewer=draw(st.sampled_from([KENYA, VIETNAM])))
    pool = [ActId(an_id(f"pool {number}")) for number in range(4)]
    acts = st.sampled_from(pool)
    bodies = st.one_of(
        st.just(REQUEST),
        st.just(NOTE),
        st.just(unknown()),
        st.builds(Acknowledgement, to=acts),
        st.builds(AskBack, to=acts, reasons=st.just(("period",))),
        st.builds(Answer, to=acts, outcome=st.sampled_from(Outcome)),
        st.builds(Take, to=acts),
        st.builds(HandOver, to=acts, taker=st.sampled_from([AMINA, LAN, PORT])),
        st.builds(Countersignature, to=acts, decision=st.sampled_from(Decision)),
        st.builds(Stop, to=acts),
        st.builds(ConsentRequest, to=acts, use=st.just(Use.COURT), holder=st.just(KENYA)),
        st.builds(
            Consent,
            to=acts,
            word=st.sampled_from(Word),
            act=acts,
            use=st.just(Use.COURT),
            holder=st.just(KENYA),
        ),
    )
    for number in range(draw(st.integers(1, 8))):
        of, by = draw(
            st.sampled_from([(KENYA, AMINA), (KENYA, CHIEF), (VIETNAM, LAN), (STRANGER, EVE)])
        )
        scene.act(
            draw(bodies),
            by=by,
            of=of,
            to=draw(st.sampled_from([KENYA, VIETNAM])),
            act=draw(acts),
            copy=str(number),
            desk=draw(st.sampled_from(["", OVERSIGHT])),
            at=scene.now + draw(st.integers(-3, 3)) * MINUTE,
            overseer=draw(st.sampled_from(["", OVERSIGHT])),
            private=draw(st.integers(0, 9)) == 0,
        )
    for seen in list(scene.seen):
        if draw(st.booleans()):
            scene.receipt(seen.statement.act, agency=draw(st.sampled_from([KENYA, VIETNAM])))
    scene.held = draw(st.sets(acts, max_size=1))
    return scene


@settings(max_examples=80, deadline=None)
@given(hostile_scenes(), st.randoms(use_true_random=False))
def test_whatever_comes_the_order_does_not_matter(scene: Scene, random: object) -> None:
    turned = replace(scene, seen=list(reversed(scene.seen)))
    random.shuffle(turned.seen)  # type: ignore[attr-defined]  # a Random
    turned.dockets = list(reversed(scene.dockets))
    turned.receipts = [*reversed(scene.receipts), *scene.receipts]

    assert turned.folded() == scene.folded()


@settings(max_examples=50, deadline=None)
@given(hostile_scenes())
def test_whatever_comes_every_act_is_listed_once_for_its_author(scene: Scene) -> None:
    thread = scene.folded()

    assert {(act.id, act.agency, act.officer) for act in thread.acts} == {
        (each.statement.act, each.statement.author.agency, each.statement.author.officer)
        for each in scene.seen
    }
    assert len({(act.id, act.agency, act.officer) for act in thread.acts}) == len(thread.acts)


@settings(max_examples=200, deadline=None)
@given(hostile_scenes())
def test_whatever_comes_consent_is_the_word_of_who_told_it(scene: Scene) -> None:
    thread = scene.folded()
    authors = {(act.id, act.agency) for act in thread.acts}

    for each in askings(thread):
        assert each.of != each.by or thread.asker in thread.asked
        assert (each.body.to, each.of) in authors
        assert each.word is None or (each.given, each.of) in authors


@settings(max_examples=50, deadline=None)
@given(hostile_scenes())
def test_whatever_comes_a_stranger_changes_nothing(scene: Scene) -> None:
    strangers = [each for each in scene.seen if each.statement.author.agency == STRANGER]
    opened_by_stranger = scene.folded().asker == STRANGER
    asked_stranger = STRANGER in scene.folded().asked
    known = {each.statement.act for each in strangers}
    reused = {
        each.statement.act
        for each in scene.seen
        if each.statement.author.agency != STRANGER and each.statement.act in known
    }
    if opened_by_stranger or asked_stranger or reused:
        return

    alone = replace(scene, seen=[each for each in scene.seen if each not in strangers])

    assert alone.folded().stage == scene.folded().stage
    assert alone.folded().outcomes == scene.folded().outcomes
    assert alone.folded().holders == scene.folded().holders
    assert alone.folded().handling == scene.folded().handling


def test_a_question_is_asked_acknowledged_asked_back_supplied_and_answered() -> None:
    scene = Scene()
    stages = []

    asked = scene.ask()
    stages.append(scene.folded().stage)
    scene.acknowledge(asked)
    stages.append(scene.folded().stage)
    back = scene.ask_back(asked)
    stages.append(scene.folded().stage)
    scene.supply(back)
    stages.append(scene.folded().stage)
    scene.answer(asked)
    stages.append(scene.folded().stage)

    assert stages == [
        Stage.ASKED,
        Stage.ACKNOWLEDGED,
        Stage.ASKED_BACK,
        Stage.SUPPLIED,
        Stage.ANSWERED,
    ]
    assert scene.folded().refs == tuple(sorted([(KENYA, "MSA/114"), (VIETNAM, "HP/9")]))
    assert scene.folded().short == "KV-4821"
    assert scene.folded().request == REQUEST
    assert scene.folded().note is None


def test_what_is_told_opens_a_thread_without_a_clock() -> None:
    scene = Scene(viewer=VIETNAM)

    told = scene.ask(NOTE)

    assert scene.folded().stage is Stage.TOLD
    assert scene.folded().note == NOTE
    assert scene.folded().request is None
    assert scene.folded().clock is ClockClass.NONE
    assert scene.folded().due is None
    assert scene.folded().standing(scene.now + timedelta(days=99)) is Standing.FINE
    scene.acknowledge(told)
    assert scene.folded().stage is Stage.ACKNOWLEDGED


def test_a_question_that_cannot_be_read_stays_open() -> None:
    scene = Scene()
    asked = scene.ask()

    unread = scene.answer(asked, Outcome.TRANSLATION_NEEDED)

    assert scene.folded().stage is Stage.CANNOT_READ
    assert [(each.act, each.of) for each in scene.folded().questions] == [(unread, Side.ASKER)]
    assert scene.folded().answered is None
    scene.supply(unread)
    assert scene.folded().stage is Stage.SUPPLIED
    assert scene.folded().questions == ()


def test_the_asker_may_ask_back_about_an_answer() -> None:
    scene = Scene()
    answer = scene.answer(scene.ask())

    back = scene.ask(AskBack(to=answer, reasons=("period",)))

    assert scene.folded().stage is Stage.ANSWERED
    assert [each.of for each in scene.folded().questions] == [Side.ASKED]
    scene.by_asked(Answer(to=back, outcome=Outcome.INFORMATION))
    assert scene.folded().questions == ()
    assert len(scene.folded().outcomes) == 1


def test_a_refusal_is_told_with_its_ground() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.by_asked(
        Answer(to=asked, outcome=Outcome.REFUSED, ground="not-competent", competent="Customs")
    )

    assert scene.folded().stage is Stage.REFUSED
    assert scene.folded().outcomes[0].ground == "not-competent"
    assert scene.folded().outcomes[0].competent == "Customs"


def test_a_late_acknowledgement_does_not_reopen_what_is_answered() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.answer(asked)

    scene.acknowledge(asked)

    assert scene.folded().stage is Stage.ANSWERED


def test_an_ask_back_that_its_author_has_overtaken_with_an_answer_is_closed() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.ask_back(asked)

    scene.answer(asked)

    assert scene.folded().questions == ()


def test_an_ask_back_after_a_part_of_the_answer_stays_open() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.answer(asked, Outcome.PARTLY)

    back = scene.ask_back(asked)

    assert scene.folded().stage is Stage.ANSWERED
    assert [each.act for each in scene.folded().questions] == [back]


def test_the_clock_runs_from_receipt_by_the_asked_side() -> None:
    scene = Scene()
    asked = scene.ask()
    assert scene.folded().due is None

    received = scene.receipt(asked).at

    due = scene.folded().due
    assert due is not None
    assert (due.received, due.answer) == (received, received + timedelta(hours=8))
    assert scene.folded().standing(received) is Standing.FINE
    assert scene.folded().standing(received + timedelta(hours=3)) is Standing.LATE
    scene.acknowledge(asked)
    assert scene.folded().standing(received + timedelta(hours=3)) is Standing.FINE


def test_a_copy_that_reached_the_bureau_starts_no_clock() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.receipt(asked, agency=BUREAU)

    assert scene.folded().due is None


def test_the_asked_side_has_its_clock_from_its_own_receipt() -> None:
    scene = Scene(viewer=VIETNAM)

    scene.ask()

    due = scene.folded().due
    assert due is not None
    assert due.received == scene.now


def test_when_to_expect_an_answer_is_what_was_said_last() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.acknowledge(asked, "2026-11-25T00:00:00Z")
    scene.acknowledge(asked, "2026-11-24T00:00:00Z")
    scene.acknowledge(asked)

    assert scene.folded().expect == "2026-11-24T00:00:00Z"


def test_a_thread_is_taken_and_handed_over_and_all_see_who_has_it() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    assert scene.folded().holder_in(VIETNAM) is None

    scene.take(asked)
    first = scene.folded().holder_in(VIETNAM)
    scene.hand_over(asked, MINH)
    second = scene.folded().holder_in(VIETNAM)

    assert first is not None
    assert second is not None
    assert (first.id, first.remark) == (LAN, "")
    assert (second.id, second.remark) == (MINH, "night")


def test_a_colleague_may_take_what_another_has_but_not_hand_it_over() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    scene.take(asked)

    given = scene.hand_over(asked, HAIPHONG, by=MINH)
    assert effect_of(scene, given) == (Effect.STRANGER, "not-holder")
    scene.take(asked, by=MINH)

    holder = scene.folded().holder_in(VIETNAM)
    assert holder is not None
    assert holder.id == MINH


def test_what_lies_with_a_desk_its_member_may_hand_over() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    scene.take(asked)
    scene.hand_over(asked, HAIPHONG)

    scene.hand_over(asked, MINH, by=MINH, desk=HAIPHONG)

    holder = scene.folded().holder_in(VIETNAM)
    assert holder is not None
    assert holder.id == MINH


def test_taking_and_handing_over_in_one_second_end_with_the_taker() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    at = scene.now + MINUTE

    scene.hand_over(asked, MINH, at=at)
    scene.take(asked, at=at)

    holder = scene.folded().holder_in(VIETNAM)
    assert holder is not None
    assert holder.id == MINH


def test_a_peer_cannot_take_or_hand_over_for_us() -> None:
    scene = Scene()
    asked = scene.ask()

    taken = scene.by_asked(Take(to=asked))

    assert effect_of(scene, taken) == (Effect.STRANGER, "not-from-home")
    assert scene.folded().holders == ()


def test_a_reply_from_who_was_not_asked_is_a_strangers() -> None:
    scene = Scene()
    asked = scene.ask()

    forged = scene.act(
        Answer(to=asked, outcome=Outcome.NOTHING_KNOWN), by=EVE, of=STRANGER, to=KENYA
    )

    assert effect_of(scene, forged) == (Effect.STRANGER, "not-party")
    assert scene.folded().stage is Stage.ASKED
    assert [each.id for each in scene.folded().strangers] == [forged]


def test_the_asker_cannot_answer_his_own_question() -> None:
    scene = Scene()
    asked = scene.ask()

    own = scene.ask(Answer(to=asked, outcome=Outcome.INFORMATION))

    assert effect_of(scene, own) == (Effect.STRANGER, "side")
    assert scene.folded().stage is Stage.ASKED


@pytest.mark.parametrize(
    "reply",
    [
        lambda heard: AskBack(to=heard, reasons=()),
        lambda heard: Answer(to=heard, outcome=Outcome.PARTLY),
    ],
)
def test_a_reply_to_an_acknowledgement_is_out_of_place(reply: Callable[[ActId], Body]) -> None:
    scene = Scene()
    heard = scene.acknowledge(scene.ask())

    back = scene.ask(reply(heard))

    assert effect_of(scene, back) == (Effect.STRANGER, "side")


def test_an_acknowledgement_of_an_acknowledgement_is_out_of_place() -> None:
    scene = Scene()
    heard = scene.acknowledge(scene.ask())

    again = scene.ask(Acknowledgement(to=heard))

    assert effect_of(scene, again) == (Effect.STRANGER, "side")


def test_a_second_question_in_the_same_thread_changes_nothing() -> None:
    scene = Scene()
    scene.ask()

    second = scene.by_asked(NOTE)

    assert effect_of(scene, second) == (Effect.STRANGER, "second-opening")
    assert scene.folded().asker == KENYA


def test_a_reply_waits_until_what_it_replies_to_is_seen() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.acknowledge(asked)
    question = scene.seen.pop(0)
    assert scene.folded().stage is Stage.WAITING
    assert scene.folded().asker is None
    assert [each.effect for each in scene.folded().acts] == [Effect.WAITING]

    scene.seen.append(question)

    assert scene.folded().stage is Stage.ACKNOWLEDGED


def test_a_reply_to_what_waits_waits_too() -> None:
    scene = Scene()
    scene.ask()
    lost = ActId(an_id("lost"))
    back = scene.by_asked(AskBack(to=lost, reasons=()))

    reply = scene.supply(back)

    assert effect_of(scene, reply) == (Effect.WAITING, "target-unseen")


def test_an_act_never_stands_before_what_it_replies_to_whatever_the_clocks_say() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.answer(asked, at=scene.now - timedelta(days=1))

    assert scene.folded().acts[0].id == asked
    assert scene.folded().stage is Stage.ANSWERED


def test_two_acts_that_reply_to_each_other_are_no_endless_chain() -> None:
    scene = Scene()
    scene.ask()
    one, other = ActId(an_id("one")), ActId(an_id("other"))

    scene.by_asked(AskBack(to=other, reasons=()), act=one)
    scene.ask(AskBack(to=one, reasons=()), act=other)

    assert scene.folded().stage is Stage.ASKED


def test_two_bodies_under_one_act_id_are_kept_and_neither_counts() -> None:
    scene = Scene()
    asked = scene.ask()
    answer = scene.answer(asked)
    scene.seen.append(
        with_body(scene.seen[-1], Answer(to=asked, outcome=Outcome.REFUSED), "another")
    )

    assert [(each.id, len(each.copies)) for each in scene.folded().conflicts] == [(answer, 2)]
    assert scene.folded().stage is Stage.ASKED
    assert scene.folded().outcomes == ()


def test_two_copies_with_one_body_are_one_act() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.answer(asked)
    seen = scene.seen[-1]

    scene.seen.append(replace(with_body(seen, seen.statement.body, "bureau"), ours=True))

    assert len(scene.folded().outcomes) == 1
    assert scene.folded().conflicts == ()


def test_nobody_can_void_an_act_by_repeating_its_id() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.act(Stop(to=asked), by=EVE, of=STRANGER, to=KENYA, act=asked)

    assert scene.folded().stage is Stage.ASKED
    assert [(each.agency, each.why) for each in scene.folded().strangers] == [
        (STRANGER, "id-of-another")
    ]


def test_a_cosignature_fixes_when_an_act_is_judged() -> None:
    scene = Scene()
    scene.ask()
    firm = scene.seen[-1]
    scene.seen.append(replace(firm, provisional=True, judged_at=firm.judged_at - MINUTE))

    opening = scene.folded().opening

    assert opening is not None
    assert (opening.at, opening.provisional) == (firm.judged_at, False)


def test_what_was_opened_by_hand_is_private_and_changes_nothing() -> None:
    scene = Scene()
    asked = scene.ask()

    private = scene.by_asked(Answer(to=asked, outcome=Outcome.INFORMATION), private=True)

    assert effect_of(scene, private) == (Effect.STRANGER, "private")
    assert scene.folded().stage is Stage.ASKED


def test_a_type_that_this_version_does_not_know_is_kept_and_listed() -> None:
    scene = Scene()
    scene.ask()

    new = scene.by_asked(unknown())

    assert [each.id for each in scene.folded().unknown] == [new]
    assert scene.folded().stage is Stage.ASKED


def test_a_statement_of_another_thread_is_not_this_threads() -> None:
    scene = Scene()
    scene.ask()
    elsewhere = replace(scene.seen[-1].statement, thread=ThreadId(an_id("elsewhere")))
    scene.seen.append(replace(scene.seen[-1], statement=elsewhere))

    assert len(scene.folded().acts) == 1
    assert fold(THREAD, ()).stage is Stage.WAITING


def test_what_its_author_stopped_is_shown_as_stopped() -> None:
    scene = Scene()
    asked = scene.ask()

    scene.stop(asked)

    assert scene.folded().stage is Stage.STOPPED
    assert effect_of(scene, asked) == (Effect.STOPPED, "")
    assert "sent" not in [event.what for event in scene.folded().events]
    assert scene.folded().due is None


def test_a_stopped_reply_counts_for_nothing() -> None:
    scene = Scene(viewer=VIETNAM)
    asked = scene.ask()
    back = scene.ask_back(asked)

    scene.stop(back)
    late = scene.ask(Answer(to=back, outcome=Outcome.INFORMATION))

    assert scene.folded().questions == ()
    assert scene.folded().stage is Stage.ASKED
    assert effect_of(scene, late) == (Effect.STRANGER, "target")


def test_a_stopped_thread_is_not_taken() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.stop(asked)

    assert effect_of(scene, scene.take(asked)) == (Effect.STRANGER, "target")


def test_a_peer_cannot_deny_by_a_stop_what_it_has_sent() -> None:
    scene = Scene()
    answer = scene.answer(scene.ask())

    stop = scene.by_asked(Stop(to=answer))

    assert effect_of(scene, stop) == (Effect.STRANGER, "not-from-home")
    assert scene.folded().stage is Stage.ANSWERED


@pytest.mark.parametrize(
    ("how", "why"),
    [({"by": JUMA}, "not-author"), ({"ours": False}, "not-from-home")],
)
def test_only_the_author_stops_and_only_at_home(how: dict[str, object], why: str) -> None:
    scene = Scene()
    asked = scene.ask()

    stop = scene.stop(asked, **how)

    assert effect_of(scene, stop) == (Effect.STRANGER, why)
    assert scene.folded().stage is Stage.ASKED


def test_what_has_left_cannot_be_stopped() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked)

    stop = scene.stop(asked)

    assert effect_of(scene, stop) == (Effect.STRANGER, "left-already")
    assert scene.folded().stage is Stage.ASKED


def test_a_copy_at_the_bureau_or_an_early_stage_does_not_mean_that_it_left() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked, agency=BUREAU)
    scene.receipt(asked, ReceiptStage.SUBMITTED)
    scene.receipt(asked, agency=KENYA)

    scene.stop(asked)

    assert scene.folded().stage is Stage.STOPPED


def test_a_stop_of_what_was_never_seen_waits() -> None:
    scene = Scene()
    scene.ask()

    stop = scene.stop(ActId(an_id("nothing")))

    assert effect_of(scene, stop) == (Effect.WAITING, "target-unseen")


def test_a_stop_cannot_be_stopped() -> None:
    scene = Scene()
    asked = scene.ask()
    stop = scene.stop(asked)

    again = scene.stop(stop)

    assert effect_of(scene, again) == (Effect.STRANGER, "target")
    assert scene.folded().stage is Stage.STOPPED


def test_what_is_held_waits_for_its_countersignature() -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.held.add(asked)
    taken = scene.take(asked)
    assert scene.folded().stage is Stage.HELD
    assert scene.folded().due is None
    assert effect_of(scene, taken) == (Effect.APPLIED, "")

    scene.countersign(asked, Decision.APPROVE)

    assert scene.folded().stage is Stage.ASKED


@pytest.mark.parametrize("copy", ["a", "b", "c", "d"])
def test_the_home_copy_says_who_oversees_whatever_peers_are_told(copy: str) -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT, copy=copy)
    home = scene.seen[-1]
    [author, addressed, overseer] = home.statement.readers
    kept = replace(home.statement, to=KENYA, readers=(author, overseer), shown=(addressed,))
    sent = replace(home.statement, readers=(author, addressed))
    scene.seen = [
        replace(home, statement=kept),
        replace(home, statement=sent, copy=CopyId(digest(copy.encode()))),
    ]
    scene.held.add(asked)

    scene.countersign(asked, Decision.APPROVE)

    assert scene.folded().stage is Stage.ASKED


@pytest.mark.parametrize(
    ("decision", "stage"),
    [(Decision.RETURN, Stage.SENT_BACK), (Decision.REFUSE, Stage.WITHHELD)],
)
def test_the_overseer_may_return_or_withhold(decision: Decision, stage: Stage) -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.held.add(asked)

    scene.countersign(asked, decision)

    assert scene.folded().stage is stage


def test_a_spoken_countersignature_that_is_not_confirmed_calls_nothing_back() -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.receipt(asked)

    scene.countersign(asked, Decision.REFUSE)

    assert scene.folded().stage is Stage.ASKED
    assert scene.folded().events[-1].what == "withheld"


def test_a_stop_stands_before_a_countersignature() -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.stop(asked)

    scene.countersign(asked, Decision.APPROVE)

    assert scene.folded().stage is Stage.STOPPED


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"by": AMINA, "desk": OVERSIGHT}, "own-act"),
        ({"desk": PORT}, "not-overseer"),
        ({"by": JUMA, "desk": ""}, "not-overseer"),
    ],
)
def test_only_an_overseer_countersigns_and_never_his_own_act(
    how: dict[str, object], why: str
) -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.held.add(asked)

    signed = scene.countersign(asked, Decision.APPROVE, **how)

    assert effect_of(scene, signed) == (Effect.STRANGER, why)
    assert scene.folded().stage is Stage.HELD


def test_an_overseer_of_another_agency_of_the_state_countersigns_too() -> None:
    scene = Scene()
    asked = scene.ask(overseer=OVERSIGHT)
    scene.held.add(asked)

    scene.countersign(asked, Decision.REFUSE, of=BUREAU, to=KENYA, ours=False)

    assert scene.folded().stage is Stage.WITHHELD


def test_handling_in_force_is_the_narrowest_of_all_that_was_said() -> None:
    scene = Scene()
    asked = scene.ask(
        replace(REQUEST, handling=Handling(see=See.AGENCY, onward=Leave.YES, judicial=Leave.NO))
    )
    scene.by_asked(
        Answer(
            to=asked,
            outcome=Outcome.PARTLY,
            handling=Handling(see=See.DESK, onward=Leave.YES, judicial=Leave.YES),
        )
    )

    handling = scene.folded().handling

    assert (handling.see, handling.onward, handling.judicial) == (See.DESK, Leave.YES, Leave.NO)


def test_receipts_are_kept_stage_by_stage_and_the_first_word_stands() -> None:
    scene = Scene()
    asked = scene.ask()
    first = scene.receipt(asked)
    scene.receipts.append(replace(first, at=first.at + MINUTE))
    scene.receipt(asked, ReceiptStage.OPENED, reader=HAIPHONG)

    stages = [(each.stage, each.reader) for each in scene.folded().receipts_of(asked)]

    assert stages == [(ReceiptStage.DELIVERED, ""), (ReceiptStage.OPENED, HAIPHONG)]
    assert scene.folded().receipts[0].at == first.at
    assert scene.folded().receipts_of(ActId(an_id("other"))) == ()


@pytest.mark.parametrize(
    ("size", "origin", "times"),
    [(5, "comity/vn/1", 1), (4, "comity/vn/1", 0), (9, "comity/vn/2", 0)],
)
def test_a_receipt_is_proven_by_a_checkpoint_that_holds_it(
    size: int, origin: str, times: int
) -> None:
    scene = Scene()
    scene.receipt(scene.ask(), size=5)

    scene.prove(size, origin)

    assert [each.stage for each in scene.folded().receipts].count(ReceiptStage.PROVEN) == times


def test_a_receipt_without_a_ledger_is_proven_by_nothing() -> None:
    scene = Scene()
    scene.receipt(scene.ask(), origin="", size=0)

    scene.prove(9, "")

    assert [each.stage for each in scene.folded().receipts] == [ReceiptStage.DELIVERED]


def test_an_act_that_the_viewer_cannot_open_is_known_by_its_docket() -> None:
    scene = Scene()
    asked = scene.ask()
    heard = scene.acknowledge(asked)

    scene.forget(heard)

    assert [(each.act, each.stage) for each in scene.folded().closed] == [
        (heard, DocketStage.ACKNOWLEDGED)
    ]


def test_the_timeline_tells_everything_in_order_of_time() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.receipt(asked)
    scene.take(asked)
    back = scene.ask_back(asked)
    scene.supply(back)
    scene.hand_over(asked, JUMA)
    scene.answer(asked)

    events = scene.folded().events

    assert [each.what for each in events] == [
        "asked",
        "sent",
        "delivered",
        "taken",
        "asked-back",
        "supplied",
        "sent",
        "handed-over",
        "answered",
    ]
    assert [each.at for each in events] == sorted(each.at for each in events)


def test_within_one_second_the_timeline_tells_what_became_of_each_act_in_turn() -> None:
    scene = Scene()
    asked = scene.ask()
    at = scene.now
    said = [scene.receipt(asked, each) for each in (ReceiptStage.DELIVERED, ReceiptStage.SUBMITTED)]
    scene.receipts[:] = [replace(each, at=at) for each in said]

    assert [each.what for each in scene.folded().events if each.at == at] == [
        "asked",
        "sent",
        "submitted",
        "delivered",
    ]


def test_sides_are_those_of_the_opening() -> None:
    scene = Scene()
    scene.ask()

    thread = scene.folded()

    assert thread.side_of(KENYA) is Side.ASKER
    assert thread.side_of(VIETNAM) is Side.ASKED
    assert thread.side_of(STRANGER) is None


def test_an_agency_that_asks_itself_faces_itself() -> None:
    scene = Scene()
    asked = scene.ask(to=KENYA)

    scene.act(Acknowledgement(to=asked), by=JUMA, of=KENYA, to=KENYA)

    assert scene.folded().stage is Stage.ACKNOWLEDGED


def test_without_a_named_desk_the_copys_agency_is_who_was_asked() -> None:
    scene = Scene(viewer=VIETNAM)

    scene.ask(addressed=False)

    assert scene.folded().asked == (VIETNAM,)


def test_an_act_knows_its_author() -> None:
    scene = Scene()
    scene.ask()

    opening: Act | None = scene.folded().opening

    assert opening is not None
    assert (opening.agency, opening.officer, opening.body) == (KENYA, AMINA, REQUEST)
