# SPDX-License-Identifier: Apache-2.0
"""A docket says the stage and the clock class of a body, and nothing more of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from tests import strategies
from tests.domain.scene import BUREAU, KENYA, NOTE, REQUEST, VIETNAM, Scene, an_id

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import ActId, AgencyId
from comity.domain.release import clock_in, clock_of, leaves_open, looks_on, stage_in, stage_of
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Outcome,
    Reader,
    ReaderKind,
    Statement,
    Stop,
    Take,
    Unknown,
    Urgency,
    Why,
)

ACT = ActId(an_id("act"))


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        (REQUEST, DocketStage.ASKED),
        (NOTE, DocketStage.TOLD),
        (Acknowledgement(to=ACT), DocketStage.ACKNOWLEDGED),
        (AskBack(to=ACT, reasons=("period",)), DocketStage.ASKED_BACK),
        (Answer(to=ACT, outcome=Outcome.INFORMATION), DocketStage.ANSWERED),
        (Answer(to=ACT, outcome=Outcome.NEITHER), DocketStage.ANSWERED),
        (Answer(to=ACT, outcome=Outcome.PASSED_ON), DocketStage.ANSWERED),
        (Answer(to=ACT, outcome=Outcome.MORE_NEEDED), DocketStage.ASKED_BACK),
        (Answer(to=ACT, outcome=Outcome.TRANSLATION_NEEDED), DocketStage.CANNOT_READ),
        (Answer(to=ACT, outcome=Outcome.REFUSED), DocketStage.REFUSED),
        (Take(to=ACT), DocketStage.HOME),
        (HandOver(to=ACT, taker=ACT), DocketStage.HOME),
        (Countersignature(to=ACT, decision=Decision.APPROVE), DocketStage.HOME),
        (Stop(to=ACT), DocketStage.HOME),
        (Unknown(raw=b"{}"), DocketStage.HOME),
    ],
)
def test_every_body_has_its_stage(body: Body, stage: DocketStage) -> None:
    assert stage_of(body) is stage


@pytest.mark.parametrize("outcome", Outcome)
def test_the_askers_answer_supplies_whatever_its_outcome(outcome: Outcome) -> None:
    assert stage_of(Answer(to=ACT, outcome=outcome), author_asked=True) is DocketStage.SUPPLIED


@pytest.mark.parametrize("urgency", Urgency)
def test_a_request_runs_the_clock_of_its_urgency(urgency: Urgency) -> None:
    assert clock_of(replace(REQUEST, urgency=urgency)).value == urgency.value


@given(strategies.bodies)
def test_only_who_asks_or_hastens_wants_a_reply_by_a_clock(body: Body) -> None:
    asks = (DocketStage.ASKED, DocketStage.CONSENT_ASKED, DocketStage.HASTENED)

    assert (clock_of(body) is not ClockClass.NONE) == (stage_of(body) in asks)


@given(strategies.bodies)
def test_what_leaves_the_thread_open_says_so_in_its_stage(body: Body) -> None:
    open_stages = (DocketStage.ASKED_BACK, DocketStage.CANNOT_READ)

    assert leaves_open(body) == (stage_of(body) in open_stages)


def copy_for(to: AgencyId, body: Body, *whys: Why) -> Statement:
    """Return Kenya's statement of *body* as *to* gets it, with a reader for each of *whys*."""
    scene = Scene()
    scene.ask()
    readers = tuple(
        Reader(agency=to, id=an_id(why), kind=ReaderKind.DESK, epoch=1, why=why) for why in whys
    )
    return replace(scene.seen[0].statement, to=to, readers=readers, body=body)


@pytest.mark.parametrize("whys", [(Why.OVERSIGHT,), (Why.AUTHOR, Why.OVERSIGHT, Why.MUST_COPY)])
def test_a_copy_for_whoever_only_looks_on_moves_no_clock(whys: tuple[Why, ...]) -> None:
    said = copy_for(BUREAU, REQUEST, *whys)

    assert looks_on(said)
    assert (stage_in(said), clock_in(said)) == (DocketStage.COPIED, ClockClass.NONE)


@pytest.mark.parametrize(
    ("to", "whys"),
    [
        (VIETNAM, (Why.AUTHOR, Why.ADDRESSED)),
        (VIETNAM, (Why.ADDRESSED, Why.OVERSIGHT)),
        (VIETNAM, (Why.AUTHOR,)),
        (VIETNAM, ()),
        (KENYA, (Why.AUTHOR, Why.OVERSIGHT)),
    ],
)
def test_a_copy_for_who_is_asked_or_for_the_own_agency_does(
    to: AgencyId, whys: tuple[Why, ...]
) -> None:
    said = copy_for(to, REQUEST, *whys)

    assert (stage_in(said), clock_in(said)) == (DocketStage.ASKED, ClockClass.URGENT)


def test_what_stays_at_home_is_never_a_copy_that_travels() -> None:
    said = copy_for(BUREAU, Stop(to=ACT), Why.OVERSIGHT)

    assert stage_in(said) is DocketStage.HOME
