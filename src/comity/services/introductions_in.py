# SPDX-License-Identifier: Apache-2.0
"""Introductions that come: whether they are what they say, and whether anybody is asked.

(1) The introducer is housed where it came from, and it is for an agency of ours. (2) An officer
whom the introducer shows us signed it. (3) The roster in it is whole by its own root, and that of
the agency it names. (4) Nothing in it contradicts what we hold: another root or another history of
an agency that we know, a node's id with other keys, the name of a peer with another key. These
fail as untrusted and are kept as evidence. Then the rules: (5) it has not ended, (6) the
introducer's own key was compared by us, (7) not more wait than people can look at. What they refuse
is answered as declined. An id is taken once, whoever sends it again.
"""

from collections.abc import Callable
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, NodeId
from comity.domain.introduction import Introduction, IntroductionOutcome, Outcome
from comity.domain.roster import NodeEntry
from comity.domain.statement import Author
from comity.domain.trust import author_at
from comity.errors import BadSignature, Differs, NotForUs, Refused, Stale, TooLate
from comity.services import introduce
from comity.services.address_book import Book
from comity.services.admit import check_node
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.introductions import (
    Received,
    State,
    append,
    check_introducer,
    find,
    invited,
    keep,
    received,
    tell_outcome,
)
from comity.services.rosters_in import check_addresses
from comity.storage import meta
from comity.storage.reading import Writing
from comity.wire import notice as notice_wire
from comity.wire import roster as roster_wire
from comity.wire.invite import Invited
from comity.wire.notice import Told

A_DAY: Final = 64
"""Introductions by one node in a day; of more nothing is kept."""
WAITING: Final = 32
"""Introductions by one agency that wait for a decision."""


def take(house: House, book: Book, told: Told, said: Introduction) -> Callable[[Writing], None]:
    """Return how to take in *said*, whose node's signature was verified; raise Untrusted."""
    if said.agency not in book.agencies_of(said.node):  # (1)
        raise BadSignature("agency")
    if not book.is_own(said.to):
        raise NotForUs("introduction")
    _check_officer(house, book.agency(said.agency), told, said)  # (2)
    guest = invited(said)
    if guest.state.agency != said.introduces:  # (3)
        raise Differs("introduction")
    if book.is_own(said.introduces):
        raise Differs("introduction")
    known = book.cards.get(said.introduces)
    _check_known(book, known, guest)  # (4)
    state, why = State.KNOWN if known else State.WAITING, ""
    try:
        _check_rules(house, book, said)
        check_addresses(house, guest.state.entries.values())
    except Refused as refused:
        state, why = State.REFUSED, refused.cause
    fresh = Received(id=said.id, state=state, at=house.now(), why=why, signed=told.dsse)
    return lambda w: _store(w, house, book, fresh, said)


def take_outcome(house: House, said: IntroductionOutcome) -> Callable[[Writing], None]:
    """Return how to note what one side decided of an introduction of ours."""
    return lambda w: introduce.note_outcome(w, house, said)


def _check_officer(house: House, card: AgencyCard, told: Told, said: Introduction) -> None:
    author = Author(agency=said.agency, officer=said.officer, certificate=said.certificate)
    entry = author_at(card.history, author, house.now(), revoked=card.revoked)
    notice_wire.verify(told, verifying_key(entry.signing))


def _check_known(book: Book, known: AgencyCard | None, guest: Invited) -> None:
    """Raise Untrusted if the roster of *guest* and what we hold cannot both be true."""
    if known is not None:
        if guest.state.root != known.root:
            raise Differs("introduction")
        try:
            roster_wire.apply(known.state, guest.invitation.roster, root=known.root)
        except Stale:
            return  # the introducer is behind us, and no more
        return
    for each in guest.state.entries.values():
        if isinstance(each, NodeEntry):
            check_node(book, each)
    root = guest.state.root
    for card in book.cards.values():
        if _same_name(card, root.name, root.country) and not card.suspended:
            raise Differs("introduction")


def _same_name(card: AgencyCard, name: str, country: str) -> bool:
    here, there = (" ".join(each.split()).casefold() for each in (card.name, name))
    return here == there and card.country == country


def _check_rules(house: House, book: Book, said: Introduction) -> None:
    if said.until <= house.now():  # (5)
        raise TooLate("introduction")
    if said.practice != house.practice:
        raise Refused("practice")
    check_introducer(book, said)  # (6)
    with house.store.read() as reading:
        waiting = [each for each in received(reading, house) if each.state is State.WAITING]
    theirs = [each for each in waiting if each.introduction.agency == said.agency]
    if len(theirs) >= WAITING:  # (7)
        raise Refused("introductions-many", limit=WAITING)


def _is_too_much(writing: Writing, house: House, node: NodeId) -> bool:
    """Count an introduction by *node*; return whether it made more today than anybody needs."""
    name, day = f"introductions/{node}", f"{house.now():%Y-%m-%d}"
    held = meta.get(writing, [name]).get(name, b"").decode().split()
    count = int(held[1]) if held[:1] == [day] else 0
    meta.put(writing, [meta.Meta(name=name, value=f"{day} {count + 1}".encode())])
    return count >= A_DAY


def _store(writing: Writing, house: House, book: Book, fresh: Received, said: Introduction) -> None:
    _ = writing.log  # its lock: what comes twice is taken once
    if find(writing, house, said.id) is not None or _is_too_much(writing, house, said.node):
        return
    keep(writing, house, fresh)
    append(writing, house, AgencyId(said.introduces), f"introduction.{fresh.state}", said.id)
    match fresh.state:
        case State.KNOWN:
            tell_outcome(writing, house, book, said, Outcome.KNOWN)
        case State.REFUSED:
            tell_outcome(writing, house, book, said, Outcome.DECLINED)
        case _:
            pass
