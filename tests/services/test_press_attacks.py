# SPDX-License-Identifier: Apache-2.0
"""Who would misuse urgency, reminders and silence: a lying peer, a third one, a replay."""

from dataclasses import replace
from datetime import timedelta

from tests.services.letters import REQUEST, Post, codes, opened, real
from tests.services.settle import Settled

from comity.domain.docket import ClockClass, Docket, DocketStage
from comity.domain.ids import ActId
from comity.domain.pressing import Limit, Reminder, Urgent
from comity.domain.statement import Acknowledgement, Urgency
from comity.domain.thread import Effect
from comity.services.escalate import climb
from comity.storage import threads

NORMAL = replace(REQUEST, urgency=Urgency.NORMAL, urgency_reason="")


def asked(post: Post) -> ActId:
    """Ask what can wait, let it arrive, and return the act."""
    letter = post.send(NORMAL)
    post.sync()
    return letter.act


def row(settled: Settled) -> threads.Thread:
    with settled.house.store.read() as reading:
        [found] = [each for each in threads.by_ids(reading, [real()]) if each.own == settled.agency]
    return found


def test_the_asked_side_neither_hastens_nor_slows_the_question(post: Post) -> None:
    act = asked(post)
    before = row(post.ke)

    post.send(Urgent(to=act, reason="x"), of=post.vn)
    post.send(Reminder(to=act, limit=Limit.ANSWER), of=post.vn)
    post.sync()

    after = row(post.ke)
    assert (after.clock, after.due_answer) == (ClockClass.NORMAL, before.due_answer)
    assert (after.acknowledged_at, after.answered_at) == (0, 0)
    effects = [act.effect for act in opened(post.ke).thread.acts[1:]]
    assert effects == [Effect.STRANGER, Effect.STRANGER]


def test_a_docket_that_hastens_beside_other_words_is_refused_and_its_clock_with_it(
    post: Post,
) -> None:
    act = asked(post)

    def hastened(docket: Docket) -> Docket:
        return replace(docket, stage=DocketStage.HASTENED, clock=ClockClass.URGENT)

    post.send(Acknowledgement(to=act), docket=hastened)
    post.sync()
    lying = row(post.vn)
    found = opened(post.vn)
    honest = row(post.vn)

    # Until somebody opens it the docket is all that a node has: it wakes people, no more.
    assert lying.clock == ClockClass.URGENT
    assert codes(found) == ["untrusted.differs.stage"]
    assert honest.clock == ClockClass.NORMAL
    assert found.thread.clock is ClockClass.NORMAL


def test_words_that_hasten_under_a_quiet_docket_hasten_nothing(post: Post) -> None:
    act = asked(post)

    def quiet(docket: Docket) -> Docket:
        return replace(docket, stage=DocketStage.REMINDED, clock=ClockClass.NONE)

    post.send(Urgent(to=act, reason="x"), docket=quiet)
    post.sync()
    found = opened(post.vn)

    assert codes(found) == ["untrusted.differs.stage"]
    assert row(post.vn).clock == ClockClass.NORMAL
    assert found.thread.clock is ClockClass.NORMAL


def test_hastening_again_and_again_never_moves_the_limit_back_or_raises_anything_twice(
    post: Post,
) -> None:
    act = asked(post)
    post.send(Urgent(to=act, reason="x"))
    post.sync()
    first = row(post.vn)
    post.wait(timedelta(hours=2, minutes=5))
    once = climb(post.vn.house)
    post.send(Urgent(to=act, reason="once more"))
    post.sync()
    again = climb(post.vn.house)

    assert row(post.vn).due_answer == first.due_answer
    assert [each.what for each in once] == ["acknowledge.desk"]
    assert again == ()
