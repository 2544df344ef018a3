# SPDX-License-Identifier: Apache-2.0
"""Every number is issued once and is a leaf; peers are told what they lack, and never more."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.guests import found, housed
from tests.wire.bureau import Bureau

from comity.domain.ids import AgencyId, DeskId, NodeId, OfficerId, digest, mint
from comity.domain.roster import Audience, DeskEntry, NodeEntry, OfficerEntry
from comity.errors import Misused, Refused
from comity.ledger.leaf import LeafType
from comity.services import verify
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.rosters import (
    PARCEL_SHARE,
    full_update,
    issue,
    reissue_if_due,
    roster_key,
    updates_for,
)
from comity.storage import agencies, logs
from comity.wire import roster as roster_wire
from comity.wire.parcel import Known
from comity.wire.roster import RosterState, read_update

NODE = NodeId("a" * 26)
"""Any peer: each is told the same."""


def own(house: House) -> AgencyCard:
    return read_book(house).own[0]


def officer(house: House, word: str, **more: Any) -> OfficerEntry:
    said: dict[str, Any] = {"agency": own(house).id, "id": OfficerId(mint(house.random)), **more}
    return replace(Bureau("any").officer(word), **said)


def desk(house: House, word: str) -> DeskEntry:
    return replace(Bureau("any").desk(word), agency=own(house).id, id=DeskId(mint(house.random)))


def told(house: House, number: int, lacks: str = "") -> tuple[bytes, ...]:
    """Return what a peer is told that holds *number*."""
    book = read_book(house)
    known = {each.id: Known(agency=each.id, number=number, lacks=lacks) for each in book.own}
    return updates_for(house, book, known)


def known_of(book: Book, held: Mapping[AgencyId, RosterState]) -> dict[AgencyId, Known]:
    """Return what a peer says that holds *held* of both our agencies."""
    return {
        card.id: Known(
            agency=card.id,
            number=held[card.id].number if card.id in held else 0,
            lacks=min(held[card.id].lacking, default="") if card.id in held else "",
        )
        for card in book.own
    }


def taken(house: House, held: RosterState | None, updates: tuple[bytes, ...]) -> RosterState:
    """Return what a peer makes of *updates*."""
    assert len(updates) == 1
    return roster_wire.apply(held, read_update(updates[0]), root=own(house).root)


def at_peer(house: House) -> RosterState:
    """Return our roster as a peer holds it that was told everything."""
    return roster_wire.apply(None, full_update(house, own(house)), root=own(house).root)


def test_the_next_number_names_the_one_before(house: House) -> None:
    before = own(house).state

    after = issue(house, before.agency, add=[officer(house, "17")])

    assert after.number == before.number + 1
    with house.store.read() as reading:
        rows = agencies.rosters_since(reading, before.agency, 0)
    heads = [roster_wire.read_head(row.body, after.root) for row in rows]
    assert [head.number for head, _ in heads] == list(range(1, after.number + 1))
    assert heads[-1][0].previous == heads[-2][1] == before.head


def test_every_number_is_a_leaf(house: House) -> None:
    state = issue(house, own(house).id)

    with house.store.read() as reading:
        [log] = logs.every(reading)
        leaves = logs.leaves_from(reading, log.log, 0)
    entries = [each.entry for each in leaves if each.type == LeafType.ROSTER]
    assert state.head in {digest(each or b"") for each in entries}
    assert verify.verify(house).sound


def test_an_entry_that_stands_already_is_not_added_twice(house: House) -> None:
    entry = officer(house, "17")
    issue(house, entry.agency, add=[entry])

    after = issue(house, entry.agency, add=[entry, entry])

    with house.store.read() as reading:
        rows = agencies.entries_by_hash(reading, [roster_wire.entry_hash(entry)])
    assert len(rows) == 1
    assert roster_wire.entry_hash(entry) in after.entries
    assert verify.verify(house).sound


def test_who_left_may_come_back(house: House) -> None:
    entry = officer(house, "17")
    named = roster_wire.entry_hash(entry)
    issue(house, entry.agency, add=[entry])
    before = at_peer(house)
    issue(house, entry.agency, end=[named, named])
    assert named not in own(house).current

    issue(house, entry.agency, add=[entry])

    assert own(house).current[named] == entry
    assert taken(house, before, told(house, before.number)).hashes == before.hashes
    assert verify.verify(house).sound


def test_numbers_that_are_issued_at_once_follow_one_another(tmp_path: Path, blank_url: str) -> None:
    house = housed(tmp_path, url=blank_url)
    people = [officer(house, str(i)) for i in range(6)]
    first = own(house).number

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda each: issue(house, each.agency, add=[each]), people))

    card = own(house)
    assert card.number == first + 6
    assert {each.id for each in people} <= {each.id for each in card.officers}
    assert verify.verify(house).sound
    house.store.close()


def test_more_entries_than_peers_can_be_told_are_refused(house: House) -> None:
    base = officer(house, "x")
    many = [replace(base, label=f"officer {i}") for i in range(3000)]

    with pytest.raises(Refused, match="roster-full"):
        issue(house, base.agency, add=many)

    at_home = [replace(each, audience=Audience.HOME) for each in many[:20]]
    assert issue(house, base.agency, add=at_home).number == own(house).number


def test_an_entry_that_every_peer_would_refuse_is_not_issued(house: House) -> None:
    number = own(house).number

    for odd in (officer(house, "17", label="a\nb"), officer(house, "17", signing=bytes(32))):
        with pytest.raises(Misused, match="entry"):
            issue(house, odd.agency, add=[odd])

    assert own(house).number == number


def test_a_roster_is_issued_anew_after_a_week(tmp_path: Path) -> None:
    now = [datetime(2026, 11, 23, 4, 40, tzinfo=UTC)]
    house = housed(tmp_path, clock=lambda: now[0])
    number = own(house).number
    now[0] += timedelta(days=6, hours=23)
    assert reissue_if_due(house) == ()

    now[0] += timedelta(hours=1)

    assert reissue_if_due(house) == (own(house).id,)
    assert own(house).number == number + 1
    assert own(house).issued == now[0]
    assert reissue_if_due(house) == ()
    house.store.close()


def test_nobody_issues_for_an_agency_of_another_house(house: House) -> None:
    with pytest.raises(Misused, match="agency-not-ours"):
        roster_key(house, AgencyId("a" * 26))


# What peers are told


def test_who_holds_the_newest_is_told_nothing(house: House) -> None:
    assert told(house, own(house).number) == ()
    assert told(house, own(house).number + 1) == ()


def test_who_did_not_admit_an_agency_is_told_nothing_of_it(house: House, tmp_path: Path) -> None:
    other = found(house, tmp_path, "Kenya Customs")
    issue(house, own(house).id)

    book = read_book(house)
    [data] = updates_for(house, book, {other.id: Known(agency=other.id, number=0)})

    assert read_update(data).agency == other.id


def test_a_peer_is_told_the_difference_from_what_it_holds(house: House) -> None:
    issue(house, own(house).id, add=[officer(house, "17")])
    before = at_peer(house)
    issue(house, own(house).id, add=[officer(house, "18")])

    updates = told(house, before.number)

    assert read_update(updates[0]).base == before.number
    assert taken(house, before, updates) == at_peer(house)


def test_who_is_far_behind_is_told_the_whole(house: House) -> None:
    before = at_peer(house)
    for _ in range(65):
        issue(house, own(house).id)

    updates = told(house, before.number)

    assert read_update(updates[0]).base == 0
    assert taken(house, before, updates) == at_peer(house)


def test_when_most_has_changed_the_whole_is_shorter_and_told(house: House) -> None:
    people = [officer(house, str(i)) for i in range(5)]
    issue(house, own(house).id, add=people)
    before = at_peer(house)
    issue(house, own(house).id, end=[roster_wire.entry_hash(each) for each in people])

    updates = told(house, before.number)

    assert read_update(updates[0]).base == 0
    assert taken(house, before, updates) == at_peer(house)


def test_what_is_for_home_is_never_told(house: House) -> None:
    clerk = officer(house, "clerk", audience=Audience.HOME, name="Amina Otieno")
    number = own(house).number
    issue(house, clerk.agency, add=[clerk])

    named = roster_wire.entry_hash(clerk)
    for update in (read_update(told(house, number)[0]), full_update(house, own(house))):
        assert named not in roster_wire.read_hashes(update.added)
        assert b"Amina" not in roster_wire.write_update(update)
        assert all(b"Amina" not in each for each in update.entries)


def test_an_entry_that_went_home_is_taken_from_peers(house: House) -> None:
    entry = officer(house, "17")
    issue(house, entry.agency, add=[entry])
    before = at_peer(house)
    hidden = replace(entry, audience=Audience.HOME)
    issue(house, entry.agency, add=[hidden], end=[roster_wire.entry_hash(entry)])

    after = taken(house, before, told(house, before.number))

    assert all(getattr(each, "id", "") != entry.id for each in after.entries.values())


def test_a_roster_too_large_for_a_parcel_comes_in_several(house: House) -> None:
    people = [officer(house, str(i)) for i in range(150)]
    issue(house, own(house).id, add=[*people, desk(house, "Port desk")])
    state, parcels = None, 0

    while state is None or state.lacking:
        lacks = min(state.lacking) if state else ""
        updates = told(house, state.number if state else 0, lacks)
        assert sum(map(len, updates)) <= PARCEL_SHARE
        state, parcels = taken(house, state, updates), parcels + 1
        if parcels == 1:
            kinds = [type(each) for each in state.entries.values()]
            assert {NodeEntry, DeskEntry} <= set(kinds)

    assert 1 < parcels < 6
    assert len(state.entries) == 152
    assert told(house, state.number) == ()


def test_what_was_put_off_comes_with_the_next_parcel(house: House, tmp_path: Path) -> None:
    found(house, tmp_path, "Kenya Customs")
    first, second = (each.id for each in read_book(house).own)
    issue(house, first, add=[officer(house, str(i), agency=first) for i in range(150)])
    book, held = read_book(house), dict[AgencyId, RosterState]()
    parcels: list[set[AgencyId]] = []

    while len(held) < 2 or any(each.lacking for each in held.values()):
        updates = [read_update(each) for each in updates_for(house, book, known_of(book, held))]
        for update in updates:
            assert update.entries
            root, before = book.agency(update.agency).root, held.get(update.agency)
            held[update.agency] = roster_wire.apply(before, update, root=root)
        parcels.append({update.agency for update in updates})

    # The first agency fills the first parcel; the second comes where there is room for it.
    assert parcels[0] == {first}
    assert second in parcels[-1]
    assert {id_: len(each.entries) for id_, each in held.items()} == {first: 151, second: 1}
    assert updates_for(house, book, known_of(book, held)) == ()


def test_no_room_no_roster(house: House) -> None:
    book = read_book(house)
    known = {own(house).id: Known(agency=own(house).id, number=0)}

    assert updates_for(house, book, known, room=1000) == ()
    assert updates_for(house, book, known, room=-5) == ()
