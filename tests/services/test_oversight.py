# SPDX-License-Identifier: Apache-2.0
"""What an agency sets of its oversight is kept for it alone, and no bar is lost."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.settle import Settled, befriend, settle

from comity.domain.docket import OpenedBy
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.policy import Exclusion, Mode, Policy, Rule
from comity.errors import Damaged, Misused, NotAdmitted
from comity.services import home, oversight
from comity.services.house import House
from comity.services.oversight import (
    AgencyPolicy,
    change_policy,
    exclude,
    read_policy,
    readmit,
    set_policy,
)
from comity.storage import housed

THREAD = ThreadId("t" * 26)
POLICY = AgencyPolicy(
    policy=Policy(rules=(Rule(kind="phone", mode=Mode.COUNTERSIGN, spoken_allowed=True),)),
    stop=30,
    shows=OpenedBy.FACT,
)


def test_an_agency_that_set_nothing_has_the_defaults(kenya: Settled) -> None:
    policy = read_policy(kenya.house, kenya.agency)

    assert policy == AgencyPolicy()
    assert policy.stop_seconds is None


def test_what_is_set_is_read(kenya: Settled) -> None:
    set_policy(kenya.house, kenya.agency, POLICY)

    assert read_policy(kenya.house, kenya.agency) == POLICY
    assert read_policy(kenya.house, kenya.agency).stop_seconds == 30


def test_one_thing_is_changed_and_the_rest_stays(kenya: Settled) -> None:
    set_policy(kenya.house, kenya.agency, POLICY)

    changed = change_policy(kenya.house, kenya.agency, lambda held: replace(held, stop=5))

    assert changed == replace(POLICY, stop=5)


def test_it_lies_locked(kenya: Settled) -> None:
    set_policy(kenya.house, kenya.agency, POLICY)

    for path in kenya.house.home.rglob("*"):
        if path.is_file():
            assert b"countersign" not in path.read_bytes()


def test_bars_add_up_and_can_be_lifted(kenya: Settled) -> None:
    set_policy(kenya.house, kenya.agency, POLICY)
    people = frozenset(kenya.people.values())
    first = Exclusion(thread=THREAD, readers=people, agencies=frozenset({kenya.agency}))
    second = Exclusion(thread=ThreadId("u" * 26), readers=people)

    for each in (first, second, first):
        exclude(kenya.house, kenya.agency, each)

    assert read_policy(kenya.house, kenya.agency).exclusions == (first, second)
    assert read_policy(kenya.house, kenya.agency).policy == POLICY.policy
    readmit(kenya.house, kenya.agency, THREAD)
    assert read_policy(kenya.house, kenya.agency).exclusions == (second,)


def test_no_bar_is_lost_when_two_processes_add_one_at_once(kenya: Settled) -> None:
    other = home.open_(kenya.house.home, ask_house=str, clock=kenya.house.clock)

    def some(house: House, letter: str) -> None:
        for number in range(10):
            thread = ThreadId(letter * 25 + "abcdefghij"[number])
            exclude(house, kenya.agency, Exclusion(thread=thread))

    threads = [
        threading.Thread(target=some, args=each) for each in ((kenya.house, "a"), (other, "b"))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(read_policy(kenya.house, kenya.agency).exclusions) == 20
    home.close(other)


@pytest.mark.parametrize(
    ("policy", "cause"),
    [
        (AgencyPolicy(stop=3601), "usage.stop-seconds"),
        (AgencyPolicy(stop=-2), "usage.stop-seconds"),
        (AgencyPolicy(policy=Policy(rules=(Rule(mode=Mode.COPY),) * 501)), "usage.field-many"),
    ],
)
def test_what_cannot_be_a_policy_is_refused(
    kenya: Settled, policy: AgencyPolicy, cause: str
) -> None:
    with pytest.raises(Misused) as refused:
        set_policy(kenya.house, kenya.agency, policy)

    assert refused.value.cause == cause
    assert read_policy(kenya.house, kenya.agency) == AgencyPolicy()


def test_a_peer_s_policy_is_not_ours_to_set(kenya: Settled, tmp_path: Path) -> None:
    vietnam = settle(tmp_path, "VN")
    befriend(kenya, vietnam)

    with pytest.raises(Misused) as refused:
        set_policy(kenya.house, vietnam.agency, POLICY)
    assert refused.value.cause == "usage.agency-not-ours"
    with pytest.raises(NotAdmitted):
        set_policy(kenya.house, AgencyId("a" * 26), POLICY)
    home.close(vietnam.house)


def test_one_agency_s_policy_in_another_s_place_is_damage(kenya: Settled) -> None:
    set_policy(kenya.house, kenya.agency, POLICY)
    with kenya.house.store.read() as reading:
        [row] = housed.get(reading, oversight.ROOM, [kenya.agency])
    moved = housed.Housed(room=row.room, name="a" * 26, owner="a" * 26, body=row.body)
    kenya.house.store.write(lambda w: housed.put(w, [moved]))

    with pytest.raises(Damaged):
        read_policy(kenya.house, AgencyId("a" * 26))
