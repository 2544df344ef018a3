# SPDX-License-Identifier: Apache-2.0
"""The passphrase recipient ``scrypt``: alone in its header, its work factor bounded.

A work factor is a power of two: we write 2^17 (about 128 MiB and half a second) and read up to
2^18, so that a hostile file cannot make this machine work for an hour.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity.crypto.age import base64
from comity.crypto.age.header import Stanza
from comity.errors import Malformed

TYPE: Final = "scrypt"
LABEL: Final = b"age-encryption.org/v1/scrypt"
SALT: Final = 16
WRAPPED: Final = 32
WRITE_FACTOR: Final = 17
READ_FACTOR: Final = 18
NONCE: Final = bytes(12)
_FACTOR = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, as recipient and as identity; ``repr()`` shows nothing."""

    text: str = field(repr=False)
    factor: int = field(default=WRITE_FACTOR, kw_only=True)
    """Work factor for sealing, as a power of two; low ones are for practice nodes."""
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False, kw_only=True)

    def wrap(self, file_key: bytes) -> Stanza:
        salt = self.random(SALT)
        body = ChaCha20Poly1305(self._key(salt, self.factor)).encrypt(NONCE, file_key, None)
        return Stanza(TYPE, (base64.encode(salt).decode(), str(self.factor)), body)

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
        """Return the file key if the passphrase is right; raise if the stanza is malformed."""
        if not any(stanza.type == TYPE for stanza in stanzas):
            return None
        if len(stanzas) != 1 or len(stanzas[0].arguments) != 2:
            raise Malformed("age.stanza")
        text, factor = stanzas[0].arguments
        salt = base64.decode(text.encode())
        if len(salt) != SALT or not _FACTOR.fullmatch(factor) or int(factor) > READ_FACTOR:
            raise Malformed("age.stanza")
        if len(stanzas[0].body) != WRAPPED:
            raise Malformed("age.stanza")
        key = self._key(salt, int(factor))
        try:
            return ChaCha20Poly1305(key).decrypt(NONCE, stanzas[0].body, None)
        except InvalidTag:
            return None

    def _key(self, salt: bytes, factor: int) -> bytes:
        kdf = Scrypt(salt=LABEL + salt, length=32, n=1 << factor, r=8, p=1)
        return kdf.derive(self.text.encode())
