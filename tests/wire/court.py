# SPDX-License-Identifier: Apache-2.0
"""A case for a court: Mombasa sent Hai Phong a copy, and both ledgers bear it out.

Every key is made from a seed, every part can be made otherwise before the proof is put together.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tests.strategies import NOW

from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.domain.docket import (
    ClockClass,
    Docket,
    DocketReader,
    DocketStage,
    OpenedBy,
    Receipt,
    ReceiptStage,
)
from comity.domain.ids import (
    ActId,
    CertificateHash,
    CopyId,
    DeskId,
    Digest,
    EnvelopeId,
    NodeId,
    OfficerId,
    ThreadId,
    agency_id,
    base32,
    digest,
)
from comity.domain.roster import (
    AgencyType,
    Audience,
    DeskEntry,
    Entry,
    NodeEntry,
    OfficerEntry,
    Role,
    Root,
    RosterHead,
    entries_root,
)
from comity.domain.statement import ReaderKind
from comity.ledger import checkpoint, cosignature, tile, tlog_proof
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import witness_name
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.tlog_proof import TlogProof
from comity.wire import docket as docket_wire
from comity.wire import roster as roster_wire
from comity.wire.proof import Certified, Logged, Proof
from comity.wire.roster import write_hashes

END = datetime(2036, 1, 1, tzinfo=UTC)
SALT = b"salt" * 4


def seed(name: str) -> bytes:
    return bytes.fromhex(digest(name.encode()))


def named(name: str) -> str:
    return base32(seed(name)[:16])


@dataclass
class Country:
    """An agency with its node, as certificates and keys."""

    name: str
    country: str
    roots: tuple[bytes, ...] = ()
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_key = SigningKey(seed(f"{self.name} root"))
        self.next_key = SigningKey(seed(f"{self.name} next"))
        self.roster_key = SigningKey(seed(f"{self.name} roster"))
        self.carrier = SigningKey(seed(f"{self.name} carrier"))
        self.ledger = SigningKey(seed(f"{self.name} ledger"))
        self.quantum = QuantumSigningKey(seed(f"{self.name} quantum"))
        self.witness = SigningKey(seed(f"{self.name} witness"))
        self.person = SigningKey(seed(f"{self.name} officer"))
        self.id = agency_id(self.root_key.public.raw)
        self.node = NodeId(named(f"{self.name} node"))
        self.roots = self.roots or (roster_wire.sign_root(self.root(), self.root_key),)
        self.entries = self.entries or [self.node_entry(), self.officer(), self.desk()]

    @property
    def origin(self) -> str:
        return f"comity/{self.node}/1"

    @property
    def certificate(self) -> CertificateHash:
        return roster_wire.entry_hash(self.officer())

    def root(self) -> Root:
        return Root(
            agency=self.id,
            name=self.name,
            country=self.country,
            kind=AgencyType.AGENCY,
            root=self.root_key.public.raw,
            successor=digest(self.next_key.public.raw),
            roster=self.roster_key.public.raw,
            at=NOW,
        )

    def successor(self) -> bytes:
        """Return the root after the first, signed."""
        following = SigningKey(seed("the one after"))
        root = replace(
            self.root(), root=self.next_key.public.raw, successor=digest(following.public.raw)
        )
        return roster_wire.sign_root(root, self.next_key)

    def node_entry(self) -> NodeEntry:
        return NodeEntry(
            agency=self.id,
            node=self.node,
            address="",
            carrier=self.carrier.public.raw,
            parcel="age1pq1qqqq",
            tls="",
            origin=self.origin,
            ledger=self.ledger.public.raw,
            ledger_quantum=self.quantum.public.raw,
            witness=self.witness.public.raw,
            begins=NOW,
            ends=END,
        )

    def officer(self) -> OfficerEntry:
        return OfficerEntry(
            agency=self.id,
            id=OfficerId(named(f"{self.name} person")),
            audience=Audience.PEERS,
            name="",
            label="officer 1",
            signing=self.person.public.raw,
            reading="age1pq1qqqq",
            epoch=1,
            storage="age1pq1zzzz",
            roles=(Role.INVESTIGATOR,),
            languages=("en",),
            desks=(DeskId(named(f"{self.name} desk")),),
            begins=NOW,
            ends=END,
        )

    def desk(self) -> DeskEntry:
        return DeskEntry(
            agency=self.id,
            id=DeskId(named(f"{self.name} desk")),
            audience=Audience.PEERS,
            name="Duty desk",
            reading="age1pq1qqqq",
            epoch=1,
            languages=("en",),
            zone="UTC",
            hours=(),
            holidays=(),
            urgent_telephone="",
            oversight=False,
            begins=NOW,
            ends=END,
        )

    def certified(self) -> Certified:
        written = [roster_wire.entry_bytes(each) for each in self.entries]
        hashes = [CertificateHash(digest(each)) for each in written]
        return self.committed(write_hashes(hashes), entries_root(hashes), tuple(written))

    def committed(self, hashes: bytes, root: Digest, entries: tuple[bytes, ...]) -> Certified:
        head = RosterHead(
            agency=self.id,
            number=1,
            previous="",
            at=NOW,
            peers_root=root,
            home_root=entries_root(()),
        )
        signed = roster_wire.sign_head(head, self.roster_key)
        return Certified(roots=self.roots, head=signed, hashes=hashes, entries=entries)

    def prove(
        self,
        leaf: Opening,
        *,
        by: "Country | None" = None,
        quantum: bool = True,
        key: SigningKey | None = None,
    ) -> str:
        """Return the tlog-proof of *leaf* at index 2 of this ledger, cosigned by *by*."""
        leaves = [Opening(LeafType.KEY, SALT, b"%d" % number).hash for number in range(5)]
        leaves[2] = leaf.hash
        size, tiles = tile.append(0, leaves, lambda *_: b"")
        rows = {(each.level, each.index): each.hashes for each in tiles}

        def read(level: int, index: int) -> bytes:
            return rows.get((level, index), b"")

        signed = Checkpoint(self.origin, size, tile.root(size, read))
        note = checkpoint.sign(signed, key or self.ledger)
        if by is not None:
            seen = NOW + timedelta(minutes=1)
            note = note.add(
                cosignature.cosign(signed, witness_name(by.node), by.witness, seen),
            )
        if quantum:
            note = note.add(cosignature.cosign(signed, self.origin, self.quantum, NOW))
        proof = TlogProof(2, tile.inclusion(2, size, read), note)
        return tlog_proof.write(proof).decode()


@dataclass
class Case:
    """The copy, and what both sides said of it."""

    ke: Country = field(default_factory=lambda: Country("Customs, Mombasa", "KE"))
    vn: Country = field(default_factory=lambda: Country("Customs, Hai Phong", "VN"))

    def docket(self) -> Docket:
        return Docket(
            agency=self.ke.id,
            to=self.vn.id,
            act=ActId(named("act")),
            copy=CopyId(digest(b"copy")),
            envelope=EnvelopeId(digest(b"envelope")),
            size=5520,
            thread=ThreadId(named("thread")),
            readers=(
                DocketReader(id=named(f"{self.vn.name} desk"), kind=ReaderKind.DESK, epoch=1),
            ),
            stage=DocketStage.ASKED,
            clock=ClockClass.NORMAL,
            at=NOW,
        )

    def leaf(self) -> Opening:
        payload = docket_wire.sign(self.docket(), self.ke.carrier).payload
        return Opening(LeafType.DOCKET, SALT, payload)

    def released(self) -> Logged:
        signed = docket_wire.sign(self.docket(), self.ke.carrier)
        return Logged(signed=signed.dsse, salt=SALT, proof=self.ke.prove(self.leaf(), by=self.vn))

    def receipt(self, stage: ReceiptStage) -> Receipt:
        docket = self.docket()
        of_node = stage is ReceiptStage.DELIVERED
        return Receipt(
            stage=stage,
            agency=self.vn.id,
            to=self.ke.id,
            node=self.vn.node,
            act=docket.act,
            copy=docket.copy,
            envelope=docket.envelope,
            thread=docket.thread,
            docket=docket_wire.sign(docket, self.ke.carrier).digest,
            at=NOW + timedelta(minutes=2),
            origin=self.vn.origin if of_node else "",
            index=2 if of_node else 0,
            size=5 if of_node else 0,
            salt=SALT if of_node else b"",
            shows=OpenedBy.PERSON if stage is ReceiptStage.OPENED else OpenedBy.FACT,
            certificate=self.vn.certificate if stage is ReceiptStage.OPENED else "",
        )

    def delivered(self) -> Logged:
        signed = docket_wire.sign(self.receipt(ReceiptStage.DELIVERED), self.vn.carrier)
        proof = self.vn.prove(self.leaf(), by=self.ke, quantum=False)
        return Logged(signed=signed.dsse, proof=proof)

    def silent(self, *, by: Country | None = None) -> Logged:
        """Return Kenya's word that nothing was heard, in the ledger of *by*: its own, if not told."""
        said = replace(
            self.receipt(ReceiptStage.NOT_DELIVERED),
            agency=self.ke.id,
            node=self.ke.node,
            reason="no-receipt.within-60-minutes",
        )
        signed = docket_wire.sign(said, self.ke.carrier)
        leaf = Opening(LeafType.RECEIPT, SALT, signed.payload)
        other = self.ke if by is self.vn else self.vn
        proof = (by or self.ke).prove(leaf, by=other)
        return Logged(signed=signed.dsse, salt=SALT, proof=proof)

    def said(self, receipt: Receipt, key: SigningKey) -> Logged:
        return Logged(signed=docket_wire.sign(receipt, key).dsse)

    def proof(self) -> Proof:
        return Proof(
            at=NOW,
            agencies=(self.ke.certified(), self.vn.certified()),
            dockets=(self.released(),),
            receipts=(
                self.delivered(),
                self.said(self.receipt(ReceiptStage.OPENED), self.vn.person),
                self.said(self.receipt(ReceiptStage.RETURNED), self.vn.carrier),
            ),
        )
