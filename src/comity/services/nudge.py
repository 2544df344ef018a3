# SPDX-License-Identifier: Apache-2.0
"""Nudge: tell an officer outside Comity, in one sentence of his own choice, that something waits.

What he chose and where he is reached is locked under the house key. Whoever is due is claimed in a
write before anything is sent, so several processes nudge once an hour at most; only what was handed
over counts as told. It runs beside everything else, in bounded time: whatever becomes of it,
nothing waits for it, and nothing of it is logged.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from comity.domain.docket import ClockClass
from comity.domain.ids import AgencyId, OfficerId
from comity.domain.nudging import (
    Named,
    Quiet,
    check_address,
    check_sentence,
    check_telephone,
    may_nudge,
)
from comity.domain.roster import OfficerEntry
from comity.domain.time import from_millis
from comity.errors import Misused, Unavailable
from comity.language.places import country_names
from comity.services.address_book import Book, read_book
from comity.services.compose import author_of
from comity.services.enrol import names
from comity.services.escalate import brought_to
from comity.services.house import House
from comity.services.locked import alerts
from comity.services.officer import Unlocked
from comity.services.ports import Nudge
from comity.storage import housed, leases, silences
from comity.storage.housed import Housed
from comity.storage.reading import Writing
from comity.wire import canonical

ROOM: Final = "nudges"
LEASE: Final = "nudge"
LEASE_MILLIS: Final = 300_000
AT_ONCE: Final = 20
"""Officers in one look, so that a slow gateway is looked at again soon."""
_LIMIT: Final = 8192
_COMITY: Final = "Comity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How one officer wants to be nudged."""

    mail: str = ""
    telephone: str = ""
    sentence: str
    quiet: Quiet = field(default_factory=Quiet)
    seen: int = 0
    """Up to when what came was told (milliseconds)."""
    last: int = 0
    """When it was last tried."""

    @property
    def to(self) -> str:
        return self.mail or self.telephone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    officer: OfficerId
    wish: Wish
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """What an operator has set up."""

    mail: Nudge | None = None
    short: Nudge | None = None

    def of(self, wish: Wish) -> Nudge | None:
        return self.mail if wish.mail else self.short


def wish(
    unlocked: Unlocked,
    house: House,
    *,
    mail: str = "",
    telephone: str = "",
    sentence: str,
    is_own: bool = True,
    quiet: Quiet = Quiet(),  # noqa: B008  # a frozen value
) -> Wish:
    """Let *unlocked* be nudged from now on, by mail or telephone, with *sentence*.

    What he wrote himself (*is_own*) is held against every name that is known here.
    """
    book = read_book(house)
    author_of(unlocked, book)
    if bool(mail) is bool(telephone):
        raise Misused("nudge-where")
    made = Wish(
        mail=check_address(mail) if mail else "",
        telephone=check_telephone(telephone) if telephone else "",
        sentence=check_sentence(sentence, _named(house, book) if is_own else Named()),
        quiet=quiet,
        seen=house.millis(),
    )
    house.store.write(
        lambda w: housed.put(w, [_row(house, unlocked.agency, unlocked.entry.id, made)])
    )
    return made


def end(unlocked: Unlocked, house: House) -> bool:
    """Nudge *unlocked* no more, and forget where he is reached; return whether he was."""
    gone = house.store.write(lambda w: housed.discard(w, ROOM, [unlocked.entry.id]))
    return gone > 0


def wish_of(unlocked: Unlocked, house: House) -> Wish | None:
    """Return how *unlocked* is nudged; None if he is not."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [unlocked.entry.id])
    return _read(house, rows[0]) if rows else None


def try_out(unlocked: Unlocked, house: House, outlets: Outlets) -> None:
    """Nudge *unlocked* now, if he was not this hour: to see that it works."""
    found = wish_of(unlocked, house)
    if found is None:
        raise Misused("nudge-none")
    outlet = outlets.of(found)
    if outlet is None:
        raise Misused("nudge-off")
    ready = _Ready(officer=unlocked.entry.id, wish=found, now=house.millis())
    if not may_nudge(house.now(), _last(found), found.quiet, urgent=True):
        raise Misused("nudge-often")
    if house.store.write(lambda w: _claim(w, house, ready)):
        outlet.send(found.to, found.sentence)


def look(house: House, owner: str, outlets: Outlets) -> int:
    """Nudge whoever is due, one after the other; return how many were."""
    if outlets == Outlets():
        return 0
    now = house.millis()
    if not house.store.write(lambda w: leases.claim(w, LEASE, owner, now, now + LEASE_MILLIS)):
        return 0
    count = 0
    for each in _due(house, outlets)[:AT_ONCE]:
        count += _tell(house, each, outlets)
    house.store.write(lambda w: leases.let_go(w, LEASE, owner))
    return count


def _tell(house: House, ready: _Ready, outlets: Outlets) -> bool:
    outlet = outlets.of(ready.wish)
    if outlet is None or not house.store.write(lambda w: _claim(w, house, ready)):
        return False
    try:
        outlet.send(ready.wish.to, ready.wish.sentence)
    except Unavailable:
        return False  # it is tried again in an hour; what waits waits all the same
    house.store.write(lambda w: _settle(w, house, ready))
    return True


def _due(house: House, outlets: Outlets) -> list[_Ready]:
    """Return who is to be nudged now, whoever waited longest first."""
    now, book = house.now(), read_book(house)
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM)
        wishes = [(row, _read(house, row)) for row in rows]
    found: list[_Ready] = []
    for row, each in wishes:
        entry = _officer(book, row)
        if entry is None or outlets.of(each) is None:
            continue
        urgent = _waits(house, entry, each)
        if urgent is not None and may_nudge(now, _last(each), each.quiet, urgent=urgent):
            found.append(_Ready(officer=entry.id, wish=each, now=house.millis()))
    return sorted(found, key=lambda ready: (ready.wish.last, ready.officer))


def _waits(house: House, entry: OfficerEntry, told: Wish) -> bool | None:
    """Return whether what came since he was told is urgent; None if nothing did."""
    readers = (entry.id, *entry.desks)
    with house.store.read() as reading:
        clocks = silences.arrived(reading, readers, told.seen)
    overdue = [
        each.clock for each in brought_to(house, entry) if each.since > from_millis(told.seen)
    ]
    if any(each.at > from_millis(told.seen) for each in alerts(house, entry.id)):
        return True  # a colleague used his lock phrase
    if not clocks and not overdue:
        return None
    return ClockClass.URGENT in (*clocks, *overdue)


def _officer(book: Book, row: Housed) -> OfficerEntry | None:
    """Return whose wish it is, if he is still an officer of ours."""
    card = book.cards.get(AgencyId(row.owner))
    entry = card.readers.get(row.name) if card is not None and card.own else None
    return entry if isinstance(entry, OfficerEntry) else None


def _claim(writing: Writing, house: House, ready: _Ready) -> bool:
    """Note that he is being nudged; return False if somebody else did, or he changed his mind."""
    _ = writing.log  # its lock
    return _change(writing, house, ready, replace(ready.wish, last=ready.now))


def _settle(writing: Writing, house: House, ready: _Ready) -> bool:
    _ = writing.log
    claimed = replace(ready.wish, last=ready.now)
    told = replace(claimed, seen=ready.now)
    return _change(writing, house, replace(ready, wish=claimed), told)


def _change(writing: Writing, house: House, ready: _Ready, after: Wish) -> bool:
    rows = housed.get(writing, ROOM, [ready.officer])
    if not rows or _read(house, rows[0]) != ready.wish:
        return False
    housed.put(writing, [_row(house, AgencyId(rows[0].owner), ready.officer, after)])
    return True


def _last(told: Wish) -> datetime | None:
    return from_millis(told.last) if told.last else None


def _named(house: House, book: Book) -> Named:
    """Return every name that must not stand in a sentence."""
    people = [each.name for card in book.cards.values() for each in card.officers]
    desks = [each.name for card in book.cards.values() for each in card.desks]
    agencies = [card.name for card in book.cards.values()]
    return Named(
        people=[_COMITY, *names(house).values(), *people],
        offices=[*desks, *agencies],
        places=country_names(),
    )


def _row(house: House, agency: AgencyId, officer: OfficerId, told: Wish) -> Housed:
    body = house.vault.lock(canonical.encode(told), f"{ROOM}/{officer}")
    # The row itself must not tell when he was nudged.
    return Housed(room=ROOM, name=officer, owner=agency, body=body)


def _read(house: House, row: Housed) -> Wish:
    return canonical.decode(house.vault.open(row.body, f"{ROOM}/{row.name}"), Wish, limit=_LIMIT)
