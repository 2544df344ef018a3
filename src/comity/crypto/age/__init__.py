# SPDX-License-Identifier: Apache-2.0
"""age v1, exactly as c2sp.org/age says: sealing to hybrid recipients or to a passphrase.

Stock age tools open what this writes. A failure raises ``Untrusted`` or a child and yields no byte
that was not authenticated; ``decrypt`` yields none at all. Each room of the package is a part of
the format: ``header``, ``stream``, ``armour``; or a kind of recipient: ``hybrid``, ``scrypt``.

A file key is wrapped by ``Recipient.wrap`` and found by ``Identity.unwrap``, and neither knows the
payload: a stanza for one more reader can be made beside a file without touching its chunks.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol

from comity.crypto.age import armour as armouring
from comity.crypto.age import header, scrypt, stream
from comity.crypto.age.armour import armour as armour
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import HybridIdentity as HybridIdentity
from comity.crypto.age.hybrid import HybridRecipient as HybridRecipient
from comity.crypto.age.scrypt import Passphrase as Passphrase
from comity.crypto.age.source import Source
from comity.crypto.age.stream import Sealing
from comity.errors import Malformed, Misused, NotForUs

FILE_KEY: Final = 16
Random = Callable[[int], bytes]


class Readable(Protocol):
    """A file open for reading, or whatever else hands out bytes until there are none."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes | memoryview, /) -> int: ...


class Recipient(Protocol):
    @property
    def labels(self) -> frozenset[str]:
        """What this kind promises; one file is sealed only to kinds that promise the same."""
        ...

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
    source: Readable,
    sink: Writable,
    recipients: Iterable[Recipient],
    *,
    random: Random = os.urandom,
) -> None:
    """Seal all that *source* reads into *sink*, holding two chunks at a time."""
    file_key = _begun(sink, recipients, random)
    stream.seal(file_key, random(stream.SALT), Source(source.read), sink.write)


def sealing(
    sink: Writable, recipients: Iterable[Recipient], *, random: Random = os.urandom
) -> Sealing:
    """Return what seals into *sink* whatever is written to it; it is whole once it is finished."""
    file_key = _begun(sink, recipients, random)
    return Sealing(file_key, random(stream.SALT), sink.write)


def decrypt_stream(source: Readable, sink: Writable, identities: Iterable[Identity]) -> None:
    """Open what *source* reads (binary or armoured) into *sink*, holding one chunk at a time.

    Only authenticated bytes are written; but until this returns, they may not be the whole.
    """
    for chunk in opened(source, identities):
        stream.put(chunk, sink.write)


def opened(source: Readable, identities: Iterable[Identity]) -> Iterator[memoryview]:
    """Yield what *source* holds (binary or armoured) as it is opened, by views that do not last."""
    sealed = armouring.opened(Source(source.read))
    file_key = file_key_of(header.read(sealed), tuple(identities))
    yield from stream.opened(file_key, sealed)


def _begun(sink: Writable, recipients: Iterable[Recipient], random: Random) -> bytes:
    """Write the header of a file for *recipients*; return its new key."""
    chosen = tuple(recipients)
    _check_together(chosen)
    file_key = random(FILE_KEY)
    stream.put(header.write([each.wrap(file_key) for each in chosen], file_key), sink.write)
    return file_key


def _check_together(recipients: Sequence[Recipient]) -> None:
    """Raise Misused unless one file may be sealed to all of *recipients*."""
    if not recipients:
        raise Misused("no-recipient")
    if len(recipients) > 1 and any(isinstance(each, Passphrase) for each in recipients):
        # A passphrase stands alone: its file says who made it, since only he knew it.
        raise Misused("passphrase-alone")
    if len({each.labels for each in recipients}) > 1:
        # The weakest reader's stanza decides how long the file stays closed.
        raise Misused("recipients-mixed")


def file_key_of(head: header.Header, identities: Sequence[Identity]) -> bytes:
    """Return the key of the file that begins with *head*, whose MAC it fits; or raise."""
    scrypt.check_alone(head.stanzas)
    for identity in identities:
        file_key = identity.unwrap(head.stanzas)
        if file_key is not None:
            if len(file_key) != FILE_KEY:
                raise Malformed("age.stanza")
            header.check(head, file_key)
            return file_key
    raise NotForUs("age")
