# SPDX-License-Identifier: Apache-2.0
"""The address book: every agency that this node knows, as its newest roster shows it.

One frozen value, read once for each service call and kept as long as no roster, admission or check
has changed: whoever writes those marks the book (``mark``), and a cached one is believed while its
mark stands. It holds ended entries too: old statements are judged by them.

Peers choose the ids, names and keys in their own rosters, so nothing here is found by "the first
that matches": what two could mean is ambiguous, and said so. An id is unique only together with its
agency. What claims something that another agency claimed before is *set aside* when it comes in
(``rosters_in``): it ends nothing that stood.

Nodes' certificates begin and end, so a book holds for a while and is dated anew after that.
"""

import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, CertificateHash, Digest, NodeId
from comity.domain.recall import Followers
from comity.domain.roster import (
    Entry,
    NodeEntry,
)
from comity.domain.time import from_millis
from comity.errors import Damaged, Misused, NotAdmitted
from comity.services.agency_card import EARLIEST, LATEST, AgencyCard, Reader, keys_of
from comity.services.history import History, read_history
from comity.services.house import House
from comity.services.stand import StandRows, read_stand, stand_rows
from comity.storage import agencies, housed, meta
from comity.storage.reading import Reading, Writing
from comity.storage.store import Store
from comity.wire.roster import RosterState, read_hashes, read_root

ARRIVING: Final = "rosters-arriving"
"""The room of the digests of entries that are named by a roster and still to come."""
GUESTS: Final = "guest-agency"
"""The room of the agencies of ours that stand for guests, by their ids."""
ASIDE: Final = "rosters-aside"
"""The room of the digests of entries that claim what another agency claimed before."""
_MARK: Final = "book"
_MARK_SIZE: Final = 16
_COUNTRY: Final = 2
"""Letters of a country's code: what is so short never means an agency's name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Book:
    cards: Mapping[AgencyId, AgencyCard]
    mark: bytes = b""
    """What was written last of all that it shows."""
    guests: frozenset[AgencyId] = frozenset()
    """Of our agencies those that stand for guests (``guests.py``): named in no list."""

    @cached_property
    def listed(self) -> tuple[AgencyCard, ...]:
        """Return the agencies that are ones: those that stand for guests are left out."""
        return tuple(card for card in self.cards.values() if card.id not in self.guests)

    @cached_property
    def own(self) -> tuple[AgencyCard, ...]:
        return tuple(card for card in self.cards.values() if card.own)

    @cached_property
    def own_ids(self) -> frozenset[AgencyId]:
        return frozenset(card.id for card in self.own)

    @cached_property
    def peers(self) -> tuple[AgencyCard, ...]:
        return tuple(card for card in self.cards.values() if not card.own)

    @cached_property
    def histories(self) -> Mapping[AgencyId, Mapping[CertificateHash, Entry]]:
        return {card.id: card.history for card in self.cards.values()}

    @cached_property
    def revoked(self) -> Mapping[AgencyId, Mapping[CertificateHash, datetime]]:
        return {card.id: card.revoked for card in self.cards.values()}

    def followers(self, agencies: Iterable[str]) -> Followers:
        """Return who goes on for whom of *agencies*, each as its own roster says."""
        cards = [self.cards[AgencyId(each)] for each in agencies if each in self.cards]
        return {(c.id, officer): to for c in cards for officer, to in c.followers.items()}

    @cached_property
    def _nodes(self) -> Mapping[NodeId, tuple[AgencyCard, ...]]:
        """The agencies of each node, first the one that speaks for it.

        Who said first where it is housed speaks for that node. Another agency is housed there if it
        certifies the same keys: else anybody could have another's parcels sealed to himself. While
        they change, one may have said so before the other. Of a node that is ours no peer says
        anything.
        """
        ours = {card.node.node for card in self.own if card.nodes}
        found: dict[NodeId, list[AgencyCard]] = {}
        for card in sorted(self.cards.values(), key=lambda each: (each.suspended, not each.stands)):
            if card.nodes and (card.own or card.node.node not in ours):
                housed_ = found.setdefault(card.node.node, [card])
                if card is not housed_[0] and _share_keys(card, housed_[0]):
                    housed_.append(card)
        return {node: tuple(cards) for node, cards in found.items()}

    @cached_property
    def _by_node(self) -> Mapping[NodeId, tuple[AgencyId, ...]]:
        return {node: tuple(card.id for card in cards) for node, cards in self._nodes.items()}

    @cached_property
    def _by_carrier(self) -> Mapping[str, tuple[NodeEntry, ...]]:
        found: dict[str, list[NodeEntry]] = {}
        for first, *_ in self._nodes.values():
            if not (first.own or first.suspended):  # the others are too, then
                key_id = verifying_key(first.node.carrier).key_id
                found.setdefault(key_id, []).append(first.node)
        return {key_id: tuple(entries) for key_id, entries in found.items()}

    @cached_property
    def _readers(self) -> Mapping[str, tuple[tuple[AgencyCard, Reader], ...]]:
        found: dict[str, list[tuple[AgencyCard, Reader]]] = {}
        for card in self.cards.values():
            for id_, reader in card.readers.items():
                found.setdefault(id_, []).append((card, reader))
        return {id_: tuple(each) for id_, each in found.items()}

    def is_own(self, agency: str) -> bool:
        card = self.cards.get(AgencyId(agency))
        return card is not None and card.own

    def agency(self, id_: AgencyId) -> AgencyCard:
        card = self.cards.get(id_)
        if card is None:
            raise NotAdmitted
        return card

    def node_of(self, agency: AgencyId) -> NodeEntry:
        """Return the entry of the node that houses *agency*; raise NotAdmitted if none does now."""
        entry = self.agency(agency).node
        if agency not in self.agencies_of(entry.node):
            raise NotAdmitted("node")
        return entry

    def node(self, id_: NodeId) -> NodeEntry:
        """Return the entry of a node; raise NotAdmitted if no agency we know is housed there."""
        return self.entries_of(id_)[0]

    def entries_of(self, id_: NodeId) -> tuple[NodeEntry, ...]:
        """Return what each agency of a node says of it, first the one that speaks for it.

        They certify the same keys; where the node is reached each says for itself. What one says
        that is suspended counts only if all are.
        """
        found = self._nodes.get(id_)
        if not found:
            raise NotAdmitted("node")
        return tuple(each.node for each in found if each.suspended == found[0].suspended)

    def signers(self, id_: NodeId) -> tuple[NodeEntry, ...]:
        """Return the entries by whose keys a node may have signed, the newest first.

        One is sealed to and called; before it, for a while, the one that it takes the place of
        counts too, so that what is on its way when keys change is believed.
        """
        found = self._nodes.get(id_)
        if not found:
            raise NotAdmitted("node")
        return tuple(each for each in found[0].nodes if each.node == id_)

    @cached_property
    def others(self) -> tuple[NodeId, ...]:
        """The peer nodes that are not suspended, whether or not they can be called."""
        return tuple(
            sorted(
                node
                for node, (first, *_) in self._nodes.items()
                if not (first.own or first.suspended)
            )
        )

    @cached_property
    def callable(self) -> tuple[NodeId, ...]:
        """The peer nodes that can be called."""
        return tuple(
            node for node in self.others if any(each.address for each in self.entries_of(node))
        )

    def agencies_of(self, node: NodeId) -> tuple[AgencyId, ...]:
        """Return the agencies that *node* houses, first the one that speaks for it."""
        return self._by_node.get(node, ())

    def is_witness_only(self, node: NodeId) -> bool:
        """Return whether *node* was let in to vouch for our record and for nothing else."""
        told = [self.cards[each].standing.witness_only for each in self.agencies_of(node)]
        return bool(told) and all(told)

    def lacks(self, node: NodeId) -> str:
        """Return the first entry, by hash, that *node* has still to tell us; empty if none."""
        return min(
            filter(None, (self.cards[each].lacks for each in self.agencies_of(node))), default=""
        )

    def by_carrier(self, key_id: str) -> NodeEntry | None:
        """Return a peer node whose carrier key this is."""
        return next(iter(self._by_carrier.get(key_id, ())), None)

    def sharing(self, node: NodeId) -> tuple[NodeId, ...]:
        """Return the peer nodes with the carrier key of *node*, itself among them.

        Whoever knows a key can certify it for a node of his own. Only who has it can sign, and he
        says in the parcel which of these nodes he is.
        """
        key_id = verifying_key(self.node(node).carrier).key_id
        return tuple(each.node for each in self._by_carrier.get(key_id, ()))

    def find_agency(self, text: str, among: Iterable[AgencyCard] | None = None) -> AgencyCard:
        """Return the agency that *text* means: an id, a country's code, or a name."""
        wanted = text.strip().casefold()
        cards = tuple(self.listed if among is None else among)
        found = [card for card in cards if card.id == wanted]
        if not found and len(wanted) == _COUNTRY:
            found = [card for card in cards if card.country.casefold() == wanted]
        elif not found:
            found = [card for card in cards if card.name.casefold() == wanted]
        if len(found) != 1:
            raise Misused("agency-ambiguous" if found else "agency-unknown")
        return found[0]

    def find_reader(self, text: str) -> tuple[AgencyCard, Reader]:
        """Return the desk or officer that *text* means.

        ``VN/Anti-smuggling desk``, an id, or an agency that shows one desk for questions.
        """
        claimed = self._readers.get(text.strip(), ())
        if len(claimed) > 1 and not claimed[0][0].own:
            raise Misused("reader-ambiguous")
        if claimed:
            return claimed[0]
        agency, slash, name = text.partition("/")
        card = self.find_agency(agency)
        if slash:
            return card, _named(card, name)
        desks = [each for each in card.desks if not each.oversight]
        if len(desks) != 1:
            raise Misused("desk-ambiguous" if desks else "desk-unknown")
        return card, desks[0]

    def reader(self, id_: str) -> tuple[AgencyCard, Reader]:
        """Return whom an id means that we noted down; raise Misused if nobody has it.

        It goes on to mean whom it meant, whoever claims it afterwards: somebody of ours, then who
        said so first.
        """
        found = self._readers.get(id_, ())
        first = [each for each in found if each[0].certificate_of(id_) not in each[0].aside]
        if found and (found[0][0].own or len(found) == 1):
            return found[0]
        if len(first) != 1:
            raise Misused("reader-ambiguous" if found else "reader-unknown")
        return first[0]


def _share_keys(one: AgencyCard, other: AgencyCard) -> bool:
    """Return whether both certify the same keys for the node of *one*."""
    node = one.node.node
    known = {keys_of(each) for each in other.nodes if each.node == node}
    return any(keys_of(each) in known for each in one.nodes if each.node == node)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A book of last time, and what tells whether it is still today's."""

    version: str
    """The store's; while it stands nobody has written anything. Empty if it is not known."""
    mark: bytes
    book: Book
    stamps: Mapping[AgencyId, object]
    """What each card was read from."""
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


_LOCK = threading.Lock()
_BOOKS: Final["weakref.WeakKeyDictionary[Store, _Held]"] = weakref.WeakKeyDictionary()


def read_book(house: House) -> Book:
    """Return the book, the one of last time if nothing that it shows has changed."""
    # Before we look: what is written meanwhile is seen next time. Who reads already sees the moment
    # at which he began, and the mark alone says what that was.
    version = "" if house.store.is_reading else house.store.version()
    at = house.clock()
    with _LOCK:
        held = _BOOKS.get(house.store)
    if version and held is not None and held.version == version and held.holds(at):
        return held.book
    with house.store.read() as reading:
        mark_ = newest(reading)
        if held is not None and held.mark == mark_ and held.holds(at):
            if version:
                held = replace(held, version=version)
        else:
            held = _read(house, reading, version, at, held)
    with _LOCK:
        _BOOKS[house.store] = held
    return held.book


def mark(writing: Writing, house: House) -> None:
    """Tell every process that an agency, an admission or a roster was written just now."""
    # Random, not counted: two processes that both begin from a restored backup differ too.
    meta.put(writing, [meta.Meta(name=_MARK, value=house.random(_MARK_SIZE))])


def newest(reading: Reading) -> bytes:
    """Return the mark of what was written last of all that a book shows."""
    return meta.get(reading, [_MARK]).get(_MARK, b"")


def root_place(agency: str, number: int) -> str:
    return f"roots/{agency}/{number}"


def _read(house: House, reading: Reading, version: str, at: datetime, held: _Held | None) -> _Held:
    """Read the book; cards of agencies whose rows are as they were are taken from *held*.

    Our own keys change together with what our rosters say of them, so they are looked at too.
    """
    house.shelf.look(reading)
    rosters = {each.agency: each for each in agencies.latest_rosters(reading)}
    arriving = {each.name: each.body for each in housed.of_room(reading, ARRIVING)}
    aside = {each.name: each.body for each in housed.of_room(reading, ASIDE)}
    stands = stand_rows(reading)
    roots: dict[str, list[agencies.Root]] = {}
    for each in agencies.roots(reading):
        roots.setdefault(each.agency, []).append(each)
    cards: dict[AgencyId, AgencyCard] = {}
    stamps: dict[AgencyId, object] = {}
    for row in agencies.every(reading):
        id_ = AgencyId(row.id)
        if id_ not in rosters or id_ not in roots:
            raise Damaged("roster")
        told = _Rows(
            row=row,
            root=roots[id_][-1],
            roster=rosters[id_],
            arriving=arriving.get(id_, b""),
            aside=aside.get(id_, b""),
            stand=stands.of(id_, row.node),
        )
        known = held.book.cards.get(id_) if held is not None else None
        if known is None or held is None or held.stamps[id_] != told:
            known = _read_card(house, reading, told, known, at)
        cards[id_], stamps[id_] = known.dated(at), told
    mark_ = newest(reading)
    spans = [each.span for each in cards.values()]
    return _Held(
        version=version,
        mark=mark_,
        book=Book(cards=cards, mark=mark_, guests=_guests(reading)),
        stamps=stamps,
        since=max((since for since, _ in spans), default=EARLIEST),
        until=min((until for _, until in spans), default=LATEST),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What a card is read from, besides its entries, which change with these alone."""

    row: agencies.Agency
    root: agencies.Root
    roster: agencies.Roster
    arriving: bytes
    aside: bytes
    stand: StandRows


def _read_card(
    house: House, reading: Reading, told: _Rows, before: AgencyCard | None, at: datetime
) -> AgencyCard:
    row, roster = told.row, told.roster
    opened = house.vault.open(told.root.body, root_place(row.id, told.root.number))
    known = before.history if before is not None else None
    told_before = known if isinstance(known, History) else None
    history = read_history(house, reading, row, roster.number, told_before)
    current = history.current
    state = RosterState(
        root=read_root(opened),
        number=roster.number,
        head=Digest(roster.head),
        issued=from_millis(roster.at),
        entries=current,
        lacking=_hashes(house, ARRIVING, row.id, told.arriving) - current.keys(),
    )
    return AgencyCard(
        root=state.root,
        state=state,
        own=row.own,
        checked_at=from_millis(row.checked_at) if row.checked_at else None,
        admitted_at=from_millis(row.admitted_at) if row.admitted_at else None,
        vouched_by=row.vouched_by,
        suspended=row.suspended,
        history=history,
        aside=_hashes(house, ASIDE, row.id, told.aside),
        at=at,
        standing=read_stand(house, told.stand),
    )


def _guests(reading: Reading) -> frozenset[AgencyId]:
    return frozenset(AgencyId(each.name) for each in housed.of_room(reading, GUESTS))


def _hashes(house: House, room: str, agency: str, locked: bytes) -> frozenset[CertificateHash]:
    """Return the digests that wait in *room*, where any do."""
    return read_hashes(house.vault.open(locked, f"{room}/{agency}")) if locked else frozenset()


def _named(card: AgencyCard, name: str) -> Reader:
    wanted = name.strip().casefold()
    found: list[Reader] = [each for each in card.desks if each.name.casefold() == wanted]
    found += [
        each for each in card.officers if wanted in (each.name.casefold(), each.label.casefold())
    ]
    if len(found) != 1:
        raise Misused("reader-ambiguous" if found else "reader-unknown")
    return found[0]
