# SPDX-License-Identifier: Apache-2.0
"""The vault: small values that the node itself needs, encrypted at rest under the house key.

This is the *housed* class of design §6. Each value is locked for one *place*, such as
``certificates/ab12``: what stands before the first ``/`` is the *room*, which has keys of its own,
and the whole place is authenticated, so a row moved to another row's place does not open.

locked = version (1 byte, 0x01) ‖ nonce (12 random bytes) ‖ AES-256-GCM-SIV (RFC 8452) ciphertext
and tag, with associated data = version ‖ place. GCM-SIV, because a nonce that comes twice (a
restored virtual machine) then tells only that two equal values are equal. Room keys are
HKDF-SHA256 (RFC 5869, no salt) of the house key with info ``comity/house@1/<room>``, and
``comity/house@1/tag/<room>`` for tags.

A vault says nothing about age: who can write to the database can put an older value of the same
place back. What must not go back is in the ledger.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.errors import Damaged

HOUSE_KEY_SIZE = 32
VERSION = b"\x01"
NONCE_SIZE = 12  # RFC 8452 §4
TAG_SIZE = 16  # RFC 8452 §4
OVERHEAD = len(VERSION) + NONCE_SIZE + TAG_SIZE
"""How many bytes a locked value is longer than what it holds."""

_PLACE = re.compile(r"([a-z][a-z0-9-]{0,31})/[ -~]{1,200}")
_ROOM = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Vault:
    """Locks and opens housed values; made once when the house opens."""

    house_key: bytes = field(repr=False, compare=False)
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False, compare=False)
    _ciphers: dict[str, AESGCMSIV] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _tags: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)
    _begun: dict[str, HMAC] = field(default_factory=dict, init=False, repr=False, compare=False)
    """A MAC for each room's tags, its key taken in: a copy of it costs a third of a new one."""

    def __post_init__(self) -> None:
        if len(self.house_key) != HOUSE_KEY_SIZE:
            raise ValueError("a house key has 32 bytes")

    def lock(self, plaintext: bytes, place: str) -> bytes:
        """Return *plaintext* encrypted for *place* and no other."""
        nonce = self.random(NONCE_SIZE)
        data = VERSION + place.encode()
        return VERSION + nonce + self._cipher(place).encrypt(nonce, plaintext, data)

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was locked for *place*; raise ``Damaged`` for any other bytes."""
        cipher = self._cipher(place)
        if len(sealed) < OVERHEAD:
            raise Damaged("housed")
        if sealed[:1] != VERSION:
            raise Damaged("housed-version", version=sealed[0])
        try:
            return cipher.decrypt(sealed[1:13], sealed[13:], VERSION + place.encode())
        except InvalidTag:
            raise Damaged("housed") from None

    def tag(self, value: bytes, room: str) -> bytes:
        """Return 32 bytes that are equal in *room* exactly when *value* is, and tell nothing else.

        For equality look-ups in a column. Whoever has the database and no key sees which rows are
        equal, so a tag is not for values that repeat in a telling way.
        """
        begun = self._begun.get(room)
        if begun is None:
            begun = self._begun[room] = HMAC(self.tag_key(room), SHA256())
        mac = begun.copy()
        mac.update(value)
        return mac.finalize()

    def tag_key(self, room: str) -> bytes:
        """Return the key of a room's tags: what outlives the house key, so that rows are found."""
        key = self._tags.get(room)
        if key is None:
            if not _ROOM.fullmatch(room):
                raise ValueError("a room is a short lowercase word")
            key = self._tags[room] = self._derive(f"tag/{room}")
        return key

    def remember(self, tags: Mapping[str, bytes]) -> None:
        """Make tags with the keys of a house key that was before, each for its room."""
        self._tags.update(tags)
        self._begun.clear()

    def _cipher(self, place: str) -> AESGCMSIV:
        match = _PLACE.fullmatch(place)
        if match is None:
            raise ValueError("a place is room/name in printable ASCII")
        room = match[1]
        cipher = self._ciphers.get(room)
        if cipher is None:
            # Two threads may both derive it: the same key twice does no harm.
            cipher = self._ciphers[room] = AESGCMSIV(self._derive(room))
        return cipher

    def _derive(self, purpose: str) -> bytes:
        info = f"comity/house@1/{purpose}".encode()
        return HKDF(SHA256(), HOUSE_KEY_SIZE, None, info).derive(self.house_key)
