# SPDX-License-Identifier: Apache-2.0
"""Take: a member of a desk takes a thread, and all its members see who."""

from comity.domain.ids import ThreadId
from comity.domain.statement import ReaderKind, Take, Why
from comity.errors import NotCompetent, TooLate
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Begun, begin, keep, own_desks


def take(unlocked: Unlocked, house: House, thread: ThreadId, *, anyway: bool = False) -> Done:
    """Take *thread*; raise TooLate if a colleague has it, unless it is taken *anyway*."""
    begun = begin(unlocked, house, thread)
    _check_his(unlocked, house, begun)
    holder = begun.opened.thread.holder_in(unlocked.agency)
    if holder is not None and holder.id == unlocked.entry.id:
        raise TooLate("taken-already")
    if not (holder is None or holder.id in unlocked.entry.desks or anyway):
        raise TooLate("taken")
    return keep(unlocked, house, begun, Take(to=begun.opening.id))


def _check_his(unlocked: Unlocked, house: House, begun: Begun) -> None:
    """Raise NotCompetent for who only oversees: he sees the thread, and does not work on it."""
    overseers = {each.id for each in read_book(house).agency(unlocked.agency).oversight}
    desks = set(own_desks(begun.opened, unlocked.agency)) - overseers
    named = any(
        each.id == unlocked.entry.id and each.why is not Why.OVERSIGHT
        for copy in begun.opened.copies
        for each in copy.statement.readers
        if each.kind is ReaderKind.OFFICER
    )
    if not named and desks.isdisjoint(unlocked.entry.desks):
        raise NotCompetent("not-his-thread")
