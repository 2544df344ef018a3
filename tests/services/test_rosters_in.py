# SPDX-License-Identifier: Apache-2.0
"""What peers tell of their rosters is taken in whole, once, from them alone; what fails is kept as
evidence and stops nothing else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.guests import admitted, card, evidence, housed, invitation, tell
from tests.services.settle import ADMISSION
from tests.wire.bureau import AT, Bureau, id_of, seed, settled, shown_of, written

from comity.crypto.signing import SigningKey
from comity.domain.ids import CertificateHash, DeskId, NodeId, digest
from comity.domain.roster import AgencyType, Audience, Entry, entries_root
from comity.errors import Busy, Misused, NotAdmitted
from comity.services import admit, verify
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.roster_rows import check_newest
from comity.services.rosters import issue
from comity.services.rosters_in import RosterEvidence, take_updates
from comity.storage import agencies, peers
from comity.wire import canonical
from comity.wire import roster as roster_wire


@pytest.fixture
def theirs() -> Bureau:
    return settled("hai phong", "VN")


def kept(house: House) -> list[str]:
    """Return the codes of what was kept as evidence."""
    return [_read(each.body).code for each in evidence(house) if each.kind == "roster"]


def _read(body: bytes) -> RosterEvidence:
    return canonical.decode(body, RosterEvidence, limit=1_000_000)


def test_a_difference_and_a_full_copy_bring_a_peer_up_to_date(house: House, theirs: Bureau) -> None:
    admitted(house, theirs, theirs.full(1))

    assert tell(house, theirs, theirs.difference(1)) == 1
    assert card(house, theirs).state == theirs.held(2)

    theirs.issue(theirs.officer("19"), end=[theirs.officer("17")])
    assert tell(house, theirs, theirs.full()) == 1
    assert card(house, theirs).state == theirs.held(3)
    assert not evidence(house)
    assert verify.verify(house).sound


def test_several_updates_come_in_one_parcel(house: House, theirs: Bureau) -> None:
    other = settled("da nang", "VN")
    same_node = replace(other.node, node=theirs.node.node, origin=theirs.node.origin)
    same_node = replace(
        same_node,
        **{
            name: getattr(theirs.node, name)
            for name in ("carrier", "parcel", "ledger", "ledger_quantum", "witness")
        },
    )
    other.issue(same_node, end=[other.node])
    admitted(house, theirs)
    admitted(house, other)
    theirs.issue(theirs.officer("19"))
    other.issue(other.officer("19"))

    assert tell(house, theirs, theirs.difference(2), other.difference(3)) == 2
    assert read_book(house).agencies_of(theirs.node.node) == (theirs.id, other.id)


def test_entries_that_lack_are_asked_for_and_come_later(house: House, theirs: Bureau) -> None:
    admitted(house, theirs, theirs.full(entries=[theirs.node]))
    before = card(house, theirs)
    assert before.lacks == min(before.state.lacking)
    assert verify.verify(house).sound

    desk = theirs.desk("Port desk")
    assert tell(house, theirs, theirs.more([desk])) == 1
    assert card(house, theirs).desks == (desk,)

    assert tell(house, theirs, theirs.more(shown_of(theirs.sets[-1]).values())) == 1
    assert card(house, theirs).state == theirs.held()
    assert card(house, theirs).lacks == ""
    assert not evidence(house)
    assert verify.verify(house).sound


def test_entries_that_lack_may_be_overtaken_by_the_next_number(
    house: House, theirs: Bureau
) -> None:
    admitted(house, theirs, theirs.full(entries=[theirs.node]))
    theirs.issue(theirs.officer("19"), end=[theirs.officer("17")])

    assert tell(house, theirs, theirs.difference(2)) == 1

    held = card(house, theirs).state
    assert held.hashes == theirs.held().hashes
    assert roster_wire.entry_hash(theirs.officer("17")) not in held.hashes
    assert verify.verify(house).sound


def test_the_same_update_twice_changes_nothing(house: House, theirs: Bureau) -> None:
    admitted(house, theirs, theirs.full(1))
    tell(house, theirs, theirs.difference(1))
    before = read_book(house)

    assert tell(house, theirs, theirs.difference(1), theirs.full(2), theirs.full(1)) == 0

    assert read_book(house) is before
    assert not evidence(house)


def test_an_older_number_is_refused_silently_for_parcels_come_late(
    house: House, theirs: Bureau
) -> None:
    admitted(house, theirs)

    assert tell(house, theirs, theirs.full(1)) == 0

    assert card(house, theirs).number == 2
    assert not evidence(house)


def test_an_older_number_with_another_head_is_evidence(house: House, theirs: Bureau) -> None:
    admitted(house, theirs, theirs.full(1))
    tell(house, theirs, theirs.difference(1))
    other = Bureau(theirs.word, theirs.country)
    other.issue(other.node)

    assert tell(house, theirs, other.full(1)) == 0

    assert kept(house) == ["untrusted.two-bodies.roster"]
    assert card(house, theirs).number == 2


def test_two_heads_under_one_number_are_evidence_that_shows_the_signed_head(
    house: House, theirs: Bureau
) -> None:
    admitted(house, theirs)
    other = Bureau(theirs.word, theirs.country, theirs.heads[:1], theirs.sets[:1])
    other.issue(other.officer("mole"))

    assert tell(house, theirs, other.full()) == 0

    [found] = evidence(house)
    said = _read(found.body)
    assert (said.code, said.node) == ("untrusted.two-bodies.roster", theirs.node.node)
    head, named = roster_wire.read_head(said.heads[0], theirs.root)
    assert head.number == 2
    assert named != card(house, theirs).state.head
    assert verify.verify(house).sound


def test_evidence_is_kept_once_and_holds_no_name(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    mole = theirs.officer("mole", name="Amina Otieno")

    for _ in range(3):
        assert tell(house, theirs, theirs.more([mole])) == 0

    assert kept(house) == ["untrusted.differs.entry"]
    assert b"Amina" not in evidence(house)[0].body
    assert verify.verify(house).sound


def test_what_fails_does_not_stop_what_stands_beside_it(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    theirs.issue(theirs.officer("19"))
    good = roster_wire.write_update(theirs.difference(2))
    bad = roster_wire.write_update(theirs.more([theirs.officer("mole")]))

    assert take_updates(house, [b"nonsense", bad, good, bad], theirs.node.node) == 1

    assert card(house, theirs).number == 3
    assert kept(house) == ["untrusted.malformed.syntax", "untrusted.differs.entry"]


# Attacks


def test_a_stranger_tells_nothing(house: House, theirs: Bureau) -> None:
    assert tell(house, theirs, theirs.full()) == 0

    assert kept(house) == ["untrusted.signature.unknown"]
    assert not read_book(house).peers


def test_a_peer_tells_nothing_of_another_peer(house: House, theirs: Bureau) -> None:
    other = settled("da nang", "VN")
    admitted(house, theirs)
    admitted(house, other)
    other.issue(other.officer("19"))

    assert tell(house, other, other.difference(2), node=theirs.node.node) == 0

    assert kept(house) == ["untrusted.signature.unknown"]
    assert card(house, other).number == 2


def test_a_peer_tells_nothing_of_our_own_agency(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    own = read_book(house).own[0]
    forged = replace(theirs.full(), agency=own.id)

    assert tell(house, theirs, forged) == 0
    assert tell(house, theirs, forged, node=house.keys.node) == 0

    assert kept(house) == ["untrusted.signature.root"]
    assert read_book(house).own[0] is own


def test_an_entry_for_home_does_not_come_in(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    clerk = theirs.officer("clerk", audience=Audience.HOME, name="Amina Otieno")

    assert tell(house, theirs, theirs.more([clerk])) == 0
    assert kept(house) == ["untrusted.differs.entry"]


def test_a_reader_under_the_id_of_another_agencys_takes_nobodys_place(
    house: House, theirs: Bureau
) -> None:
    other = settled("da nang", "VN")
    victim = admitted(house, theirs).officers[0]
    admitted(house, other)
    other.issue(other.officer("impostor", id=victim.id))

    assert tell(house, other, other.difference(2)) == 1

    book = read_book(house)
    assert not kept(house)
    assert book.reader(victim.id) == (book.agency(theirs.id), victim)
    assert book.find_reader("customs of da nang/officer impostor")[0].id == other.id
    with pytest.raises(Misused, match="reader-ambiguous"):
        book.find_reader(victim.id)
    assert verify.verify(house).sound


def test_a_desk_under_the_id_of_our_own_takes_not_its_place(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    own = read_book(house).own[0]
    mine = replace(theirs.desk("Port desk"), agency=own.id, id=DeskId(id_of("ours")))
    issue(house, own.id, add=[mine])
    theirs.issue(theirs.desk("Impostor", id=mine.id))

    assert tell(house, theirs, theirs.difference(2)) == 1

    book = read_book(house)
    assert book.reader(mine.id) == book.find_reader(mine.id) == (book.own[0], mine)


@pytest.mark.parametrize("whose", ["another peer", "ours"])
def test_a_node_under_the_id_of_another_houses_nobody(
    house: House, theirs: Bureau, whose: str
) -> None:
    other = settled("da nang", "VN")
    admitted(house, theirs)
    admitted(house, other)
    taken = theirs.node.node if whose == "another peer" else house.keys.node
    impostor = replace(other.node, node=taken, origin="", begins=AT + timedelta(hours=9))
    other.issue(impostor, end=[other.node])

    assert tell(house, other, other.difference(2)) == 1

    book = read_book(house)
    assert not kept(house)
    assert book.node(theirs.node.node) == theirs.node
    assert book.node(house.keys.node) == book.own[0].node
    assert other.id not in book.agencies_of(taken)
    assert book.callable == (theirs.node.node,)
    with pytest.raises(NotAdmitted, match="node"):
        book.node_of(other.id)
    assert verify.verify(house).sound


def test_a_second_node_under_the_id_of_another_is_not_used(house: House, theirs: Bureau) -> None:
    other = settled("da nang", "VN")
    admitted(house, theirs)
    admitted(house, other)
    other.issue(replace(other.node, node=theirs.node.node, origin="", begins=AT + timedelta(1)))

    assert tell(house, other, other.difference(2)) == 1

    assert read_book(house).node_of(other.id) == other.node


def test_keys_that_do_not_parse_do_not_come_in(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    theirs.issue(replace(theirs.node, carrier=bytes(32)), end=[theirs.node])

    assert tell(house, theirs, theirs.difference(2)) == 0

    assert kept(house) == ["untrusted.malformed.key"]
    assert read_book(house).by_carrier("a" * 26) is None


def test_a_roster_without_its_node_does_not_come_in(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    theirs.issue(end=[theirs.node])

    assert tell(house, theirs, theirs.difference(2)) == 0

    assert kept(house) == ["untrusted.malformed.roster-node"]
    assert card(house, theirs).node == theirs.node


def signed_by(theirs: Bureau, key: SigningKey) -> roster_wire.RosterUpdate:
    now: dict[CertificateHash, Entry] = dict(theirs.held().entries)
    head = theirs.say(now, peers_root=entries_root(now))
    return replace(
        theirs.full(), heads=(roster_wire.sign_head(head, key),), entries=written(now.values())
    )


def test_a_head_that_the_roster_key_did_not_sign_is_evidence(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)

    assert tell(house, theirs, signed_by(theirs, SigningKey(seed("thief")))) == 0
    assert kept(house) == ["untrusted.signature.absent"]


# Changes of the anchor


def test_the_successor_of_a_root_brings_a_new_roster_key(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    admit.check(house, theirs.id, admit.fingerprint(card(house, theirs)), by="A. Mwangi")
    key = SigningKey(seed("new roster key"))
    following = replace(
        theirs.root,
        root=theirs.next_key.public.raw,
        roster=key.public.raw,
        kind=AgencyType.CENTRAL_AUTHORITY,
        country="FR",
    )
    update = replace(signed_by(theirs, key), root=roster_wire.sign_root(following, theirs.next_key))

    assert tell(house, theirs, update) == 1

    told = card(house, theirs)
    assert (told.root, told.country) == (following, "FR")
    assert told.checked_at is not None
    with house.store.read() as reading:
        assert len([row for row in agencies.roots(reading) if row.agency == theirs.id]) == 2
    assert tell(house, theirs, theirs.full()) == 0
    assert verify.verify(house).sound


def test_a_root_that_nobody_named_is_evidence(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    thief = SigningKey(seed("thief"))
    root = replace(theirs.root, root=thief.public.raw, roster=thief.public.raw)
    update = replace(signed_by(theirs, thief), root=roster_wire.sign_root(root, thief))

    assert tell(house, theirs, update) == 0

    assert kept(house) == ["untrusted.signature.root"]
    assert card(house, theirs).root == theirs.root


def test_an_agency_that_moves_to_another_node_is_called_there(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    moved = NodeId(id_of("another node"))
    node = replace(theirs.node, node=moved, origin="", begins=AT + timedelta(hours=9))
    theirs.issue(node, end=[theirs.node])

    assert tell(house, theirs, theirs.difference(2)) == 1

    assert read_book(house).agencies_of(moved) == (theirs.id,)
    with house.store.read() as reading:
        assert [row.node for row in peers.by_nodes(reading, [moved])] == [moved]
    theirs.issue(theirs.officer("19"))
    assert tell(house, theirs, theirs.difference(3), node=moved) == 1
    assert verify.verify(house).sound


# Races


def test_what_two_processes_take_in_at_once_is_taken_in_once(
    tmp_path: Path, blank_url: str, theirs: Bureau
) -> None:
    house = housed(tmp_path, url=blank_url)
    admitted(house, theirs, theirs.full(1))
    data = [roster_wire.write_update(theirs.difference(1))]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: take_updates(house, data, theirs.node.node), range(4)))

    assert sum(taken) == 1
    assert card(house, theirs).state == theirs.held()
    assert verify.verify(house).sound
    house.store.close()


def test_a_number_that_another_process_wrote_first_is_not_written_over(
    house: House, theirs: Bureau
) -> None:
    admitted(house, theirs)

    with pytest.raises(Busy, match="roster"):
        house.store.write(lambda w: check_newest(w, theirs.id, 1))


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 50, b"\xff", b'"' + b"a" * 600_000 + b'"'])
def test_what_is_no_update_is_kept_by_its_digest_alone(
    house: House, theirs: Bureau, data: bytes
) -> None:
    admitted(house, theirs)

    assert take_updates(house, [data], theirs.node.node) == 0

    [found] = evidence(house)
    assert found.subject == str(digest(data))
    assert len(found.body) < 500


def test_an_agency_is_admitted_though_somebody_claimed_its_desk_before(
    house: House, theirs: Bureau
) -> None:
    squatter = settled("da nang", "FR")
    squatter.issue(squatter.desk("Squat", id=theirs.desk("Port desk").id))
    admitted(house, squatter)

    admit.accept(house, invitation(theirs), ADMISSION)

    desk = theirs.desk("Port desk")
    assert read_book(house).find_reader("VN/Port desk") == (card(house, theirs), desk)
    with pytest.raises(Misused, match="reader-ambiguous"):
        read_book(house).find_reader(desk.id)
