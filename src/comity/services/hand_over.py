# SPDX-License-Identifier: Apache-2.0
"""Hand over: who has a thread gives it to a colleague of the desk, or back to the desk.

The taker must be a member of a desk that reads the thread: only a member can read what came before
him. Whoever else needs it gets it re-sealed, which is another act.
"""

from comity.domain.ids import ThreadId
from comity.domain.roster import OfficerEntry
from comity.domain.statement import HandOver
from comity.errors import Misused, NotCompetent
from comity.services.address_book import AgencyCard, read_book
from comity.services.ask import check_texts
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, keep, own_readers
from comity.services.thread import OpenThread


def hand_over(
    unlocked: Unlocked, house: House, thread: ThreadId, taker: str, *, remark: str = ""
) -> Done:
    """Hand *thread* to *taker*, an officer or a desk of this agency by id, name or label."""
    check_texts(remark=remark)
    opened = begin(unlocked, house, thread)
    assert opened.thread.opening is not None
    _check_holder(opened, unlocked)
    id_ = _taker(read_book(house).agency(unlocked.agency), opened, taker)
    body = HandOver(to=opened.thread.opening.id, taker=id_, remark=remark)
    return keep(unlocked, house, opened, body, Manner())


def _check_holder(opened: OpenThread, unlocked: Unlocked) -> None:
    """Raise NotCompetent unless *unlocked* has the thread: took it, was given it, or opened it."""
    holder = opened.thread.holder_in(unlocked.agency)
    opening = opened.thread.opening
    if holder is not None:
        has = holder.id in (unlocked.entry.id, *unlocked.entry.desks)
    else:
        has = opening is not None and (opening.agency, opening.officer) == (
            unlocked.agency,
            unlocked.entry.id,
        )
    if not has:
        raise NotCompetent("not-the-holder")


def _taker(card: AgencyCard, opened: OpenThread, text: str) -> str:
    wanted = text.strip().casefold()
    desks = own_readers(opened, card.id)
    for each in card.readers.values():
        told = (each.id, each.name.casefold(), getattr(each, "label", "").casefold())
        if wanted in told:
            reads = each.desks if isinstance(each, OfficerEntry) else (each.id,)
            if not set(reads) & set(desks):
                raise NotCompetent("taker-not-of-desk")
            return each.id
    raise Misused("reader-unknown")
