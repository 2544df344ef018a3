# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: a witness says that it saw this checkpoint, continuing all before, at this time.

Both forms of c2sp.org/tlog-cosignature: Ed25519, whose message repeats the checkpoint's text, and
ML-DSA-44, whose message names the cosigner too. A log's own ML-DSA-44 line is of the second form,
with its origin as the name. A statement is judged at the earliest of these times (design §5), so
a line without a time never counts towards a quorum.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from comity.crypto.signing import (
    QUANTUM_SIGNATURE_SIZE,
    SIGNATURE_SIZE,
    QuantumSigningKey,
    QuantumVerifyingKey,
    SigningKey,
    VerifyingKey,
)
from comity.domain.ids import NodeId
from comity.domain.time import check_instant
from comity.errors import BadProof, BadSignature, Malformed
from comity.ledger.checkpoint import Checkpoint, read_text
from comity.ledger.note import Note, Signature, SignatureType, check_name, key_hash

TIME_LIMIT = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that RFC 3339 can write
_TIME = struct.Struct(">Q")  # c2sp.org/tlog-cosignature, timestamped_signature
_LABEL = b"subtree/v1\n\x00"  # c2sp.org/tlog-cosignature, ML-DSA-44 signed message


@dataclass(frozen=True, slots=True)
class Witness:
    """One key of a witness that an agency names; a witness may have one of each kind."""

    name: str
    key: VerifyingKey | QuantumVerifyingKey

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def key_hash(self) -> bytes:
        return key_hash(self.name, _type(self.key), self.key.raw)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified line: this witness vouches for the checkpoint as of this time."""

    witness: Witness
    time: int
    """POSIX seconds; 0 says nothing about when."""

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


def witness_name(node: NodeId) -> str:
    """Return the name under which *node* vouches for the logs of others."""
    return f"comity/{node}/witness"


def cosign(
    checkpoint: Checkpoint, name: str, key: SigningKey | QuantumSigningKey, at: datetime
) -> Signature:
    """Return the line by which the witness *name* vouches for *checkpoint*.

    The caller has judged the checkpoint (``witness.judge``) and made that durable.
    """
    check_instant("at", at)
    witness = Witness(name, key.public)
    time = int(at.timestamp())
    value = _TIME.pack(time) + key.sign(_message(checkpoint, witness, time))
    return Signature(name, witness.key_hash, value)


def verify(signature: Signature, checkpoint: Checkpoint, witness: Witness) -> Cosignature:
    """Return what *witness* says by *signature* of *checkpoint*, or raise."""
    if (signature.name, signature.key_hash) != (witness.name, witness.key_hash):
        raise BadSignature("absent", key=witness.key.key_id)
    size = SIGNATURE_SIZE if isinstance(witness.key, VerifyingKey) else QUANTUM_SIGNATURE_SIZE
    if len(signature.value) != _TIME.size + size:
        raise Malformed("cosignature")
    (time,) = _TIME.unpack(signature.value[: _TIME.size])
    if time > TIME_LIMIT:
        raise Malformed("time")
    witness.key.verify(signature.value[_TIME.size :], _message(checkpoint, witness, time))
    return Cosignature(witness, time)


def cosigned(note: Note, witnesses: Iterable[Witness], k: int) -> tuple[Cosignature, ...]:
    """Return the cosignatures on *note* of *k* or more of *witnesses*, the earliest first.

    Whether the log signed it is ``checkpoint.verify``'s to say. A line of a named witness that
    fails spoils the note; lines of others are passed over. A witness counts once, whatever the
    number of its lines and keys, and so does a key that two names claim.
    """
    checkpoint = read_text(note.text)
    known = {(each.name, each.key_hash): each for each in witnesses}
    verified = [
        verify(each, checkpoint, witness)
        for each in note.signatures
        if (witness := known.get((each.name, each.key_hash)))
    ]
    counted: list[Cosignature] = []
    seen: set[str | bytes] = set()
    for each in sorted(verified, key=lambda found: found.time):
        marks: set[str | bytes] = {each.witness.name, each.witness.key.raw}
        if each.time and not seen & marks:
            counted.append(each)
            seen |= marks
    if len(counted) < k:
        raise BadProof("cosignatures", found=len(counted), needed=k)
    return tuple(counted)


def _type(key: VerifyingKey | QuantumVerifyingKey) -> SignatureType:
    if isinstance(key, VerifyingKey):
        return SignatureType.COSIGNATURE_ED25519
    return SignatureType.COSIGNATURE_ML_DSA_44


def _message(checkpoint: Checkpoint, witness: Witness, time: int) -> bytes:
    """Return the bytes that are signed (c2sp.org/tlog-cosignature)."""
    if isinstance(witness.key, VerifyingKey):
        return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
    name, origin = witness.name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            _LABEL,
            bytes([len(name)]) + name,
            _TIME.pack(time),
            bytes([len(origin)]) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )
