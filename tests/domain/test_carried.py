# SPDX-License-Identifier: Apache-2.0
"""A node runs the clocks of its threads without opening anything."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.scene import BUREAU, EVE, KENYA, STRANGER, THREAD, VIETNAM, Scene, an_id
from tests.domain.test_fold import a_whole_story, hostile_scenes
from tests.strategies import NOW

from comity.domain.carried import Arrival, Carried, Step, carry
from comity.domain.clocks import Standing
from comity.domain.docket import ClockClass, DocketStage, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, digest
from comity.domain.release import clock_of, stage_of
from comity.domain.statement import Acknowledgement, Answer, AskBack, Outcome
from comity.domain.thread import Released


def dockets(scene: Scene) -> list[Released]:
    """Return the dockets as the nodes would write them, with clock and supplied stage."""
    asker = scene.seen[0].statement.author.agency
    made = []
    for released, seen in zip(scene.dockets, scene.seen, strict=True):
        body, author = seen.statement.body, seen.statement.author.agency
        stage = stage_of(body, author_asked=author == asker)
        docket = replace(released.docket, stage=stage, clock=clock_of(body))
        made.append(replace(released, docket=docket))
    return made


def carry_all(facts: Iterable[Released], receipts: Iterable[Receipt] = ()) -> Carried:
    """Return what a node makes of *facts*, as its rows tell of them."""
    steps = [
        Step(
            agency=each.docket.agency,
            to=each.docket.to,
            act=each.docket.act,
            copy=each.docket.copy,
            stage=each.docket.stage,
            clock=each.docket.clock,
            at=each.at,
            ours=each.ours,
        )
        for each in facts
        if each.docket.thread == THREAD
    ]
    arrivals = [
        Arrival(agency=each.agency, act=each.act, at=each.at)
        for each in receipts
        if each.stage is ReceiptStage.DELIVERED
    ]
    return carry(THREAD, steps, arrivals)


def carried(scene: Scene) -> Carried:
    return carry_all(dockets(scene), scene.receipts)


def test_the_stages_follow_one_another_and_none_leads_back() -> None:
    scene = Scene()
    stages = []

    asked = scene.ask()
    stages.append(carried(scene).stage)
    scene.acknowledge(asked)
    stages.append(carried(scene).stage)
    back = scene.ask_back(asked)
    stages.append(carried(scene).stage)
    scene.supply(back)
    stages.append(carried(scene).stage)
    scene.answer(asked, Outcome.REFUSED)
    stages.append(carried(scene).stage)
    scene.acknowledge(asked)
    stages.append(carried(scene).stage)

    assert stages == [
        DocketStage.ASKED,
        DocketStage.ACKNOWLEDGED,
        DocketStage.ASKED_BACK,
        DocketStage.SUPPLIED,
        DocketStage.REFUSED,
        DocketStage.REFUSED,
    ]


def test_the_clock_runs_from_the_receipt_until_the_answer() -> None:
    scene = Scene()
    asked = scene.ask()
    assert carried(scene).due is None
    assert carried(scene).standing(scene.now + timedelta(days=9)) is Standing.FINE

    received = scene.receipt(asked).at
    scene.receipt(asked, agency=KENYA)

    late = received + timedelta(hours=9)
    assert carried(scene).clock is ClockClass.URGENT
    assert carried(scene).standing(late) is Standing.LATE
    scene.answer(asked)
    assert carried(scene).standing(late) is Standing.FINE


def test_the_receiving_node_runs_its_clock_from_its_own_record() -> None:
    scene = Scene(viewer=VIETNAM)

    scene.ask()

    due = carried(scene).due
    assert due is not None
    assert due.received == scene.now


@pytest.mark.parametrize(("agency", "to"), [(STRANGER, KENYA), (KENYA, VIETNAM)])
def test_who_was_not_asked_answers_nothing(agency: AgencyId, to: AgencyId) -> None:
    scene = Scene()
    asked = scene.ask()

    scene.act(Acknowledgement(to=asked), by=EVE, of=agency, to=to)
    found = carry_all(scene.dockets[:2])

    assert found.stage is DocketStage.ASKED
    assert not found.acknowledged


def test_a_copy_for_a_bureau_neither_opens_a_thread_nor_replies_in_it() -> None:
    scene = Scene()
    asked = scene.ask()
    opening = scene.dockets[0]
    copied = replace(opening.docket, to=BUREAU, stage=DocketStage.COPIED)
    scene.dockets.insert(0, replace(opening, docket=copied))

    found = carry_all(scene.dockets)
    assert (found.asker, found.asked, found.stage) == (KENYA, VIETNAM, DocketStage.ASKED)
    assert carry_all(scene.dockets[:1]).asker is None

    answered = scene.answer(asked)
    docket = next(each.docket for each in scene.dockets if each.docket.act == answered)
    copied = replace(docket, to=BUREAU, stage=DocketStage.COPIED)
    only = [opening, replace(opening, docket=copied)]
    assert not carry_all(only).acknowledged


def test_without_the_docket_that_opens_it_a_thread_has_no_stage() -> None:
    scene = Scene()
    asked = scene.ask()
    scene.acknowledge(asked)

    assert carry_all(scene.dockets[1:]).stage is None
    assert carry_all(()).standing(scene.now) is Standing.FINE


@settings(max_examples=50, deadline=None)
@given(st.one_of(hostile_scenes(), st.builds(a_whole_story)), st.data())
def test_dockets_in_any_order_and_often_tell_the_same(scene: Scene, data: st.DataObject) -> None:
    facts = scene.dockets

    shuffled = data.draw(st.permutations([*facts, *facts[:2]]))

    assert carry_all(shuffled, scene.receipts) == carry_all(facts, scene.receipts)


STORY: list[Callable[[Scene], object]] = [
    lambda scene: scene.acknowledge(scene.seen[0].statement.act),
    lambda scene: scene.by_asked(AskBack(to=scene.seen[0].statement.act, reasons=())),
    lambda scene: scene.supply(scene.seen[-1].statement.act),
    lambda scene: scene.answer(scene.seen[0].statement.act, Outcome.TRANSLATION_NEEDED),
    lambda scene: scene.answer(scene.seen[0].statement.act),
    lambda scene: scene.by_asked(
        Answer(to=scene.seen[0].statement.act, outcome=Outcome.REFUSED, ground="policy")
    ),
]


@pytest.mark.parametrize("steps", [(), (0,), (1,), (0, 1), (1, 2), (3,), (3, 2), (1, 4), (0, 5)])
def test_what_the_node_sees_agrees_with_what_the_officer_reads(steps: tuple[int, ...]) -> None:
    scene = Scene(viewer=VIETNAM)
    scene.ask()

    for step in steps:
        STORY[step](scene)

    node, officer = carried(scene), scene.folded()
    assert node.stage is not None
    assert node.stage.value == officer.stage.value
    assert (node.asker, node.asked) == (officer.asker, officer.asked[0])
    assert node.due == officer.due
    assert node.acknowledged == (officer.acknowledged is not None)
    assert node.answered == (officer.answered is not None)


def step(stage: DocketStage, *, back: bool = False, **how: object) -> Step:
    """Return what a node sees of one docket of Kenya's to Viet Nam's agency, or as told."""
    told: dict[str, object] = {"agency": KENYA, "to": VIETNAM, "ours": False, **how}
    return Step(
        act=ActId(an_id(stage)),
        copy=CopyId(digest(stage.encode())),
        stage=stage,
        clock=ClockClass.URGENT,
        at=NOW,
        taken_back=back,
        **told,  # type: ignore[arg-type]  # as the test says it
    )


ASKED = step(DocketStage.ASKED)
ANSWERED = step(DocketStage.ANSWERED, agency=VIETNAM, to=KENYA)


def test_a_question_that_was_recalled_runs_no_clock() -> None:
    found = carry(THREAD, [replace(ASKED, taken_back=True), step(DocketStage.TAKEN_BACK)])

    assert (found.stage, found.due) == (DocketStage.TAKEN_BACK, None)


def test_a_withdrawn_question_runs_no_clock_unless_it_was_answered() -> None:
    over = step(DocketStage.WITHDRAWN)

    assert carry(THREAD, [ASKED, over]).stage is DocketStage.WITHDRAWN
    assert carry(THREAD, [ASKED, over]).due is None
    assert carry(THREAD, [ASKED, over, ANSWERED]).stage is DocketStage.ANSWERED


def test_nobody_but_who_asked_withdraws() -> None:
    over = step(DocketStage.WITHDRAWN, agency=VIETNAM, to=KENYA)

    assert carry(THREAD, [ASKED, over]).stage is DocketStage.ASKED
    assert not carry(THREAD, [ASKED, over]).acknowledged


def test_an_answer_that_was_recalled_is_none() -> None:
    found = carry(THREAD, [ASKED, replace(ANSWERED, taken_back=True)])

    assert (found.stage, found.answered) == (DocketStage.ASKED, False)
