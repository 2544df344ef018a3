# SPDX-License-Identifier: Apache-2.0
"""Rosters that go back, and readers who have left."""

from dataclasses import replace

from tests.attacks.test_dockets import kept, kinds_of_evidence
from tests.attacks.test_ledgers import sent_by_hand
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId
from comity.services.address_book import read_book
from comity.services.enrol import Person, enrol
from comity.services.revoke import revoke
from comity.services.rosters import full_update, issue
from comity.wire import roster as roster_wire

DESK = "VN/Anti-smuggling desk"


def number(node: WorldNode, agency: AgencyId) -> int:
    return read_book(node.house).agency(agency).number


def test_an_older_roster_is_not_taken_as_the_current_one(world: World) -> None:
    ke, vn, _ = world
    old = roster_wire.write_update(full_update(vn.house, vn.card))
    enrol(vn.house, vn.agency, Person(name="Somebody new"), "practice")
    world.sync()
    held = number(ke, vn.agency)
    assert held == vn.card.number

    sent_by_hand(world, vn, ke, rosters=(old,))

    assert number(ke, vn.agency) == held
    assert kinds_of_evidence(ke) == set()


def test_a_roster_that_the_roster_key_did_not_sign_is_kept_as_evidence(world: World) -> None:
    ke, vn, _ = world
    card = vn.card
    update = full_update(vn.house, card)
    head, _ = roster_wire.read_head(update.heads[-1], card.root)
    forged = roster_wire.sign_head(
        replace(head, number=head.number + 1, previous="0" * 64), SigningKey(b"k" * 32)
    )

    sent_by_hand(
        world, vn, ke, rosters=(roster_wire.write_update(replace(update, heads=(forged,))),)
    )

    assert number(ke, vn.agency) == card.number
    assert kinds_of_evidence(ke) == {"roster"}
    assert ke.verify().faults == ()


def test_a_peer_tells_nothing_of_another_peers_roster(world: World) -> None:
    ke, vn, et = world
    issue(et.house, et.agency)
    update = roster_wire.write_update(full_update(et.house, et.card))

    sent_by_hand(world, vn, ke, rosters=(update,))

    assert number(ke, et.agency) == et.card.number - 1
    assert kinds_of_evidence(ke) == {"roster"}


def test_a_copy_to_somebody_revoked_goes_back_to_its_author(world: World) -> None:
    ke, vn, _ = world
    person = enrol(vn.house, vn.agency, Person(name="Leaving", label="liaison"), "practice")
    world.sync()
    asked = ke.seat().ask(question("VN/liaison"))
    revoke(vn.house, person.id, reason="left")

    world.sync()

    assert kept(vn) == 0
    found = ke.seat().thread(asked.thread).thread
    [returned] = [each for each in found.receipts if each.stage.value == "returned"]
    assert returned.reason == "refused.reader-revoked"
    assert returned.agency == vn.agency
    assert all(node.verify().sound for node in world)
