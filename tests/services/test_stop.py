# SPDX-License-Identifier: Apache-2.0
"""Stop: what has not left can be taken back by its author; what may have left cannot."""

import pytest
from tests.services.scene import (
    INFORMATION,
    Scene,
    asked,
    counts,
    foreign,
    kept,
    real,
    waiting,
)

from comity.domain.policy import Mode
from comity.domain.statement import Urgency
from comity.domain.thread import Stage
from comity.errors import Misused, NotCompetent, TooLate
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.tell import News
from comity.storage import outbox
from comity.storage.copies import CopyState


def test_within_its_window_a_question_is_stopped_and_the_peer_sees_nothing(
    scene: Scene,
) -> None:
    kenya = real(scene.ke.seat())
    done = kenya.ask(asked())
    scene.hours.pass_(seconds=59)
    scene.carry()
    assert foreign(scene.ke, done.act).state == CopyState.QUEUED

    kenya.stop(done.act)
    scene.hours.pass_(hours=1)
    scene.sync()

    assert foreign(scene.ke, done.act).state == CopyState.STOPPED
    assert kenya.thread(done.thread).thread.stage is Stage.STOPPED
    assert scene.vn.inbox() == ()
    assert waiting(scene.ke) == 0
    assert scene.ke.verify().sound


def test_after_its_window_it_leaves_and_cannot_be_stopped(scene: Scene) -> None:
    kenya = real(scene.ke.seat())
    done = kenya.ask(asked())
    scene.hours.pass_(seconds=60)
    scene.carry()
    before = counts(scene.ke)

    with pytest.raises(TooLate) as raised:
        kenya.stop(done.act)

    assert raised.value.cause == "refused.too-late.left-already"
    assert counts(scene.ke) == before
    assert [line.thread for line in scene.vn.inbox()] == [done.thread]


def test_what_the_courier_has_in_hand_may_have_left_and_is_not_stopped(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    house, now = scene.ke.house, scene.ke.house.millis()
    house.store.write(
        lambda w: outbox.claim(w, scene.vn.id, now, limit=9, owner="x", until=now + 1)
    )

    with pytest.raises(TooLate):
        scene.ke.seat().stop(done.act)


@pytest.mark.parametrize(("urgency", "seconds"), [(Urgency.NORMAL, 60), (Urgency.URGENT, 10)])
def test_the_window_is_a_minute_and_ten_seconds_where_it_is_urgent(
    scene: Scene, urgency: Urgency, seconds: int
) -> None:
    question = asked(urgency=urgency, urgency_reason="The ship leaves.")
    now = scene.ke.house.millis()

    assert real(scene.ke.seat()).ask(question).leaves_at == now + seconds * 1000
    assert scene.ke.seat().ask(question).leaves_at == now


def test_an_agency_sets_its_own_window(scene: Scene) -> None:
    set_policy(scene.ke.house, scene.ke.agency, AgencyPolicy(stop=300))
    now = scene.ke.house.millis()

    assert real(scene.ke.seat()).ask(asked()).leaves_at == now + 300_000


def test_only_its_author_stops_an_act(scene: Scene) -> None:
    done = real(scene.ke.seat("investigator")).ask(asked())

    for who in ("colleague", "supervisor"):
        with pytest.raises(NotCompetent) as raised:
            real(scene.ke.seat(who)).stop(done.act)
        assert raised.value.cause == "refused.not-competent.not-author"


def test_what_is_stopped_or_stays_at_home_or_is_not_there_cannot_be_stopped(
    scene: Scene,
) -> None:
    kenya = real(scene.ke.seat())
    done = kenya.ask(asked())
    stopped = kenya.stop(done.act)

    with pytest.raises(TooLate):
        kenya.stop(done.act)
    with pytest.raises(Misused) as stays:
        kenya.stop(stopped.act)
    with pytest.raises(Misused) as unknown:
        kenya.stop("a" * 26)

    assert stays.value.cause == "usage.act-stays"
    assert unknown.value.cause == "usage.act-unknown"


def test_an_act_of_the_other_side_cannot_be_stopped_here(scene: Scene) -> None:
    done = scene.ask()

    with pytest.raises(Misused) as raised:
        scene.vn.seat().stop(done.act)

    assert raised.value.cause == "usage.act-unknown"


def test_what_is_held_can_be_stopped_and_is_not_countersigned_any_more(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN)
    kenya = scene.ke.seat()
    done = kenya.ask(asked())

    kenya.stop(done.act)

    assert foreign(scene.ke, done.act).state == CopyState.STOPPED
    assert kept(scene.ke, "held") == ()
    assert kenya.thread(done.thread).thread.stage is Stage.STOPPED


def test_a_stopped_question_gives_its_number_back_and_owes_nobody_a_copy(
    scene: Scene,
) -> None:
    scene.oversee(Mode.COPY, to=("b" * 26,))
    kenya = real(scene.ke.seat())
    done = kenya.ask(asked())
    assert (len(kept(scene.ke, "short")), len(kenya.owed())) == (1, 1)

    kenya.stop(done.act)

    assert (kept(scene.ke, "short"), kenya.owed()) == ((), ())


def test_an_answer_and_a_note_can_be_stopped_too(scene: Scene) -> None:
    done = scene.ask()
    vietnam = real(scene.vn.seat())
    answer = vietnam.answer(done.thread, INFORMATION)
    vietnam.stop(answer.act)
    told = real(scene.ke.seat()).tell(
        News(to="VN", kind="seizure", ref="MSA/1", facts="Two tonnes of ivory.")
    )
    real(scene.ke.seat()).stop(told.act)
    scene.hours.pass_(hours=1)
    scene.sync()

    assert scene.ke.seat().thread(done.thread).thread.outcomes == ()
    assert [line.thread for line in scene.vn.inbox()] == [done.thread]
    scene.hours.pass_(seconds=1)
    assert vietnam.answer(done.thread, INFORMATION).act != answer.act
