# SPDX-License-Identifier: Apache-2.0
"""Find the thread that somebody means: by its id, the first letters of it, or its short number."""

from datetime import datetime
from typing import Final

from comity.domain import short_number
from comity.domain.docket import DocketStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.thread import Stage
from comity.errors import Misused
from comity.services import short_numbers
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.thread import OpenThread, open_threads, parties
from comity.services.unseal import readers_of
from comity.storage import copies, wraps

PREFIX: Final = 6
"""Characters of an id that are enough to name a thread, if no other begins so."""
AT_ONCE: Final = 100
"""Threads that are opened together when a number is looked for."""
_OPENING: Final = (DocketStage.ASKED, DocketStage.TOLD, DocketStage.COPIED)


def find_thread(unlocked: Unlocked, house: House, text: str) -> ThreadId:
    """Return the thread that *text* names; raise Misused if it names none of his, or two."""
    found = _by_id(unlocked, house, text.strip().lower()) or _by_short_number(unlocked, house, text)
    if len(found) != 1:
        raise Misused("thread-ambiguous" if found else "thread-unknown")
    return found[0]


def _readers(unlocked: Unlocked) -> list[str]:
    return sorted(readers_of(unlocked))


def _by_id(unlocked: Unlocked, house: House, text: str) -> list[ThreadId]:
    if len(text) < PREFIX:
        return []
    with house.store.read() as reading:
        return [ThreadId(e) for e in copies.threads_named(reading, _readers(unlocked), text)]


def _by_short_number(unlocked: Unlocked, house: House, text: str) -> list[ThreadId]:
    """Return the thread that bears a number, or all that might be meant.

    Whoever gives numbers keeps them apart among his open threads. But two agencies of one
    country do not know of each other's, so what they gave alike is not chosen from.
    """
    try:
        wanted = short_number.parse(text)
    except Misused:
        return []
    given, told = _given(unlocked, house, wanted), _told(unlocked, house, wanted)
    if given or len({_asker(each) for each in told}) > 1:
        return [*given, *(each.id for each in told)]
    running = [each for each in told if _runs(each)]
    if running:
        return [each.id for each in running]
    newest = max(told, key=_begun, default=None)
    return [newest.id] if newest else []


def _given(unlocked: Unlocked, house: House, number: str) -> list[ThreadId]:
    """Return the threads of his to which his own agency gave *number*."""
    own = unlocked.agency
    with house.store.read() as reading:
        named = [
            found
            for peer in read_book(house).cards
            if (found := short_numbers.find(reading, house, own, peer, number))
        ]
        return [e for e in named if copies.threads_named(reading, _readers(unlocked), e)]


def _told(unlocked: Unlocked, house: House, number: str) -> list[OpenThread]:
    """Return the threads of his to which another agency gave *number*, for his country."""
    cards, own = read_book(house).cards, unlocked.agency
    askers = [e.id for e in cards.values() if e.id != own and e.country[:1] == number[:1]]
    with house.store.read() as reading:
        ids = copies.threads_by(reading, _readers(unlocked), _OPENING, askers)
        # What was handed on to him is sealed to somebody else.
        ids += wraps.threads_by(reading, unlocked.entry.id, _OPENING, askers)
    found: list[OpenThread] = []
    wanted = [ThreadId(each) for each in dict.fromkeys(ids)]
    for at in range(0, len(wanted), AT_ONCE):
        some = wanted[at : at + AT_ONCE]
        opened = open_threads(unlocked, house, some, receipt=False)
        found += [e for e in opened if e.thread.short == number and _asker(e) != own]
    mine = cards[own].country
    return [
        each
        for each in found
        # Of what was taken back nothing says any more who was asked; it was sealed to us.
        if mine in {cards[e].country for e in parties(each.thread) or (own,)}
    ]


def _asker(opened: OpenThread) -> AgencyId | None:
    return opened.thread.asker or short_numbers.recaller(opened.thread)


def _runs(opened: OpenThread) -> bool:
    return opened.thread.answered is None and opened.thread.stage is not Stage.RECALLED


def _begun(opened: OpenThread) -> tuple[datetime, ThreadId]:
    return max(each.judged.at for each in opened.copies), opened.id
