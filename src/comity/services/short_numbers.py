# SPDX-License-Identifier: Apache-2.0
"""Short numbers: taken by a pair's open threads, and free again once they are answered.

A number is a housed row whose name is a keyed tag of the pair and the number: unique by the
table's key, found without opening the others', and telling nothing to who holds the database.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from comity.domain.ids import AgencyId, ThreadId
from comity.domain.short_number import choose, parse
from comity.services.address_book import AgencyCard
from comity.services.house import House
from comity.storage import housed, threads
from comity.storage.reading import Reading, Writing

ROOM: Final = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A number chosen for a thread, to be written with its first act."""

    number: str
    name: str
    thread: ThreadId
    again: bool
    """Whether an answered thread had it before."""


def choose_short(house: House, own: AgencyCard, peer: AgencyCard, thread: ThreadId) -> Short:
    """Return a number that is free among the open threads of *own* with *peer*."""
    with house.store.read() as reading:
        taken = _Taken(reading, house, own.id, peer.id)
        number = choose((own.country, peer.country), taken, house.random)
    name = _name(house, own.id, peer.id, number)
    return Short(number=number, name=name, thread=thread, again=name in taken.freed)


def keep(writing: Writing, house: House, short: Short) -> None:
    """Write *short*; raise Refused if another process took it in between."""
    if short.again and _is_free(writing, short.name):
        housed.discard(writing, ROOM, [short.name])
    body = house.vault.lock(short.number.encode(), f"{ROOM}/{short.name}")
    row = housed.Housed(
        room=ROOM, name=short.name, owner=short.thread, body=body, at=house.millis()
    )
    housed.add(writing, [row])


def find(
    reading: Reading, house: House, own: AgencyId, peer: AgencyId, text: str
) -> ThreadId | None:
    """Return the thread of ours that the number *text* names, said over the telephone."""
    rows = housed.get(reading, ROOM, [_name(house, own, peer, parse(text))])
    return ThreadId(rows[0].owner) if rows else None


class _Taken(AbstractSet[str]):
    """The numbers in use, looked up one by one."""

    def __init__(self, reading: Reading, house: House, own: AgencyId, peer: AgencyId) -> None:
        self._reading = reading
        self._house = house
        self._pair = (own, peer)
        self.freed: set[str] = set()
        """Names of rows that answered threads left behind."""

    def __contains__(self, number: object) -> bool:
        name = _name(self._house, *self._pair, str(number))
        if not housed.get(self._reading, ROOM, [name]):
            return False
        if _is_free(self._reading, name):
            self.freed.add(name)
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("they are only ever looked up")

    def __len__(self) -> int:
        raise NotImplementedError("they are only ever looked up")


def _is_free(reading: Reading, name: str) -> bool:
    rows = housed.get(reading, ROOM, [name])
    if not rows:
        return True
    open_ = threads.by_ids(reading, [rows[0].owner])
    return bool(open_) and all(each.answered_at for each in open_)


def _name(house: House, own: AgencyId, peer: AgencyId, number: str) -> str:
    return house.vault.tag(f"{own}/{peer}/{number}".encode(), ROOM).hex()
