# SPDX-License-Identifier: Apache-2.0
"""age v1, exactly as c2sp.org/age says: sealing to hybrid recipients or to a passphrase.

Stock age tools open what this writes. A failure raises ``Untrusted`` or a child and yields no byte
that was not authenticated; ``decrypt`` yields none at all. Each room of the package is a part of
the format: ``header``, ``stream``, ``armour``; and a kind of recipient: ``hybrid``, ``scrypt``.
"""

import io
import os
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, Final, Protocol

from comity.crypto.age import armour as armouring
from comity.crypto.age import header, stream
from comity.crypto.age.armour import armour as armour
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import HybridIdentity as HybridIdentity
from comity.crypto.age.hybrid import HybridRecipient as HybridRecipient
from comity.crypto.age.scrypt import Passphrase as Passphrase
from comity.errors import Malformed, Misused, NotForUs

FILE_KEY: Final = 16
Random = Callable[[int], bytes]


class Recipient(Protocol):
    def wrap(self, file_key: bytes) -> Stanza: ...


class Identity(Protocol):
    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None: ...


def encrypt(
    plaintext: bytes, recipients: Iterable[Recipient], *, random: Random = os.urandom
) -> bytes:
    """Return *plaintext* sealed to *recipients*."""
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(plaintext), sink, recipients, random=random)
    return sink.getvalue()


def decrypt(sealed: bytes, identities: Iterable[Identity]) -> bytes:
    """Return the clear text of *sealed* (binary or armoured), or raise ``Untrusted``."""
    sink = io.BytesIO()
    decrypt_stream(io.BytesIO(sealed), sink, identities)
    return sink.getvalue()


def encrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    recipients: Iterable[Recipient],
    *,
    random: Random = os.urandom,
) -> None:
    """Seal all that *source* reads into *sink*, holding one chunk at a time."""
    chosen = tuple(recipients)
    if not chosen:
        raise Misused("no-recipient")
    if len(chosen) > 1 and any(isinstance(each, Passphrase) for each in chosen):
        # A passphrase stands alone: its file says who made it, since only he knew it.
        raise Misused("passphrase-alone")
    file_key = random(FILE_KEY)
    sink.write(header.write([each.wrap(file_key) for each in chosen], file_key))
    stream.seal(file_key, random(stream.SALT), source.read, sink.write)


def decrypt_stream(source: BinaryIO, sink: BinaryIO, identities: Iterable[Identity]) -> None:
    """Open what *source* reads into *sink*; only authenticated bytes are written.

    An armoured file is read whole first; a binary one is held a chunk at a time.
    """
    head = _Buffered(source)
    parsed = header.read(head.until_payload())
    file_key = _file_key(parsed, tuple(identities))
    head.skip(parsed.end)
    stream.open_(file_key, head.read, sink.write)


def _file_key(parsed: header.Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        file_key = identity.unwrap(parsed.stanzas)
        if file_key is not None:
            if len(file_key) != FILE_KEY:
                raise Malformed("age.stanza")
            header.check(parsed, file_key)
            return file_key
    raise NotForUs("age")


class _Buffered:
    """A source of which the header is read ahead."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._ahead = b""

    def until_payload(self) -> bytes:
        """Return enough of the file to hold its header."""
        ahead = bytearray()
        while not header.whole(ahead):
            more = self._source.read(stream.CHUNK)
            ahead += more
            if not more or len(ahead) > header.HEADER_LIMIT:
                break
            if armouring.is_armoured(ahead):
                ahead = bytearray(armouring.unarmour(bytes(ahead) + self._source.read()))
                break
        self._ahead = bytes(ahead)
        return self._ahead

    def skip(self, size: int) -> None:
        self._ahead = self._ahead[size:]

    def read(self, size: int) -> bytes:
        if not self._ahead:
            return self._source.read(size)
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data
