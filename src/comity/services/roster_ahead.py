# SPDX-License-Identifier: Apache-2.0
"""Numbers of our own rosters that peers say they hold, and we have not issued.

Either this home was put back to what it was before, or somebody else has the roster key. A peer's
unsigned word for it makes us ask: we tell which number we hold, and it returns what it holds, an
*echo* that our own roster key signed. Neither changes our roster: which of the two it is, only the
operator can know (``catch_up``, ``rotate_roster``). Until he says so no further number is issued,
for it would be a second history.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from comity.domain.ids import AgencyId, NodeId
from comity.domain.time import to_millis
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.rosters import ECHO, full_update
from comity.storage import housed
from comity.storage.reading import Reading
from comity.wire import roster as roster_wire
from comity.wire.parcel import Known
from comity.wire.roster import RosterState

ROOM: Final = "rosters-ahead"
HOLDS: Final = timedelta(days=1)
"""For so long a peer's word alone keeps the node from issuing a number by itself."""
FARTHEST: Final = 1 << 20
"""How far above ours a number may be: a peer that lies must not use all numbers up."""


def note(house: House, book: Book, known: Sequence[Known]) -> None:
    """Keep the highest number of each of our agencies that a peer says it holds, if we do not."""
    for each in known:
        card = book.cards.get(each.agency)
        if card is None or not card.own or each.number <= card.number:
            continue
        if each.number > told_ahead(house, each.agency):
            _keep(house, each.agency, min(each.number, card.number + FARTHEST))


def is_ahead(book: Book, known: Mapping[AgencyId, Known]) -> bool:
    """Return whether a peer that says *known* holds more of our rosters than we do."""
    return any(card.id in known and known[card.id].number > card.number for card in book.own)


def told_ahead(house: House, agency: AgencyId) -> int:
    """Return the highest number of *agency*'s roster that a peer holds and we have not issued."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    told = _number(house, rows[0]) if rows else 0
    return told if told > read_book(house).agency(agency).number else 0


def asked_of(reading: Reading, house: House, book: Book) -> tuple[Known, ...]:
    """Return what to tell peers of our own agencies of which they hold more: it asks for it."""
    told = {row.name: row for row in housed.of_room(reading, ROOM)}
    return tuple(
        Known(agency=card.id, number=card.number, lacks="")
        for card in book.own
        if card.id in told and _number(house, told[card.id]) > card.number
    )


def holds_back(house: House, agency: AgencyId) -> bool:
    """Return whether no number of *agency* is to be issued but by its operator."""
    with house.store.read() as reading:
        if housed.get(reading, ECHO, [agency]):
            return True
        rows = housed.get(reading, ROOM, [agency])
    since = house.now() - HOLDS
    return bool(rows) and rows[0].at > to_millis(since) and told_ahead(house, agency) > 0


def echoes(
    house: House, book: Book, node: NodeId, known: Mapping[AgencyId, Known], room: int
) -> tuple[bytes, ...]:
    """Return the rosters of agencies of *node* of which it says that it holds less than we do."""
    made = []
    for id_ in book.agencies_of(node):
        card = book.cards[id_]
        if id_ in known and known[id_].number < card.number and not card.state.lacking:
            update = roster_wire.write_update(full_update(house, card, room))
            room -= len(update)
            if room >= 0:
                made.append(update)
    return tuple(made)


def take_echo(house: House, card: AgencyCard, data: bytes) -> None:
    """Keep what a peer holds of our agency of *card*; raise Untrusted unless its own key signed."""
    update = roster_wire.read_update(data)
    root = roster_wire.root_of(update, card.root)
    state = roster_wire.apply(None, update, root=root)
    if state.number <= card.number or state.lacking:
        return
    before = echo_of(house, card)
    if before is not None and before.number >= state.number:
        return
    locked = house.vault.lock(data, f"{ECHO}/{card.id}")
    row = housed.Housed(room=ECHO, name=card.id, body=locked, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def echo_of(house: House, card: AgencyCard) -> RosterState | None:
    """Return what peers hold of our agency of *card*, by its own signature; None if no more."""
    with house.store.read() as reading:
        rows = housed.get(reading, ECHO, [card.id])
    if not rows:
        return None
    update = roster_wire.read_update(house.vault.open(rows[0].body, f"{ECHO}/{card.id}"))
    root = roster_wire.root_of(update, card.root)
    state = roster_wire.apply(None, update, root=root)
    return state if state.number > card.number else None


def _number(house: House, row: housed.Housed) -> int:
    return int(house.vault.open(row.body, f"{ROOM}/{row.name}"))


def _keep(house: House, agency: AgencyId, number: int) -> None:
    locked = house.vault.lock(str(number).encode(), f"{ROOM}/{agency}")
    row = housed.Housed(room=ROOM, name=agency, body=locked, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
