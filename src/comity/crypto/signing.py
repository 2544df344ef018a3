# SPDX-License-Identifier: Apache-2.0
"""Signing keys: Ed25519 for all that is signed, ML-DSA-44 beside it for what must outlast Ed25519.

A key that exists is parsed, usable and sound: a public key of small order or in a second encoding
is refused, because one signature under it fits many messages and could be denied (Chalkias,
Garillot, Nikolaenko, *Taming the many EdDSAs*, 2020). A key id is lowercase unpadded base32 of the
first 16 bytes of SHA-256("comity/key@1" ‖ 0x00 ‖ algorithm ‖ 0x00 ‖ public key): a name for a key,
never a reason to trust it. No ``repr`` shows a seed.
"""

import os
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from comity.errors import BadSignature, Malformed

SEED_SIZE = 32  # RFC 8032 §5.1.5; FIPS 204 §5.1, the seed called xi
SIGNATURE_SIZE = 64  # RFC 8032 §5.1.6
KEY_SIZE = 32  # RFC 8032 §5.1.5
QUANTUM_SIGNATURE_SIZE = 2420  # FIPS 204 §4, table 2
QUANTUM_KEY_SIZE = 1312  # FIPS 204 §4, table 2
CONTEXT_LIMIT = 255  # FIPS 204 §5.2
KEY_ID_SIZE = 26  # characters of base32 for 16 bytes

_FIELD = 2**255 - 19  # RFC 8032 §5.1
# The y of the points whose order divides 8 (RFC 7748 §7 and the paper above): 0 has order 4, 1 and
# -1 have orders 1 and 2, the last and its negative have order 8.
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH})


def key_id(algorithm: str, raw: bytes) -> str:
    """Return the id of the public key *raw* of *algorithm* (``ed25519`` or ``ml-dsa-44``)."""
    digest = sha256(b"comity/key@1\x00" + algorithm.encode("ascii") + b"\x00" + raw).digest()
    return b32encode(digest[:16]).decode("ascii").rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a ``SigningKey``: 32 bytes, one encoding."""

    raw: bytes = field(repr=False)
    key_id: str = field(init=False, compare=False)
    _key: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_SIZE:
            raise Malformed("key", size=len(self.raw))
        y = int.from_bytes(self.raw, "little") & (1 << 255) - 1
        if y >= _FIELD or y in _SMALL_ORDER:
            raise Malformed("key")
        object.__setattr__(self, "key_id", key_id("ed25519", self.raw))
        object.__setattr__(self, "_key", Ed25519PublicKey.from_public_bytes(self.raw))

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise ``BadSignature`` unless *signature* is this key's over *message*."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise BadSignature(key=self.key_id) from None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key, made from its seed alone; two are equal when their public halves are."""

    seed: bytes = field(repr=False, compare=False)
    public: VerifyingKey = field(init=False)
    _key: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise Malformed("key", size=len(self.seed))
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "public", VerifyingKey(key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> "SigningKey":
        return cls(random(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        return cls(seed)

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of *message*; the same message gives the same bytes."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class QuantumVerifyingKey:
    """The public half of a ``QuantumSigningKey``: 1,312 bytes."""

    raw: bytes = field(repr=False)
    key_id: str = field(init=False, compare=False)
    _key: MLDSA44PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != QUANTUM_KEY_SIZE:
            raise Malformed("key", size=len(self.raw))
        object.__setattr__(self, "key_id", key_id("ml-dsa-44", self.raw))
        object.__setattr__(self, "_key", MLDSA44PublicKey.from_public_bytes(self.raw))

    def verify(self, signature: bytes, message: bytes, context: bytes = b"") -> None:
        """Raise ``BadSignature`` unless *signature* is this key's over *message* in *context*."""
        if len(context) > CONTEXT_LIMIT:
            raise BadSignature("context", key=self.key_id)
        try:
            self._key.verify(signature, message, context)
        except InvalidSignature:
            raise BadSignature(key=self.key_id) from None


@dataclass(frozen=True, slots=True)
class QuantumSigningKey:
    """An ML-DSA-44 key (FIPS 204), made from its seed alone."""

    seed: bytes = field(repr=False, compare=False)
    public: QuantumVerifyingKey = field(init=False)
    _key: MLDSA44PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise Malformed("key", size=len(self.seed))
        key = MLDSA44PrivateKey.from_seed_bytes(self.seed)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "public", QuantumVerifyingKey(key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> "QuantumSigningKey":
        return cls(random(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: bytes) -> "QuantumSigningKey":
        return cls(seed)

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def sign(self, message: bytes, context: bytes = b"") -> bytes:
        """Return a 2,420-byte signature of *message* in *context*; hedged, so never the same."""
        if len(context) > CONTEXT_LIMIT:
            raise ValueError("an ML-DSA context has at most 255 bytes")
        return self._key.sign(message, context)


@lru_cache(maxsize=8192)
def verifying_key(raw: bytes) -> VerifyingKey:
    """Return the parsed key *raw*; the newest 8,192 are kept, about 4 MB."""
    return VerifyingKey(raw)


@lru_cache(maxsize=256)
def quantum_verifying_key(raw: bytes) -> QuantumVerifyingKey:
    """Return the parsed key *raw*; few logs sign with it, and each key is large."""
    return QuantumVerifyingKey(raw)
