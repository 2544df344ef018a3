# SPDX-License-Identifier: Apache-2.0
"""Whoever keeps a key that went out of use, or stole one: what it is still good for is nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.attacks.test_dockets import kept, kinds_of_evidence
from tests.attacks.test_ledgers import sent_by_hand
from tests.services.bureau import found_bureau
from tests.services.scene import foreign, opens
from tests.services.settle import PASSPHRASE
from tests.world import World, WorldNode, question

from comity.carriers.signed_http import Message, sign_request, verify_request
from comity.crypto.signing import SigningKey, VerifyingKey, verifying_key
from comity.domain.docket import Docket
from comity.domain.ids import ThreadId, digest, mint
from comity.errors import BadSignature, Misused, NotForUs, Refused, Unreachable, Untrusted
from comity.services import admit, home
from comity.services.address_book import read_book
from comity.services.admit import Admission
from comity.services.desks import change_members
from comity.services.enrol import Person, enrol
from comity.services.house import House
from comity.services.invite import invite
from comity.services.node_keys import Purpose
from comity.services.revoke import revoke
from comity.services.roster_ahead import echo_of, told_ahead
from comity.services.roster_catch_up import catch_up
from comity.services.rosters import full_update, issue
from comity.services.rotate_node import EVERY, OVERLAP, forget_former, rotate
from comity.services.rotate_roster import LEAP, rotate_roster_key, succeed_root
from comity.services.seat import Seat
from comity.services.unlock import unlock
from comity.storage import copies, envelopes
from comity.wire import docket as docket_wire
from comity.wire import parcel as parcel_wire
from comity.wire import roster as roster_wire
from comity.wire.parcel import Item, Known

DESK = "VN/Anti-smuggling desk"


def robbed(world: World, node: WorldNode, name: str = "stolen") -> House:
    """Return the home of *node* as a thief has it, with everything that opens it."""
    place = world.path / name
    node.node.close()
    shutil.copytree(node.house.home, place)
    node.restart()
    return home.open_(place, ask_house=lambda: "", clock=node.clock)


def root_of(world: World, country: str) -> Path:
    return world.path / f"{country.upper()}.root"


def told_by(house: House, node: WorldNode) -> bytes:
    return roster_wire.write_update(full_update(house, read_book(house).agency(node.agency)))


# Rosters and roots


def test_a_thief_of_the_roster_key_is_not_believed_once_it_changed(world: World) -> None:
    ke, vn, _ = world
    thief = robbed(world, ke)
    rotate_roster_key(ke.house, ke.agency, root_of(world, "ke"), PASSPHRASE)
    world.sync()
    held = vn.knows(ke)

    for name in ("A friend of the thief", "Another one"):
        enrol(thief, ke.agency, Person(name=name), PASSPHRASE)
    sent_by_hand(world, ke, vn, rosters=(told_by(thief, ke),))

    assert vn.knows(ke).state == held.state
    assert kinds_of_evidence(vn) == set()  # late, for all that anybody can tell
    thief.store.close()


def test_what_a_thief_of_the_roster_key_told_before_is_overruled(world: World) -> None:
    ke, vn, et = world
    world.hours.pass_(minutes=5)
    stolen_at = ke.house.now()
    thief = robbed(world, ke)
    friend = enrol(thief, ke.agency, Person(name="A friend of the thief"), PASSPHRASE)
    issue(thief, ke.agency)
    sent_by_hand(world, ke, vn, rosters=(told_by(thief, ke),))
    assert friend.id in vn.knows(ke).readers

    asked = _asked_by(thief, ke, friend.id)
    sent_by_hand(world, ke, vn, items=(asked,))
    assert not vn.seat().thread(_thread_of(asked)).mistrusted
    world.sync()  # Viet Nam says what it holds, and returns it
    assert told_ahead(ke.house, ke.agency) == vn.knows(ke).number
    with pytest.raises(Refused, match="roster-behind"):
        issue(ke.house, ke.agency)
    card = rotate_roster_key(
        ke.house, ke.agency, root_of(world, "ke"), PASSPHRASE, stolen_since=stolen_at
    )
    world.sync()

    assert card.number > vn.card.number + LEAP
    for node in (vn, et):
        assert node.knows(ke).root == ke.card.root
        assert node.knows(ke).number == ke.card.number
        assert friend.id not in node.knows(ke).readers
    assert vn.seat("colleague").thread(_thread_of(asked)).mistrusted
    assert ke.verify().sound
    assert vn.verify().sound
    thief.store.close()


def test_an_old_root_is_late_and_a_root_that_nobody_named_is_evidence(world: World) -> None:
    ke, vn, _ = world
    old = told_by(ke.house, ke)
    succeed_root(
        ke.house,
        ke.agency,
        root_of(world, "ke"),
        PASSPHRASE,
        new_path=world.path / "new.root",
        new_passphrase=PASSPHRASE,
    )
    world.sync()
    held = vn.knows(ke).state
    sent_by_hand(world, ke, vn, rosters=(old,))
    assert kinds_of_evidence(vn) == set()

    stranger = SigningKey(bytes(range(32)))
    forged = replace(
        ke.card.root, root=stranger.public.raw, roster=stranger.public.raw, successor=digest(b"n")
    )
    update = full_update(ke.house, ke.card)
    head, _ = roster_wire.read_head(update.heads[0], ke.card.root)
    told = replace(
        update,
        root=roster_wire.sign_root(forged, stranger),
        heads=(roster_wire.sign_head(replace(head, number=head.number + 1), stranger),),
    )
    sent_by_hand(world, ke, vn, rosters=(roster_wire.write_update(told),))

    assert vn.knows(ke).state == held
    assert kinds_of_evidence(vn) == {"roster"}


def test_a_peer_that_lies_about_our_number_changes_nothing_of_ours(world: World) -> None:
    ke, vn, _ = world
    number = ke.card.number

    lie = (Known(agency=ke.agency, number=1 << 50, lacks=""),)
    sent_by_hand(world, vn, ke, known=lie, rosters=())
    world.sync()

    assert told_ahead(ke.house, ke.agency) <= number + (1 << 20)
    assert echo_of(ke.house, ke.card) is None
    with pytest.raises(Misused, match="roster-newest"):
        catch_up(ke.house, ke.agency)
    issue(ke.house, ke.agency)
    assert ke.card.number == number + 1


def test_a_peer_cannot_return_what_our_key_did_not_sign(world: World) -> None:
    ke, vn, _ = world
    number = ke.card.number
    update = full_update(ke.house, ke.card)
    head, _ = roster_wire.read_head(update.heads[0], ke.card.root)
    forged = roster_wire.sign_head(replace(head, number=number + 5), SigningKey(bytes(32)))

    told = roster_wire.write_update(replace(update, heads=(forged,)))
    sent_by_hand(world, vn, ke, rosters=(told,))

    assert echo_of(ke.house, ke.card) is None
    assert kinds_of_evidence(ke) == {"roster"}


# A home that was put back


def test_a_home_that_was_put_back_goes_on_after_the_list_that_peers_hold(world: World) -> None:
    ke, vn, et = world
    backup = vn.backup("backup")
    lost = enrol(vn.house, vn.agency, Person(name="New since", label="liaison"), PASSPHRASE)
    revoke(vn.house, vn.settled.people["supervisor"], reason="misuse")
    world.sync()
    number = vn.card.number
    vn.restore(backup)
    assert vn.settled.people["supervisor"] in vn.card.readers
    world.sync()
    with pytest.raises(Refused, match="roster-behind"):
        issue(vn.house, vn.agency)

    done = catch_up(vn.house, vn.agency)
    world.sync()

    assert done.number == number + 1
    assert done.gone == (vn.settled.people["supervisor"],)
    assert done.unknown == ("liaison",)
    for node in (ke, et):
        assert node.knows(vn).number == done.number
        assert vn.settled.people["supervisor"] not in node.knows(vn).readers
        assert lost.id not in node.knows(vn).readers
        assert kinds_of_evidence(node) == set()
        assert node.verify().sound
    assert vn.settled.people["supervisor"] not in vn.card.readers
    assert vn.verify().sound
    asked = ke.seat().ask(question(DESK))
    world.sync()
    assert asked.thread in {each.thread for each in vn.inbox()}
    issue(vn.house, vn.agency)
    world.sync()
    assert ke.knows(vn).number == number + 2


def test_a_backup_from_before_the_roster_key_changed_needs_the_root(world: World) -> None:
    ke, vn, _ = world
    backup = vn.backup("backup")
    rotate_roster_key(vn.house, vn.agency, root_of(world, "vn"), PASSPHRASE)
    world.sync()
    vn.restore(backup)
    world.sync()

    with pytest.raises(Misused, match="roster-key-lost"):
        catch_up(vn.house, vn.agency)
    world.hours.pass_(minutes=1)
    rotate_roster_key(vn.house, vn.agency, root_of(world, "vn"), PASSPHRASE, stolen=True)
    world.sync()

    assert ke.knows(vn).number == vn.card.number
    assert ke.knows(vn).root == vn.card.root
    assert vn.verify().sound


# Nodes


def test_what_a_stolen_node_signs_is_refused_by_whoever_has_heard_of_it(world: World) -> None:
    ke, vn, _ = world
    world.hours.pass_(minutes=5)
    stolen_at = ke.house.now()
    thief = robbed(world, ke)
    world.hours.pass_(minutes=5)
    rotate(ke.house, EVERY, stolen_since=stolen_at)
    world.sync()

    before = kept(vn)
    made = _asked_by(thief, ke)
    with pytest.raises(Unreachable):
        world.hand_over(ke.id, vn.id, b"anything")
    sent_by_hand(world, ke, vn, items=(made,))

    assert kept(vn) == before
    assert kinds_of_evidence(vn) == {"docket"}
    message = Message(method="POST", url="https://vn.example/parcels", headers={})
    sign_request(
        message, b"", key=thief.keys.carrier, to=vn.id, at=vn.house.now(), nonce=mint(bytes_)
    )
    with pytest.raises(BadSignature):
        verify_request(message, public=lambda named: _carrier(vn, named))
    thief.store.close()


def bytes_(size: int) -> bytes:
    return bytes(range(size))


def _carrier(node: WorldNode, key_id: str) -> VerifyingKey | None:
    entry = read_book(node.house).by_carrier(key_id)
    return None if entry is None else verifying_key(entry.carrier)


def _thread_of(item: Item) -> ThreadId:
    return docket_wire.read(item.docket, Docket).said.thread


def _asked_by(thief: House, node: WorldNode, officer: str = "") -> Item:
    """Return a question that the thief's copy of a node released."""
    officer = officer or node.settled.people["investigator"]
    seat = Seat(unlocked=unlock(thief, officer, PASSPHRASE), house=thief)
    done = seat.ask(question(DESK))
    with thief.store.read() as reading:
        row = next(e for e in copies.by_acts(reading, [done.act]) if e.agency != e.to)
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    return Item(docket=row.release, envelope=sealed)


def test_what_a_stolen_node_released_since_the_theft_is_doubted_when_it_is_opened(
    world: World,
) -> None:
    ke, vn, _ = world
    early = ke.seat().ask(question(DESK))
    world.sync()
    world.hours.pass_(minutes=5)
    stolen_at = ke.house.now()
    world.hours.pass_(minutes=5)
    late = ke.seat().ask(question(DESK))
    world.sync()

    rotate(ke.house, EVERY, stolen_since=stolen_at)
    world.sync()

    assert not vn.seat().thread(early.thread).mistrusted
    assert vn.seat().thread(late.thread).mistrusted


def test_both_agencies_of_a_stolen_node_change_at_once(world: World, tmp_path: Path) -> None:
    ke, vn, _ = world
    bureau = found_bureau(ke, tmp_path)
    admission = Admission(
        nominated_by="M",
        letter="1",
        called="1",
        number_from="site",
        decided_by=("A", "B"),
        review="2099-01-01",
    )
    admit.accept(vn.house, invite(ke.house, bureau.agency), admission)
    world.hours.pass_(minutes=5)

    rotate(ke.house, EVERY, stolen_since=ke.house.now())
    world.sync()

    book = read_book(vn.house)
    assert set(book.agencies_of(ke.id)) == {ke.agency, bureau.agency}
    for agency in (ke.agency, bureau.agency):
        assert book.agency(agency).node.carrier == ke.house.keys.carrier.public.raw
    assert kinds_of_evidence(vn) == set()


def test_a_parcel_key_that_went_out_of_use_opens_nothing_after_its_time(world: World) -> None:
    ke, vn, _ = world
    rotate(ke.house, [Purpose.PARCEL])
    world.sync()
    old = ke.house.keys.former_parcels[0]
    made = parcel_wire.Parcel(
        id=mint(vn.house.random), from_node=vn.id, to_node=ke.id, at=vn.house.now()
    )
    sealed = parcel_wire.seal(made, old.recipient)
    assert world.hand_over(vn.id, ke.id, sealed)

    world.hours.pass_(hours=OVERLAP.total_seconds() / 3600 + 1)
    assert forget_former(ke.house)

    with pytest.raises(Unreachable) as refused:
        world.hand_over(vn.id, ke.id, sealed)
    assert isinstance(refused.value.__cause__, Untrusted | NotForUs)


def test_nobody_can_certify_what_a_node_used_to_be(world: World) -> None:
    ke, vn, et = world
    old = ke.card.node
    rotate(ke.house, EVERY)
    world.sync()
    claims = replace(old, agency=et.agency)
    issue(et.house, et.agency, add=[claims])
    world.sync()

    assert read_book(vn.house).node(ke.id).carrier == ke.house.keys.carrier.public.raw
    asked = ke.seat().ask(question(DESK))
    world.sync()
    assert asked.thread in {each.thread for each in vn.inbox()}


# Desks


def test_a_leavers_old_desk_key_opens_nothing_that_came_after(world: World) -> None:
    ke, vn, _ = world
    leaver = vn.seat("colleague").unlocked
    before = ke.seat().ask(question(DESK))
    world.sync()
    revoke(vn.house, leaver.entry.id, reason="left")
    change_members(vn.house, vn.settled.unlocked("investigator"), vn.settled.desk)
    world.sync()

    after = ke.seat().ask(question(DESK))
    world.sync()

    assert opens(vn, foreign(vn, before.act), leaver)
    assert not opens(vn, foreign(vn, after.act), leaver)
    assert opens(vn, foreign(vn, after.act), vn.settled.unlocked("investigator"))
