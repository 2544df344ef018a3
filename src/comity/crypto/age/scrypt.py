# SPDX-License-Identifier: Apache-2.0
"""The passphrase recipient ``scrypt``: alone in its header, its work factor bounded.

A work factor is a power of two: we write 2^17 (about 128 MiB and half a second) and read up to
2^18, so that a hostile file cannot make this machine work for an hour.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity.crypto.age import base64
from comity.crypto.age.header import Stanza
from comity.errors import Malformed, Misused

TYPE: Final = "scrypt"
LABEL: Final = b"age-encryption.org/v1/scrypt"
LABELS: Final = frozenset({"passphrase"})
"""It stands alone, so that it shares a label with no other kind."""
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
    limit: int = field(default=READ_FACTOR, kw_only=True)
    """Highest work factor to open: a step above the default doubles its 256 MiB and its second."""
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.factor <= READ_FACTOR:
            raise Misused("work-factor", limit=READ_FACTOR)
        try:
            empty = not self.text.encode()
        except UnicodeEncodeError:
            # Bytes that were no text, smuggled through a terminal or the environment; the error
            # that Python raises would show them.
            raise Misused("passphrase-text") from None
        if empty:
            raise Misused("passphrase-empty")

    @property
    def labels(self) -> frozenset[str]:
        return LABELS

    def wrap(self, file_key: bytes) -> Stanza:
        salt = self.random(SALT)
        body = ChaCha20Poly1305(self._key(salt, self.factor)).encrypt(NONCE, file_key, None)
        return Stanza(TYPE, (base64.encode(salt).decode(), str(self.factor)), body)

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
        """Return the file key if the passphrase is right; raise if the stanza is malformed."""
        check_alone(stanzas)
        if stanzas[0].type != TYPE:
            return None
        salt, factor = _measured(stanzas[0], self.limit)
        try:
            aead = ChaCha20Poly1305(self._key(salt, factor))
            return aead.decrypt(NONCE, stanzas[0].body, None)
        except InvalidTag:
            return None

    def _key(self, salt: bytes, factor: int) -> bytes:
        kdf = Scrypt(salt=LABEL + salt, length=32, n=1 << factor, r=8, p=1)
        return kdf.derive(self.text.encode())


def check_alone(stanzas: Sequence[Stanza]) -> None:
    """Raise Malformed if a passphrase stands beside another stanza.

    Who opens a file by passphrase believes that somebody made it who knew it; a second stanza
    would let any other reader make one (c2sp.org/age, scrypt recipient stanza).
    """
    if len(stanzas) > 1 and any(stanza.type == TYPE for stanza in stanzas):
        raise Malformed("age.stanza")


def _measured(stanza: Stanza, limit: int) -> tuple[bytes, int]:
    """Return salt and work factor of *stanza*, all of it measured before any work is done."""
    if len(stanza.arguments) != 2 or len(stanza.body) != WRAPPED:
        raise Malformed("age.stanza")
    text, factor = stanza.arguments
    salt = base64.decode(text.encode())
    if len(salt) != SALT or not _FACTOR.fullmatch(factor) or int(factor) > limit:
        raise Malformed("age.stanza")
    return salt, int(factor)
