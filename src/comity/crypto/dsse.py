# SPDX-License-Identifier: Apache-2.0
"""DSSE v1 envelopes: a payload, its type and who signed it (secure-systems-lab, *dsse* 1.0.0).

Comity's profile is narrower than DSSE, so that one signed thing has one set of bytes: compact JSON
with sorted keys (RFC 8785), standard padded base64, 1 to 8 signatures of distinct keys, each with
its key id. ``read`` takes exactly what ``sign`` would write and refuses the rest; a stock DSSE
verifier reads it all the same. The key id only chooses which signature to try (dsse, *KEYID*).

``read`` checks form, not truth: nothing in a ``Signed`` is to be believed before ``verify``.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from comity.crypto.signing import (
    KEY_ID_SIZE,
    QUANTUM_SIGNATURE_SIZE,
    SIGNATURE_SIZE,
    QuantumSigningKey,
    QuantumVerifyingKey,
    SigningKey,
    VerifyingKey,
)
from comity.errors import BadSignature, Malformed

PAYLOAD_TYPE = "application/vnd.comity+json"  # design §5
SIGNATURES_LIMIT = 8


class Signature(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One key's signature over the payload and its type."""

    key_id: Annotated[str, msgspec.Meta(min_length=KEY_ID_SIZE, max_length=KEY_ID_SIZE)] = (
        msgspec.field(name="keyid")
    )
    value: Annotated[
        bytes, msgspec.Meta(min_length=SIGNATURE_SIZE, max_length=QUANTUM_SIGNATURE_SIZE)
    ] = msgspec.field(name="sig")


# A Struct where the house would take a dataclass: msgspec then writes the JSON names itself, and
# one object less is made for each of the messages of a busy node.
class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an envelope holds; the fields stand in the order of their canonical JSON names."""

    payload: bytes
    payload_type: str = msgspec.field(name="payloadType")
    signatures: Annotated[
        tuple[Signature, ...], msgspec.Meta(min_length=1, max_length=SIGNATURES_LIMIT)
    ]

    def __repr__(self) -> str:
        signers = ", ".join(each.key_id for each in self.signatures)
        return f"Signed({len(self.payload)} bytes, {self.payload_type}, by {signers})"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Signed)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (dsse, *PAE*): no two pairs give the same."""
    named = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(named), named, len(payload), payload)


def sign(
    payload: bytes,
    keys: Sequence[SigningKey | QuantumSigningKey],
    payload_type: str = PAYLOAD_TYPE,
) -> bytes:
    """Return the envelope of *payload* with one signature of each of *keys*, in their order."""
    # Nearly always it is one key, and no two are alike.
    distinct = len(keys) == 1 or len({key.key_id for key in keys}) == len(keys)
    if not (distinct and 1 <= len(keys) <= SIGNATURES_LIMIT):
        raise ValueError("an envelope has 1 to 8 signatures of distinct keys")
    message = pae(payload_type, payload)
    signatures = tuple(Signature(key.key_id, key.sign(message)) for key in keys)
    return _encoder.encode(Signed(payload, payload_type, signatures))


def read(data: bytes, limit: int, payload_type: str = PAYLOAD_TYPE) -> Signed:
    """Return what the envelope *data*, of at most *limit* bytes, says; still unverified."""
    if len(data) > limit:
        raise Malformed("size", limit=limit)
    try:
        signed = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed("dsse") from None
    if signed.payload_type != payload_type:
        raise Malformed("payload-type")
    # Duplicate keys, white space, other escapes and other base64 all end here.
    if _encoder.encode(signed) != data:
        raise Malformed("canonical")
    signatures = signed.signatures
    if len(signatures) > 1 and len({each.key_id for each in signatures}) < len(signatures):
        raise Malformed("signatures")
    return signed


def verify(signed: Signed, key: VerifyingKey | QuantumVerifyingKey) -> None:
    """Raise ``BadSignature`` unless *key* has signed the payload and its type."""
    for each in signed.signatures:
        if each.key_id == key.key_id:
            key.verify(each.value, pae(signed.payload_type, signed.payload))
            return
    raise BadSignature("absent", key=key.key_id)
