# SPDX-License-Identifier: Apache-2.0
"""A peer claims what is another's: ids, a carrier key, a whole node; or says more than anybody
can keep. It harms nobody but itself."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.attacks.test_dockets import kept, kinds_of_evidence
from tests.services.guests import admitted, card, housed, invitation, tell
from tests.services.settle import ADMISSION
from tests.wire.bureau import AT, Bureau, settled
from tests.world import World, WorldNode, question

from comity.crypto.signing import verifying_key
from comity.domain.ids import CertificateHash, NodeId, mint
from comity.domain.roster import Audience, Entry, NodeEntry, OtherEntry
from comity.domain.standing import SuspendCode
from comity.errors import Malformed, NotAdmitted, NotForUs, Untrusted
from comity.services import address_book, admit, desks, history, roster_pace, suspend
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.history import History
from comity.services.house import House
from comity.services.revoke import revoke
from comity.services.rosters import issue
from comity.services.verify import verify
from comity.storage import agencies
from comity.wire import parcel as parcel_wire
from comity.wire import roster as roster_wire
from comity.wire.parcel import Parcel

DESK = "VN/Anti-smuggling desk"


def claim(thief: WorldNode, entry: Entry) -> None:
    issue(thief.house, thief.agency, add=[replace(entry, agency=thief.agency)])


def claim_node(thief: WorldNode, **said: object) -> None:
    """Let *thief* certify its node otherwise than it is."""
    old = [k for k, v in thief.card.current.items() if isinstance(v, NodeEntry)]
    begins = thief.card.node.begins + timedelta(seconds=1)
    node = replace(thief.card.node, begins=begins, **said)  # type: ignore[arg-type]  # a test's own words
    issue(thief.house, thief.agency, add=[node], end=old)


def asked_and_taken(one: WorldNode, other: WorldNode) -> bool:
    """Return whether *one* can ask *other*, whatever the third of them does, in few parcels."""
    before = kept(other)
    one.seat().ask(question(DESK))
    travelled = len(one.world.travelled)
    for _ in range(3):
        one.node.courier.sync([other.id])
        other.node.courier.sync([one.id])
        one.world.hours.pass_(minutes=2)
    assert len(one.world.travelled) - travelled < 20
    return kept(other) == before + 1


def test_a_desk_whose_id_somebody_was_quicker_to_claim_can_be_asked_and_revoked(
    world: World,
) -> None:
    ke, vn, et = world
    desk = desks.open_desk(
        vn.house, vn.agency, desks.NewDesk(name="New desk"), [vn.settled.people["investigator"]]
    )
    vn.node.courier.sync([et.id])
    claim(et, desk)
    et.node.courier.sync([ke.id])
    revoke(vn.house, vn.settled.people["colleague"], reason="stolen")

    world.sync()

    assert ke.knows(vn).number == vn.card.number
    assert vn.settled.people["colleague"] not in ke.knows(vn).readers
    assert kinds_of_evidence(ke) == set()
    ke.seat().ask(question("VN/New desk"))
    world.sync()
    assert kept(vn) == 1
    assert kept(et) == 0
    assert all(node.verify().sound for node in world)


def test_a_peer_that_certifies_anothers_carrier_key_cuts_nobody_off(world: World) -> None:
    ke, vn, et = world
    claim_node(et, carrier=vn.card.node.carrier)
    et.node.courier.sync([ke.id])
    key_id = vn.house.keys.carrier.public.key_id
    assert set(read_book(ke.house).sharing(vn.id)) == {vn.id, et.id}

    sealed = parcel_wire.seal(
        Parcel(id=mint(os.urandom), from_node=vn.id, to_node=ke.id, at=vn.house.now()),
        ke.house.keys.parcel.recipient,
    )
    first = ke.node._peer(key_id)
    assert first is not None
    for each in {first[0], vn.id, et.id}:
        assert ke.node._incoming(sealed, each)

    assert asked_and_taken(ke, vn)


def test_who_certified_anothers_carrier_key_speaks_for_nobody_else(world: World) -> None:
    ke, vn, et = world
    claim_node(et, carrier=vn.card.node.carrier)
    et.node.courier.sync([ke.id])
    sealed = parcel_wire.seal(
        Parcel(id=mint(os.urandom), from_node=vn.id, to_node=ke.id, at=vn.house.now()),
        ke.house.keys.parcel.recipient,
    )

    own = et.house.keys.carrier.public.key_id
    assert ke.node._peer(own) is None
    assert read_book(ke.house).sharing(ke.id) == ()
    with pytest.raises(NotForUs):
        ke.node.courier.incoming(sealed, et.id)


def test_a_peer_that_certifies_anothers_keys_of_any_kind_stops_nothing(world: World) -> None:
    ke, vn, et = world
    theirs = vn.card.node
    claim_node(
        et,
        ledger=theirs.ledger,
        ledger_quantum=theirs.ledger_quantum,
        witness=theirs.witness,
        parcel=theirs.parcel,
    )
    et.node.courier.sync([ke.id, vn.id])

    assert asked_and_taken(ke, vn)
    assert kinds_of_evidence(ke) == set()


def test_a_peer_that_moves_into_anothers_node_does_not_get_its_parcels(world: World) -> None:
    """It certifies that node's id and all its keys, and says that it is called elsewhere."""
    ke, vn, et = world
    theirs = vn.card.node
    said = {
        name: getattr(theirs, name)
        for name in ("node", "carrier", "parcel", "ledger", "ledger_quantum", "witness", "origin")
    }
    claim_node(et, **said, address="http://elsewhere.localhost")
    et.node.courier.sync([ke.id])
    book = read_book(ke.house)
    assert set(book.agencies_of(vn.id)) == {vn.agency, et.agency}
    assert book.node(vn.id).address == theirs.address

    assert asked_and_taken(ke, vn)


@pytest.mark.parametrize("how", ["its keys too", "keys of its own"])
def test_a_node_that_was_claimed_before_is_told_at_admission(tmp_path: Path, how: str) -> None:
    house = housed(tmp_path)
    victim, squatter = settled("hai phong", "VN"), settled("da nang", "FR")
    claimed = replace(victim.node, agency=squatter.id, address="https://elsewhere.example")
    if how == "keys of its own":
        claimed = replace(squatter.node, node=victim.node.node, origin="")
    squatter.issue(claimed, end=[squatter.node])
    admitted(house, squatter)

    with pytest.raises(Untrusted, match="id-taken"):
        admit.accept(house, invitation(victim), ADMISSION)

    suspend.suspend(house, squatter.id, code=SuspendCode.OTHER, by="A. Mwangi")
    admitted(house, victim)
    assert read_book(house).node_of(victim.id) == victim.node
    assert read_book(house).entries_of(victim.node.node) == (victim.node,)
    house.store.close()


# Certificates that are not good now


def test_an_expired_certificate_of_a_node_signs_nothing(world: World) -> None:
    ke, vn, _ = world
    claim_node(vn, ends=vn.house.now() + timedelta(hours=1))
    world.sync()
    key_id = vn.house.keys.carrier.public.key_id
    assert ke.node._peer(key_id) is not None

    world.hours.pass_(hours=2)

    assert ke.node._peer(key_id) is None
    assert read_book(ke.house).agencies_of(vn.id) == ()
    with pytest.raises(NotAdmitted, match="node"):
        read_book(ke.house).node(vn.id)
    with pytest.raises(NotAdmitted, match="node"):
        ke.seat().ask(question(DESK))


def test_a_revoked_certificate_of_a_node_signs_nothing(tmp_path: Path) -> None:
    house, theirs = housed(tmp_path), settled("hai phong", "VN")
    admitted(house, theirs)
    theirs.issue(theirs.revocation(theirs.node))

    tell(house, theirs, theirs.difference(2))

    assert read_book(house).by_carrier(verifying_key(theirs.node.carrier).key_id) is None
    house.store.close()


def test_a_node_of_another_year_is_not_the_one_of_today(tmp_path: Path) -> None:
    house, theirs = housed(tmp_path), settled("hai phong", "VN")
    admitted(house, theirs)
    later = AT + timedelta(days=365 * 60)
    theirs.issue(replace(theirs.node, begins=later, ends=later + timedelta(days=1), tls="0" * 64))

    tell(house, theirs, theirs.difference(2))

    assert read_book(house).node_of(theirs.id) == theirs.node
    house.store.close()


# What a newer version says


NEW = b'{"agency":"%s","dogs":4,"type":"comity/kennel@1"}'


def kennel(of: Bureau, audience: Audience = Audience.PEERS) -> OtherEntry:
    written = NEW % of.id.encode()
    if audience is Audience.HOME:
        written = written.replace(b'"dogs"', b'"audience":"home","dogs"')
    entry = roster_wire.read_entry(written)
    assert isinstance(entry, OtherEntry)
    return entry


def test_an_entry_of_a_new_type_is_kept_and_revocations_still_come(tmp_path: Path) -> None:
    house, theirs = housed(tmp_path), settled("hai phong", "VN")
    admitted(house, theirs)
    gone = theirs.officer("17")
    theirs.issue(kennel(theirs))
    theirs.issue(theirs.revocation(gone), end=[gone])

    assert tell(house, theirs, theirs.difference(2)) == 1

    told = card(house, theirs)
    assert roster_wire.entry_hash(gone) in told.revoked
    assert told.current[roster_wire.entry_hash(kennel(theirs))] == kennel(theirs)
    assert verify(house).sound
    house.store.close()


def test_an_entry_of_a_new_type_for_home_does_not_come_in(tmp_path: Path) -> None:
    house, theirs = housed(tmp_path), settled("hai phong", "VN")
    admitted(house, theirs)
    theirs.issue(kennel(theirs))

    assert tell(house, theirs, theirs.more([kennel(theirs, Audience.HOME)], base=2)) == 0
    house.store.close()


# What would have us call ourselves


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:5432",
        "https://127.0.0.1",
        "https://[::1]:80",
        "https://[::ffff:127.0.0.1]",
        "https://0.0.0.0:1",
        "https://169.254.169.254/latest",
        "https://LOCALHOST.",
        "http://db.localhost",
    ],
)
def test_a_real_node_is_not_told_to_call_itself(tmp_path: Path, address: str) -> None:
    real = replace(housed(tmp_path), practice=False)
    theirs = Bureau("hai phong", "VN")
    theirs.issue(replace(theirs.node, address=address))

    with pytest.raises(Malformed, match="address"):
        admit.accept(real, invitation(theirs, practice=False), ADMISSION)
    real.store.close()


# What nobody can keep


def test_a_peer_changes_no_more_in_a_day_than_an_agency_does(tmp_path: Path) -> None:
    now = [AT + timedelta(days=2)]
    house, theirs = housed(tmp_path, clock=lambda: now[0]), settled("hai phong", "VN")
    admitted(house, theirs)
    most = 2 * roster_pace.A_DAY // roster_pace.NODE_WEIGHT
    for _ in range(most + 2):
        before = theirs.held().number
        nodes = [v for v in theirs.sets[-1].values() if isinstance(v, NodeEntry)]
        theirs.issue(
            replace(theirs.node, begins=AT + timedelta(seconds=len(theirs.heads))), end=nodes
        )
        tell(house, theirs, theirs.difference(before))

    assert card(house, theirs).number < theirs.held().number
    held = sum(isinstance(each, NodeEntry) for each in card(house, theirs).history.values())
    assert held <= most + 1

    now[0] += timedelta(days=1)
    gone = theirs.officer("17")
    theirs.issue(theirs.revocation(gone), end=[gone])
    assert tell(house, theirs, theirs.full()) == 1
    assert roster_wire.entry_hash(gone) in card(house, theirs).revoked
    house.store.close()


def test_of_what_a_peer_ended_the_last_is_held_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ENDED_LIMIT", 3)
    house, theirs = housed(tmp_path), settled("hai phong", "VN")
    admitted(house, theirs)
    people = [theirs.officer(f"p{i}") for i in range(8)]
    for each in people:
        number = len(theirs.heads)
        theirs.issue(each)
        theirs.issue(theirs.revocation(each), end=[each])
        tell(house, theirs, theirs.difference(number, number + 1))
        tell(house, theirs, theirs.difference(number + 1))

    for told in (card(house, theirs), _anew(house, theirs)):
        found = told.history
        assert isinstance(found, History)
        ended = [k for k, v in found.held.items() if v in people]
        assert len(ended) == 3
        for each in people:
            named = roster_wire.entry_hash(each)
            assert found[named] == each
            assert told.revoked[named] == AT
        assert found.get(CertificateHash("0" * 64)) is None
    with house.store.read() as reading:
        assert len(agencies.held_entries(reading, theirs.id, 3)) < 8 * 2 + 6
    house.store.close()


def _anew(house: House, theirs: Bureau) -> AgencyCard:
    """Return the card as another process reads it."""
    address_book._BOOKS.clear()
    return card(house, theirs)


def test_a_node_under_an_unknown_id_is_housed_nowhere(world: World) -> None:
    with pytest.raises(NotAdmitted):
        read_book(world["ke"].house).sharing(NodeId(mint(os.urandom)))
