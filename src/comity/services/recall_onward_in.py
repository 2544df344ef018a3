# SPDX-License-Identifier: Apache-2.0
"""Recalls of what was passed on to us, and reports of what holders beyond ours answered.

The node cannot open what was passed on. It acts when:

(1) It comes from the node of the agency that passed it on, and is for an agency housed here.
(2) An officer of another agency than that one ordered it, and the order names the original: by
    what we know of his agency, else by what is shown of its keys. Of one that we have admitted
    nothing is taken on another's word.
(3) By that officer's own word he is the author, or signs for the desk for which it was done.
(4) The act that passed it on is not known here as another agency's alone.

That the original is inside that act only who opens it can see; until then it is the word of whoever
passed it on, who could take back his own act as well.
"""

from collections.abc import Callable

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, CertificateHash, OfficerId
from comity.domain.recall import speaks_for
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.domain.recall_order import RecallOrder
from comity.domain.roster import OfficerEntry
from comity.errors import BadSignature, Differs, NotForUs
from comity.services.address_book import Book
from comity.services.house import House
from comity.services.judge import officer_at
from comity.services.passed_on_in import shown_entries
from comity.services.recall_onward import beyond, relay, source_of, take_here, tell
from comity.services.thread_rows import refresh
from comity.storage import copies
from comity.storage.reading import Writing
from comity.wire import order as order_wire
from comity.wire.order import SignedOrder

Store = Callable[[Writing], None]


def take(house: House, book: Book, said: RecallOnward) -> Store:
    """Return how to take in *said*, whose node's signature was verified; raise Untrusted."""
    _check_agencies(book, said)  # (1)
    order = order_wire.read(said.order)
    if order.said.agency in (said.agency, said.to) or said.original not in order.said.acts:  # (2)
        raise Differs("order")
    officer = _officer(house, book, said, order)
    _check_speaks(book, officer, order.said)  # (3)
    with house.store.read() as reading:
        rows = [row for row in copies.by_acts(reading, [said.act]) if row.to == said.to]
        if rows and all(row.agency != said.agency for row in rows):  # (4)
            raise BadSignature("not-his")
        going = tuple(beyond(reading, house, book, source_of(said)))

    def store(writing: Writing) -> None:
        take_here(writing, house, said)
        tell(writing, house, going, said.node)
        refresh(writing, book.own_ids, [said.thread])

    return store


def take_report(house: House, book: Book, said: OnwardHeld) -> Store:
    """Return how to take in what *said* reports; raise Untrusted."""
    _check_agencies(book, said)
    return lambda writing: relay(writing, house, said)


def _check_agencies(book: Book, said: RecallOnward | OnwardHeld) -> None:
    if said.agency not in book.agencies_of(said.node):
        raise BadSignature("agency")
    if not book.is_own(said.to):
        raise NotForUs("notice")


def _officer(house: House, book: Book, said: RecallOnward, order: SignedOrder) -> OfficerEntry:
    """Return who signed *order*, verified; raise BadSignature."""
    certificate, agency = CertificateHash(order.said.certificate), order.said.agency
    card = book.cards.get(agency)
    if card is not None:
        now = house.now()
        officer = officer_at(card, certificate, said=order.said.at, arrived=now)
    else:
        entry = shown_entries(said.certified).get(certificate)
        if not isinstance(entry, OfficerEntry) or entry.agency != agency:
            raise BadSignature("unknown")
        officer = entry
    order_wire.verify(order, verifying_key(officer.signing))
    return officer


def _check_speaks(book: Book, officer: OfficerEntry, order: RecallOrder) -> None:
    card = book.cards.get(AgencyId(order.agency))
    follower = card.followers.get(OfficerId(order.author)) if card is not None else None
    if not speaks_for(
        officer.id,
        author=order.author,
        desk=order.desk,
        desks=officer.desks,
        successors=[follower] if follower else [],
    ):
        raise BadSignature("not-his")
