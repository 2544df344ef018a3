# SPDX-License-Identifier: Apache-2.0
"""The address book: every agency that this node knows, as its newest roster shows it.

One frozen value, read once for each service call and kept as long as no roster, admission or check
has changed: whoever writes those marks the book (``mark``), and a cached one is believed while its
mark stands. It holds ended entries too: old statements are judged by them.

Peers choose the ids and names in their own rosters, so nothing here is found by "the first that
matches": what two could mean is ambiguous, and said so.
"""

import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, CertificateHash, Digest, NodeId
from comity.domain.roster import (
    AgencyType,
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    Root,
)
from comity.domain.time import from_millis
from comity.domain.trust import revocations
from comity.errors import Damaged, Misused, NotAdmitted
from comity.services.house import House
from comity.storage import agencies, housed, meta
from comity.storage.reading import Reading, Writing
from comity.storage.store import Store
from comity.wire.roster import RosterState, read_entry, read_hashes, read_root

Reader = OfficerEntry | DeskEntry

ARRIVING: Final = "rosters-arriving"
"""The room of the digests of entries that are named by a roster and still to come."""
_MARK: Final = "book"
_MARK_SIZE: Final = 16
_COUNTRY: Final = 2
"""Letters of a country's code: what is so short never means an agency's name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AgencyCard:
    """One agency: its root, its roster, and how it came into this book."""

    root: Root
    state: RosterState
    own: bool
    checked_at: datetime | None
    """When its key was compared by voice; None if never."""
    admitted_at: datetime | None
    vouched_by: str
    suspended: bool
    history: Mapping[CertificateHash, Entry] = field(repr=False)
    """All that it ever certified, as far as we were told."""

    @property
    def id(self) -> AgencyId:
        return self.root.agency

    @property
    def name(self) -> str:
        return self.root.name

    @property
    def country(self) -> str:
        return self.root.country

    @property
    def kind(self) -> AgencyType:
        return self.root.kind

    @property
    def number(self) -> int:
        return self.state.number

    @property
    def issued(self) -> datetime:
        return self.state.issued

    @property
    def lacks(self) -> str:
        """The first entry, by hash, whose bytes have not come yet; empty if all have."""
        return min(self.state.lacking, default="")

    @property
    def current(self) -> Mapping[CertificateHash, Entry]:
        return self.state.entries

    @cached_property
    def revoked(self) -> Mapping[CertificateHash, datetime]:
        return revocations(self.history)

    @cached_property
    def _certificates(self) -> Mapping[str, CertificateHash]:
        certificates: dict[str, CertificateHash] = {}
        for named, each in self.current.items():
            match each:
                case OfficerEntry() | DeskEntry():
                    certificates[each.id] = named
                case _:
                    continue
        return certificates

    @cached_property
    def desks(self) -> tuple[DeskEntry, ...]:
        return tuple(
            sorted(
                (each for each in self.current.values() if isinstance(each, DeskEntry)),
                key=lambda each: (each.name, each.id),
            )
        )

    @cached_property
    def officers(self) -> tuple[OfficerEntry, ...]:
        return tuple(
            sorted(
                (each for each in self.current.values() if isinstance(each, OfficerEntry)),
                key=lambda each: (each.label, each.id),
            )
        )

    @cached_property
    def readers(self) -> Mapping[str, Reader]:
        both: list[Reader] = [*self.desks, *self.officers]
        return {each.id: each for each in both}

    @cached_property
    def mandates(self) -> tuple[MandateEntry, ...]:
        return tuple(each for each in self.current.values() if isinstance(each, MandateEntry))

    @cached_property
    def nodes(self) -> tuple[NodeEntry, ...]:
        """The entries of its node, the newest first."""
        found = [each for each in self.current.values() if isinstance(each, NodeEntry)]
        return tuple(sorted(found, key=lambda each: (each.begins, each.carrier), reverse=True))

    @property
    def node(self) -> NodeEntry:
        if not self.nodes:
            raise Damaged("roster")
        return self.nodes[0]

    @property
    def oversight(self) -> tuple[DeskEntry, ...]:
        return tuple(each for each in self.desks if each.oversight)

    def certificate_of(self, id_: str) -> CertificateHash:
        """Return the current certificate of an officer or desk; raise Misused if there is none."""
        named = self._certificates.get(id_)
        if named is None:
            raise Misused("reader-unknown")
        return named

    def members(self, desk: str) -> tuple[str, ...]:
        """Return the officers of *desk*, as far as we are told."""
        return tuple(each.id for each in self.officers if desk in each.desks)


@dataclass(frozen=True, kw_only=True, eq=False)
class Book:
    cards: Mapping[AgencyId, AgencyCard]

    @cached_property
    def own(self) -> tuple[AgencyCard, ...]:
        return tuple(card for card in self.cards.values() if card.own)

    @cached_property
    def peers(self) -> tuple[AgencyCard, ...]:
        return tuple(card for card in self.cards.values() if not card.own)

    @cached_property
    def histories(self) -> Mapping[AgencyId, Mapping[CertificateHash, Entry]]:
        return {card.id: card.history for card in self.cards.values()}

    @cached_property
    def _by_node(self) -> Mapping[NodeId, tuple[AgencyId, ...]]:
        nodes: dict[NodeId, list[AgencyId]] = {}
        for card in self.cards.values():
            if card.nodes:
                nodes.setdefault(card.node.node, []).append(card.id)
        return {node: tuple(ids) for node, ids in nodes.items()}

    @cached_property
    def _by_carrier(self) -> Mapping[str, NodeEntry]:
        return {
            verifying_key(card.node.carrier).key_id: card.node
            for card in self.peers
            if card.nodes and not card.suspended
        }

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
        return self.agency(agency).node

    def node(self, id_: NodeId) -> NodeEntry:
        """Return the entry of a node; raise NotAdmitted if no agency we know is housed there."""
        ids = self._by_node.get(id_)
        if not ids:
            raise NotAdmitted("node")
        return max((self.cards[each].node for each in ids), key=lambda each: each.begins)

    def agencies_of(self, node: NodeId) -> tuple[AgencyId, ...]:
        return self._by_node.get(node, ())

    def lacks(self, node: NodeId) -> str:
        """Return the first entry, by hash, that *node* has still to tell us; empty if none."""
        return min(
            filter(None, (self.cards[each].lacks for each in self.agencies_of(node))), default=""
        )

    def by_carrier(self, key_id: str) -> NodeEntry | None:
        """Return the peer node whose carrier key this is."""
        return self._by_carrier.get(key_id)

    def find_agency(self, text: str, among: Iterable[AgencyCard] | None = None) -> AgencyCard:
        """Return the agency that *text* means: an id, a country's code, or a name."""
        wanted = text.strip().casefold()
        cards = tuple(self.cards.values() if among is None else among)
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
        if text.strip() in self._readers:
            return self.reader(text.strip())
        agency, slash, name = text.partition("/")
        card = self.find_agency(agency)
        if slash:
            return card, _named(card, name)
        desks = [each for each in card.desks if not each.oversight]
        if len(desks) != 1:
            raise Misused("desk-ambiguous" if desks else "desk-unknown")
        return card, desks[0]

    def reader(self, id_: str) -> tuple[AgencyCard, Reader]:
        """Return who has this id now; raise Misused if nobody has, or two say so."""
        found = self._readers.get(id_, ())
        if len(found) != 1:
            raise Misused("reader-ambiguous" if found else "reader-unknown")
        return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A book of last time, and what tells whether it is still today's."""

    version: str
    """The store's; while it stands nobody has written anything."""
    mark: bytes
    book: Book
    stamps: Mapping[AgencyId, object]
    """What each card was read from."""


_LOCK = threading.Lock()
_BOOKS: Final["weakref.WeakKeyDictionary[Store, _Held]"] = weakref.WeakKeyDictionary()


def read_book(house: House) -> Book:
    """Return the book, the one of last time if nothing that it shows has changed."""
    version = house.store.version()  # before we look: what is written meanwhile is seen next time
    with _LOCK:
        held = _BOOKS.get(house.store)
    if held is not None and held.version == version:
        return held.book
    with house.store.read() as reading:
        mark_ = meta.get(reading, [_MARK]).get(_MARK, b"")
        if held is not None and held.mark == mark_:
            held = replace(held, version=version)
        else:
            held = _read(house, reading, version, mark_, held)
    with _LOCK:
        _BOOKS[house.store] = held
    return held.book


def mark(writing: Writing, house: House) -> None:
    """Tell every process that an agency, an admission or a roster was written just now."""
    meta.put(writing, [meta.Meta(name=_MARK, value=house.random(_MARK_SIZE))])


def entry_place(agency: str, named: str) -> str:
    """Return where an entry's body is locked: it holds names."""
    return f"entries/{agency}/{named}"


def root_place(agency: str, number: int) -> str:
    return f"roots/{agency}/{number}"


def _read(house: House, reading: Reading, version: str, mark_: bytes, held: _Held | None) -> _Held:
    """Read the book; cards of agencies whose rows are as they were are taken from *held*."""
    rosters = {each.agency: each for each in agencies.latest_rosters(reading)}
    arriving = {each.name: each.body for each in housed.of_room(reading, ARRIVING)}
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
            row=row, root=roots[id_][-1], roster=rosters[id_], arriving=arriving.get(id_, b"")
        )
        known = held.book.cards.get(id_) if held is not None else None
        if known is None or held is None or held.stamps[id_] != told:
            known = _read_card(house, reading, told, known)
        cards[id_], stamps[id_] = known, told
    return _Held(version=version, mark=mark_, book=Book(cards=cards), stamps=stamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What a card is read from, besides its entries, which change with these alone."""

    row: agencies.Agency
    root: agencies.Root
    roster: agencies.Roster
    arriving: bytes


def _read_card(
    house: House, reading: Reading, told: _Rows, before: AgencyCard | None
) -> AgencyCard:
    row, roster = told.row, told.roster
    opened = house.vault.open(told.root.body, root_place(row.id, told.root.number))
    known = before.history if before is not None else {}
    history: dict[CertificateHash, Entry] = {}
    current: dict[CertificateHash, Entry] = {}
    for each in agencies.entries(reading, [row.id]):
        named = CertificateHash(each.hash)
        history[named] = known.get(named) or _entry(house, each)
        if not each.last:
            current[named] = history[named]
    state = RosterState(
        root=read_root(opened),
        number=roster.number,
        head=Digest(roster.head),
        issued=from_millis(roster.at),
        entries=current,
        lacking=_lacking(house, told) - current.keys(),
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
    )


def _entry(house: House, row: agencies.Entry) -> Entry:
    return read_entry(house.vault.open(row.body, entry_place(row.agency, row.hash)))


def _lacking(house: House, told: _Rows) -> frozenset[CertificateHash]:
    if not told.arriving:
        return frozenset()
    return read_hashes(house.vault.open(told.arriving, f"{ARRIVING}/{told.row.id}"))


def _named(card: AgencyCard, name: str) -> Reader:
    wanted = name.strip().casefold()
    found: list[Reader] = [each for each in card.desks if each.name.casefold() == wanted]
    found += [
        each for each in card.officers if wanted in (each.name.casefold(), each.label.casefold())
    ]
    if len(found) != 1:
        raise Misused("reader-ambiguous" if found else "reader-unknown")
    return found[0]
