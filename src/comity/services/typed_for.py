# SPDX-License-Identifier: Apache-2.0
"""Typed for: a duty officer enters what a colleague dictates; both names stand (ADR 22).

Whoever typed signs the act and answers for it. In the same write stands, housed, for whom he says
that he typed it. The colleague confirms by *taking* that act, an act of his own that stays at home
and that every reader of the desk verifies; or he says that it is not his, and that is noted. What
is not confirmed within a day is brought before the supervisor.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from comity.domain.ids import ActId, AgencyId, OfficerId, ThreadId, mint
from comity.domain.roster import DeskEntry, OfficerEntry, Role
from comity.domain.statement import Take, Why
from comity.domain.time import from_millis, to_millis
from comity.errors import Misused, NotCompetent, TooLate
from comity.services.address_book import read_book
from comity.services.compose import author_of, readers_of
from comity.services.draft import Draft
from comity.services.enrol import find_officer
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, record
from comity.services.replies import begin, compose_home
from comity.services.stop import find_act
from comity.services.words import check_texts
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

ROOM: Final = "typed-for"
WITHIN: Final = timedelta(days=1)
"""After this the supervisor sees what nobody has confirmed."""
CONFIRMED: Final = "confirmed"
DENIED: Final = "denied"
_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    thread: ThreadId
    by: OfficerId
    colleague: OfficerId
    word: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One act that somebody says he typed for a colleague."""

    act: ActId
    thread: ThreadId
    by: OfficerId
    colleague: OfficerId
    at: datetime
    word: str
    """``confirmed`` or ``denied`` by the colleague; empty while he has said nothing."""
    text: str
    """Why it is not his, in his words."""


def typed_by(unlocked: Unlocked, house: House, draft: Draft, colleague: str) -> Draft:
    """Return *draft* as typed for *colleague*, who must be able to read it.

    It is returned as it is where nobody dictates it.
    """
    if not colleague:
        return draft
    found, officer = find_officer(house, colleague)
    if found.id != unlocked.agency:
        raise Misused("officer-unknown")
    if officer.id == unlocked.entry.id:
        raise Misused("typed-for-own", field="typed_for")
    if not _reads(unlocked, draft, officer):
        raise NotCompetent("taker-not-of-desk")
    act = replace(draft.act, id=draft.act.id or ActId(mint(house.random)))
    told = _Stored(thread=act.thread, by=unlocked.entry.id, colleague=officer.id)

    def note(writing: Writing) -> None:
        housed.add(writing, [_row(house, unlocked.agency, act.id or "", told, house.millis())])

    return replace(draft, act=act, also=(*draft.also, note))


def _reads(unlocked: Unlocked, draft: Draft, officer: OfficerEntry) -> bool:
    # Who only oversees has the copy and not the thread, and could not say that it is his.
    invited = readers_of(unlocked, draft.book, draft.act)
    read = [each.entry for each in invited if each.why not in (Why.OVERSIGHT, Why.MUST_COPY)]
    desks = {each.id for each in read if isinstance(each, DeskEntry)}
    return officer.id in {each.id for each in read} or not desks.isdisjoint(officer.desks)


def confirm(unlocked: Unlocked, house: House, act: ActId) -> Done:
    """Say that *act* is what *unlocked* dictated: he takes it, and signs that."""
    typed = _his(unlocked, house, act)
    find_act(unlocked, house, act)
    begun = begin(unlocked, house, typed.thread)
    said = compose_home(unlocked, house, begun.opened, Take(to=act))
    work = _decision(unlocked, house, typed, word=CONFIRMED)
    return record(house, read_book(house), said, also=(begun.unmoved, work))


def deny(unlocked: Unlocked, house: House, act: ActId, *, text: str = "") -> None:
    """Say that *act* is not what *unlocked* dictated; it stands as that of whoever typed it."""
    check_texts(text=text)
    author_of(unlocked, read_book(house))  # only who still has his key may say so
    typed = _his(unlocked, house, act)
    house.store.write(_decision(unlocked, house, typed, word=DENIED, text=text.strip()))


def typed_of(house: House, agency: AgencyId) -> tuple[Typed, ...]:
    """Return all that was typed for somebody in *agency*, the oldest first."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, agency)
    return tuple(sorted((_read(house, row) for row in rows), key=lambda e: (e.at, e.act)))


def typed_in(house: House, agency: AgencyId, thread: ThreadId) -> dict[ActId, Typed]:
    """Return what was typed for somebody in *thread*, by its act."""
    return {each.act: each for each in typed_of(house, agency) if each.thread == thread}


def to_confirm(unlocked: Unlocked, house: House) -> tuple[Typed, ...]:
    """Return what waits for *unlocked* to say whether he dictated it."""
    found = typed_of(house, unlocked.agency)
    return tuple(e for e in found if not e.word and e.colleague == unlocked.entry.id)


def unconfirmed(unlocked: Unlocked, house: House) -> tuple[Typed, ...]:
    """Return what a supervisor is shown: what was denied, and not confirmed within a day."""
    overseen = {each.id for each in read_book(house).agency(unlocked.agency).oversight}
    if Role.SUPERVISOR not in unlocked.entry.roles and overseen.isdisjoint(unlocked.entry.desks):
        return ()
    by = house.now() - WITHIN
    found = typed_of(house, unlocked.agency)
    return tuple(e for e in found if e.word == DENIED or (not e.word and e.at <= by))


def _his(unlocked: Unlocked, house: House, act: ActId) -> Typed:
    with house.store.read() as reading:
        found = _named(reading, house, unlocked.agency, act)
    if found is None or found.colleague != unlocked.entry.id:
        raise Misused("act-unknown")
    if found.word:
        raise TooLate("typed-decided")
    return found


def _decision(
    unlocked: Unlocked, house: House, typed: Typed, *, word: str, text: str = ""
) -> Callable[[Writing], None]:
    agency = unlocked.agency
    told = _Stored(
        thread=typed.thread, by=typed.by, colleague=typed.colleague, word=word, text=text
    )

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: he may have pressed twice
        now = _named(writing, house, agency, typed.act)
        if now is None or now.word:
            raise TooLate("typed-decided")
        housed.put(writing, [_row(house, agency, typed.act, told, to_millis(typed.at))])

    return work


def _named(reading: Reading, house: House, agency: str, act: str) -> Typed | None:
    rows = [row for row in housed.get(reading, ROOM, [act]) if row.owner == agency]
    return _read(house, rows[0]) if rows else None


def _row(house: House, agency: str, act: str, told: _Stored, at: int) -> Housed:
    body = house.vault.lock(canonical.encode(told), f"{ROOM}/{act}")
    return Housed(room=ROOM, name=act, owner=agency, body=body, at=at)


def _read(house: House, row: Housed) -> Typed:
    told = canonical.decode(house.vault.open(row.body, f"{ROOM}/{row.name}"), _Stored, limit=_LIMIT)
    return Typed(
        act=ActId(row.name),
        thread=told.thread,
        by=told.by,
        colleague=told.colleague,
        at=from_millis(row.at),
        word=told.word,
        text=told.text,
    )
