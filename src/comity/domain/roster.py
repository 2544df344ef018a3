# SPDX-License-Identifier: Apache-2.0
"""What an agency certifies about its people, desks, node and mandates.

A roster is one numbered, hash-chained, signed list. Its *head* is signed by the roster key and
commits to two sets of entries: those that peers see and those that stay at home. An entry is
identified by the SHA-256 of its canonical bytes; the root of a set is the SHA-256 of the
concatenated raw digests in ascending order. So a difference (added entries, removed digests) can be
checked against the next head, and a head alone says whether a list is whole (``spec/keys.md``).

Absent values are the empty string or the empty tuple: there is no null on the wire.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from comity.domain.ids import (
    AgencyId,
    CertificateHash,
    DeskId,
    Digest,
    NodeId,
    OfficerId,
    check_digest,
    check_random,
)
from comity.domain.time import check_instant


class AgencyType(StrEnum):
    AGENCY = "agency"
    CENTRAL_AUTHORITY = "central-authority"
    NGO = "ngo"
    BODY = "body"


class Role(StrEnum):
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    PROSECUTOR = "prosecutor"
    CENTRAL_AUTHORITY = "central-authority"
    INTEGRITY = "integrity"
    ADMINISTRATOR = "administrator"
    LIAISON = "liaison"


class Audience(StrEnum):
    """Who is told of an entry: peers, or this agency alone."""

    PEERS = "peers"
    HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The anchor of an agency: its root key names its successor's hash and its roster key.

    Signed by the root key, which then goes offline.
    """

    type: str = "comity/root@1"
    agency: AgencyId
    name: str
    country: str
    """ISO 3166-1 alpha-2, or an international body's user-assigned code."""
    kind: AgencyType
    root: bytes
    """Ed25519 public key, 32 bytes."""
    successor: Digest
    """SHA-256 of the next root's public key."""
    roster: bytes
    """The roster key's public half, Ed25519."""
    at: datetime

    def __post_init__(self) -> None:
        check_instant("at", self.at)
        check_digest("successor", self.successor)
        if len(self.root) != 32 or len(self.roster) != 32:
            raise ValueError("root: keys are 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerEntry:
    """One officer: who may sign, read and act for the agency."""

    type: str = "comity/officer@1"
    agency: AgencyId
    id: OfficerId
    audience: Audience
    name: str
    """Empty where the agency does not say it abroad; then ``label`` stands."""
    label: str
    """What a peer is shown without a name: ``officer 17``."""
    signing: bytes
    """Ed25519 public key, 32 bytes."""
    reading: str
    """The age recipient line of this epoch."""
    epoch: int
    storage: str
    """The age recipient line under which he keeps what he has opened."""
    roles: tuple[Role, ...]
    languages: tuple[str, ...]
    desks: tuple[DeskId, ...]
    """The desks for which he may sign."""
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_random("id", self.id)
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEntry:
    """One desk: what requests are addressed to. It reads; it does not sign."""

    type: str = "comity/desk@1"
    agency: AgencyId
    id: DeskId
    audience: Audience
    name: str
    reading: str
    """The age recipient line of this epoch."""
    epoch: int
    languages: tuple[str, ...]
    zone: str
    """IANA name of the time zone."""
    hours: tuple[str, ...]
    """Duty hours: ``mon 08:00-17:00``; empty means always."""
    holidays: tuple[str, ...]
    """Dates, ``2027-01-01``."""
    urgent_telephone: str
    oversight: bool
    """True for a desk that receives the supervisor's copy."""
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_random("id", self.id)
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEntry:
    """The node that houses this agency: each housed agency certifies its node's keys."""

    type: str = "comity/node@1"
    agency: AgencyId
    node: NodeId
    address: str
    """``https://host:port``; ``http://`` only on loopback; empty where no peer can call."""
    carrier: bytes
    """Ed25519: signs dockets, receipts and HTTP messages."""
    parcel: str
    """The age recipient line that opens parcels."""
    tls: str
    """SHA-256 of the TLS key (SubjectPublicKeyInfo), hexadecimal; empty on loopback."""
    origin: str
    """The ledger's origin line, numbered."""
    ledger: bytes
    """Ed25519 key of the ledger."""
    ledger_quantum: bytes
    """ML-DSA-44 key of the ledger."""
    witness: bytes
    """Ed25519 key with which this node cosigns other nodes' checkpoints."""
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_random("node", self.node)
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateEntry:
    """By which law or order this agency may share abroad, and how far."""

    type: str = "comity/mandate@1"
    agency: AgencyId
    id: str
    law: str
    """The law, order or agreement, in the words an official would cite."""
    kinds: tuple[str, ...]
    """Request kinds; ``*`` for all."""
    countries: tuple[str, ...]
    purposes: tuple[str, ...]
    signed_by: str
    """Name and office of who signed it on paper."""
    must_copy: tuple[DeskId, ...]
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_random("id", self.id)
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationEntry:
    """An entry is no longer good, from *at*; or, if stolen, from *compromised_since*."""

    type: str = "comity/revocation@1"
    agency: AgencyId
    certificate: CertificateHash
    at: datetime
    compromised_since: str
    """RFC 3339, or empty: nothing signed before *at* is in doubt."""
    reason: str
    """A code: left, lost, stolen, misuse, superseded."""

    def __post_init__(self) -> None:
        check_digest("certificate", self.certificate)
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryEntry:
    """Whose shares together open what is sealed to this agency's people: peers are told of it."""

    type: str = "comity/recovery@1"
    agency: AgencyId
    number: int
    """From 1 on; one more with each change of holders."""
    recipient: str
    """The age recipient line to which secrets are escrowed."""
    needed: int
    holders: int
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)
        if self.number < 1 or not 2 <= self.needed <= self.holders <= 16:  # SLIP-39's own bounds
            raise ValueError("recovery: so many holders there are not")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedWitness:
    """A node that watches an agency's ledger, and the key with which it says so."""

    node: NodeId
    key: bytes
    """Ed25519, 32 bytes."""

    def __post_init__(self) -> None:
        check_random("node", self.node)
        if len(self.key) != 32:
            raise ValueError("witness: a key is 32 bytes")


WITNESSES_LIMIT: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessesEntry:
    """Who must have cosigned a checkpoint of this agency's node before it counts as proven.

    Whoever has a receipt of this agency judges by it: ``threshold`` of these, each counted once.
    """

    type: str = "comity/witnesses@1"
    agency: AgencyId
    threshold: int
    witnesses: tuple[NamedWitness, ...]
    compared: bool
    """Whether peers may tell one another that this agency is theirs too, to compare."""
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)
        nodes = {each.node for each in self.witnesses}
        keys = {each.key for each in self.witnesses}
        if not len(nodes) == len(keys) == len(self.witnesses) <= WITNESSES_LIMIT:
            raise ValueError("witnesses: one twice, or too many")
        if not (0 < self.threshold <= len(nodes) or self.threshold == len(nodes) == 0):
            raise ValueError("witnesses: no possible threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessorEntry:
    """One officer goes on with what another, who leaves or left, had in person."""

    type: str = "comity/successor@1"
    agency: AgencyId
    officer: OfficerId
    successor: OfficerId
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        check_random("officer", self.officer)
        check_random("successor", self.successor)
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)
        if self.officer == self.successor:
            raise ValueError("successor: nobody follows himself")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartEntry:
    """Somebody else had the roster key: what came after a number, and does not stand now, is void.

    A new root says so; it cannot say what the thief told whom, so it says what its own last number
    before the theft was.
    """

    type: str = "comity/restart@1"
    agency: AgencyId
    number: int
    """The last number before the theft."""
    begins: datetime
    """When it was stolen."""
    ends: datetime

    def __post_init__(self) -> None:
        check_instant("begins", self.begins)
        check_instant("ends", self.ends)
        if self.number < 0:
            raise ValueError("restart: a number is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEntry:
    """An entry of a type that this version does not know: kept as it came, and passed over.

    A roster with one new type in it must not stop an older node from hearing of a revocation.
    """

    type: str
    agency: AgencyId
    audience: Audience
    written: bytes
    """Its canonical bytes."""


Entry = (
    OfficerEntry
    | DeskEntry
    | NodeEntry
    | MandateEntry
    | RevocationEntry
    | RecoveryEntry
    | WitnessesEntry
    | SuccessorEntry
    | RestartEntry
    | OtherEntry
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterHead:
    """One number in an agency's chain of rosters; signed by its roster key."""

    type: str = "comity/roster@1"
    agency: AgencyId
    number: int
    """From 1, without gaps."""
    previous: str
    """SHA-256 of the previous head's payload; empty for number 1."""
    at: datetime
    peers_root: Digest
    home_root: Digest

    def __post_init__(self) -> None:
        check_instant("at", self.at)
        if self.number < 1 or (self.number == 1) != (self.previous == ""):
            raise ValueError("roster: number and predecessor do not agree")


REISSUE_DAYS: Final = 7
WARN_DAYS: Final = 7
"""Sealing to a roster older than this warns (design §5)."""
REASON_DAYS: Final = 30
"""Sealing to a roster older than this needs a reason that stays in the statement."""


def entries_root(hashes: Iterable[CertificateHash]) -> Digest:
    """Return the root of a set of entries."""
    ordered = sorted(bytes.fromhex(each) for each in set(hashes))
    return Digest(sha256(b"".join(ordered)).hexdigest())
