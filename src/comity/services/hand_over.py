# SPDX-License-Identifier: Apache-2.0
"""Hand over: who has a thread gives it to a colleague of the desk, or back to the desk.

The taker must be a member of a desk that reads what opened the thread: only a member can read what
came before him. Threads that are an officer's own go on by another act (``hand_on.py``).
"""

from comity.domain.ids import ThreadId
from comity.domain.policy import barred
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import HandOver
from comity.domain.verdict import Barred
from comity.errors import Excluded, Misused, NotCompetent
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.enrol import find_officer
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.release import Done
from comity.services.replies import Begun, begin, invited_home, keep, own_desks
from comity.services.who_will_see import Shown, show_invited
from comity.services.words import check_texts


def hand_over(
    unlocked: Unlocked, house: House, thread: ThreadId, taker: str, *, remark: str = ""
) -> Done:
    """Hand *thread* to *taker*, an officer or a desk of this agency by id, name or label."""
    check_texts(remark=remark)
    begun, found = _meant(unlocked, house, thread, taker)
    body = HandOver(to=begun.opening.id, taker=found.id, remark=remark)
    return keep(unlocked, house, begun, body)


def preview(unlocked: Unlocked, house: House, thread: ThreadId, taker: str) -> Shown:
    """Return who would read that *thread* is handed to *taker*."""
    begun, _ = _meant(unlocked, house, thread, taker)
    invited = invited_home(unlocked, house, begun.opened)
    return show_invited(unlocked, house, read_book(house), invited)


def _meant(
    unlocked: Unlocked, house: House, thread: ThreadId, taker: str
) -> tuple[Begun, DeskEntry | OfficerEntry]:
    begun = begin(unlocked, house, thread)
    _check_holder(begun, unlocked)
    card = read_book(house).agency(unlocked.agency)
    found = _named(house, card, taker)
    _check_taker(house, card, begun, found)
    return begun, found


def _check_holder(begun: Begun, unlocked: Unlocked) -> None:
    """Raise NotCompetent unless *unlocked* has the thread: took it, was given it, or opened it."""
    holder = begun.opened.thread.holder_in(unlocked.agency)
    if holder is not None:
        has = holder.id in (unlocked.entry.id, *unlocked.entry.desks)
    else:
        opener = (begun.opening.agency, begun.opening.officer)
        has = opener == (unlocked.agency, unlocked.entry.id)
    if not has:
        raise NotCompetent("not-the-holder")


def _named(house: House, card: AgencyCard, text: str) -> DeskEntry | OfficerEntry:
    """Return the desk or officer of this agency that *text* means: an id, a name or a label."""
    wanted = text.strip().casefold()
    desks = [each for each in card.desks if wanted in (each.id, each.name.casefold())]
    if len(desks) == 1:
        return desks[0]
    found, officer = find_officer(house, text)
    if found.id != card.id:
        raise Misused("officer-unknown")
    return officer


def _check_taker(
    house: House, card: AgencyCard, begun: Begun, taker: DeskEntry | OfficerEntry
) -> None:
    reads = taker.desks if isinstance(taker, OfficerEntry) else (taker.id,)
    if set(reads).isdisjoint(own_desks(begun.opened, card.id, begun.opening.id)):
        raise NotCompetent("taker-not-of-desk")
    members = card.members(taker.id) if isinstance(taker, DeskEntry) else ()
    exclusions = read_policy(house, card.id).exclusions
    verdict = barred(exclusions, begun.id, reader=taker.id, agency=card.id, members=members)
    if isinstance(verdict, Barred):
        raise Excluded
