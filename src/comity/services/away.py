# SPDX-License-Identifier: Apache-2.0
"""Away: an officer says until when he is away and who stands in; housed, for his agency alone.

A stand-in sits at one of his desks, since whoever stands in must be able to read. While he is away
reminders go to the stand-in instead of him; nothing is sealed to anybody who could not read before.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.domain.ids import OfficerId
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.enrol import officer_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.stand import locked, opened
from comity.storage import housed
from comity.storage.reading import Reading

ROOM: Final = "away"
_LONGEST_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """From the first day to the last, by the date of Universal Time."""

    type: str = "comity/away@1"
    officer: OfficerId
    begins: str
    ends: str
    """Its last day."""
    stand_in: str
    """An officer's id; empty where the desk's own alternates do."""

    def covers(self, day: str) -> bool:
        return self.begins <= day <= self.ends


def go_away(
    unlocked: Unlocked, house: House, *, begins: str, ends: str, stand_in: str = ""
) -> Away:
    """Record that *unlocked* is away from the day *begins* to the day *ends*."""
    book = read_book(house)
    author_of(unlocked, book)
    first, last = _day(begins, "begins"), _day(ends, "ends")
    if last < first or last < house.now().date() or (last - first).days > _LONGEST_DAYS:
        raise Misused("field-value", field="ends")
    card = book.agency(unlocked.agency)
    me = officer_of(card, unlocked.entry.id)
    if stand_in:
        other = officer_of(card, stand_in)
        if other.id == me.id or not set(me.desks) & set(other.desks):
            raise Misused("alternate-not-a-member")
    told = Away(officer=me.id, begins=first.isoformat(), ends=last.isoformat(), stand_in=stand_in)
    row = locked(house, ROOM, me.id, told, owner=card.id)
    house.store.write(lambda w: housed.put(w, [row]))
    return told


def come_back(unlocked: Unlocked, house: House) -> None:
    """Take back that *unlocked* is away."""
    house.store.write(lambda w: housed.discard(w, ROOM, [unlocked.entry.id]))


def away(reading: Reading, house: House, agency: str) -> Mapping[str, Away]:
    """Return who of *agency* is away today or will be, by officer."""
    today = house.now().date().isoformat()
    found = (opened(house, row, Away) for row in housed.of_room(reading, ROOM, owner=agency))
    return {each.officer: each for each in found if each.ends >= today}


def present(
    reading: Reading, house: House, agency: str, officers: Collection[str]
) -> frozenset[str]:
    """Return who stands for *officers* today: each, or while he is away whoever stands in."""
    today = house.now().date().isoformat()
    told = away(reading, house, agency)
    gone = {each for each in officers if each in told and told[each].covers(today)}
    for_them: Iterable[str] = (told[each].stand_in for each in gone if told[each].stand_in)
    return frozenset({*(set(officers) - gone), *(set(for_them) - gone)}) or frozenset(officers)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misused("field-value", field=field) from None
