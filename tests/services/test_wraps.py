# SPDX-License-Identifier: Apache-2.0
"""What was opened once opens by the storage key from then on, and a home's wraps are verified."""

from dataclasses import replace

import pytest
from tests.services.scene import Scene, rows_of
from tests.services.test_epochs import days, named_abroad, seat, signed_in

from comity.crypto.age import HybridIdentity
from comity.services.seat import Seat
from comity.services.wraps import check_own
from comity.storage import envelopes, wraps


def count(scene: Scene) -> int:
    with scene.vn.house.store.read() as reading:
        found = reading.connection.exec_driver_sql("SELECT count(*) FROM wraps").scalar_one()
    return int(found)


def tamper(scene: Scene, statement: str) -> None:
    scene.vn.house.store.write(lambda w: w.connection.exec_driver_sql(statement))


def test_looking_at_the_list_writes_none_and_opening_writes_one(scene: Scene) -> None:
    done = scene.ask()
    vn = seat(scene.vn)

    vn.inbox()
    assert count(scene) == 0
    vn.thread(done.thread)
    assert count(scene) == 1
    vn.thread(done.thread)
    seat(scene.vn).thread(done.thread)
    assert count(scene) == 1
    seat(scene.vn, "colleague").thread(done.thread)
    assert count(scene) == 2


def test_the_envelope_s_bytes_and_id_stay(scene: Scene) -> None:
    done = scene.ask()
    [row] = rows_of(scene.vn, done.act)
    with scene.vn.house.store.read() as reading:
        before = envelopes.get(reading, [row.envelope])

    seat(scene.vn).thread(done.thread)

    with scene.vn.house.store.read() as reading:
        assert envelopes.get(reading, [row.envelope]) == before


def test_afterwards_it_opens_without_any_reading_key(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    bare = replace(
        signed_in(scene.vn),
        reading=(HybridIdentity.generate(),),
        desks={scene.vn.settled.desk: ()},
    )
    bare = replace(bare, entry=replace(bare.entry, epoch=1))

    opened = Seat(unlocked=bare, house=scene.vn.house).thread(done.thread)

    assert opened.thread.request is not None
    assert Seat(unlocked=bare, house=scene.vn.house).thread(done.thread).copies == opened.copies


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE wraps SET stanza = zeroblob(9)",
        "UPDATE wraps SET envelope = replace(envelope, '0', '1')",
        "UPDATE wraps SET reader = 'aaaaaaaaaaaaaaaaaaaaaaaaaa'",
    ],
)
def test_a_wrap_that_was_changed_or_moved_is_found(scene: Scene, statement: str) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    assert scene.vn.verify().sound
    assert scene.vn.verify().checked["wraps"] == 1

    tamper(scene, statement)

    report = scene.vn.verify()
    assert [each.table for each in report.faults] == ["wraps"]
    assert seat(scene.vn).thread(done.thread).thread.request is not None


def test_a_wrap_beside_nothing_is_found(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    [row] = rows_of(scene.vn, done.act)
    tamper(scene, f"DELETE FROM envelopes WHERE envelope = '{row.envelope}'")

    faults = scene.vn.verify().faults

    assert ("wraps", "surplus") in {(each.table, each.cause) for each in faults}


def test_his_own_key_tells_whether_all_that_he_opened_still_opens(scene: Scene) -> None:
    first, second = scene.ask(), scene.ask()
    for each in (first, second):
        seat(scene.vn).thread(each.thread)
    officer = signed_in(scene.vn)
    assert check_own(scene.vn.house, officer) == ()

    [one], [two] = rows_of(scene.vn, first.act), rows_of(scene.vn, second.act)
    swap_stanzas(scene, one.envelope, two.envelope)

    assert set(check_own(scene.vn.house, officer)) == {one.envelope, two.envelope}


def swap_stanzas(scene: Scene, one: str, two: str) -> None:
    """Put each stanza into the other's place, as somebody with the house key could."""
    vault = scene.vn.house.vault
    who = scene.vn.settled.people["investigator"]
    with scene.vn.house.store.read() as reading:
        found = wraps.of(reading, who, [one, two])
    for source, target in ((one, two), (two, one)):
        stanza = vault.open(found[source], f"wraps/{source}/{who}")
        moved = vault.lock(stanza, f"wraps/{target}/{who}")
        scene.vn.house.store.write(
            lambda w, t=target, m=moved: w.connection.exec_driver_sql(  # type: ignore[misc]
                "UPDATE wraps SET stanza = ? WHERE envelope = ?", (m, t)
            )
        )


def test_a_wrap_for_another_envelope_accuses_nobody(scene: Scene) -> None:
    first, second = scene.ask(), scene.ask()
    for each in (first, second):
        seat(scene.vn).thread(each.thread)
    [one], [two] = rows_of(scene.vn, first.act), rows_of(scene.vn, second.act)

    swap_stanzas(scene, one.envelope, two.envelope)

    assert seat(scene.vn).thread(first.thread).thread.request is not None
    assert seat(scene.vn).thread(first.thread).mistrusted == ()


def test_with_neither_key_nor_fitting_wrap_nothing_is_said_of_the_sender(scene: Scene) -> None:
    done = scene.ask(to=named_abroad(scene))
    seat(scene.vn).thread(done.thread)
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, 181)
    tamper(scene, "UPDATE wraps SET stanza = zeroblob(9)")

    opened = seat(scene.vn).thread(done.thread)

    assert opened.mistrusted == ()
    assert opened.retired == frozenset()
    assert opened.thread.request is None


def test_an_envelope_lost_from_the_disk_is_our_damage_also_where_a_wrap_lies_beside(
    scene: Scene,
) -> None:
    done = scene.ask(to=named_abroad(scene))
    seat(scene.vn).thread(done.thread)
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, 181)
    tamper(scene, "UPDATE envelopes SET sealed = zeroblob(size)")

    [wrong] = seat(scene.vn).thread(done.thread).mistrusted

    assert wrong.code == "unavailable.damaged.envelope"


def test_what_is_removed_takes_its_wraps_along(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    [row] = rows_of(scene.vn, done.act)

    scene.vn.house.store.write(lambda w: envelopes.discard(w, [row.envelope]))

    assert count(scene) == 0
