# SPDX-License-Identifier: Apache-2.0
"""The address book: every agency that this node knows, as its newest roster shows it.

One frozen value, read once for each service call and kept as long as no roster, admission or check
has changed. It holds ended entries too: old statements are judged by them.
"""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, CertificateHash, NodeId
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
from comity.storage import agencies
from comity.storage.reading import Reading
from comity.storage.store import Store
from comity.wire.roster import RosterState, read_entry, read_root

Reader = OfficerEntry | DeskEntry


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
    def node(self) -> NodeEntry:
        found = [each for each in self.current.values() if isinstance(each, NodeEntry)]
        if not found:
            raise Damaged("roster")
        return max(found, key=lambda each: each.begins)

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
            nodes.setdefault(card.node.node, []).append(card.id)
        return {node: tuple(ids) for node, ids in nodes.items()}

    @cached_property
    def _by_carrier(self) -> Mapping[str, NodeEntry]:
        return {
            verifying_key(card.node.carrier).key_id: card.node
            for card in self.peers
            if not card.suspended
        }

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
        return self.cards[ids[0]].node

    def agencies_of(self, node: NodeId) -> tuple[AgencyId, ...]:
        return self._by_node.get(node, ())

    def by_carrier(self, key_id: str) -> NodeEntry | None:
        """Return the peer node whose carrier key this is."""
        return self._by_carrier.get(key_id)

    def find_agency(self, text: str, among: Iterable[AgencyCard] | None = None) -> AgencyCard:
        """Return the agency that *text* means: an id, a country's code, or a name."""
        wanted = text.strip().casefold()
        cards = tuple(self.cards.values() if among is None else among)
        for told in _TOLD:
            found = [card for card in cards if told(card) == wanted]
            if len(found) > 1:
                raise Misused("agency-ambiguous")
            if found:
                return found[0]
        raise Misused("agency-unknown")

    def find_reader(self, text: str) -> tuple[AgencyCard, Reader]:
        """Return the desk or officer that *text* means.

        ``VN/Anti-smuggling desk``, an id, or an agency that shows one desk for questions.
        """
        for card in self.cards.values():
            if text in card.readers:
                return card, card.readers[text]
        agency, slash, name = text.partition("/")
        card = self.find_agency(agency)
        if not slash:
            desks = [each for each in card.desks if not each.oversight]
            if len(desks) != 1:
                raise Misused("desk-ambiguous" if desks else "desk-unknown")
            return card, desks[0]
        return card, _named(card, name)

    def reader(self, id_: str) -> tuple[AgencyCard, Reader]:
        """Return who has this id now; raise Misused if nobody has."""
        for card in self.cards.values():
            if id_ in card.readers:
                return card, card.readers[id_]
        raise Misused("reader-unknown")


_TOLD: Final[tuple[Callable[[AgencyCard], str], ...]] = (
    lambda card: card.id,
    lambda card: card.name.casefold(),
    lambda card: card.country.casefold(),
)


def read_book(house: House) -> Book:
    """Return the book, the one of last time if nothing that it shows has changed."""
    with house.store.read() as reading:
        stamp = agencies.stamp(reading)
        with _LOCK:
            held = _BOOKS.get(house.store)
        if held is not None and held[0] == stamp:
            return held[1]
        book = _read(house, reading, agencies.every(reading), agencies.latest_rosters(reading))
    with _LOCK:
        _BOOKS[house.store] = (stamp, book)
    return book


_LOCK = threading.Lock()
_BOOKS: "weakref.WeakKeyDictionary[Store, tuple[bytes, Book]]" = weakref.WeakKeyDictionary()


def entry_place(agency: str, named: str) -> str:
    """Return where an entry's body is locked: it holds names."""
    return f"entries/{agency}/{named}"


def root_place(agency: str, number: int) -> str:
    return f"roots/{agency}/{number}"


def _read(
    house: House,
    reading: Reading,
    rows: Iterable[agencies.Agency],
    rosters: Iterable[agencies.Roster],
) -> Book:
    heads = {each.agency: each for each in rosters}
    roots = {
        each.agency: read_root(house.vault.open(each.body, root_place(each.agency, each.number)))
        for each in agencies.roots(reading)
    }
    entries: dict[str, dict[CertificateHash, Entry]] = {}
    current: dict[str, dict[CertificateHash, Entry]] = {}
    for each in agencies.entries(reading, sorted(heads)):
        opened = house.vault.open(each.body, entry_place(each.agency, each.hash))
        named, entry = CertificateHash(each.hash), read_entry(opened)
        entries.setdefault(each.agency, {})[named] = entry
        if not each.last:
            current.setdefault(each.agency, {})[named] = entry
    cards = {}
    for row in rows:
        head, root = heads.get(row.id), roots.get(row.id)
        if head is None or root is None:
            raise Damaged("roster")
        state = RosterState(
            root=root,
            number=head.number,
            head=head.head,  # type: ignore[arg-type]  # a digest, as storage writes it
            issued=from_millis(head.at),
            entries=current.get(row.id, {}),
        )
        cards[root.agency] = AgencyCard(
            root=root,
            state=state,
            own=row.own,
            checked_at=from_millis(row.checked_at) if row.checked_at else None,
            admitted_at=from_millis(row.admitted_at) if row.admitted_at else None,
            vouched_by=row.vouched_by,
            suspended=row.suspended,
            history=entries.get(row.id, {}),
        )
    return Book(cards=cards)


def _named(card: AgencyCard, name: str) -> Reader:
    wanted = name.strip().casefold()
    found: list[Reader] = [each for each in card.desks if each.name.casefold() == wanted]
    found += [
        each for each in card.officers if wanted in (each.name.casefold(), each.label.casefold())
    ]
    if len(found) != 1:
        raise Misused("reader-ambiguous" if found else "reader-unknown")
    return found[0]
