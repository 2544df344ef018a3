# SPDX-License-Identifier: Apache-2.0
"""Stop: the author takes back an act that has not left yet. It is logged; the peer sees nothing.

Oversight desks of the own state that have their copy already keep it: an act that was stopped is
theirs to see too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.domain.docket import DocketStage
from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Opener, Stop
from comity.domain.thread import Act, Effect
from comity.domain.time import from_millis
from comity.errors import Misused, NotCompetent, TooLate
from comity.services import owed, short_numbers
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import HELD, Done, record
from comity.services.replies import compose_home
from comity.services.thread import OpenThread, open_thread
from comity.storage import copies, housed, outbox
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Writing


def stop(unlocked: Unlocked, house: House, act: ActId) -> Done:
    """Stop *act*; raise TooLate if a copy of it may have left, and then stop nothing."""
    opened, target = find_act(unlocked, house, act)
    if (target.agency, target.officer) != (unlocked.agency, unlocked.entry.id):
        raise NotCompetent("not-author")
    with house.store.read() as reading:
        leaving = [row for row in rows_of(copies.by_acts(reading, [act]), target) if _asks(row)]
    if not leaving:
        raise Misused("act-stays")
    said = compose_home(unlocked, house, opened, Stop(to=act))

    def work(writing: Writing) -> None:
        rows = rows_of(copies.by_acts(writing, [act]), target)
        if not withdraw(writing, rows):
            raise TooLate("left-already")
        undo(writing, target)

    return record(house, read_book(house), said, also=(work,))


def leaves_at(house: House, act: ActId) -> int:
    """Return when the first copy of *act* may leave, in milliseconds; 0 if one may have left."""
    with house.store.read() as reading:
        own = read_book(house).own_ids
        asking = [r.copy for r in copies.by_acts(reading, [act]) if r.agency in own and _asks(r)]
        waiting = outbox.leaving(reading, asking)
    return min(waiting.values()) if waiting.keys() == set(asking) and waiting else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An act of his that he may still stop."""

    act: ActId
    at: datetime | None
    """When it leaves; None while it waits for a countersignature."""


def leaving(unlocked: Unlocked, house: House, opened: OpenThread) -> tuple[Leaving, ...]:
    """Return what *unlocked* may still stop in *opened*, the newest first."""
    mine = (unlocked.agency, unlocked.entry.id)
    acts = [
        each
        for each in opened.thread.acts
        if (each.agency, each.officer) == mine and each.effect in (Effect.APPLIED, Effect.HELD)
    ]
    if not acts:
        return ()
    with house.store.read() as reading:
        rows = copies.by_acts(reading, [each.id for each in acts])
        asking = {
            act.id: [row for row in rows_of(rows, act) if row.act == act.id and _asks(row)]
            for act in acts
        }
        queued = [row.copy for each in asking.values() for row in each]
        times = outbox.leaving(reading, queued)
    return tuple(
        found
        for act in reversed(acts)
        if (found := _leaving(act, asking[act.id], times, house.millis()))
    )


def _leaving(act: Act, rows: Sequence[Copy], times: Mapping[str, int], now: int) -> Leaving | None:
    if rows and all(row.state == CopyState.HELD for row in rows):
        return Leaving(act=act.id, at=None)
    at = [times.get(row.copy, 0) for row in rows]
    if not at or min(at) <= now:
        return None
    return Leaving(act=act.id, at=from_millis(min(at)))


def find_act(unlocked: Unlocked, house: House, act: ActId) -> tuple[OpenThread, Act]:
    """Return *act* of one of this node's agencies, and its thread, as *unlocked* sees them.

    Anybody abroad may have used the same id for something of his own: that is not looked at.
    """
    book = read_book(house)
    with house.store.read() as reading:
        rows = [row for row in copies.by_acts(reading, [act]) if book.is_own(row.agency)]
    for thread in dict.fromkeys(ThreadId(row.thread) for row in rows):
        opened = open_thread(unlocked, house, thread)
        for each in opened.thread.acts:
            if each.id == act and book.is_own(each.agency):
                return opened, each
    raise Misused("act-unknown")


def withdraw(writing: Writing, rows: Sequence[Copy]) -> bool:
    """Take back the copies *rows* of one act, unless one that addresses somebody may have left."""
    asking = [row.copy for row in rows if _asks(row)]
    held = [row.copy for row in rows if row.state == CopyState.HELD]
    queued = [row.copy for row in rows if row.state == CopyState.QUEUED]
    # All is looked at before anything is taken back: else some would be neither sent nor stopped.
    here = outbox.unbegun(writing, queued)
    if not set(asking) <= {*held, *here}:
        return False
    gone = sorted(here)
    outbox.withdraw(writing, gone)
    copies.set_state(writing, [*held, *gone], CopyState.STOPPED)
    housed.discard(writing, HELD, held)
    return True


def undo(writing: Writing, target: Act) -> None:
    """Let go of what *target*, which never left, had taken: its number, and what it owed."""
    owed.forget(writing, target.agency, target.id)
    if isinstance(target.body, Opener):
        short_numbers.free(writing, target.statement.thread)


def rows_of(rows: Sequence[Copy], target: Act) -> list[Copy]:
    """Return those of *rows* that are copies of *target* and of nobody else's act."""
    return [
        row for row in rows if (row.agency, row.thread) == (target.agency, target.statement.thread)
    ]


def _asks(row: Copy) -> bool:
    """Return whether a copy goes to the other side: neither home nor to who looks on."""
    return row.agency != row.to and row.stage != DocketStage.COPIED
