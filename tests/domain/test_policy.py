# SPDX-License-Identifier: Apache-2.0
"""Oversight follows the agency's own rules; without one, every act is copied."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.scene import KENYA, LAN, MINH, STRANGER, THREAD, VIETNAM, an_id

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import ThreadId
from comity.domain.policy import (
    ANY,
    SUPERVISOR,
    Exclusion,
    Matter,
    Mode,
    Policy,
    Rule,
    Sensitivity,
    barred,
    decide,
    is_held,
    sensitivity_of,
    stop_seconds,
)
from comity.domain.verdict import Allowed, Barred
from comity.errors import Misused

OWN, BUREAU_DESK, OFFICE = an_id("own oversight"), an_id("bureau desk"), "Attorney General"
MATTER = Matter(
    kind="phone", peer=VIETNAM, sensitivity=Sensitivity.NOMINAL, clock=ClockClass.URGENT
)

rules = st.builds(
    Rule,
    kind=st.sampled_from([ANY, "phone", "person"]),
    peer=st.sampled_from([ANY, VIETNAM, STRANGER]),
    sensitivity=st.sampled_from([ANY, *Sensitivity]),
    mode=st.sampled_from(Mode),
    to=st.sampled_from([(), (OWN,), (BUREAU_DESK, OFFICE)]),
    spoken_allowed=st.booleans(),
)
policies = st.builds(Policy, rules=st.lists(rules, max_size=6).map(tuple))
matters = st.builds(
    Matter,
    kind=st.sampled_from(["phone", "person", "note"]),
    peer=st.sampled_from([VIETNAM, STRANGER]),
    sensitivity=st.sampled_from(Sensitivity),
    clock=st.sampled_from(ClockClass),
)


def named(rule: Rule) -> int:
    return [rule.kind, rule.peer, rule.sensitivity].count(ANY)


def test_without_a_rule_the_oversight_desk_has_a_copy() -> None:
    oversight = decide(Policy(), MATTER, own=[OWN], reachable=[])

    assert (oversight.mode, oversight.desks, oversight.by) == (Mode.COPY, (OWN,), None)
    assert oversight.owed_on_paper == ()


def test_an_agency_without_an_oversight_desk_owes_its_supervisor_the_copy_on_paper() -> None:
    oversight = decide(Policy(), MATTER, own=[], reachable=[BUREAU_DESK])

    assert (oversight.desks, oversight.owed_on_paper) == ((), (SUPERVISOR,))


def test_an_office_without_a_node_is_owed_its_copy_on_paper() -> None:
    policy = Policy(rules=(Rule(mode=Mode.COPY, to=(BUREAU_DESK, OFFICE)),))

    oversight = decide(policy, MATTER, own=[OWN], reachable=[BUREAU_DESK])

    assert oversight.desks == (BUREAU_DESK,)
    assert oversight.owed_on_paper == (OFFICE,)


def test_the_most_specific_rule_stands() -> None:
    policy = Policy(
        rules=(
            Rule(mode=Mode.COPY),
            Rule(mode=Mode.DIRECT, kind="phone"),
            Rule(mode=Mode.COUNTERSIGN, kind="phone", sensitivity="nominal", to=(OWN,)),
        )
    )

    assert decide(policy, MATTER, own=[OWN], reachable=[]).mode is Mode.COUNTERSIGN
    plain = replace(MATTER, sensitivity=Sensitivity.PLAIN)
    assert decide(policy, plain, own=[OWN], reachable=[]).mode is Mode.DIRECT
    assert decide(policy, plain, own=[OWN], reachable=[]).desks == ()


@given(policies, matters)
def test_no_matching_rule_is_more_specific_than_the_one_that_decides(
    policy: Policy, matter: Matter
) -> None:
    by = decide(policy, matter, own=[OWN], reachable=[]).by

    matching = [
        rule
        for rule in policy.rules
        if rule.kind in (ANY, matter.kind)
        and rule.peer in (ANY, matter.peer)
        and rule.sensitivity in (ANY, matter.sensitivity)
    ]
    assert (by is None) == (not matching)
    if by is not None:
        assert by == next(rule for rule in matching if named(rule) == min(map(named, matching)))


@given(policies, matters)
def test_whoever_oversees_gets_a_copy_or_is_owed_one(policy: Policy, matter: Matter) -> None:
    oversight = decide(policy, matter, own=[OWN], reachable=[BUREAU_DESK])

    owed = bool(oversight.desks or oversight.owed_on_paper)
    assert owed == (oversight.mode is not Mode.DIRECT)
    assert set(oversight.desks) <= {OWN, BUREAU_DESK}


def test_a_rule_of_an_unknown_sensitivity_does_not_come_to_be() -> None:
    with pytest.raises(ValueError, match="secret"):
        Rule(mode=Mode.DIRECT, sensitivity="secret")


@pytest.mark.parametrize(
    ("clock", "spoken", "held"),
    [
        (ClockClass.URGENT, "", True),
        (ClockClass.URGENT, "the duty chief", False),
        (ClockClass.NORMAL, "the duty chief", True),
    ],
)
def test_a_spoken_countersignature_frees_an_urgent_act_alone(
    clock: ClockClass,
    spoken: str,
    held: bool,  # noqa: FBT001  # a column of the table
) -> None:
    policy = Policy(rules=(Rule(mode=Mode.COUNTERSIGN, spoken_allowed=True),))

    oversight = decide(policy, replace(MATTER, clock=clock), own=[OWN], reachable=[])

    assert is_held(oversight, spoken=spoken) is held


def test_a_rule_that_allows_nothing_spoken_holds_even_the_urgent() -> None:
    oversight = decide(
        Policy(rules=(Rule(mode=Mode.COUNTERSIGN),)), MATTER, own=[OWN], reachable=[]
    )

    assert is_held(oversight, spoken="the duty chief")


def test_what_is_only_copied_is_not_held() -> None:
    assert not is_held(decide(Policy(), MATTER, own=[OWN], reachable=[]))


@pytest.mark.parametrize(
    ("nominal", "coercive", "sensitivity"),
    [
        (False, False, Sensitivity.PLAIN),
        (True, False, Sensitivity.NOMINAL),
        (True, True, Sensitivity.COERCIVE),
        (False, True, Sensitivity.COERCIVE),
    ],
)
def test_sensitivity_follows_what_an_act_could_do(
    nominal: bool,  # noqa: FBT001  # a column of the table
    coercive: bool,  # noqa: FBT001  # a column of the table
    sensitivity: Sensitivity,
) -> None:
    assert sensitivity_of(nominal=nominal, coercive=coercive) is sensitivity


@pytest.mark.parametrize(
    ("clock", "practice", "configured", "stage", "seconds"),
    [
        (ClockClass.NORMAL, False, None, DocketStage.ASKED, 60),
        (ClockClass.NONE, False, None, DocketStage.ANSWERED, 60),
        (ClockClass.URGENT, False, None, DocketStage.ASKED, 10),
        (ClockClass.NORMAL, False, 300, DocketStage.ASKED, 300),
        (ClockClass.URGENT, False, 300, DocketStage.ASKED, 10),
        (ClockClass.URGENT, False, 5, DocketStage.ASKED, 5),
        (ClockClass.NORMAL, False, 0, DocketStage.ASKED, 0),
        (ClockClass.NORMAL, True, 300, DocketStage.ASKED, 0),
        (ClockClass.NONE, False, 300, DocketStage.ACKNOWLEDGED, 0),
        (ClockClass.NONE, False, 300, DocketStage.HOME, 0),
    ],
)
def test_there_is_a_moment_to_stop_what_leaves(
    clock: ClockClass,
    practice: bool,  # noqa: FBT001  # a column of the table
    configured: int | None,
    stage: DocketStage,
    seconds: int,
) -> None:
    found = stop_seconds(clock, practice=practice, configured=configured, stage=stage)

    assert found == seconds


@pytest.mark.parametrize("configured", [-1, 3601])
def test_a_stop_window_out_of_bounds_is_refused(configured: int) -> None:
    with pytest.raises(Misused, match="stop-seconds"):
        stop_seconds(ClockClass.NORMAL, practice=False, configured=configured)


@pytest.mark.parametrize(
    ("exclusion", "verdict"),
    [
        (Exclusion(thread=THREAD), Allowed(by="not-excluded")),
        (
            Exclusion(thread=ThreadId(an_id("other")), readers=frozenset([LAN])),
            Allowed(by="not-excluded"),
        ),
        (Exclusion(thread=THREAD, readers=frozenset([LAN])), Barred(why="excluded")),
        (Exclusion(thread=THREAD, readers=frozenset([MINH])), Barred(why="excluded-member")),
        (Exclusion(thread=THREAD, agencies=frozenset([VIETNAM])), Barred(why="excluded-unit")),
        (Exclusion(thread=THREAD, agencies=frozenset([KENYA])), Allowed(by="not-excluded")),
    ],
)
def test_whoever_is_excluded_is_barred_and_every_desk_he_reads_at(
    exclusion: Exclusion, verdict: Allowed | Barred
) -> None:
    found = barred([exclusion], THREAD, reader=LAN, agency=VIETNAM, members=[MINH])

    assert found == verdict
