# SPDX-License-Identifier: Apache-2.0
"""Successor: who goes on with the personal threads of an officer that leaves.

The agency says so in its roster. From then on peers address to the successor what they would have
addressed to him, and at home he is a reader of what comes. What lies sealed to the leaver alone he
reads only if it was handed on to him (``hand_on.py``).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from comity.domain.ids import AgencyId, CertificateHash, OfficerId
from comity.domain.policy import Exclusion, barred
from comity.domain.readers import Invited
from comity.domain.roster import OfficerEntry, SuccessorEntry
from comity.domain.statement import ReaderKind, Why
from comity.domain.successor import successor_of
from comity.domain.verdict import Barred
from comity.errors import Misused
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.enrol import find_officer, officer_of
from comity.services.house import House
from comity.services.oversight import read_policy
from comity.services.rosters import Change, amend
from comity.services.rules import invite
from comity.services.thread import OpenThread

VALIDITY: Final = timedelta(days=3650)


def name_successor(
    house: House, agency: AgencyId, officer: OfficerId, successor: OfficerId
) -> SuccessorEntry:
    """Record that *successor*, of the same agency, goes on with what *officer* had in person."""
    made: list[SuccessorEntry] = []

    def decide(card: AgencyCard) -> Change:
        if officer not in _ever(card):
            raise Misused("officer-unknown")
        officer_of(card, successor)
        if officer == successor or successor_of(card.history.values(), successor) == officer:
            raise Misused("successor-circle")
        entry = _entry(house, card, officer, successor)
        made[:] = [entry]
        return Change(add=[entry], end=_standing(card, officer))

    amend(house, agency, decide)
    return made[0]


def follower(card: AgencyCard, officer: str) -> OfficerEntry | None:
    """Return who of *card*'s agency goes on for *officer*, who is there no more; None if nobody."""
    if officer in card.readers:
        return None
    found = successor_of(card.history.values(), OfficerId(officer))
    entry = card.readers.get(found or "")
    return entry if isinstance(entry, OfficerEntry) else None


def followers(house: House, opened: OpenThread, agency: AgencyId) -> tuple[Invited, ...]:
    """Return who of *agency*, ours, follows somebody who read or wrote in the thread and left."""
    book = read_book(house)
    card = book.agency(agency)
    exclusions = read_policy(house, agency).exclusions
    found = {
        entry.id: entry for each in _read_by(opened, agency) if (entry := follower(card, each))
    }
    return tuple(
        invite(card, entry, Why.SUCCESSOR)
        for entry in found.values()
        if not _is_barred(exclusions, opened, entry)
    )


def find_leaver(house: House, text: str) -> tuple[AgencyCard, OfficerId]:
    """Return the officer whom *text* means, who may have left: then by his id or his label."""
    try:
        card, entry = find_officer(house, text)
    except Misused:
        found = list(_left(read_book(house), text))
        if len(found) != 1:
            raise
        return found[0]
    return card, entry.id


def _left(book: Book, text: str) -> Iterator[tuple[AgencyCard, OfficerId]]:
    wanted = text.strip().casefold()
    for card in book.own:
        ids = {
            each.id
            for each in card.history.values()
            if isinstance(each, OfficerEntry) and wanted in (each.id, each.label.casefold())
        }
        yield from ((card, each) for each in sorted(ids))


def _entry(
    house: House, card: AgencyCard, officer: OfficerId, successor: OfficerId
) -> SuccessorEntry:
    said = [e.begins for e in card.history.values() if isinstance(e, SuccessorEntry)]
    # Later than all that were said before: of two that name one officer the later one counts.
    begins = max([house.now(), *(each + timedelta(seconds=1) for each in said)])
    return SuccessorEntry(
        agency=card.id,
        officer=officer,
        successor=successor,
        begins=begins,
        ends=begins + VALIDITY,
    )


def _standing(card: AgencyCard, officer: OfficerId) -> list[CertificateHash]:
    return [
        named
        for named, each in card.current.items()
        if isinstance(each, SuccessorEntry) and each.officer == officer
    ]


def _ever(card: AgencyCard) -> set[OfficerId]:
    return {each.id for each in card.history.values() if isinstance(each, OfficerEntry)}


def _read_by(opened: OpenThread, agency: AgencyId) -> list[str]:
    """Return the officers of *agency* who wrote in the thread or were to read it in person."""
    found = dict[str, None]()
    for copy in opened.copies:
        author = copy.statement.author
        if author.agency == agency:
            found[author.officer] = None
        for each in (*copy.statement.readers, *copy.statement.shown):
            if each.agency == agency and each.kind is ReaderKind.OFFICER:
                found[each.id] = None
    return list(found)


def _is_barred(exclusions: tuple[Exclusion, ...], opened: OpenThread, entry: OfficerEntry) -> bool:
    verdict = barred(exclusions, opened.id, reader=entry.id, agency=entry.agency, members=())
    return isinstance(verdict, Barred)
