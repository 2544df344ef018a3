# SPDX-License-Identifier: Apache-2.0
"""Threads for a list, opened once a session as long as nothing of them has changed.

A thread is made of rows: its copies and who reads them, what was wrapped for him, what was said of
them, the same acts where they stand in other threads, and the book by which all of it is judged.
While these are what they were, so is the thread. Two things are looked at besides: a copy whose
time was not witnessed yet is judged anew, and a thread of which anything failed is opened anew each
time. What the list does not show, when a delivery was witnessed, may be older than a minute ago;
whoever opens a thread to read it opens it whole (``thread.py``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.domain.ids import CopyId, ThreadId
from comity.domain.trust import Judged
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.judge import judge
from comity.services.officer import Unlocked
from comity.services.thread import OpenThread, open_threads
from comity.storage import copies, receipts, wraps
from comity.storage.copies import Copy, CopyReader
from comity.storage.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a thread was made of."""

    mark: bytes
    """Of the book."""
    keys: tuple[str, ...]
    """Under which ids, in which epochs, the officer reads; and his certificate."""
    rows: tuple[Copy, ...]
    readers: tuple[CopyReader, ...]
    wrapped: tuple[bool, ...]
    """Of which rows the officer has a wrap: a colleague may let him read what came before."""
    said: tuple[str, ...]
    """Digests of the receipts."""
    elsewhere: tuple[str, ...]
    """Copies of the same acts in other threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    made: _Made
    opened: OpenThread
    waiting: Mapping[CopyId, Judged]
    """What was judged provisionally."""


def open_for_list(
    unlocked: Unlocked, house: House, threads: Sequence[ThreadId]
) -> tuple[OpenThread, ...]:
    """Return those of *threads* that *unlocked* may see, in their order; no receipt is given."""
    kept, mark = unlocked.remembered.threads, read_book(house).mark
    with house.store.read() as reading:
        made = _made(reading, unlocked, mark, threads)
        known = {
            each: found.opened
            for each in threads
            if isinstance(found := kept.get(each), _Kept)
            and found.made == made[each]
            and _still(reading, found)
        }
    wanted = [each for each in threads if each not in known]
    for opened in open_threads(unlocked, house, wanted, receipt=False) if wanted else ():
        known[opened.id] = opened
        if not (opened.mistrusted or opened.retired or opened.more):
            waiting = {e.copy: e.judged for e in opened.copies if e.judged.provisional}
            kept.put(opened.id, _Kept(made=made[opened.id], opened=opened, waiting=waiting))
    return tuple(known[each] for each in threads if each in known)


def _made(
    reading: Reading, unlocked: Unlocked, mark: bytes, threads: Sequence[ThreadId]
) -> Mapping[ThreadId, _Made]:
    rows = copies.by_threads(reading, threads)
    place = {row.copy: row.thread for row in rows}
    by_thread: dict[str, list[Copy]] = defaultdict(list)
    readers: dict[str, list[CopyReader]] = defaultdict(list)
    said: dict[str, list[str]] = defaultdict(list)
    acts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_thread[row.thread].append(row)
        acts[row.act].add(row.thread)
    for each in copies.readers_of(reading, sorted(place)):
        readers[place[each.copy]].append(each)
    for receipt in receipts.by_copies(reading, sorted(place)):
        said[place[receipt.copy]].append(receipt.receipt)
    elsewhere = _elsewhere(reading, acts)
    has = wraps.of(reading, unlocked.entry.id, sorted({row.envelope for row in rows}))
    keys = _keys(unlocked)
    return {
        each: _Made(
            mark=mark,
            keys=keys,
            rows=tuple(by_thread[each]),
            readers=tuple(readers[each]),
            wrapped=tuple(row.envelope in has for row in by_thread[each]),
            said=tuple(said[each]),
            elsewhere=tuple(elsewhere[each]),
        )
        for each in threads
    }


def _elsewhere(reading: Reading, acts: Mapping[str, set[str]]) -> Mapping[str, list[str]]:
    """Return by thread the copies, in other threads, of acts that stand in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in copies.by_acts(reading, sorted(acts)):
        for thread in acts[row.act]:
            if row.thread != thread:
                found[thread].append(row.copy)
    return found


def _keys(unlocked: Unlocked) -> tuple[str, ...]:
    desks = sorted(f"{desk}/{len(keys)}" for desk, keys in unlocked.desks.items())
    return (unlocked.certificate, str(len(unlocked.reading)), *desks)


def _still(reading: Reading, kept: _Kept) -> bool:
    """Return whether what was judged by our clock alone is judged so still."""
    if not kept.waiting:
        return True
    rows = [row for row in kept.made.rows if row.copy in kept.waiting]
    return judge(reading, rows) == kept.waiting
