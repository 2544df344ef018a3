# SPDX-License-Identifier: Apache-2.0
"""A stanza for one more reader, made and kept beside a file whose own bytes never change.

The file key is wrapped again, and the new stanza lies elsewhere. What opens the file by it is a
``FileKey``, an identity like any other: the header's MAC tells whether it is this file's. For a
stock age tool the file is written with the new stanza in the place of all others, over the same
payload to the byte.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from comity.crypto.age import Identity, file_key_of, header
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import HybridIdentity, HybridRecipient
from comity.crypto.age.source import Source
from comity.errors import Malformed, NotForUs

LIMIT: Final = 2048
"""Bytes of one hybrid stanza and more; they have some 1,560."""
_MAC_LINE: Final = 45
"""After what the MAC covers: a space, 43 characters, a line feed."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """The key of one file: opens it whatever its stanzas, and no other."""

    raw: bytes = field(repr=False)

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:  # noqa: ARG002  # none is needed
        return self.raw


def key_of(sealed: bytes, identities: Iterable[Identity]) -> FileKey:
    """Return the key of the file *sealed*, which must be binary; raise Untrusted."""
    return FileKey(file_key_of(_head(sealed), tuple(identities)))


def wrap(key: FileKey, recipient: HybridRecipient) -> bytes:
    """Return the stanza by which *recipient* finds *key*."""
    return header.written(recipient.wrap(key.raw))


def unwrap(stanza: bytes, identity: HybridIdentity) -> FileKey:
    """Return the key in *stanza*, made for *identity*; raise Untrusted."""
    found = identity.unwrap((read(stanza),))
    if found is None:
        raise NotForUs("age")
    return FileKey(found)  # of 16 bytes: a stanza of another length is malformed


def read(stanza: bytes) -> Stanza:
    """Return what *stanza* writes; raise Malformed."""
    if len(stanza) > LIMIT:
        raise Malformed("size", limit=LIMIT)
    return header.read_stanza(stanza)


def addressed_again(sealed: bytes, key: FileKey, stanza: bytes) -> bytes:
    """Return the file *sealed* with *stanza* in the place of all it has; its payload stays."""
    head = _head(sealed)
    header.check(head, key.raw)
    payload = sealed[len(head.covered) + _MAC_LINE :]
    return header.write([read(stanza)], key.raw) + payload


def _head(sealed: bytes) -> header.Header:
    return header.read(Source(io.BytesIO(sealed).read))
