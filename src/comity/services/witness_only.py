# SPDX-License-Identifier: Apache-2.0
"""One that vouches for our record and for nothing else: let in by its invitation and its digits.

A witness need not be an agency that we deal with: a university, a court, an auditor. Its server is
called and calls like a peer's, and is shown our checkpoints; it is told of our server and of nobody
in our agency, nothing is sealed to it, and what it brings beside its line is refused or passed over
(*refused.not-admitted.witness-only*). Two people admit it in the ordinary way, or nobody does.
"""

from dataclasses import dataclass

from comity.crypto import fingerprint
from comity.domain.ids import AgencyId
from comity.domain.time import written
from comity.errors import Misused, Refused
from comity.services.address_book import mark, read_book
from comity.services.admit import check_node, enter, node_of
from comity.services.agency_card import AgencyCard
from comity.services.fields import line
from comity.services.house import House
from comity.services.rosters_in import check_addresses
from comity.services.stand import WITNESS_ONLY, locked
from comity.storage import housed
from comity.storage.reading import Writing
from comity.wire import invite as invite_wire


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """Who let a witness in, and when."""

    type: str = "comity/witness-only@1"
    by: str
    at: str


def let_in(house: House, text: str, digits: str, *, by: str) -> AgencyCard:
    """Let the one whose invitation *text* is vouch for our record, and do nothing else.

    *digits* are those of its key as *by* heard or got them, not from the invitation.
    """
    invited, book = invite_wire.read(text), read_book(house)
    agency, node = invited.state.agency, node_of(invited.state)
    if invited.invitation.practice != house.practice:
        raise Refused("practice")
    if book.is_own(agency) or node.node == house.keys.node:
        raise Misused("agency-own")
    if agency in book.cards:
        raise Refused("admitted-already")
    if not digits.strip():
        raise Misused("field-missing", field="digits")
    fingerprint.matches(digits, invited.state.root.root)
    told = LetIn(by=line(by, "by"), at=written(house.now()))
    check_addresses(house, invited.state.entries.values())
    check_node(book, node)

    def work(writing: Writing) -> None:
        enter(writing, house, book, invited, checked_at=house.millis())
        housed.put(writing, [locked(house, WITNESS_ONLY, agency, told)])
        mark(writing, house)

    house.store.write(work)
    return read_book(house).agency(AgencyId(agency))
