# SPDX-License-Identifier: Apache-2.0
"""Escalate: what nobody moves is brought before the next person, and each time noted once.

The node does it by its own rows, while everybody is signed out; it opens nothing and sends nothing.
Before whom it is brought is worked out when it is shown, by who sits where then: a leaver is not
reminded. Several processes note the same thing once, since its name is the row's key.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.domain.clocks import ALLOWANCES
from comity.domain.docket import ClockClass, DocketStage, ReceiptStage
from comity.domain.ids import AgencyId, OfficerId, ThreadId
from comity.domain.pressing import Limit
from comity.domain.reminders import FORGOTTEN, Raised, Rung, Watched, raised, stands
from comity.domain.roster import OfficerEntry
from comity.domain.statement import ReaderKind
from comity.domain.time import from_millis, to_millis
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.stand_ins import alternates_of, heads_of
from comity.services.unseal import readers_of
from comity.storage import copies, receipts, silences, threads
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading, Writing
from comity.storage.silences import Reminder
from comity.storage.threads import Thread

AHEAD: Final = timedelta(days=7)
"""No limit passes earlier than this before the answer is due."""
HALF: Final = ALLOWANCES[ClockClass.URGENT].answer / 2
"""Before the answer is due: nothing but the acknowledgement presses earlier."""
_RUNGS: Final = tuple(Rung)
_HIGHEST: Final = frozenset(
    Raised(limit=Limit.ANSWER, rung=each).code for each in (Rung.ASKER, Rung.SUPERVISOR)
)
"""After one of these nothing of a thread rises any more."""
_LEFT: Final = frozenset({CopyState.HELD, CopyState.STOPPED, CopyState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One thread that is brought before somebody."""

    thread: ThreadId
    peer: AgencyId
    """The other side."""
    desk: str
    """The id of the desk of ours that has it; empty where an officer has."""
    clock: ClockClass
    limit: Limit
    rung: Rung
    due: datetime
    """What passed, or for half of a clock when the answer is due."""
    since: datetime
    """When it was noted."""


def climb(house: House) -> tuple[Reminder, ...]:
    """Note what passed since it was last looked at; return what is new."""
    now, own = house.now(), read_book(house).own_ids
    with house.store.read() as reading:
        open_ = _open(reading, own, now)
        known = _known(reading, open_)
        pressing = [row for row in open_ if _may_rise(row, known[row.thread, row.own], now)]
        watched = _watch(reading, pressing)
        made = [
            Reminder(thread=row.thread, own=row.own, what=each.code, at=house.millis())
            for row, thread in watched
            for each in raised(thread, now)
            if each.code not in known[row.thread, row.own]
        ]
    if not made:
        return ()
    return house.store.write(lambda w: _note(w, made))


def brought(unlocked: Unlocked, house: House) -> tuple[Brought, ...]:
    """Return what is brought before *unlocked* now, one line a thread, the longest first."""
    return _brought(house, unlocked.agency, unlocked.entry.id, readers_of(unlocked))


def brought_to(house: House, officer: OfficerEntry) -> tuple[Brought, ...]:
    """Return what is brought before *officer*, who need not be signed in, by his desks of today."""
    return _brought(house, officer.agency, officer.id, frozenset((officer.id, *officer.desks)))


def _brought(
    house: House, agency: AgencyId, officer: OfficerId, ids: frozenset[str]
) -> tuple[Brought, ...]:
    card, now = read_book(house).agency(agency), house.now()
    with house.store.read() as reading:
        rows = _open(reading, {agency}, now)
        told = defaultdict[str, list[Reminder]](list)
        for each in silences.reminders(reading, sorted({row.thread for row in rows})):
            if each.own == agency:
                told[each.thread].append(each)
        rows = [row for row in rows if row.thread in told]
        desks = _desks(reading, rows)
        mine = _Seats(reading, house, card, officer, ids)
        found = [
            _line(row, reminder, desks[row.thread])
            for row, thread in _watch(reading, rows)
            if (reminder := _last(told[row.thread], thread, mine, desks[row.thread]))
        ]
    return tuple(sorted(found, key=lambda each: (each.since, each.thread)))


def raised_of(house: House, agency: AgencyId, thread: ThreadId) -> tuple[tuple[str, datetime], ...]:
    """Return the code of everything that was noted of *thread* for *agency*, with when."""
    with house.store.read() as reading:
        rows = silences.reminders(reading, [thread])
    return tuple((row.what, from_millis(row.at)) for row in rows if row.own == agency)


def _open(reading: Reading, own: Collection[str], now: datetime) -> list[Thread]:
    rows = silences.pressing(
        reading,
        to_millis(now),
        after=to_millis(now - FORGOTTEN),
        until=to_millis(now + AHEAD),
        soon=to_millis(now + HALF),
    )
    return [row for row in rows if row.own in own]


def _known(reading: Reading, rows: Sequence[Thread]) -> Mapping[tuple[str, str], set[str]]:
    found = defaultdict[tuple[str, str], set[str]](set)
    for each in silences.reminders(reading, sorted({row.thread for row in rows})):
        found[each.thread, each.own].add(each.what)
    return found


def _may_rise(row: Thread, known: Collection[str], now: datetime) -> bool:
    """Return whether anything of *row* may be new, on whichever side it stands."""
    if not _HIGHEST.isdisjoint(known):
        return False
    told = {Raised.read(each).rung is Rung.ASKER for each in known}
    sides = told or {True, False}
    return any(
        each.code not in known
        for asks in sides
        for each in raised(_watched(row, asks=asks, opened=False), now)
    )


def _watch(reading: Reading, rows: Sequence[Thread]) -> list[tuple[Thread, Watched]]:
    """Return *rows* with what is to be known of each beside its clock."""
    openings = _openings(reading, rows)
    left = [each.copy for each in openings.values() if each.agency != each.to]
    seen = {
        each.copy for each in receipts.by_copies(reading, left) if each.stage == ReceiptStage.OPENED
    }
    return [
        (row, _watched(row, asks=opening.agency == row.own, opened=opening.copy in seen))
        for row in rows
        if (opening := openings.get(row.thread))
    ]


def _openings(reading: Reading, rows: Iterable[Thread]) -> Mapping[str, Copy]:
    """Return by thread the copy that asks, as it went to the other side."""
    found: dict[str, Copy] = {}
    for each in copies.by_threads(reading, sorted({row.thread for row in rows})):
        if each.stage == DocketStage.ASKED and each.agency != each.to and each.state not in _LEFT:
            found.setdefault(each.thread, each)
    return found


def _watched(row: Thread, *, asks: bool, opened: bool) -> Watched:
    return Watched(
        asks=asks,
        clock=ClockClass(row.clock),
        due_acknowledge=from_millis(row.due_ack),
        due_answer=from_millis(row.due_answer),
        opened=opened,
        acknowledged=row.acknowledged_at > 0,
        answered=row.answered_at > 0,
    )


def _note(writing: Writing, made: Sequence[Reminder]) -> tuple[Reminder, ...]:
    """Write those of *made* that still stand and that nobody noted meanwhile."""
    _ = writing.log  # its lock: another process may look at the same moment
    ids = sorted({each.thread for each in made})
    rows = threads.by_ids(writing, ids)
    now = {(row.thread, row.own): watched for row, watched in _watch(writing, rows)}
    known = {(each.thread, each.own, each.what) for each in silences.reminders(writing, ids)}
    fresh = tuple(
        each
        for each in made
        if (each.thread, each.own, each.what) not in known
        and (watched := now.get((each.thread, each.own)))
        and stands(Raised.read(each.what), watched)
    )
    silences.remind(writing, fresh)
    return fresh


def _desks(reading: Reading, rows: Sequence[Thread]) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Return by thread who of ours reads its question: ids, with what they are."""
    own = {row.thread: row.own for row in rows}
    asked = {
        each.copy: each.thread
        for each in copies.by_threads(reading, sorted(own))
        if each.stage == DocketStage.ASKED and own[each.thread] in (each.to, each.agency)
    }
    found = defaultdict[str, set[tuple[str, str]]](set)
    for each in copies.readers_of(reading, sorted(asked)):
        found[asked[each.copy]].add((each.reader, each.kind))
    return defaultdict(frozenset, {thread: frozenset(ids) for thread, ids in found.items()})


class _Seats:
    """Before whom a rung brings a thread: whether that is this officer."""

    def __init__(
        self,
        reading: Reading,
        house: House,
        card: AgencyCard,
        officer: OfficerId,
        ids: frozenset[str],
    ) -> None:
        self._reading = reading
        self._house = house
        self._card = card
        self._mine = ids
        self._id = officer

    def has(self, rung: Rung, readers: Iterable[tuple[str, str]]) -> bool:
        if rung in (Rung.ASKER, Rung.DESK):
            return any(id_ in self._mine for id_, _ in readers)
        choose = alternates_of if rung is Rung.ALTERNATES else heads_of
        return any(
            self._id in choose(self._reading, self._house, self._card, id_)
            for id_, kind in readers
            if kind == ReaderKind.DESK
        )


def _last(
    told: Sequence[Reminder],
    thread: Watched,
    mine: _Seats,
    readers: Iterable[tuple[str, str]],
) -> Reminder | None:
    """Return the last of what was *told* that stands and is for this officer."""
    for each in sorted(told, key=_height, reverse=True):
        one = Raised.read(each.what)
        if stands(one, thread) and mine.has(one.rung, readers):
            return each
    return None


def _height(told: Reminder) -> tuple[int, int, str]:
    """Return what sorts reminders: a node that was away notes several at one moment."""
    one = Raised.read(told.what)
    return (told.at, _RUNGS.index(one.rung), told.what)


def _line(row: Thread, reminder: Reminder, readers: Iterable[tuple[str, str]]) -> Brought:
    one = Raised.read(reminder.what)
    desks = sorted(id_ for id_, kind in readers if kind == ReaderKind.DESK)
    due = row.due_ack if one.limit is Limit.ACKNOWLEDGE else row.due_answer
    return Brought(
        thread=ThreadId(row.thread),
        peer=AgencyId(row.peer),
        desk=desks[0] if desks else "",
        clock=ClockClass(row.clock),
        limit=one.limit,
        rung=one.rung,
        due=from_millis(due),
        since=from_millis(reminder.at),
    )
