# SPDX-License-Identifier: Apache-2.0
"""Coming: what an agency must look at by a date: how it admitted a peer, and a mandate's end.

Shown to whoever answers for that: supervisors and administrators; from a month before on, and until
it is done. A mandate that another of the same reach outlasts is still named: an official signed it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.roster import OfficerEntry, Role
from comity.services.address_book import read_book
from comity.services.admit import admission_of
from comity.services.house import House
from comity.services.officer import Unlocked

BEFORE: Final = timedelta(days=30)
LATER: Final = timedelta(days=30)
"""So long a mandate that has ended is still named."""
TOLD: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class Matter(StrEnum):
    REVIEW = "review"
    """Of how a peer was admitted."""
    MANDATE = "mandate"
    """It ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    matter: Matter
    subject: str
    """The peer's id, or the mandate's."""
    name: str
    """The peer's name, or the law."""
    at: datetime


def coming(unlocked: Unlocked, house: House) -> tuple[Coming, ...]:
    """Return what *unlocked* should see to, the earliest first; nothing for most officers."""
    book, now = read_book(house), house.now()
    card = book.agency(unlocked.agency)
    entry = card.readers.get(unlocked.entry.id)
    if not isinstance(entry, OfficerEntry) or TOLD.isdisjoint(entry.roles):
        return ()
    found = [
        Coming(matter=Matter.MANDATE, subject=each.id, name=each.law, at=each.ends)
        for each in card.mandates
        if now - LATER <= each.ends <= now + BEFORE
    ]
    for peer in book.peers:
        admitted = None if peer.suspended else admission_of(house, peer.id)
        if admitted is None:
            continue
        at = datetime.combine(date.fromisoformat(admitted.review), time(), UTC)
        if at <= now + BEFORE:
            found.append(Coming(matter=Matter.REVIEW, subject=peer.id, name=peer.name, at=at))
    return tuple(sorted(found, key=lambda each: (each.at, each.subject)))
