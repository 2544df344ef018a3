# SPDX-License-Identifier: Apache-2.0
"""Numbers of our own rosters that peers say they hold, and we have not issued.

Either this home was put back to what it was before, or somebody else has the roster key. What is
kept here is a peer's unsigned word: it makes the next number under a new root larger, and an
operator look, and nothing else.
"""

from collections.abc import Sequence
from typing import Final

from comity.domain.ids import AgencyId
from comity.services.address_book import Book, read_book
from comity.services.house import House
from comity.storage import housed
from comity.wire.parcel import Known

ROOM: Final = "rosters-ahead"
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


def told_ahead(house: House, agency: AgencyId) -> int:
    """Return the highest number of *agency*'s roster that a peer holds and we have not issued."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    told = int(house.vault.open(rows[0].body, f"{ROOM}/{agency}")) if rows else 0
    return told if told > read_book(house).agency(agency).number else 0


def _keep(house: House, agency: AgencyId, number: int) -> None:
    locked = house.vault.lock(str(number).encode(), f"{ROOM}/{agency}")
    row = housed.Housed(room=ROOM, name=agency, body=locked, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
