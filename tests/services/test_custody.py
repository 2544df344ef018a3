# SPDX-License-Identifier: Apache-2.0
"""Who has a thread: taken by a member of the desk, handed over with a remark, seen by all."""

from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, container, counts, foreign, waiting

from comity.domain.policy import Exclusion
from comity.domain.statement import HandOver
from comity.errors import Excluded, Misused, NotCompetent, TooLate
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.oversight import exclude


def holder(scene: Scene, thread: str, who: str = "colleague") -> str:
    found = scene.vn.seat(who).thread(thread).thread.holder_in(scene.vn.agency)
    return found.id if found else ""


def test_a_thread_that_is_taken_is_seen_by_the_whole_desk_and_by_nobody_abroad(
    scene: Scene,
) -> None:
    asked = scene.ask()
    before = waiting(scene.vn)

    scene.vn.seat("investigator").take(asked.thread)

    assert holder(scene, asked.thread) == scene.vn.settled.people["investigator"]
    assert waiting(scene.vn) == before + 1  # his receipt of opening, and nothing else
    scene.sync()
    assert scene.ke.seat().thread(asked.thread).thread.holders == ()


def test_what_a_colleague_has_is_taken_from_him_only_on_purpose(scene: Scene) -> None:
    asked = scene.ask()
    first, second = scene.vn.seat("investigator"), scene.vn.seat("colleague")
    first.take(asked.thread)

    with pytest.raises(TooLate) as taken:
        second.take(asked.thread)
    with pytest.raises(TooLate) as again:
        first.take(asked.thread)
    scene.hours.pass_(seconds=1)
    second.take(asked.thread, anyway=True)

    assert taken.value.cause == "refused.too-late.taken"
    assert again.value.cause == "refused.too-late.taken-already"
    assert holder(scene, asked.thread) == scene.vn.settled.people["colleague"]


def test_an_overseer_sees_a_thread_and_does_not_take_it(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat("investigator").take(asked.thread)

    with pytest.raises(Misused) as unknown:
        scene.vn.seat("supervisor").take(asked.thread)
    assert unknown.value.cause == "usage.thread-unknown"

    own = scene.ke.seat().ask(container())
    with pytest.raises(NotCompetent) as raised:
        scene.ke.seat("supervisor").take(own.thread)
    assert raised.value.cause == "refused.not-competent.not-his-thread"


def test_it_is_handed_over_with_a_remark_to_a_colleague_or_back_to_the_desk(
    scene: Scene,
) -> None:
    asked = scene.ask()
    first, second = scene.vn.seat("investigator"), scene.vn.seat("colleague")
    people = scene.vn.settled.people
    first.take(asked.thread)
    scene.hours.pass_(seconds=1)

    done = first.hand_over(asked.thread, "colleague VN", remark="He calls back at nine.")

    found = second.thread(asked.thread).thread.holder_in(scene.vn.agency)
    assert found is not None
    assert (found.id, found.remark) == (people["colleague"], "He calls back at nine.")
    (copy,) = second.thread(asked.thread).copies_of(done.act)
    assert isinstance(copy.statement.body, HandOver)

    scene.hours.pass_(seconds=1)
    second.hand_over(asked.thread, "Anti-smuggling desk")
    assert holder(scene, asked.thread) == scene.vn.settled.desk

    scene.hours.pass_(seconds=1)
    first.take(asked.thread)
    assert holder(scene, asked.thread) == people["investigator"]


def test_who_asked_may_hand_over_what_he_asked(scene: Scene) -> None:
    asked = scene.ask()
    kenya = scene.ke.seat("investigator")

    kenya.hand_over(asked.thread, scene.ke.settled.people["colleague"])

    found = kenya.thread(asked.thread).thread.holder_in(scene.ke.agency)
    assert found is not None
    assert found.id == scene.ke.settled.people["colleague"]


@pytest.mark.parametrize(
    ("taker", "cause"),
    [
        ("supervisor VN", "refused.not-competent.taker-not-of-desk"),
        ("investigator KE", "usage.officer-unknown"),
        ("nobody", "usage.officer-unknown"),
        ("Customs, Hai Phong/colleague VN", ""),
    ],
)
def test_only_a_member_of_a_desk_that_reads_it_can_be_given_a_thread(
    scene: Scene, taker: str, cause: str
) -> None:
    asked = scene.ask()
    first = scene.vn.seat("investigator")
    first.acknowledge(asked.thread)  # of which the overseers have a copy, but not of the question
    first.take(asked.thread)
    before = counts(scene.vn)

    if not cause:
        assert first.hand_over(asked.thread, taker).act
        return
    with pytest.raises((NotCompetent, Misused)) as raised:
        first.hand_over(asked.thread, taker)

    assert raised.value.cause == cause
    assert counts(scene.vn) == before


def test_who_does_not_have_it_cannot_give_it_away(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat("investigator").take(asked.thread)

    with pytest.raises(NotCompetent) as raised:
        scene.vn.seat("colleague").hand_over(asked.thread, "colleague VN")

    assert raised.value.cause == "refused.not-competent.not-the-holder"


def test_nobody_who_is_barred_from_a_thread_is_given_it(scene: Scene) -> None:
    asked = scene.ask()
    first = scene.vn.seat("investigator")
    first.take(asked.thread)
    people = scene.vn.settled.people
    exclude(
        scene.vn.house,
        scene.vn.agency,
        Exclusion(thread=asked.thread, readers=frozenset({people["colleague"]})),
    )

    for taker in (people["colleague"], scene.vn.settled.desk):
        with pytest.raises(Excluded):
            first.hand_over(asked.thread, taker)


def test_who_joined_the_desk_later_can_be_given_what_came_since(scene: Scene) -> None:
    supervisor = scene.vn.settled.people["supervisor"]
    change_members(
        scene.vn.house,
        scene.vn.seat("investigator").unlocked,
        scene.vn.settled.desk,
        join=[supervisor],
    )
    scene.vn._seats.clear()
    scene.sync()
    asked = scene.ask()
    first = scene.vn.seat("investigator")
    first.take(asked.thread)
    scene.hours.pass_(seconds=1)

    first.hand_over(asked.thread, supervisor)
    scene.hours.pass_(seconds=1)
    done = scene.vn.seat("supervisor").answer(asked.thread, INFORMATION)

    assert foreign(scene.vn, done.act).thread == asked.thread


def test_custody_is_recorded_on_an_answered_thread_too(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat("investigator").answer(asked.thread, INFORMATION)
    scene.hours.pass_(seconds=timedelta(hours=1).total_seconds())

    scene.vn.seat("colleague").take(asked.thread)

    assert holder(scene, asked.thread) == scene.vn.settled.people["colleague"]


def test_an_officer_who_was_asked_in_person_takes_it_himself(scene: Scene) -> None:
    colleague = scene.vn.settled.people["colleague"]
    asked = scene.ask(to=colleague)

    scene.vn.seat("colleague").take(asked.thread)

    assert holder(scene, asked.thread) == colleague


def test_a_second_desk_that_does_not_read_the_thread_is_no_taker(scene: Scene) -> None:
    other = open_desk(
        scene.vn.house,
        scene.vn.agency,
        NewDesk(name="Harbour desk"),
        [scene.vn.settled.people["colleague"]],
    )
    asked = scene.ask(to=f"VN/{scene.vn.card.desks[0].name}")
    first = scene.vn.seat("investigator")
    first.take(asked.thread)

    with pytest.raises(NotCompetent):
        first.hand_over(asked.thread, other.id)
