# SPDX-License-Identifier: Apache-2.0
"""One agency as the book shows it: its root, its newest roster, how it came in.

A node's certificate counts from its beginning to its end, by our clock, and never once it is
revoked. That of another clock may be ahead of ours; nobody is called a stranger for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from comity.domain.ids import AgencyId, CertificateHash, OfficerId
from comity.domain.roster import (
    AgencyType,
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RecoveryEntry,
    Root,
    SuccessorEntry,
    WitnessesEntry,
)
from comity.domain.standing import Standing
from comity.domain.successor import successor_of
from comity.errors import Damaged, Misused, NotAdmitted
from comity.services.history import revoked_of
from comity.wire.roster import RosterState

Reader = OfficerEntry | DeskEntry

AHEAD: Final = timedelta(days=2)
"""How far ahead of ours a peer's clock may be: honest clocks are a day apart at times."""
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)


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
    aside: frozenset[CertificateHash] = field(default=frozenset(), repr=False)
    """What claims something that another agency claimed before."""
    at: datetime | None = None
    """When its nodes are judged; None: whenever."""
    standing: Standing = field(default_factory=Standing)
    """On what introduction it came, and what is held against its node."""

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
        return revoked_of(self.history)

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
    def followers(self) -> Mapping[OfficerId, OfficerId]:
        """Who goes on for each officer that left, where the agency says so."""
        entries = [each for each in self.history.values() if isinstance(each, SuccessorEntry)]
        found = ((each.officer, successor_of(entries, each.officer)) for each in entries)
        return {officer: successor for officer, successor in found if successor}

    @cached_property
    def naming(self) -> WitnessesEntry | None:
        """The witnesses that it names; None if it names none, and its peers are its witnesses."""
        told = (each for each in self.current.values() if isinstance(each, WitnessesEntry))
        return max(told, key=lambda each: each.begins, default=None)

    @cached_property
    def recovery(self) -> RecoveryEntry | None:
        """Whose shares together open what its people can; None where nobody's do."""
        told = (each for each in self.current.values() if isinstance(each, RecoveryEntry))
        return max(told, key=lambda each: each.number, default=None)

    @cached_property
    def told_nodes(self) -> Mapping[CertificateHash, NodeEntry]:
        """Every entry of a node in its roster, good now or not."""
        return {k: each for k, each in self.current.items() if isinstance(each, NodeEntry)}

    @cached_property
    def nodes(self) -> tuple[NodeEntry, ...]:
        """The entries of its node that are good now: what stands first, then the newest."""
        found = [
            (named not in self.aside, each.begins, each.carrier, each)
            for named, each in self.told_nodes.items()
            if self._counts(named, each)
        ]
        return tuple(each[-1] for each in sorted(found, key=lambda f: f[:-1], reverse=True))

    @property
    def node(self) -> NodeEntry:
        if not self.told_nodes:
            raise Damaged("roster")
        if not self.nodes:
            raise NotAdmitted("node")
        return self.nodes[0]

    @cached_property
    def stands(self) -> bool:
        """Return whether nobody claimed its node before it did."""
        first = self.nodes[:1]
        return any(
            (e,) == first and named not in self.aside for named, e in self.told_nodes.items()
        )

    @cached_property
    def span(self) -> tuple[datetime, datetime]:
        """From when and until when ``nodes`` is what it is."""
        if self.own or self.at is None:
            return EARLIEST, LATEST
        edges = {edge for k, each in self.told_nodes.items() for edge in self._edges(k, each)}
        since = max((edge for edge in edges if edge <= self.at), default=EARLIEST)
        return since, min((edge for edge in edges if edge > self.at), default=LATEST)

    def dated(self, at: datetime) -> "AgencyCard":
        """Return this card, or what it is at *at* if a node began or ended since."""
        since, until = self.span
        return self if since <= at < until else replace(self, at=at)

    def _counts(self, named: CertificateHash, entry: NodeEntry) -> bool:
        """Return whether the node's certificate is good now; our own is ours to renew."""
        if self.own or self.at is None:
            return True
        begins, *ends = self._edges(named, entry)
        return begins <= self.at < min(ends)

    def _edges(self, named: CertificateHash, entry: NodeEntry) -> tuple[datetime, ...]:
        ended = self.revoked.get(named)
        begins = entry.begins - AHEAD if entry.begins - EARLIEST > AHEAD else EARLIEST
        return (begins, entry.ends) if ended is None else (begins, entry.ends, ended)

    def silent(self, at: datetime) -> str:
        """Return why nothing passes between it and us at *at*; empty if something may."""
        if self.suspended:
            return "suspended"
        if self.standing.witness_only:
            return "witness-only"
        return self.standing.over(checked=self.checked_at is not None, at=at)

    @cached_property
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


def keys_of(entry: NodeEntry) -> tuple[bytes | str, ...]:
    """Return the keys by which a node is that node, whichever agency certifies them."""
    return entry.carrier, entry.parcel, entry.ledger, entry.ledger_quantum, entry.witness
