# SPDX-License-Identifier: Apache-2.0
"""Owed on paper: offices without a node that are to have a copy, until it was handed in.

Which office is owed what is housed, locked under the house key: it tells what an act was about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.docket import Docket
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.time import from_millis
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

ROOM: Final = "owed-on-paper"
_LIMIT: Final = 4096
_TAG: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One copy that an office is owed."""

    act: ActId
    thread: ThreadId
    office: str
    """A desk's id, as the policy names it, or ``supervisor``."""


def owe(writing: Writing, house: House, docket: Docket, offices: Sequence[str]) -> None:
    """Note that *offices* are owed a copy of the act of *docket*."""
    rows = [
        _row(house, docket.agency, Owed(act=docket.act, thread=docket.thread, office=each))
        for each in offices
    ]
    housed.put(writing, rows)


def owed(house: House, agency: AgencyId) -> tuple[tuple[Owed, datetime], ...]:
    """Return what *agency* owes on paper, with since when; the oldest first."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, agency)
    read = [(_read(house, row), from_millis(row.at)) for row in rows]
    return tuple(sorted(read, key=lambda each: (each[1], each[0].act, each[0].office)))


def hand_in(unlocked: Unlocked, house: House, act: ActId, office: str = "") -> int:
    """Note that *office*, or every office that is owed it, has its copy of *act*."""
    author_of(unlocked, read_book(house))  # only who still has his key may say so

    def work(writing: Writing) -> int:
        rows = _of_act(writing, unlocked.agency, act)
        gone = [row.name for row in rows if office in ("", _read(house, row).office)]
        return housed.discard(writing, ROOM, gone)

    count = house.store.write(work)
    if not count:
        raise Misused("nothing-owed")
    return count


def forget(writing: Writing, agency: AgencyId, act: ActId) -> None:
    """Owe nothing of *act* any more: it never left."""
    gone = [row.name for row in _of_act(writing, agency, act)]
    if gone:
        housed.discard(writing, ROOM, gone)


def _of_act(reading: Reading, agency: AgencyId, act: ActId) -> list[Housed]:
    rows = housed.of_room(reading, ROOM, agency)
    return [row for row in rows if row.name.startswith(f"{act}/")]


def _row(house: House, agency: AgencyId, owing: Owed) -> Housed:
    tag = house.vault.tag(owing.office.encode(), ROOM).hex()[:_TAG]
    name = f"{owing.act}/{tag}"
    body = house.vault.lock(canonical.encode(owing), f"{ROOM}/{name}")
    return Housed(room=ROOM, name=name, owner=agency, body=body, at=house.millis())


def _read(house: House, row: Housed) -> Owed:
    return canonical.decode(house.vault.open(row.body, f"{ROOM}/{row.name}"), Owed, limit=_LIMIT)
