# SPDX-License-Identifier: Apache-2.0
"""Delegation: a member of an oversight desk lets a colleague decide for it, for some days; housed.

While it runs the colleague is a reader of each act that the desk oversees, by his own name and for
the same reason: so he is shown before anything is sent, he can open what is held, and his
countersignature is one by an overseer of that act, which every reader verifies (``rulings.py``).
What was held before he was named stays with the desk. Nobody decides on his own act, delegated or
not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.domain.ids import AgencyId, OfficerId, mint
from comity.domain.time import from_millis
from comity.errors import Misused, NotCompetent
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.enrol import find_officer
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.stand import locked, opened
from comity.services.words import check_texts
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading

ROOM: Final = "delegations"
DAYS_MOST: Final = 30
AT_ONCE: Final = 50
_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    desk: str
    by: OfficerId
    to: OfficerId
    until: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One colleague's leave to decide for one oversight desk."""

    id: str
    desk: str
    by: OfficerId
    to: OfficerId
    since: datetime
    until: datetime
    remark: str

    def runs(self, at: datetime) -> bool:
        return self.since <= at < self.until


def delegate(
    unlocked: Unlocked, house: House, colleague: str, *, days: int, desk: str = "", remark: str = ""
) -> Delegation:
    """Let *colleague* decide for an oversight desk of *unlocked* for so many *days*."""
    if not 1 <= days <= DAYS_MOST:
        raise Misused("delegation-days", limit=DAYS_MOST)
    check_texts(remark=remark)
    book = read_book(house)
    author_of(unlocked, book)  # only who still has his key may say so
    card, to = find_officer(house, colleague)
    if card.id != unlocked.agency:
        raise Misused("officer-unknown")
    if to.id == unlocked.entry.id:
        raise Misused("delegation-own")
    stored = _Stored(
        desk=_oversight_desk(unlocked, house, desk),
        by=unlocked.entry.id,
        to=to.id,
        until=house.now() + timedelta(days=days),
        remark=remark.strip(),
    )
    if len(delegations(house, unlocked.agency)) >= AT_ONCE:
        raise Misused("field-many", field="to")
    id_ = mint(house.random)
    row = locked(house, ROOM, id_, stored, owner=unlocked.agency)
    house.store.write(lambda w: housed.put(w, [row]))
    return _read(house, row)


def end_delegation(unlocked: Unlocked, house: House, id_: str) -> None:
    """End a delegation now; raise NotCompetent unless it is of a desk of *unlocked*, or to him."""
    author_of(unlocked, read_book(house))
    found = [e for e in delegations(house, unlocked.agency) if id_ and e.id.startswith(id_)]
    if len(found) != 1:
        raise Misused("delegation-unknown")
    if found[0].desk not in unlocked.entry.desks and found[0].to != unlocked.entry.id:
        raise NotCompetent("not-overseer")
    house.store.write(lambda w: housed.discard(w, ROOM, [found[0].id]))


def delegations(house: House, agency: AgencyId) -> tuple[Delegation, ...]:
    """Return the delegations of *agency* that run now, those that end first in front."""
    with house.store.read() as reading:
        return _running(reading, house, agency)


def delegates_of(house: House, agency: AgencyId, desks: Collection[str]) -> tuple[str, ...]:
    """Return who decides for the oversight *desks* by delegation now."""
    found = delegations(house, agency)
    return tuple(dict.fromkeys(each.to for each in found if each.desk in desks))


def delegated_to(house: House, agency: AgencyId, officer: str) -> tuple[Delegation, ...]:
    """Return by which delegations *officer* may decide now."""
    return tuple(each for each in delegations(house, agency) if each.to == officer)


def _oversight_desk(unlocked: Unlocked, house: House, wanted: str) -> str:
    """Return the oversight desk of his that is meant: by id or name, or his only one."""
    card = read_book(house).agency(unlocked.agency)
    mine = [each for each in card.oversight if each.id in unlocked.entry.desks]
    named = [each for each in mine if wanted.strip() in ("", each.id, each.name)]
    if len(named) != 1:
        raise NotCompetent("not-overseer")
    return named[0].id


def _running(reading: Reading, house: House, agency: AgencyId) -> tuple[Delegation, ...]:
    now = house.now()
    read = [_read(house, row) for row in _rows(reading, agency)]
    return tuple(sorted((e for e in read if e.runs(now)), key=lambda each: (each.until, each.id)))


def _rows(reading: Reading, agency: AgencyId) -> Sequence[Housed]:
    return housed.of_room(reading, ROOM, agency)


def _read(house: House, row: Housed) -> Delegation:
    told = opened(house, row, _Stored, _LIMIT)
    return Delegation(
        id=row.name,
        desk=told.desk,
        by=told.by,
        to=told.to,
        since=from_millis(row.at - row.at % 1000),
        until=told.until,
        remark=told.remark,
    )
