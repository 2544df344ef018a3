# SPDX-License-Identifier: Apache-2.0
"""What may be passed on, by handling or by consent; the vectors of ``passed-on`` tell the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import strategies
from tests.wire import tale
from tests.wire.passed_on_cases import ASKED, TG, passed, told, word
from tests.wire.tale import AT, ET, KE

from comity.domain.handling import Handling, Leave, See
from comity.domain.onward import Use, is_within
from comity.domain.passed_on import (
    Chain,
    Hand,
    handling_of,
    leave,
    verdict_on,
    why_no_leave,
    why_not,
    why_not_hand,
)
from comity.domain.statement import PassOn, Statement
from comity.domain.verdict import Allowed, Ask, Barred

LATER = AT + timedelta(days=1)


def hand(said: Statement, consent: Statement | None = None) -> Hand:
    assert isinstance(said.body, PassOn)
    return Hand(said=said, body=said.body, consent=consent)


def free(onward: Leave, see: See = See.DESK) -> Chain:
    handling = replace(ASKED, onward=onward, see=see)
    return Chain(original=told(body=replace(told().body, handling=handling)))  # type: ignore[arg-type]  # an answer


@pytest.mark.parametrize(
    ("before", "near", "verdict"),
    [
        (free(Leave.YES), None, Allowed),
        (free(Leave.NO), None, Barred),
        (free(Leave.ASK), None, Ask),
        (free(Leave.ASK, See.STATE), See.STATE, Allowed),
        (free(Leave.ASK, See.STATE), See.COMMUNITY, Ask),
        (free(Leave.NO, See.STATE), See.COMMUNITY, Barred),
        (free(Leave.NO, See.COMMUNITY), None, Barred),
    ],
)
def test_handling_lets_it_reach_who_stands_near_enough(
    before: Chain, near: See | None, verdict: type
) -> None:
    assert isinstance(verdict_on(before, near, AT), verdict)


def test_of_an_earlier_hand_its_own_time_is_taken_and_never_one_to_come() -> None:
    consent = word(until="2026-11-23T09:00:00Z")
    second = word(holder=ET, agencies=(TG,))
    first = hand(passed(consent=consent), consent)
    chain = Chain(
        original=told(),
        hands=(first, hand(passed(first.said, second, of=ET, to=TG), second)),
    )

    assert why_not(chain, [None, None], LATER) == ""
    ahead = replace(first, said=replace(first.said, at=AT + timedelta(hours=5)))
    assert why_not(replace(chain, hands=(ahead, chain.hands[1])), [None, None], LATER) == (
        "consent-over"
    )


def test_without_a_hand_there_is_nothing_to_judge() -> None:
    chain = Chain(original=told())

    assert why_not(chain, [], AT) == ""
    assert (chain.newest, chain.handling) == (told(), ASKED)
    assert handling_of(word()) == Handling()


def test_consent_to_another_use_is_judged_alike() -> None:
    court = word(use=Use.COURT, agencies=())

    said = {"holder": KE, "recipient": None, "purpose": "", "at": AT}

    assert why_no_leave(told(), court, use=Use.COURT, **said) == ""  # type: ignore[arg-type]  # three arguments
    assert why_no_leave(told(), court, **said) == "consent-elsewhere"  # type: ignore[arg-type]  # likewise


@given(strategies.handlings, strategies.handlings, strategies.handlings)
def test_a_later_hand_never_has_more_than_the_one_before(
    first: Handling, given_: Handling, meant: Handling
) -> None:
    consent = word(holder=ET, agencies=(TG,), handling=given_, until="")
    before = Chain(original=told(), hands=(hand(passed(handling=first)),))

    why, bound = leave(
        before, consent, holder=ET, recipient=TG, purpose="intelligence", nearest=None, at=AT
    )

    assert why == ""
    assert is_within(bound, first)
    said = hand(passed(before.newest, consent, of=ET, to=TG, handling=meant), consent)
    judged = why_not_hand(before, said, None, AT)
    assert judged in ("", "wider", "handling-expired")
    assert judged or is_within(meant, first)


@given(st.sampled_from(See), strategies.handlings)
def test_nobody_hands_on_what_was_not_told_to_him(near: See, handling: Handling) -> None:
    own = replace(tale.QUESTION, body=replace(tale.QUESTION_BODY, handling=handling))

    assert why_not_hand(Chain(original=own), hand(passed(own)), near, AT) == "not-told"
