# SPDX-License-Identifier: Apache-2.0
"""A node changes its keys, one purpose or all of them; what is on its way still arrives."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.bureau import found_bureau
from tests.services.scene import INFORMATION, Scene, asked
from tests.world import WorldNode

from comity.domain.roster import NodeEntry, RevocationEntry
from comity.errors import Misused
from comity.services import duties
from comity.services.address_book import read_book
from comity.services.agencies import move
from comity.services.node_keys import Purpose
from comity.services.prove import check_proof, prove
from comity.services.rotate_node import EVERY, OVERLAP, forget_former, rotate
from comity.services.verify_report import Report
from comity.storage import keys, receipts


def evidence(node: WorldNode) -> list[str]:
    with node.house.store.read() as reading:
        rows = reading.connection.exec_driver_sql("SELECT kind FROM evidence").fetchall()
    return [kind for (kind,) in rows]


def sound(*nodes: WorldNode) -> list[Report]:
    reports = [node.verify() for node in nodes]
    assert all(each.sound for each in reports), reports
    return reports


@pytest.mark.parametrize("purpose", [*Purpose, None])
def test_a_question_on_its_way_arrives_and_is_answered_under_new_keys(
    scene: Scene, purpose: Purpose | None
) -> None:
    before = scene.ask()
    waiting = scene.ke.seat().ask(asked())
    old = scene.ke.house.keys

    rotate(scene.ke.house, [purpose] if purpose else EVERY)
    scene.sync()
    scene.vn.seat().answer(waiting.thread, INFORMATION)
    scene.vn.seat().answer(before.thread, INFORMATION)
    scene.sync()
    after = scene.ask()

    assert scene.ke.house.keys != old
    for each in (before, waiting, after):
        assert not scene.vn.seat().thread(each.thread).mistrusted
        assert not scene.ke.seat().thread(each.thread).mistrusted
    assert {each.thread for each in scene.ke.inbox()} >= {before.thread, waiting.thread}
    assert (evidence(scene.ke), evidence(scene.vn)) == ([], [])
    assert check_proof(prove(scene.ke.house, before.thread)).dockets
    assert check_proof(prove(scene.vn.house, after.thread)).dockets
    sound(scene.ke, scene.vn)


def test_a_peer_that_was_away_for_three_changes_catches_up(scene: Scene) -> None:
    scene.ask()
    scene.weather.away.add(scene.vn.id)
    waiting = scene.ke.seat().ask(asked())
    for _ in range(3):
        scene.ke.seat().ask(asked())
        rotate(scene.ke.house, EVERY)
        scene.hours.pass_(hours=24)
    scene.weather.clear()

    scene.vn.node.courier.sync()
    scene.sync()

    assert waiting.thread in {each.thread for each in scene.vn.inbox()}
    assert evidence(scene.vn) == []
    sound(scene.ke, scene.vn)


def test_both_change_at_once(scene: Scene) -> None:
    scene.ask()

    rotate(scene.ke.house, EVERY)
    rotate(scene.vn.house, EVERY)
    made = scene.ask()

    assert made.thread in {each.thread for each in scene.vn.inbox()}
    assert (evidence(scene.ke), evidence(scene.vn)) == ([], [])
    sound(scene.ke, scene.vn)


def test_a_restarted_node_that_changed_its_keys_greets_before_it_sends(scene: Scene) -> None:
    rotate(scene.ke.house, EVERY)
    scene.ke.restart()

    made = scene.ask()

    assert made.thread in {each.thread for each in scene.vn.inbox()}
    assert evidence(scene.vn) == []


def test_a_process_beside_it_goes_on_with_the_new_keys(scene: Scene) -> None:
    scene.ask()
    other = scene.open("ke")
    rotate(other, EVERY)
    other.store.close()

    made = scene.ask()

    assert made.thread in {each.thread for each in scene.vn.inbox()}
    assert evidence(scene.vn) == []
    sound(scene.ke, scene.vn)


def test_after_their_time_the_keys_before_are_destroyed_here_and_unknown_there(
    scene: Scene,
) -> None:
    scene.ask()
    old = scene.ke.house.keys
    rotate(scene.ke.house, EVERY)
    scene.sync()
    during = scene.vn.knows(scene.ke)
    assert not forget_former(scene.ke.house)

    scene.hours.pass_(hours=OVERLAP.total_seconds() / 3600 + 1)
    for node in (scene.ke, scene.vn):
        duties.look(node.house, "here")
    scene.sync()

    after = scene.vn.knows(scene.ke)
    assert (len(during.nodes), len(after.nodes)) == (2, 1)
    assert not scene.ke.house.keys.changing
    with scene.ke.house.store.read() as reading:
        held = [row for row in keys.secrets(reading) if row.name == "node-keys"]
    assert len(held) == 1
    locked = scene.ke.house.vault.open(held[0].body, f"secrets/node-keys/{held[0].version}")
    assert str(old.parcel).encode() not in locked
    assert not [e for e in after.current.values() if isinstance(e, RevocationEntry)]
    assert scene.ask().thread in {each.thread for each in scene.vn.inbox()}
    sound(scene.ke, scene.vn)


def test_every_agency_of_the_house_certifies_the_new_keys_in_one_act(
    scene: Scene, tmp_path: Path
) -> None:
    bureau = found_bureau(scene.ke, tmp_path)

    rotate(scene.ke.house, EVERY)
    scene.sync()

    cards = read_book(scene.ke.house).own
    assert {bureau.agency, scene.ke.agency} == {card.id for card in cards}
    assert len({card.node.carrier for card in cards}) == 1
    assert {card.node.carrier for card in cards} == {scene.ke.house.keys.carrier.public.raw}
    sound(scene.ke)


def test_a_move_while_keys_change_takes_nothing_away(scene: Scene) -> None:
    waiting = scene.ke.seat().ask(asked())
    rotate(scene.ke.house, [Purpose.CARRIER])
    move(scene.ke.house, scene.ke.agency, "http://elsewhere.localhost")

    scene.sync()

    assert waiting.thread in {each.thread for each in scene.vn.inbox()}
    assert scene.vn.knows(scene.ke).node.address == "http://elsewhere.localhost"
    assert len(scene.vn.knows(scene.ke).nodes) == 2


def test_a_theft_cannot_lie_ahead(scene: Scene) -> None:
    with pytest.raises(Misused, match="compromised-since"):
        rotate(scene.ke.house, EVERY, stolen_since=scene.hours.now + timedelta(days=1))


def test_nothing_is_proven_less_for_it(scene: Scene) -> None:
    scene.ask()
    rotate(scene.vn.house, [Purpose.WITNESS, Purpose.LEDGER])
    scene.ask()
    scene.sync()

    for node, other in ((scene.ke, scene.vn), (scene.vn, scene.ke)):
        with node.house.store.read() as reading:
            assert receipts.proven_up_to(reading, [other.card.node.origin])[other.card.node.origin]
    entries = [e for e in scene.ke.knows(scene.vn).history.values() if isinstance(e, NodeEntry)]
    assert len({each.origin for each in entries}) == 2


def stages(node: WorldNode, thread: str) -> list[str]:
    return [each.stage.value for each in node.seat().thread(thread).thread.receipts]


@pytest.mark.parametrize("purposes", [[Purpose.LEDGER], EVERY])
def test_what_was_delivered_just_before_a_ledgers_key_changed_is_proven_after_it(
    scene: Scene, purposes: list[Purpose]
) -> None:
    done = scene.ke.seat().ask(asked())
    scene.hours.pass_(minutes=2)
    scene.ke.node.courier.exchange(scene.vn.id)
    assert "delivered" in stages(scene.ke, done.thread)
    # What Kenya said of that record is lost on the way.
    scene.ke.restart()
    assert "proven" not in stages(scene.ke, done.thread)

    rotate(scene.vn.house, purposes)
    scene.sync()

    assert "proven" in stages(scene.ke, done.thread)
    assert (evidence(scene.ke), evidence(scene.vn)) == ([], [])
    sound(scene.ke, scene.vn)
    [delivered] = [
        each
        for each in check_proof(prove(scene.ke.house, done.act)).receipts
        if each.receipt.stage.value == "delivered"
    ]
    assert delivered.place is not None
    assert delivered.place.origin == f"comity/{scene.vn.id}/1"


def test_what_was_delivered_before_two_changes_is_proven_too(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    scene.hours.pass_(minutes=2)
    scene.ke.node.courier.exchange(scene.vn.id)
    scene.ke.restart()

    rotate(scene.vn.house, [Purpose.LEDGER])
    scene.vn.seat().ask(asked("KE/Operations desk"))
    rotate(scene.vn.house, [Purpose.LEDGER])
    scene.sync()

    assert "proven" in stages(scene.ke, done.thread)
    sound(scene.ke, scene.vn)


def test_our_word_on_a_closed_record_comes_again_until_its_owner_says_that_it_came(
    scene: Scene,
) -> None:
    done = scene.ke.seat().ask(asked())
    scene.hours.pass_(minutes=2)
    scene.ke.node.courier.exchange(scene.vn.id)
    scene.ke.restart()
    rotate(scene.vn.house, [Purpose.LEDGER])
    # Kenya sees both records, and its word on them is lost.
    scene.vn.node.courier.exchange(scene.ke.id)
    scene.vn.node.courier.exchange(scene.ke.id)
    scene.ke.restart()
    scene.vn.restart()

    scene.sync()

    assert "proven" in stages(scene.ke, done.thread)
    sound(scene.ke, scene.vn)
