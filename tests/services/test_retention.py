# SPDX-License-Identifier: Apache-2.0
"""What expired and what was kept long enough goes by the clock, and a ground keeps it."""

from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, foreign, rows_of
from tests.world import WorldNode

from comity.domain.handling import Handling
from comity.domain.retention import RetentionRule
from comity.domain.time import written
from comity.errors import Misused
from comity.services import duties
from comity.services.keep import keep, let_go
from comity.services.recall_rules import Ground, KeepingRules, set_rules
from comity.services.release import Done
from comity.services.retention import remove_due
from comity.storage import threads
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
