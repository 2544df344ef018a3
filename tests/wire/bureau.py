# SPDX-License-Identifier: Apache-2.0
"""An agency that certifies by hand, from fixed seeds: what it signs comes out the same each time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from comity.crypto import dsse
from comity.crypto.age import HybridIdentity
from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.domain.ids import (
    AgencyId,
    CertificateHash,
    DeskId,
    NodeId,
    OfficerId,
    agency_id,
    base32,
    digest,
)
from comity.domain.roster import (
    AgencyType,
    Audience,
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RecoveryEntry,
    RestartEntry,
    RevocationEntry,
    Role,
    Root,
    RosterHead,
    SuccessorEntry,
    entries_root,
)
from comity.wire import roster
from comity.wire.roster import RosterState, RosterUpdate

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
END = AT + timedelta(days=365)


def seed(name: str) -> bytes:
    return sha256(name.encode()).digest()


def id_of(name: str) -> str:
    return base32(seed(name)[:16])


@cache
def line(name: str) -> str:
    return str(HybridIdentity.from_seed(seed(name)).recipient)


@cache
def quantum(name: str) -> bytes:
    return QuantumSigningKey(seed(name)).public.raw


@dataclass(slots=True)
class Bureau:
    """Customs of a country, called by a word from which all its keys are made."""

    word: str
    country: str = "KE"
    heads: list[bytes] = field(default_factory=list)
    sets: list[dict[CertificateHash, Entry]] = field(default_factory=list)
    """What stood in each number, home entries too."""
    name: str = ""

    @property
    def root_key(self) -> SigningKey:
        return SigningKey(seed(f"{self.word} root"))

    @property
    def next_key(self) -> SigningKey:
        return SigningKey(seed(f"{self.word} next root"))

    @property
    def roster_key(self) -> SigningKey:
        return SigningKey(seed(f"{self.word} roster"))

    @property
    def id(self) -> AgencyId:
        return agency_id(self.root_key.public.raw)

    @property
    def root(self) -> Root:
        return Root(
            agency=self.id,
            name=self.name or f"Customs of {self.word}",
            country=self.country,
            kind=AgencyType.AGENCY,
            root=self.root_key.public.raw,
            successor=digest(self.next_key.public.raw),
            roster=self.roster_key.public.raw,
            at=AT,
        )

    @property
    def signed_root(self) -> bytes:
        return roster.sign_root(self.root, self.root_key)

    @property
    def node(self) -> NodeEntry:
        said: dict[str, Any] = {
            "agency": self.id,
            "node": NodeId(id_of(f"{self.word} node")),
            "address": "https://customs.example:7443",
            "carrier": SigningKey(seed(f"{self.word} carrier")).public.raw,
            "parcel": line(f"{self.word} parcel"),
            "tls": digest(b"tls"),
            "origin": f"comity/{id_of(f'{self.word} node')}/1",
            "ledger": SigningKey(seed(f"{self.word} ledger")).public.raw,
            "ledger_quantum": quantum(f"{self.word} quantum"),
            "witness": SigningKey(seed(f"{self.word} witness")).public.raw,
        }
        return NodeEntry(**said, begins=AT, ends=END)

    def officer(self, word: str, /, **more: Any) -> OfficerEntry:
        said: dict[str, Any] = {
            "agency": self.id,
            "id": OfficerId(id_of(f"{self.word} {word}")),
            "audience": Audience.PEERS,
            "name": "",
            "label": f"officer {word}",
            "signing": SigningKey(seed(f"{self.word} {word}")).public.raw,
            "reading": line(f"{self.word} {word} reads"),
            "epoch": 1,
            "storage": line(f"{self.word} {word} keeps"),
            "roles": (Role.INVESTIGATOR,),
            "languages": ("en", "sw"),
            "desks": (),
            "begins": AT,
            "ends": END,
        }
        return OfficerEntry(**{**said, **more})

    def desk(self, word: str, /, **more: Any) -> DeskEntry:
        said: dict[str, Any] = {
            "agency": self.id,
            "id": DeskId(id_of(f"{self.word} {word}")),
            "audience": Audience.PEERS,
            "name": word,
            "reading": line(f"{self.word} {word} reads"),
            "epoch": 1,
            "languages": ("en",),
            "zone": "Africa/Nairobi",
            "hours": ("mon 08:00-17:00",),
            "holidays": (),
            "urgent_telephone": "",
            "oversight": False,
            "begins": AT,
            "ends": END,
        }
        return DeskEntry(**{**said, **more})

    def mandate(self, law: str = "Customs Act, section 9") -> MandateEntry:
        return MandateEntry(
            agency=self.id,
            id=id_of(law),
            law=law,
            kinds=("*",),
            countries=("*",),
            purposes=("*",),
            signed_by="The Commissioner",
            must_copy=(),
            begins=AT,
            ends=END,
        )

    def revocation(self, of: Entry, **more: Any) -> RevocationEntry:
        said: dict[str, Any] = {
            "agency": self.id,
            "certificate": roster.entry_hash(of),
            "at": AT,
            "compromised_since": "",
            "reason": "left",
        }
        return RevocationEntry(**{**said, **more})

    def recovery(self, **more: Any) -> RecoveryEntry:
        said: dict[str, Any] = {
            "agency": self.id,
            "number": 1,
            "recipient": line(f"{self.word} recovery"),
            "needed": 3,
            "holders": 5,
            "begins": AT,
            "ends": END,
        }
        return RecoveryEntry(**{**said, **more})

    def restart(self, number: int) -> RestartEntry:
        return RestartEntry(agency=self.id, number=number, begins=AT, ends=END)

    def successor(self, of: str, to: str) -> SuccessorEntry:
        return SuccessorEntry(
            agency=self.id,
            officer=OfficerId(id_of(f"{self.word} {of}")),
            successor=OfficerId(id_of(f"{self.word} {to}")),
            begins=AT,
            ends=END,
        )

    def issue(self, *add: Entry, end: Sequence[Entry] = (), **head: Any) -> RosterHead:
        """Issue the next number; *head* changes what its head says."""
        gone = {roster.entry_hash(each) for each in end}
        kept = self.sets[-1] if self.sets else {}
        now = {k: v for k, v in kept.items() if k not in gone}
        now |= {roster.entry_hash(each): each for each in add}
        return self.say(now, **head)

    def say(self, now: dict[CertificateHash, Entry], **head: Any) -> RosterHead:
        shown = shown_of(now)
        said: dict[str, Any] = {
            "agency": self.id,
            "number": len(self.heads) + 1,
            "previous": digest(self.payload(-1)) if self.heads else "",
            "at": AT + timedelta(days=len(self.heads)),
            "peers_root": entries_root(shown),
            "home_root": entries_root(now.keys() - shown.keys()),
        }
        made = RosterHead(**{**said, **head})
        self.heads.append(roster.sign_head(made, self.roster_key))
        self.sets.append(now)
        return made

    def payload(self, at: int) -> bytes:
        return dsse.read(self.heads[at], roster.SIGNED_LIMIT).payload

    def full(self, number: int = 0, *, entries: Iterable[Entry] | None = None) -> RosterUpdate:
        """Return the full copy of *number* (the newest), with all of its entries or some."""
        shown = shown_of(self.sets[number - 1])
        return RosterUpdate(
            agency=self.id,
            root=self.signed_root,
            heads=(self.heads[number - 1],),
            added=roster.write_hashes(shown),
            entries=written(shown.values() if entries is None else entries),
        )

    def difference(self, base: int, number: int = 0) -> RosterUpdate:
        number = number or len(self.heads)
        before, now = shown_of(self.sets[base - 1]), shown_of(self.sets[number - 1])
        fresh = {k: v for k, v in now.items() if k not in before}
        return RosterUpdate(
            agency=self.id,
            heads=tuple(self.heads[base:number]),
            base=base,
            added=roster.write_hashes(fresh),
            removed=roster.write_hashes(before.keys() - now.keys()),
            entries=written(fresh.values()),
        )

    def more(self, entries: Iterable[Entry], base: int = 0) -> RosterUpdate:
        return RosterUpdate(agency=self.id, base=base or len(self.heads), entries=written(entries))

    def held(self, number: int = 0) -> RosterState:
        """Return what a peer holds that took in the full copy of *number*."""
        return roster.apply(None, self.full(number), root=self.root)


def shown_of(entries: dict[CertificateHash, Entry]) -> dict[CertificateHash, Entry]:
    return {k: v for k, v in entries.items() if roster.audience_of(v) is Audience.PEERS}


def written(entries: Iterable[Entry]) -> tuple[bytes, ...]:
    return tuple(sorted(roster.entry_bytes(each) for each in entries))


def settled(word: str = "mombasa", country: str = "KE") -> Bureau:
    """Return a bureau with two numbers: its node and a desk, then two officers."""
    made = Bureau(word, country)
    made.issue(made.node, made.desk("Port desk"), made.mandate())
    made.issue(
        made.officer("17"),
        made.officer("18"),
        made.officer("clerk", audience=Audience.HOME, name="Amina Otieno"),
    )
    return made
