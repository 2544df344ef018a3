# SPDX-License-Identifier: Apache-2.0
"""The post-quantum hybrid recipient ``mlkem768x25519``: HPKE with ML-KEM-768 and X25519.

HPKE base mode, KEM MLKEM768-X25519 (X-Wing), HKDF-SHA256, ChaCha20-Poly1305. The stanza's argument
is the encapsulated key, its body the sealed file key. An identity is a seed of 32 bytes; SHAKE-256
of it gives 64 bytes for ML-KEM and 32 for X25519. Both kinds of value hold their keys ready: using
one again costs the HPKE operation and no more.
"""

import functools
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from comity.crypto.age import base64, bech32
from comity.crypto.age.header import Stanza
from comity.errors import Malformed

TYPE: Final = "mlkem768x25519"
INFO: Final = b"age-encryption.org/mlkem768x25519"
LABELS: Final = frozenset({"postquantum"})
"""As the reference implementation labels it (age 1.3, pq.go): not to be mixed with weaker ones."""
RECIPIENT_PREFIX: Final = "age1pq"
IDENTITY_PREFIX: Final = "age-secret-key-pq-"
ENCAPSULATED: Final = 1120
WRAPPED: Final = 32
"""A file key of 16 bytes and a tag of 16."""
MLKEM_PUBLIC: Final = 1184
SHARE: Final = 32
SEED: Final = 32
SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_P: Final = 2**255 - 19
LOW_ORDER: Final = frozenset(
    {
        # The points of Curve25519 whose order divides 8, and the two of their coordinates that fit
        # into 255 bits unreduced: whatever the secret, they give zero (RFC 7748 §6.1).
        *(0, 1, _P - 1, _P, _P + 1),
        0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
        0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class HybridRecipient:
    """Whom a file is sealed to; ``str()`` is its age line."""

    raw: bytes
    """The ML-KEM key and the X25519 key."""
    _key: MLKEM768X25519PublicKey = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls.from_raw(_raw(text))

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        if len(raw) != MLKEM_PUBLIC + SHARE or _of_low_order(raw[MLKEM_PUBLIC:]):
            raise Malformed("age.recipient")
        try:
            first = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC])
        except ValueError as error:
            raise Malformed("age.recipient") from error
        second = x25519.X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC:])
        return cls(raw, MLKEM768X25519PublicKey(first, second))

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.raw)

    def __repr__(self) -> str:
        return f"HybridRecipient({str(self)[:24]}…)"

    @property
    def labels(self) -> frozenset[str]:
        return LABELS

    def wrap(self, file_key: bytes) -> Stanza:
        sealed = SUITE.encrypt(file_key, self._key, info=INFO)
        argument = base64.encode(sealed[:ENCAPSULATED]).decode()
        return Stanza(TYPE, (argument,), sealed[ENCAPSULATED:])


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """Who can open; ``str()`` is its secret age line, ``repr()`` names its recipient alone."""

    seed: bytes = field(repr=False)
    recipient: HybridRecipient = field(compare=False)
    _key: MLKEM768X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> Self:
        return cls.from_seed(random(SEED))

    @classmethod
    def parse(cls, text: str) -> Self:
        prefix, seed = bech32.decode(text)
        if prefix != IDENTITY_PREFIX or text != text.upper():
            raise Malformed("age.identity")
        return cls.from_seed(seed)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        if len(seed) != SEED:
            raise Malformed("age.identity")
        expanded = hashlib.shake_256(seed).digest(96)
        first = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        second = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
        raw = first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw()
        key = MLKEM768X25519PrivateKey(first, second)
        return cls(seed, HybridRecipient.from_raw(raw), key)

    def __str__(self) -> str:
        return bech32.encode(IDENTITY_PREFIX, self.seed).upper()

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
        """Return the file key if a stanza is for this identity; raise if one is malformed."""
        found: bytes | None = None
        for stanza in stanzas:
            if stanza.type == TYPE:
                sealed = _sealed(stanza)
                found = found if found is not None else self._open(sealed)
        return found

    def _open(self, sealed: bytes) -> bytes | None:
        try:
            return SUITE.decrypt(sealed, self._key, info=INFO)
        except InvalidTag:
            return None


@functools.lru_cache(maxsize=1024)
def _raw(text: str) -> bytes:
    """Return what a recipient's line encodes; the same few lines are met again and again."""
    prefix, raw = bech32.decode(text)
    if prefix != RECIPIENT_PREFIX or text != text.lower():
        raise Malformed("age.recipient")
    return raw


def _sealed(stanza: Stanza) -> bytes:
    """Return the HPKE message of a stanza; its form is fixed, whoever it is for."""
    if len(stanza.arguments) != 1 or len(stanza.body) != WRAPPED:
        raise Malformed("age.stanza")
    encapsulated = base64.decode(stanza.arguments[0].encode())
    if len(encapsulated) != ENCAPSULATED or _of_low_order(encapsulated[-SHARE:]):
        raise Malformed("age.stanza")
    return encapsulated + stanza.body


def _of_low_order(share: bytes) -> bool:
    # X25519 ignores the topmost bit (RFC 7748 §5).
    return int.from_bytes(share, "little") % 2**255 in LOW_ORDER
