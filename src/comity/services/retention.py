# SPDX-License-Identifier: Apache-2.0
"""Retention: what expired, and what an agency has kept long enough, is removed by the clock.

Done by the node with nobody signed in, a few at a time, each removal a leaf. What a person kept on
a ground stays; the ground holds for his agency alone.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from comity.domain import time
from comity.domain.ids import AgencyId
from comity.domain.removal import Why
from comity.domain.retention import days_by_stage
from comity.domain.time import to_millis
from comity.services import recall_rules
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.removal import remove
from comity.storage import copies, threads
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading, Writing
from comity.storage.threads import Thread

AT_ONCE: Final = 500
"""Copies, or threads, in one look: the next look takes the next."""


_STAY: Final = (CopyState.REMOVED, CopyState.HELD, CopyState.QUEUED, CopyState.SENT)
"""What is gone already, or has not arrived yet."""


def remove_due(house: House) -> int:
    """Remove what is due now; return how many copies that were."""
    return _remove_expired(house) + _remove_retained(house)


def _remove_expired(house: House) -> int:
    now = time.written(house.now())
    with house.store.read() as reading:
        rows = _expired(reading, house, now)
    return _remove(house, rows, Why.EXPIRED)


def _expired(reading: Reading, house: House, now: str) -> Sequence[Copy]:
    """Return what expired first and is not kept: what is kept holds up nothing behind it."""
    page = copies.expired(reading, now, limit=AT_ONCE)
    while page and not (rows := _not_kept(reading, house, page)):
        page = copies.expired(reading, now, after=page[-1], limit=AT_ONCE)
    return rows if page else ()


def _remove_retained(house: House) -> int:
    count = 0
    for agency in sorted(read_book(house).own_ids):
        with house.store.read() as reading:
            rules = recall_rules.rules_of(reading, house, agency).retention
            rows = _retained(reading, house, agency) if rules else ()
        count += _remove(house, rows, Why.RETENTION)
    return count


def _retained(reading: Reading, house: House, agency: AgencyId) -> Sequence[Copy]:
    """Return the first copies that *agency* has kept long enough, threads longest quiet first."""
    rules = recall_rules.rules_of(reading, house, agency).retention
    for stage, days in days_by_stage(rules).items():
        before = to_millis(house.now() - timedelta(days=days))
        for page in _quiet(reading, agency, stage, before):
            mine = [
                row
                for row in copies.by_threads(reading, [each.thread for each in page])
                if row.state not in _STAY and _is_of(row, agency, house)
            ]
            if rows := _not_kept(reading, house, mine):
                return rows[:AT_ONCE]
    return ()


def _quiet(
    reading: Reading, agency: AgencyId, stage: str, before: int
) -> Iterator[Sequence[Thread]]:
    """Yield the threads of which something is left, a page at a time: some are kept."""
    gone, last = [each.value for each in _STAY], None
    while page := threads.quiet_since(
        reading, agency, stage, before, gone=gone, after=last, limit=AT_ONCE
    ):
        yield page
        last = page[-1]


def _is_of(row: Copy, agency: AgencyId, house: House) -> bool:
    """Return whether the bytes of *row* are kept here for *agency*."""
    return row.to == agency or (row.agency == agency and row.node != house.keys.node)


def _not_kept(reading: Reading, house: House, rows: Sequence[Copy]) -> list[Copy]:
    """Return those of *rows* that no ground keeps in the agency whose bytes they are."""
    own = read_book(house).own_ids
    return [
        row
        for row in rows
        if not recall_rules.ground_of(
            reading, house, row.to if AgencyId(row.to) in own else row.agency, row.thread
        )
    ]


def _remove(house: House, rows: Sequence[Copy], why: Why) -> int:
    if not rows:
        return 0
    ids = [row.copy for row in rows]

    def work(writing: Writing) -> int:
        _ = writing.log
        # Somebody may have recorded a ground, or removed it, since it was read.
        again = _not_kept(writing, house, copies.by_ids(writing, ids))
        return len(remove(writing, house, again, why))

    return house.store.write(work)
