# SPDX-License-Identifier: Apache-2.0
"""A proof that leaves the house: what was released and receipted, checkable offline for ever.

It carries all that is needed beside the reader's own knowledge of the agencies' keys: for each
agency its roots, a roster's head with the digests of everything in it, and the entries that matter;
for each docket, each *delivered* receipt and each silence a tlog-proof (c2sp.org/tlog-proof) of its
leaf. Who checks it compares the agencies' fingerprints, by voice or in a treaty's annex, and needs
nothing else of ours. It holds no content: ids, times, sizes, and names of agencies and desks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from comity.crypto import dsse
from comity.crypto.fingerprint import digits
from comity.crypto.signing import verifying_key
from comity.domain.docket import (
    OF_NODE,
    OF_PEOPLE,
    OF_SENDER,
    Docket,
    Receipt,
    ReceiptStage,
)
from comity.domain.ids import AgencyId, CertificateHash, Digest, digest
from comity.domain.roster import Entry, Root
from comity.domain.time import check_instant
from comity.errors import BadProof, BadSignature, Differs, Malformed
from comity.ledger import checkpoint, cosignature, tlog_proof
from comity.ledger.checkpoint import Origin
from comity.ledger.cosignature import Cosignature, Witness, witness_name
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.note import Note
from comity.ledger.tlog_proof import TlogProof
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire import roster as roster_wire
from comity.wire.docket import DOCKET_LIMIT, Released, Said
from comity.wire.keyring import Keyring

PROOF_LIMIT: Final = 16 << 20
THINGS_LIMIT: Final = 1024
"""Dockets and receipts in one proof, each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """One number of an agency's roster, from its first root down to the entries that matter here.

    What never stood in one roster needs several numbers.
    """

    roots: tuple[bytes, ...]
    head: bytes
    hashes: bytes
    """The digests of all entries that peers see, ascending, one after the other."""
    entries: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Something signed, and the proof that it is a leaf of a ledger."""

    signed: bytes
    salt: bytes = b""
    """Opens a docket's leaf, or that of a sender's own word; *delivered* holds its own."""
    proof: str = ""
    """A tlog-proof; empty for what a person said, and for what the other side returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    type: str = "comity/proof@1"
    at: datetime
    agencies: tuple[Certified, ...]
    dockets: tuple[Logged, ...]
    receipts: tuple[Logged, ...]

    def __post_init__(self) -> None:
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a leaf stands, and who vouches for the ledger since when."""

    origin: str
    index: int
    size: int
    witnesses: tuple[tuple[str, datetime], ...]
    quantum: bool
    """Whether the ledger signed with ML-DSA-44 too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenDocket:
    docket: Docket
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenReceipt:
    receipt: Receipt
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAgency:
    """Who is spoken of: its fingerprint is what the reader compares."""

    root: Root
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that a proof shows."""

    at: datetime
    agencies: tuple[ProvenAgency, ...]
    dockets: tuple[ProvenDocket, ...]
    receipts: tuple[ProvenReceipt, ...]


def write(proof: Proof) -> bytes:
    return canonical.encode(proof) + b"\n"


def read(data: bytes) -> Proof:
    """Return the proof that *data* writes; still unverified."""
    if not data.endswith(b"\n"):
        raise Malformed("proof")
    proof = canonical.decode(data[:-1], Proof, limit=PROOF_LIMIT)
    if max(map(len, (proof.agencies, proof.dockets, proof.receipts))) > THINGS_LIMIT:
        raise Malformed("size", limit=THINGS_LIMIT)
    return proof


def check(proof: Proof) -> Shown:
    """Return what *proof* shows, or raise Untrusted.

    (1) Each agency's id follows from its first root, each root names the next, the last one the
    roster key; that signed the head, which commits to the digests, and those to the entries.
    (2) The node of the releasing agency signed the docket. (3) Its leaf is in the ledger of a node
    that is certified here, under a checkpoint signed by that ledger. (4) A receipt is of a docket
    shown here, and is signed by the node or the person who may say it. (5) The leaf of a
    *delivered* one is the docket too; (6) that of a silence, and of what a sender says that he did
    not send, is the receipt itself, in his own ledger. (7) Witnesses are nodes that are certified
    here, other than the ledger's own.
    """
    keys, agencies = Keyring(), dict[AgencyId, ProvenAgency]()
    for each in proof.agencies:
        root, entries = check_agency(each)  # (1)
        agencies[root.agency] = ProvenAgency(root=root, fingerprint=digits(root.root))
        keys.add(entries)
    dockets = [_check_docket(each, keys) for each in proof.dockets]
    shown = {digest(dsse.read(each.signed, DOCKET_LIMIT).payload): each for each in proof.dockets}
    receipts = [_check_receipt(each, shown, keys) for each in proof.receipts]
    return Shown(
        at=proof.at,
        agencies=tuple(agencies.values()),
        dockets=tuple(dockets),
        receipts=tuple(receipts),
    )


def check_agency(told: Certified) -> tuple[Root, list[tuple[CertificateHash, Entry]]]:
    """Return the first root of the agency that *told* shows, and its entries, or raise (1)."""
    roots = [roster_wire.read_root(each) for each in told.roots]
    if not roots:
        raise BadSignature("root")
    roster_wire.check_first(roots[0])
    for before, after in pairwise(roots):
        roster_wire.follows(after, before)
    head, _ = roster_wire.read_head(told.head, roots[-1])
    if digest(told.hashes) != head.peers_root:
        raise Differs("roster")
    certified = roster_wire.read_hashes(told.hashes)
    entries = []
    for data in told.entries:
        entry = roster_wire.read_entry(data)
        named = CertificateHash(digest(data))
        if named not in certified or entry.agency != head.agency:
            raise Differs("entry")
        entries.append((named, entry))
    return roots[0], entries


def _check_docket(told: Logged, keys: Keyring) -> ProvenDocket:
    released: Released[Docket] = docket_wire.read(told.signed, Docket)
    _check_node(released, released.said.agency, keys)  # (2)
    leaf = Opening(LeafType.DOCKET, told.salt, released.payload)
    return ProvenDocket(docket=released.said, place=_check_place(told.proof, leaf, keys))  # (3)


def _check_receipt(told: Logged, shown: dict[Digest, Logged], keys: Keyring) -> ProvenReceipt:
    released: Released[Receipt] = docket_wire.read(told.signed, Receipt)
    said = released.said
    of = shown.get(said.docket)  # (4)
    if of is None:
        raise Differs("receipt")
    docket = docket_wire.read(of.signed, Docket)
    _check_about(said, docket.said)
    of_people = said.stage in OF_PEOPLE
    if said.stage not in OF_NODE | OF_SENDER and (said.certificate or not of_people):
        officer = keys.officer(said.certificate)
        if officer.agency != said.agency:
            raise BadSignature("not-an-officer")
        docket_wire.verify(released, verifying_key(officer.signing))
        return ProvenReceipt(receipt=said, place=None)
    _check_node(released, said.agency, keys)
    if said.stage in OF_SENDER or (said.stage is ReceiptStage.RETURNED and told.proof):
        return ProvenReceipt(receipt=said, place=_check_own_word(told, released, keys))
    if said.stage is not ReceiptStage.DELIVERED:
        return ProvenReceipt(receipt=said, place=None)
    leaf = Opening(LeafType.DOCKET, said.salt, docket.payload)  # (5)
    place = _check_place(told.proof, leaf, keys)
    if (place.origin, place.index, place.size) != (said.origin, said.index, said.size):
        raise BadProof("origin")
    return ProvenReceipt(receipt=said, place=place)


def _check_own_word(told: Logged, released: Released[Receipt], keys: Keyring) -> Place:
    """Return where a sender's own word stands in his own ledger (6)."""
    leaf = Opening(LeafType.RECEIPT, told.salt, released.payload)
    place = _check_place(told.proof, leaf, keys)
    if Origin.parse(place.origin).node != released.said.node:
        raise BadProof("origin")
    return place


def _check_about(said: Receipt, docket: Docket) -> None:
    """Raise Differs unless *said* names the docket's own ids, and is said by whom it went to.

    Who sent it says of his own only that it went no further, or that nothing was heard of it.
    """
    if (said.act, said.copy, said.thread, said.envelope) != (
        docket.act,
        docket.copy,
        docket.thread,
        docket.envelope,
    ):
        raise Differs("receipt")
    own = said.stage in (ReceiptStage.RETURNED, *OF_SENDER) and said.agency == docket.agency
    other = said.stage not in OF_SENDER and said.agency == docket.to
    if said.to != docket.agency or not (own or other):
        raise Differs("receipt")


def _check_node(released: Released[Said], agency: AgencyId, keys: Keyring) -> None:
    signed = dsse.read(released.dsse, DOCKET_LIMIT)
    docket_wire.verify(released, keys.carrier(agency, signed.signatures[0].key_id))


def _check_place(text: str, leaf: Opening, keys: Keyring) -> Place:
    proof = tlog_proof.read(text.encode())
    origin = Origin.parse(checkpoint.read_text(proof.note.text).origin)
    others = [each for each in keys.witnesses() if each.name != witness_name(origin.node)]  # (7)
    seen = _verified(proof, leaf, origin, others, keys)
    size = checkpoint.read_text(proof.note.text).size
    return Place(
        origin=str(origin),
        index=proof.index,
        size=size,
        witnesses=tuple((each.witness.name, each.at) for each in seen),
        quantum=_is_quantum(proof.note, str(origin), keys),
    )


def _verified(
    proof: TlogProof, leaf: Opening, origin: Origin, others: Sequence[Witness], keys: Keyring
) -> tuple[Cosignature, ...]:
    failure = BadSignature("unknown")
    for key in keys.ledgers(origin.node):
        try:
            return proof.verify(leaf.hash, str(origin), key, others, 0)
        except BadSignature as error:
            failure = error
    raise failure


def _is_quantum(note: Note, origin: str, keys: Keyring) -> bool:
    """Return whether the ledger's own ML-DSA-44 line stands under *note*; a failing one raises."""
    own = [Witness(origin, key) for key in keys.quantum(Origin.parse(origin).node)]
    return bool(cosignature.cosigned(note, own, 0))
