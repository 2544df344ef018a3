# SPDX-License-Identifier: Apache-2.0
"""The public age test vectors: every file has the outcome that it states; none is passed over.

Comity itself has no X25519 recipients; the identity below exists only here, so that the vectors of
header, armour and stream that were made with one can be run too. What opens is also made again from
its file key: the same header, the same chunks, the same armour, byte for byte.
"""

import hashlib
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.crypto.age import (
    HybridIdentity,
    Identity,
    Passphrase,
    armour,
    base64,
    bech32,
    decrypt,
    decrypt_stream,
    header,
    stream,
)
from comity.crypto.age.armour import opened
from comity.crypto.age.header import Stanza
from comity.crypto.age.source import Source
from comity.errors import BadSignature, ComityError, Malformed, NotForUs

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "age"
VECTORS = sorted(
    each.name for each in FOLDER.iterdir() if each.suffix != ".md" and not each.name.startswith(".")
)
UNCHANGED = "cead426a3bc00db3"
"""Start of the SHA-256 over the names and contents of all, as the package carried them."""
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
FAMILIES = {
    "armor": 33,
    "empty": 1,
    "header": 1,
    "hmac": 8,
    "hybrid": 18,
    "scrypt": 25,
    "stanza": 14,
    "stream": 28,
    "version": 1,
    "x25519": 14,
}
OUTCOMES: dict[str, tuple[type[ComityError], str]] = {
    "no match": (NotForUs, r"^untrusted\.not-for-us\.age$"),
    "HMAC failure": (BadSignature, r"^untrusted\.signature\.age\.header$"),
    "header failure": (
        Malformed,
        # To the vectors, the payload's nonce is the header's end, and an empty armour an empty file.
        r"^untrusted\.malformed\.age\.(version|header|stanza|base64|payload|armour)$",
    ),
    "payload failure": (ComityError, r"^untrusted\.(malformed|signature)\.age\.payload$"),
    # A text of which the first line is wrong is no armour to us, and no age file either.
    "armor failure": (Malformed, r"^untrusted\.malformed\.age\.(armour|version)$"),
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
    def expect(self) -> str:
        return self.said["expect"][0]

    @property
    def armoured(self) -> bool:
        return "armored" in self.said

    @property
    def file_key(self) -> bytes:
        return bytes.fromhex(self.said["file key"][0])

    @property
    def identities(self) -> list[Identity]:
        of_keys = [_identity(each) for each in self.said.get("identity", [])]
        return [*of_keys, *(Passphrase(each) for each in self.said.get("passphrase", []))]


def _identity(line: str) -> Identity:
    if line.startswith("AGE-SECRET-KEY-PQ-"):
        return HybridIdentity.parse(line)
    _, raw = bech32.decode(line)
    return X25519Identity(X25519PrivateKey.from_private_bytes(raw))


ALL = {name: Vector.read(name) for name in VECTORS}
OPENING = [name for name, vector in ALL.items() if vector.expect == "success"]


@pytest.mark.parametrize("name", VECTORS)
def test_a_public_vector_has_its_stated_outcome(name: str) -> None:
    vector = ALL[name]
    sink = io.BytesIO()

    if vector.expect == "success":
        decrypt_stream(io.BytesIO(vector.file), sink, vector.identities)
    else:
        kind, cause = OUTCOMES[vector.expect]
        with pytest.raises(kind, match=cause):
            decrypt_stream(io.BytesIO(vector.file), sink, vector.identities)

    assert set(vector.said) <= KNOWN
    if "payload" in vector.said:
        assert hashlib.sha256(sink.getvalue()).hexdigest() == vector.said["payload"][0]
    else:
        assert sink.getvalue() == b""


def test_no_vector_was_left_out_or_changed() -> None:
    every = hashlib.sha256()
    for name in VECTORS:
        every.update(f"{name}\n".encode() + (FOLDER / name).read_bytes())

    assert Counter(name.partition("_")[0] for name in VECTORS) == FAMILIES
    assert every.hexdigest().startswith(UNCHANGED)


def test_by_what_rule_a_vector_needs_the_identity_that_only_tests_have() -> None:
    lines = {name: vector.said.get("identity", []) for name, vector in ALL.items()}
    classic = {name for name, of in lines.items() if any("KEY-PQ-" not in line for line in of)}
    hybrid_or_scrypt = {name for name in VECTORS if name.startswith(("hybrid", "scrypt"))}
    rest = {name.partition("_")[0] for name in classic - hybrid_or_scrypt}

    assert rest == set(FAMILIES) - {"hybrid", "scrypt", "empty"}
    assert hybrid_or_scrypt & classic == {"hybrid_x25519_arg", "scrypt_and_x25519"}


@pytest.mark.parametrize("name", [n for n, v in ALL.items() if v.expect in ("success", "no match")])
def test_a_header_is_written_again_as_it_was(name: str) -> None:
    vector = ALL[name]
    inside = opened(Source(io.BytesIO(vector.file).read)).read(len(vector.file))

    parsed = header.read(Source(io.BytesIO(inside).read))

    assert inside.startswith(header.write(parsed.stanzas, vector.file_key))


@pytest.mark.parametrize("name", OPENING)
def test_a_payload_is_sealed_again_as_it_was(name: str) -> None:
    vector = ALL[name]
    source = opened(Source(io.BytesIO(vector.file).read))
    header.read(source)
    payload = source.read(len(vector.file))
    again = io.BytesIO()

    text = io.BytesIO(decrypt(vector.file, vector.identities))
    stream.seal(vector.file_key, payload[: stream.SALT], Source(text.read), again.write)

    assert again.getvalue() == payload


@pytest.mark.parametrize("name", [name for name in OPENING if ALL[name].armoured])
def test_armour_is_written_again_as_it_was(name: str) -> None:
    text = ALL[name].file

    again = armour(opened(Source(io.BytesIO(text).read)).read(len(text)))

    assert again.strip() == text.strip().replace(b"\r\n", b"\n")


@pytest.mark.parametrize("name", [name for name in OPENING if not ALL[name].armoured])
def test_what_opens_also_opens_armoured(name: str) -> None:
    vector = ALL[name]

    text = decrypt(armour(vector.file), vector.identities)

    assert hashlib.sha256(text).hexdigest() == vector.said["payload"][0]
