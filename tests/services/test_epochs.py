# SPDX-License-Identifier: Apache-2.0
"""A reading key lasts for a while; its secret ends, and takes with it only what nobody opened."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.services.scene import Scene, asked, opens, rows_of
from tests.services.settle import PASSPHRASE
from tests.world import WorldNode

from comity.domain.docket import ReceiptStage
from comity.domain.epochs import KEPT, KeyDestroyed, Part
from comity.domain.ids import digest
from comity.domain.recovery import KeyKind, name_of
from comity.errors import DiskFull, Locked, Misused
from comity.ledger.leaf import LeafType
from comity.services import duties, epochs, escrow
from comity.services.desks import change_members
from comity.services.epochs import (
    destroy_if_due,
    destroy_retired,
    going,
    read_period,
    set_period,
    sign_in,
    standing,
)
from comity.services.officer import Unlocked
from comity.services.seat import Seat
from comity.services.unlock import change_passphrase, renewed, unlock
from comity.storage import housed, keys, logs
from comity.wire import canonical


def days(scene: Scene, count: float) -> None:
    """Let days pass, as servers that are switched on let them."""
    scene.hours.pass_(hours=24 * count)
    for node in scene:
        duties.look(node.house, "test")
    scene.sync()


def signed_in(node: WorldNode, who: str = "investigator") -> Unlocked:
    return sign_in(node.house, node.settled.people[who], PASSPHRASE)


def seat(node: WorldNode, who: str = "investigator") -> Seat:
    return Seat(unlocked=signed_in(node, who), house=node.house)


def destroyed(node: WorldNode) -> list[KeyDestroyed]:
    with node.house.store.read() as reading:
        rows = [
            r for log in logs.every(reading) for r in logs.leaves_from(reading, log.log, 0, 9999)
        ]
    found = [
        r.entry for r in rows if r.type == LeafType.KEY and b"key-destroyed" in (r.entry or b"")
    ]
    return [canonical.decode(each or b"", KeyDestroyed, limit=4096) for each in found]


def escrowed(node: WorldNode, reader: str) -> None:
    """Let the seed of the first epoch of *reader* lie in escrow."""
    kind = KeyKind.DESK if reader == node.settled.desk else KeyKind.READING
    name = name_of(reader, kind, 1)
    body = node.house.vault.lock(b"seed", f"{escrow.ROOM}/{name}")
    node.house.store.write(
        lambda w: housed.put(w, [housed.Housed(room=escrow.ROOM, name=name, body=body)])
    )


def named_abroad(scene: Scene) -> str:
    """Return how Kenya names Viet Nam's investigator."""
    card = scene.ke.knows(scene.vn)
    entry = card.readers[scene.vn.settled.people["investigator"]]
    return f"{card.name}/{getattr(entry, 'label', '')}"


# Beginning.


def test_who_has_read_under_one_key_for_long_enough_begins_the_next_when_he_signs_in(
    scene: Scene,
) -> None:
    before = signed_in(scene.ke)
    days(scene, 89)
    assert signed_in(scene.ke).entry == before.entry

    days(scene, 1)
    after = signed_in(scene.ke)

    assert after.entry.epoch == 2
    assert after.entry.reading != before.entry.reading
    assert after.reading[1:] == before.reading
    assert after.signing == before.signing
    assert after.storage == before.storage
    assert after.entry == scene.ke.card.readers[after.entry.id]
    assert signed_in(scene.ke).entry == after.entry


def test_peers_seal_to_the_newest_key_and_what_came_before_still_opens(scene: Scene) -> None:
    old = scene.ask(to=named_abroad(scene))
    days(scene, 90)
    signed_in(scene.vn)
    scene.sync()

    new = scene.ask(to=named_abroad(scene))

    fresh = signed_in(scene.vn)
    row = rows_of(scene.vn, new.act)[0]
    assert opens(scene.vn, row, fresh)
    assert not opens(scene.vn, row, replace(fresh, reading=fresh.reading[1:], desks={}))
    for done in (old, new):
        assert seat(scene.vn).thread(done.thread).thread.request is not None


def test_he_signs_with_his_next_certificate_at_once_and_a_slow_clock_believes_it(
    scene: Scene,
) -> None:
    days(scene, 90)
    scene.vn.skew = timedelta(minutes=-30)

    done = seat(scene.ke).ask(asked())
    scene.sync()

    assert seat(scene.vn).thread(done.thread).mistrusted == ()


def test_an_agency_says_how_long_its_officers_read_under_one_key(scene: Scene) -> None:
    set_period(scene.ke.house, scene.ke.agency, 30)
    days(scene, 30)

    assert read_period(scene.ke.house, scene.ke.agency) == timedelta(days=30)
    assert signed_in(scene.ke).entry.epoch == 2
    for wrong in (0, 6, 367):
        with pytest.raises(Misused):
            set_period(scene.ke.house, scene.ke.agency, wrong)


def test_another_session_of_his_is_told_to_sign_in_again(scene: Scene) -> None:
    other = signed_in(scene.ke)
    days(scene, 90)
    signed_in(scene.ke)

    with pytest.raises(Locked) as raised:
        renewed(scene.ke.house, other)
    assert raised.value.cause == "unavailable.locked.epoch"


def test_a_session_from_before_calls_nothing_unreadable(scene: Scene) -> None:
    old = Seat(unlocked=signed_in(scene.vn), house=scene.vn.house)
    days(scene, 90)
    signed_in(scene.vn)
    scene.sync()
    done = scene.ask(to=named_abroad(scene))

    with suppress(Misused):
        old.thread(done.thread)
    scene.sync()

    told = scene.ke.seat().thread(done.thread).thread.receipts
    assert ReceiptStage.UNREADABLE not in {each.stage for each in told}


def test_two_who_sign_in_at_once_as_one_begin_one_epoch(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(scene, 90)
    first = epochs._renew
    met: list[Unlocked] = []

    def twice(*args: object) -> Unlocked:
        monkeypatch.setattr(epochs, "_renew", first)
        met.append(signed_in(scene.ke))
        return first(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(epochs, "_renew", twice)
    second = signed_in(scene.ke)

    assert second.entry == met[0].entry
    assert second.reading == met[0].reading
    assert scene.ke.card.readers[second.entry.id] == second.entry


def test_a_passphrase_that_changed_at_that_moment_stays_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(scene, 90)
    who = scene.ke.settled.people["investigator"]
    made = getattr(epochs, "amend")  # noqa: B009  # not exported

    def then(*args: object) -> object:
        change_passphrase(scene.ke.house, who, PASSPHRASE, "another")
        return made(*args)

    monkeypatch.setattr(epochs, "amend", then)
    assert signed_in(scene.ke).entry.epoch == 1

    with pytest.raises(Locked):
        signed_in(scene.ke)
    assert unlock(scene.ke.house, who, "another").entry.epoch == 1


def test_killed_before_the_write_nothing_is_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = scene.ask(to=named_abroad(scene))
    days(scene, 90)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(epochs._Rewrite, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        signed_in(scene.vn)
    monkeypatch.undo()

    assert scene.vn.card.readers[scene.vn.settled.people["investigator"]].epoch == 1
    assert seat(scene.vn).thread(done.thread).thread.request is not None
    assert signed_in(scene.vn).entry.epoch == 2


# Ending.


def test_what_was_opened_is_read_for_ever_and_the_secret_is_gone(scene: Scene) -> None:
    done = scene.ask(to=named_abroad(scene))
    seat(scene.vn).thread(done.thread)
    old = signed_in(scene.vn)
    days(scene, 90)
    signed_in(scene.vn)

    days(scene, 181)
    now = signed_in(scene.vn)

    assert old.reading[0] not in now.reading
    assert unlock(scene.vn.house, now.entry.id, PASSPHRASE).reading == now.reading
    opened = Seat(unlocked=now, house=scene.vn.house).thread(done.thread)
    assert opened.thread.request is not None
    [said] = destroyed(scene.vn)
    assert (said.reader, said.epoch, said.part) == (now.entry.id, 1, Part.WHOLE)
    assert said.recipient == digest(old.entry.reading.encode())
    assert scene.vn.verify().sound


def test_it_is_kept_until_180_days_after_its_end(scene: Scene) -> None:
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, KEPT.days - 1)

    assert len(signed_in(scene.vn).reading) == 3
    assert destroyed(scene.vn) == []


def test_what_he_sent_himself_is_his_also_if_he_never_looked_at_it_again(scene: Scene) -> None:
    done = scene.ask()
    days(scene, 90)
    signed_in(scene.ke)
    days(scene, 181)

    now = seat(scene.ke)

    assert len(now.unlocked.reading) == 2
    assert now.thread(done.thread).thread.request is not None


def test_what_nobody_opened_is_answered_key_retired(scene: Scene) -> None:
    done = scene.ask(to=named_abroad(scene))
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, 181)

    opened = seat(scene.vn).thread(done.thread)
    scene.sync()

    assert opened.retired == {done.act}
    assert opened.thread.request is None
    told = seat(scene.ke).thread(done.thread).thread.receipts
    [said] = [each for each in told if each.stage is ReceiptStage.UNREADABLE]
    assert said.reason == "key-retired"
    assert scene.vn.verify().sound


def test_a_desk_s_secret_goes_by_the_clock_and_leaves_what_members_opened(scene: Scene) -> None:
    opened, unopened = scene.ask(), scene.ask()
    seat(scene.vn, "colleague").thread(opened.thread)
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk)
    escrowed(scene.vn, scene.vn.settled.desk)

    days(scene, 180)

    with scene.vn.house.store.read() as reading:
        left = {each.epoch for each in keys.desk_members(reading, scene.vn.settled.desk)}
        assert housed.of_room(reading, escrow.ROOM) == ()
    assert left == {2}
    assert [(e.reader, e.epoch, e.part) for e in destroyed(scene.vn)] == [
        (scene.vn.settled.desk, 1, Part.WHOLE)
    ]
    assert seat(scene.vn, "colleague").thread(opened.thread).thread.request is not None
    assert seat(scene.vn).thread(opened.thread).retired == frozenset()
    assert seat(scene.vn).thread(unopened.thread).retired == {unopened.act}
    scene.sync()
    told = seat(scene.ke).thread(unopened.thread).thread.receipts
    assert "key-retired" in {each.reason for each in told}
    assert destroy_retired(scene.vn.house) == 0


def test_an_officer_s_escrow_goes_by_the_clock_also_if_he_never_signs_in(scene: Scene) -> None:
    days(scene, 90)
    who = signed_in(scene.vn).entry.id
    escrowed(scene.vn, who)

    days(scene, 181)

    with scene.vn.house.store.read() as reading:
        assert housed.of_room(reading, escrow.ROOM) == ()
    assert [(e.reader, e.part) for e in destroyed(scene.vn)] == [(who, Part.ESCROW)]


def test_the_clock_is_looked_at_once_an_hour(scene: Scene) -> None:
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk)
    days(scene, 179)
    scene.hours.pass_(hours=23.5)
    destroy_if_due(scene.vn.house)
    scene.hours.pass_(minutes=40)

    assert destroy_if_due(scene.vn.house) == 0
    scene.hours.pass_(minutes=30)
    assert destroy_if_due(scene.vn.house) == 1


def test_he_is_shown_which_keys_he_has_and_what_waits_unopened(scene: Scene) -> None:
    done = scene.ask(to=named_abroad(scene))
    days(scene, 90)
    found = standing(scene.vn.house, signed_in(scene.vn))

    own = [each for each in found if each.epoch.reader == scene.vn.settled.people["investigator"]]
    assert [(each.epoch.number, each.held, each.unopened) for each in own] == [
        (1, True, 1),
        (2, True, 0),
    ]
    assert going(scene.vn.house, signed_in(scene.vn)) == ()
    days(scene, 151)
    soon = going(scene.vn.house, signed_in(scene.vn))
    assert [(each.epoch.number, each.unopened) for each in soon] == [(1, 1)]
    seat(scene.vn).thread(done.thread)
    assert going(scene.vn.house, signed_in(scene.vn)) == ()


def test_a_full_disk_keeps_nobody_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    days(scene, 90)

    def full(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(epochs, "amend", full)
    assert signed_in(scene.ke).entry.epoch == 1


def test_many_letters_are_wrapped_over_several_sign_ins(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "AT_ONCE", 2)
    threads = [scene.ask().thread for _ in range(3)]
    days(scene, 90)
    signed_in(scene.ke)
    days(scene, 181)
    first = signed_in(scene.ke)
    assert len(first.reading) == 2 + 1
    for _ in range(4):
        signed_in(scene.ke)
    now = seat(scene.ke)

    assert len(now.unlocked.reading) == 2
    for each in threads:
        assert now.thread(each).thread.request is not None
