# SPDX-License-Identifier: Apache-2.0
"""What happens where two parts meet: keys that change while a stick is under way, and the like."""

import shutil

import pytest
from tests.attacks.test_dockets import kinds_of_evidence
from tests.attacks.test_recalls import has_bytes, recalled
from tests.services.parcels import stages
from tests.services.scene import INFORMATION, foreign
from tests.services.sticks import answered, taken, written
from tests.world import World, WorldNode, question

from comity.domain.retention import RetentionRule
from comity.domain.taking_back import Taking
from comity.services import duties, retention
from comity.services.keep import keep
from comity.services.recall import Wish, take_back
from comity.services.recall_rules import Ground, KeepingRules, set_rules
from comity.services.retention import remove_due
from comity.services.rotate_node import EVERY, rotate
from comity.services.sources import add_source, sources
from comity.storage.copies import CopyState

THERE = "VN/Anti-smuggling desk"


def told_to(world: World, *nodes: WorldNode) -> None:
    """Let the couriers of all but the message itself go: everybody hears of new keys."""
    for node in nodes:
        node.node.courier.sync()


@pytest.mark.parametrize("how", ["planned", "stolen"])
def test_a_stick_written_after_its_senders_keys_changed_is_believed(world: World, how: str) -> None:
    ke, vn, _ = world
    ke.seat().ask(question(THERE))
    world.sync()
    world.hours.pass_(hours=1)
    rotate(ke.house, EVERY, stolen_since=world.hours.now if how == "stolen" else None)
    world.sync()
    done = ke.seat().ask(question(THERE))

    came = taken(vn, written(ke, vn))

    assert came.fault is None
    assert has_bytes(vn, done)


def test_a_stick_under_way_while_its_senders_keys_change_is_believed(world: World) -> None:
    ke, vn, _ = world
    ke.seat().ask(question(THERE))
    world.sync()
    world.weather.away.add(vn.id)
    done = ke.seat().ask(question(THERE))
    stick = written(ke, vn)
    rotate(ke.house, EVERY)
    world.weather.clear()
    vn.node.courier.sync()

    came = taken(vn, stick)

    assert came.fault is None
    assert has_bytes(vn, done)
    assert kinds_of_evidence(vn) == set()


def test_a_peer_that_has_not_heard_of_new_keys_believes_the_stick(world: World) -> None:
    ke, vn, _ = world
    ke.seat().ask(question(THERE))
    world.sync()
    world.weather.away.add(vn.id)
    rotate(ke.house, EVERY)
    done = ke.seat().ask(question(THERE))

    came = taken(vn, written(ke, vn))

    assert came.fault is None
    assert has_bytes(vn, done)
    assert kinds_of_evidence(vn) == set()


def test_retention_does_not_stop_at_the_first_records_that_are_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    ke, vn, _ = world
    dones = []
    for _ in range(3):
        done = ke.seat().ask(question(THERE))
        world.sync()
        vn.seat().answer(done.thread, INFORMATION)
        world.sync()
        world.hours.pass_(hours=1)
        dones.append(done)
    rules = KeepingRules(retention=(RetentionRule(stage="answered", days=1),))
    set_rules(vn.house, vn.agency, rules)
    world.hours.pass_(hours=48)

    for _ in range(12):
        remove_due(vn.house)

    assert {foreign(vn, each.act).state for each in dones} == {CopyState.REMOVED}
    assert vn.verify().sound


def test_what_is_kept_on_a_ground_does_not_stop_the_clock_for_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    ke, vn, _ = world
    dones = []
    for _ in range(2):
        done = ke.seat().ask(question(THERE))
        world.sync()
        vn.seat().answer(done.thread, INFORMATION)
        world.sync()
        world.hours.pass_(hours=1)
        dones.append(done)
    seat = vn.seat()
    keep(seat.unlocked, seat.house, dones[0].thread, Ground.EVIDENCE)
    rules = KeepingRules(retention=(RetentionRule(stage="answered", days=1),))
    set_rules(vn.house, vn.agency, rules)
    world.hours.pass_(hours=48)

    for _ in range(12):
        remove_due(vn.house)

    assert foreign(vn, dones[1].act).state == CopyState.REMOVED
    assert foreign(vn, dones[0].act).state == CopyState.RECEIVED


def test_what_was_recalled_before_its_stick_was_read_is_answered_by_stick_too(
    world: World,
) -> None:
    ke, vn, _ = world
    ke.seat().ask(question(THERE))
    world.sync()
    world.weather.away.add(vn.id)
    done = ke.seat().ask(question(THERE))
    stick = written(ke, vn)
    seat = ke.seat()
    take_back(seat.unlocked, seat.house, done.thread, Wish(acts=(done.act,), what=Taking.RECALL))
    world.weather.clear()
    world.hours.pass_(hours=1)
    world.sync()

    back = answered(vn, ke, stick)
    taken(ke, back)

    assert not has_bytes(vn, done)
    assert "removed" in stages(ke, done.act)
    assert foreign(ke, done.act).state == CopyState.RETURNED
    assert vn.verify().sound
    assert ke.verify().sound


def test_of_what_was_removed_on_our_word_it_is_not_said_that_nobody_opened_it(
    world: World,
) -> None:
    ke = world["ke"]
    done = ke.seat().ask(question(THERE))
    world.sync()
    recalled(ke, world, done)

    world.hours.pass_(hours=24 * 60)
    duties.look(ke.house, "me")

    assert stages(ke, done.act) == ["delivered", "removed"]


def test_who_restores_his_records_from_before_the_first_source_reads_his_sources(
    world: World,
) -> None:
    ke = world["ke"]
    backup = ke.backup("before")
    seat = ke.seat()
    number = add_source(seat.unlocked, seat.house, name="Juma Baraka")
    shutil.copytree(ke.house.home / "sources", world.path / "kept")
    ke.restore(backup)
    shutil.copytree(world.path / "kept", ke.house.home / "sources", dirs_exist_ok=True)

    seat = ke.seat()

    assert [each.number for each in sources(seat.unlocked, seat.house)] == [number]
