# SPDX-License-Identifier: Apache-2.0
"""Retention: what expired, and what an agency has kept long enough, is removed by the clock.

Done by the node with nobody signed in, a few at a time, each removal a leaf. What a person kept on
a ground stays; the ground holds for his agency alone.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from comity.domain import time
from comity.domain.ids import AgencyId
from comity.domain.removal import Why
from comity.domain.retention import ENDED, RetentionRule, days_by_stage, kinds_named
from comity.domain.time import to_millis
from comity.services import recall_rules, thread_kinds
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.removal import remove
from comity.storage import copies, meta, threads
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading, Writing
from comity.storage.threads import Thread

AT_ONCE: Final = 500
"""Copies, or threads, in one look: the next look takes the next."""


EVERY_MILLIS: Final = 86_400_000
"""How often the threads of kinds that go earlier are looked for."""
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
            looked = not rows and bool(kinds_named(rules)) and _is_due(reading, house, agency)
        if looked:
            house.store.write(partial(_look_again_tomorrow, agency=agency, now=house.millis()))
        count += _remove(house, rows, Why.RETENTION)
    return count


def _retained(reading: Reading, house: House, agency: AgencyId) -> Sequence[Copy]:
    """Return the first copies that *agency* has kept long enough, threads longest quiet first."""
    rules = recall_rules.rules_of(reading, house, agency).retention
    for stage, days in days_by_stage(rules).items():
        for page in _quiet(reading, agency, stage, _before(house, days)):
            if rows := _bytes_of(reading, house, agency, [each.thread for each in page]):
                return rows[:AT_ONCE]
    return _retained_by_kind(reading, house, agency, rules)


def _retained_by_kind(
    reading: Reading, house: House, agency: AgencyId, rules: Sequence[RetentionRule]
) -> Sequence[Copy]:
    """Return the first copies of threads whose kind is to go earlier than the others.

    All quiet threads are looked through, so a look that found nothing does for a day.
    """
    named = kinds_named(rules)
    if not named or not _is_due(reading, house, agency):
        return ()
    by_kind = {kind: days_by_stage(rules, kind) for kind in sorted(named)}
    for stage in ENDED:
        days = {kind: told[stage] for kind, told in by_kind.items() if stage in told}
        if not days:
            continue
        before = {kind: _before(house, each) for kind, each in days.items()}
        for page in _quiet(reading, agency, stage, max(before.values())):
            ids = [each.thread for each in page]
            kinds = thread_kinds.of(reading, house, agency, ids)
            due = [e.thread for e in page if e.last_at <= before.get(kinds.get(e.thread, ""), -1)]
            if rows := _bytes_of(reading, house, agency, due):
                return rows
    return ()


def _before(house: House, days: int) -> int:
    return to_millis(house.now() - timedelta(days=days))


def _bytes_of(reading: Reading, house: House, agency: AgencyId, ids: Sequence[str]) -> list[Copy]:
    """Return the copies of the threads *ids* that *agency* may remove."""
    mine = [
        row
        for row in copies.by_threads(reading, ids)
        if row.state not in _STAY and _is_of(row, agency, house)
    ]
    return _not_kept(reading, house, mine)


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


def _looked(agency: str) -> str:
    return f"{recall_rules.LOOKED}/{agency}"


def _is_due(reading: Reading, house: House, agency: str) -> bool:
    last = meta.get(reading, [_looked(agency)]).get(_looked(agency), b"0")
    return house.millis() - int(last) >= EVERY_MILLIS


def _look_again_tomorrow(writing: Writing, *, agency: str, now: int) -> None:
    meta.put(writing, [meta.Meta(name=_looked(agency), value=str(now).encode())])


def _remove(house: House, rows: Sequence[Copy], why: Why) -> int:
    if not rows:
        return 0
    ids = [row.copy for row in rows]

    def work(writing: Writing) -> int:
        _ = writing.log
        # Somebody may have recorded a ground, or removed it, since it was read.
        again = _not_kept(writing, house, copies.by_ids(writing, ids))
        gone = remove(writing, house, again, why)
        left = {
            row.thread
            for row in copies.by_threads(writing, sorted({each.thread for each in again}))
            if row.state not in _STAY
        }
        thread_kinds.forget(writing, [each for each in again if each.thread not in left])
        return len(gone)

    return house.store.write(work)
