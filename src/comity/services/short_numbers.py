# SPDX-License-Identifier: Apache-2.0
"""Short numbers: taken by a pair's open threads, and free again once they are answered.

A number is a housed row whose name is a keyed tag of the pair and the number: unique by the
table's key, found without opening the others', and telling nothing to who holds the database. It
is chosen before the statement is signed and written with it; whoever loses a race chooses again.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from comity.domain.ids import AgencyId, ThreadId
from comity.domain.short_number import choose, fits, parse
from comity.domain.thread import Thread
from comity.errors import Busy
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.storage import housed, threads
from comity.storage.reading import Reading, Writing

ROOM: Final = "short"
TRIES: Final = 5
_TAKEN: Final = "short-number"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A number chosen for a thread, to be written with its first act."""

    number: str
    name: str
    thread: ThreadId


def choose_short(house: House, own: AgencyCard, peer: AgencyCard, thread: ThreadId) -> Short:
    """Return a number that is free among the open threads of *own* with *peer*."""
    with house.store.read() as reading:
        taken = _Taken(reading, house, own.id, peer.id)
        number = choose((own.country, peer.country), taken, house.random)
    return Short(number=number, name=taken.name(number), thread=thread)


def once_more(act: Callable[[], T]) -> T:
    """Return what *act* returns; do it again while another takes its number in between."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except Busy as busy:
            if busy.cause != f"{Busy.code}.{_TAKEN}":
                raise
    return act()


def keep(writing: Writing, house: House, short: Short) -> None:
    """Write *short*; raise Busy if another thread took it in between."""
    body = house.vault.lock(short.number.encode(), f"{ROOM}/{short.name}")
    row = housed.Housed(
        room=ROOM, name=short.name, owner=short.thread, body=body, at=house.millis()
    )
    if housed.add_new(writing, [row]):
        return
    if not _is_free(writing, short.name):
        raise Busy(_TAKEN)
    housed.put(writing, [row])


def free(writing: Writing, thread: ThreadId) -> None:
    """Let go of the number of a thread that never left."""
    rows = housed.of_room(writing, ROOM, thread)
    if rows:
        housed.discard(writing, ROOM, [row.name for row in rows])


def find(
    reading: Reading, house: House, own: AgencyId, peer: AgencyId, text: str
) -> ThreadId | None:
    """Return the thread of ours that the number *text* names, said over the telephone."""
    rows = housed.get(reading, ROOM, [_name(house, own, peer, parse(text))])
    return ThreadId(rows[0].owner) if rows else None


class _Taken(Container[str]):
    """The numbers in use, looked up one by one."""

    def __init__(self, reading: Reading, house: House, own: AgencyId, peer: AgencyId) -> None:
        self._reading = reading
        self._house = house
        self._pair = (own, peer)
        self._names: dict[str, str] = {}

    def __contains__(self, number: object) -> bool:
        return not _is_free(self._reading, self.name(str(number)))

    def name(self, number: str) -> str:
        """Return the name of *number*'s row; what was looked up is then written by it."""
        name = self._names.get(number)
        if name is None:
            name = self._names[number] = _name(self._house, *self._pair, number)
        return name


def _is_free(reading: Reading, name: str) -> bool:
    rows = housed.get(reading, ROOM, [name])
    if not rows:
        return True
    # A thread without a row is one that is held: it has its number already.
    open_ = threads.by_ids(reading, [rows[0].owner])
    return bool(open_) and all(each.answered_at for each in open_)


def _name(house: House, own: AgencyId, peer: AgencyId, number: str) -> str:
    return house.vault.tag(f"{own}/{peer}/{number}".encode(), ROOM).hex()


def without_strange_number(thread: Thread, book: Book) -> Thread:
    """Return *thread* without a short number that its asker had no business to give."""
    asker, asked = thread.asker, [e for e in thread.asked if e in book.cards]
    if asker is None:  # its opening act was taken back
        asker, asked = recaller(thread), [each.id for each in book.own]
    card = book.cards.get(asker) if asker else None
    if card is not None:
        countries = [book.cards[each].country for each in asked]
        if any(fits(thread.short, (card.country, each)) for each in countries):
            return thread
    return replace(thread, short="")


def recaller(thread: Thread) -> AgencyId | None:
    """Return whose number a thread bears of which the opening act is gone."""
    told = (e.agency for e in thread.taken_back if e.short and e.short == thread.short)
    return next(told, None)
