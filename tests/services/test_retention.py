# SPDX-License-Identifier: Apache-2.0
"""What expired and what was kept long enough goes by the clock, and a ground keeps it."""

from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, foreign, rows_of
from tests.services.test_recall import recall
from tests.world import WorldNode

from comity.domain.handling import Handling
from comity.domain.retention import RetentionRule
from comity.domain.time import written
from comity.errors import Misused
from comity.services import duties, thread_kinds
from comity.services.keep import keep, let_go
from comity.services.recall_rules import Ground, KeepingRules, set_rules
from comity.services.release import Done
from comity.services.retention import remove_due
from comity.storage import housed, threads
from comity.storage.copies import CopyState

PERSON = {
    "family_name": ("NGUYEN",),
    "role": ("witness",),
    "asked": ("identity",),
    "keep_until": ("2026-12-01",),
}


def states(node: WorldNode, done: Done) -> set[str]:
    return {row.state for row in rows_of(node, done.act)}


def answered(scene: Scene) -> Done:
    done = scene.ask()
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    return done


def keep_for(node: WorldNode, days: int, stage: str = "answered") -> None:
    rules = KeepingRules(retention=(RetentionRule(stage=stage, days=days),))
    set_rules(node.house, node.agency, rules)


def test_what_may_be_used_no_more_is_removed_where_it_was_told_and_not_at_home(
    scene: Scene,
) -> None:
    until = written(scene.hours.now + timedelta(days=2))
    done = scene.ask(handling=Handling(expires=until))
    scene.hours.pass_(hours=47)
    assert remove_due(scene.vn.house) == 0

    scene.hours.pass_(hours=2)

    assert remove_due(scene.vn.house) == 1
    assert remove_due(scene.vn.house) == 0
    assert states(scene.vn, done) == {CopyState.REMOVED}
    remove_due(scene.ke.house)
    assert CopyState.HOME in states(scene.ke, done)
    assert scene.ke.seat().thread(done.thread).thread.request is not None
    assert scene.vn.verify().faults == scene.ke.verify().faults == ()


def test_a_record_of_a_person_goes_on_its_day_on_both_sides(scene: Scene) -> None:
    done = scene.ask(kind="person", fields=PERSON)
    assert foreign(scene.vn, done.act).expires == "2026-12-01T23:59:59Z"

    scene.hours.pass_(hours=24 * 9)

    for node in (scene.ke, scene.vn):
        remove_due(node.house)
        assert states(node, done) == {CopyState.REMOVED}
        assert node.verify().sound


def test_an_agencys_own_rule_removes_what_is_over_from_its_own_store(scene: Scene) -> None:
    done, open_ = answered(scene), scene.ask()
    keep_for(scene.vn, 30)
    scene.hours.pass_(hours=24 * 31)

    removed = remove_due(scene.vn.house)

    assert removed == 3
    assert states(scene.vn, done) == {CopyState.REMOVED}
    assert states(scene.vn, open_) == {CopyState.RECEIVED}
    assert CopyState.HOME in states(scene.ke, done)
    with scene.vn.house.store.read() as reading:
        [row] = threads.by_ids(reading, [done.thread])
    assert row.stage == "answered"
    assert scene.vn.verify().sound


def test_what_is_kept_on_a_ground_stays_until_that_is_lifted(scene: Scene) -> None:
    done = answered(scene)
    keep_for(scene.vn, 30)
    minh = scene.vn.seat().unlocked
    keep(minh, scene.vn.house, done.thread, Ground.LAW)
    scene.hours.pass_(hours=24 * 31)
    assert remove_due(scene.vn.house) == 0

    let_go(minh, scene.vn.house, done.thread)

    assert remove_due(scene.vn.house) == 3


def test_the_duties_remove_what_is_due(scene: Scene) -> None:
    done = answered(scene)
    keep_for(scene.vn, 1, stage="any")
    scene.hours.pass_(hours=25)

    assert duties.look(scene.vn.house, "test")

    assert states(scene.vn, done) == {CopyState.REMOVED}
    scene.sync()
    assert scene.vn.seat().thread(done.thread, receipt=False).thread.acts == ()


def test_a_persons_day_is_not_over_before_it_is_sent(scene: Scene) -> None:
    with pytest.raises(Misused) as raised:
        scene.ask(kind="person", fields={**PERSON, "keep_until": ("2026-11-01",)})

    assert raised.value.values["field"] == "keep_until"


def kinds_of(node: WorldNode, done: Done) -> dict[str, str]:
    with node.house.store.read() as reading:
        return dict(thread_kinds.of(reading, node.house, node.agency, [done.thread]))


def test_a_kind_goes_earlier_than_the_rest_where_somebody_knows_of_what_kind_it_is(
    scene: Scene,
) -> None:
    phone = answered(scene)
    unopened = scene.ask()
    for node in (scene.ke, scene.vn):
        rules = (RetentionRule(days=1000), RetentionRule(kind="phone", days=100))
        set_rules(node.house, node.agency, KeepingRules(retention=rules))
    assert kinds_of(scene.ke, phone) == kinds_of(scene.vn, phone) == {phone.thread: "phone"}
    # Nobody in Viet Nam has opened it; who asked knows.
    assert kinds_of(scene.vn, unopened) == {}
    assert kinds_of(scene.ke, unopened) == {unopened.thread: "phone"}

    scene.hours.pass_(hours=24 * 99)
    assert remove_due(scene.vn.house) == remove_due(scene.ke.house) == 0
    scene.hours.pass_(hours=24 * 3)
    remove_due(scene.vn.house)
    remove_due(scene.ke.house)

    assert states(scene.vn, phone) == states(scene.ke, phone) == {CopyState.REMOVED}
    assert CopyState.REMOVED not in states(scene.ke, unopened)  # it is not over
    # What it was about is forgotten with it.
    assert kinds_of(scene.ke, phone) == kinds_of(scene.vn, phone) == {}
    assert scene.vn.verify().faults == scene.ke.verify().faults == ()


def test_another_kind_stays_and_a_new_rule_is_looked_at_at_once(scene: Scene) -> None:
    done = answered(scene)
    scene.hours.pass_(hours=24 * 200)
    rules: tuple[RetentionRule, ...] = (RetentionRule(kind="person", days=100),)
    set_rules(scene.vn.house, scene.vn.agency, KeepingRules(retention=rules))
    assert remove_due(scene.vn.house) == 0
    # It was looked through just now, and will be tomorrow; unless the rules change.
    rules = (*rules, RetentionRule(stage="answered", kind="phone", days=100))
    set_rules(scene.vn.house, scene.vn.agency, KeepingRules(retention=rules))

    assert remove_due(scene.vn.house) > 0
    assert states(scene.vn, done) == {CopyState.REMOVED}


def test_a_ground_keeps_a_thread_of_a_kind_that_goes(scene: Scene) -> None:
    done = answered(scene)
    vn = scene.vn
    keep(vn.seat("supervisor").unlocked, vn.house, done.thread, Ground.EVIDENCE)
    rules = (RetentionRule(kind="phone", days=1),)
    set_rules(vn.house, vn.agency, KeepingRules(retention=rules))
    scene.hours.pass_(hours=24 * 9)

    assert remove_due(vn.house) == 0
    assert kinds_of(vn, done) == {done.thread: "phone"}


def test_of_what_kind_a_question_was_goes_with_its_recall(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    assert kinds_of(scene.vn, done)

    recall(scene, done)
    scene.sync()

    assert kinds_of(scene.vn, done) == {}


def test_the_kind_lies_under_the_house_key(scene: Scene) -> None:
    scene.ask()

    with scene.ke.house.store.read() as reading:
        rows = housed.of_room(reading, thread_kinds.ROOM)

    assert rows
    assert all(b"phone" not in each.body for each in rows)
