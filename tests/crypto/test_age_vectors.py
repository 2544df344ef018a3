# SPDX-License-Identifier: Apache-2.0
"""The public age test vectors: every file has the outcome that it states.

Comity itself has no X25519 recipients; the identity below exists only here, so that the vectors of
header, armour and stream that were made with one can be run too.
"""

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.crypto.age import Identity, Passphrase, base64, bech32, decrypt_stream
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import HybridIdentity
from comity.errors import BadSignature, Malformed, NotForUs, Untrusted

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "age"
VECTORS = sorted(each.name for each in FOLDER.iterdir() if each.suffix != ".md")
KNOWN = {
    "expect",
    "payload",
    "identity",
    "passphrase",
    "armored",
    "compressed",
    "file key",
    "comment",
}
OUTCOMES = {
    "no match": (NotForUs, "untrusted.not-for-us"),
    "HMAC failure": (BadSignature, "untrusted.signature.age.header"),
    "header failure": (Malformed, "untrusted.malformed"),
    "payload failure": (Untrusted, "untrusted"),
    "armor failure": (Malformed, "untrusted.malformed"),
}


@dataclass(frozen=True)
class X25519Identity:
    """An age X25519 identity, for these vectors alone."""

    key: X25519PrivateKey

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
        found = None
        for stanza in stanzas:
            if stanza.type == "X25519":
                found = self._open(stanza) or found
        return found

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.arguments) != 1 or len(stanza.body) != 32:
            raise Malformed("age.stanza")
        share = base64.decode(stanza.arguments[0].encode())
        if len(share) != 32:
            raise Malformed("age.stanza")
        try:
            secret = self.key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise Malformed("age.stanza") from error
        salt = share + self.key.public_key().public_bytes_raw()
        info = b"age-encryption.org/v1/X25519"
        key = HKDF(hashes.SHA256(), 32, salt, info).derive(secret)
        try:
            return ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None)
        except InvalidTag:
            return None


@dataclass(frozen=True)
class Vector:
    said: dict[str, list[str]]
    file: bytes

    @classmethod
    def read(cls, name: str) -> "Vector":
        head, _, file = (FOLDER / name).read_bytes().partition(b"\n\n")
        said: dict[str, list[str]] = {}
        for line in head.decode().splitlines():
            key, _, value = line.partition(": ")
            said.setdefault(key, []).append(value)
        if said.get("compressed") == ["zlib"]:
            file = zlib.decompress(file)
        return cls(said, file)

    @property
    def identities(self) -> list[Identity]:
        of_keys = [_identity(each) for each in self.said.get("identity", [])]
        return [*of_keys, *(Passphrase(each) for each in self.said.get("passphrase", []))]


def _identity(line: str) -> Identity:
    if line.startswith("AGE-SECRET-KEY-PQ-"):
        return HybridIdentity.parse(line)
    _, raw = bech32.decode(line)
    return X25519Identity(X25519PrivateKey.from_private_bytes(raw))


@pytest.mark.parametrize("name", VECTORS)
def test_a_public_vector_has_its_stated_outcome(name: str) -> None:
    vector = Vector.read(name)
    sink = io.BytesIO()
    expected = vector.said["expect"][0]

    if expected == "success":
        decrypt_stream(io.BytesIO(vector.file), sink, vector.identities)
    else:
        kind, cause = OUTCOMES[expected]
        with pytest.raises(kind) as refused:
            decrypt_stream(io.BytesIO(vector.file), sink, vector.identities)
        assert refused.value.cause.startswith(cause)

    assert set(vector.said) <= KNOWN
    if "payload" in vector.said:
        assert hashlib.sha256(sink.getvalue()).hexdigest() == vector.said["payload"][0]
    else:
        assert sink.getvalue() == b""


def test_the_vectors_of_hybrid_scrypt_armour_and_stream_are_all_here() -> None:
    for family in ("hybrid", "scrypt", "armor", "stream", "stanza", "header"):
        assert any(name.startswith(family) for name in VECTORS), family
