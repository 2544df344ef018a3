# SPDX-License-Identifier: Apache-2.0
"""An officer goes on with a new certificate or new keys, and who stole the old ones does not."""

from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, asked, foreign, opens
from tests.services.settle import PASSPHRASE

from comity.errors import Locked, Misused
from comity.services.renew import ending, renew, renew_keys
from comity.services.unlock import unlock


def test_the_same_keys_are_certified_for_two_more_years(scene: Scene) -> None:
    before = scene.ke.seat().unlocked.entry
    scene.hours.pass_(hours=24 * 700)
    ends = ending(scene.ke.house, scene.ke.card)

    entry = renew(scene.ke.house, scene.ke.agency, before.id)

    assert before.id in {each.id for each in ends}
    assert entry.signing == before.signing
    assert entry.ends > before.ends
    assert entry.desks == before.desks
    assert before.id not in {each.id for each in ending(scene.ke.house, scene.ke.card)}
    assert unlock(scene.ke.house, before.id, PASSPHRASE).certificate
    assert scene.ke.verify().sound


def test_what_he_had_asked_is_answered_to_his_new_keys(scene: Scene) -> None:
    waiting = scene.ke.seat().ask(asked())
    seat = scene.ke.seat()

    done = renew_keys(scene.ke.house, seat.unlocked.entry.id, PASSPHRASE)
    scene.ke._seats.clear()
    scene.sync()
    scene.vn.seat().answer(waiting.thread, INFORMATION)
    scene.sync()

    assert done.entry.epoch == 2
    assert done.entry.signing != seat.unlocked.entry.signing
    assert done.desks == ()
    thread = scene.ke.seat().thread(waiting.thread)
    assert not thread.mistrusted
    assert len(thread.copies) >= 2
    assert scene.ask().thread in {each.thread for each in scene.vn.inbox()}
    assert not scene.vn.seat().thread(waiting.thread).mistrusted
    assert scene.ke.verify().sound


def test_what_his_stolen_device_signs_is_refused_and_opens_nothing_new(scene: Scene) -> None:
    thief = scene.ke.seat()
    old = scene.ask()
    scene.hours.pass_(minutes=5)
    stolen = scene.ke.house.now()
    by_thief = thief.ask(asked())
    scene.sync()

    done = renew_keys(
        scene.ke.house,
        thief.unlocked.entry.id,
        PASSPHRASE,
        new_passphrase="another practice word",
        stolen_since=stolen,
    )
    scene.ke._seats.clear()
    scene.sync()
    told = scene.vn.seat().ask(asked(to="KE/Operations desk"))
    scene.sync()

    assert done.desks == (scene.ke.settled.desk,)
    assert scene.vn.seat("colleague").thread(by_thief.thread).mistrusted
    assert not scene.vn.seat("colleague").thread(old.thread).mistrusted
    row = foreign(scene.ke, told.act)
    assert not opens(scene.ke, row, thief.unlocked)
    with pytest.raises(Locked):
        unlock(scene.ke.house, thief.unlocked.entry.id, PASSPHRASE)
    again = unlock(scene.ke.house, thief.unlocked.entry.id, "another practice word")
    assert opens(scene.ke, row, again)
    assert opens(scene.ke, foreign(scene.ke, old.act), again)  # what he could read he reads


def test_a_device_cannot_have_been_stolen_tomorrow(scene: Scene) -> None:
    officer = scene.ke.seat().unlocked.entry.id
    with pytest.raises(Misused, match="compromised-since"):
        renew_keys(
            scene.ke.house,
            officer,
            PASSPHRASE,
            stolen_since=scene.hours.now + timedelta(minutes=1),
        )
    with pytest.raises(Locked):
        renew_keys(scene.ke.house, officer, "not his")
