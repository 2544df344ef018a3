# SPDX-License-Identifier: Apache-2.0
"""The post-quantum hybrid recipient ``mlkem768x25519``: HPKE with ML-KEM-768 and X25519.

HPKE base mode, KEM MLKEM768-X25519 (X-Wing), HKDF-SHA256, ChaCha20-Poly1305. The stanza's argument
is the encapsulated key, its body the sealed file key. An identity is a seed of 32 bytes; SHAKE-256
of it gives 64 bytes for ML-KEM and 32 for X25519.
"""

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
RECIPIENT_PREFIX: Final = "age1pq"
IDENTITY_PREFIX: Final = "age-secret-key-pq-"
ENCAPSULATED: Final = 1120
WRAPPED: Final = 32
"""A file key of 16 bytes and a tag of 16."""
MLKEM_PUBLIC: Final = 1184
SEED: Final = 32
SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """Whom a file is sealed to; ``str()`` is its age line."""

    line: str
    _key: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        prefix, raw = bech32.decode(text)
        if prefix != RECIPIENT_PREFIX or len(raw) != MLKEM_PUBLIC + 32 or text != text.lower():
            raise Malformed("age.recipient")
        return cls.from_raw(raw)

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        try:
            first = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC])
            second = x25519.X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC:])
            key = MLKEM768X25519PublicKey(first, second)
        except ValueError as error:
            raise Malformed("age.recipient") from error
        return cls(bech32.encode(RECIPIENT_PREFIX, raw), key)

    def __str__(self) -> str:
        return self.line

    def wrap(self, file_key: bytes) -> Stanza:
        sealed = SUITE.encrypt(file_key, self._key, info=INFO)
        argument = base64.encode(sealed[:ENCAPSULATED]).decode()
        return Stanza(TYPE, (argument,), sealed[ENCAPSULATED:])


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """Who can open; ``str()`` is its secret age line, ``repr()`` shows nothing."""

    seed: bytes = field(repr=False)
    recipient: HybridRecipient = field(compare=False)
    _key: MLKEM768X25519PrivateKey = field(repr=False, compare=False)
    _curve: x25519.X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> Self:
        return cls.from_seed(random(SEED))

    @classmethod
    def parse(cls, text: str) -> Self:
        prefix, seed = bech32.decode(text)
        if prefix != IDENTITY_PREFIX or len(seed) != SEED or text != text.upper():
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
        return cls(seed, HybridRecipient.from_raw(raw), key, second)

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
            self._refuse_low_order(sealed[ENCAPSULATED - 32 : ENCAPSULATED])
            return None

    def _refuse_low_order(self, share: bytes) -> None:
        """Raise Malformed if *share* would give everybody the same, all-zero secret."""
        try:
            self._curve.exchange(x25519.X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise Malformed("age.stanza") from error


def _sealed(stanza: Stanza) -> bytes:
    """Return the HPKE message of a stanza; its form is fixed, whoever it is for."""
    if len(stanza.arguments) != 1 or len(stanza.body) != WRAPPED:
        raise Malformed("age.stanza")
    encapsulated = base64.decode(stanza.arguments[0].encode())
    if len(encapsulated) != ENCAPSULATED:
        raise Malformed("age.stanza")
    return encapsulated + stanza.body
