# SPDX-License-Identifier: Apache-2.0
"""Blobs: content too large for a statement, sealed once to a key of its own (spec/parcel.md).

A blob is one age file with exactly one stanza, sealed to a fresh hybrid identity whose seed travels
in the statement: passing a file on means sealing 32 bytes again. What is sealed is the content and
then zeros up to a Padmé size; its id is the SHA-256 of the sealed bytes.

Both directions hold two chunks at a time. Opening reads the sealed bytes twice: once to verify all
that the statement says of them, and only then to hand them out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final

from comity.crypto import age
from comity.crypto.age import HybridIdentity, Readable, Writable
from comity.crypto.age.stream import CHUNK, SALT, TAG, put
from comity.domain.ids import BlobId, Digest, Random
from comity.domain.statement import Attachment
from comity.errors import Differs, Malformed, Misused
from comity.wire.padding import padme

CLEAR_LIMIT: Final = 4 << 30
"""Of the content: a disk image travels another way."""
BLOCK: Final = 1 << 20
HEADER: Final = 1627
"""Bytes of an age header with one hybrid stanza: every part of it has a fixed length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a statement says of a blob, besides its name and media type."""

    blob: BlobId
    size: int
    seed: bytes
    clear: Digest
    length: int


def sealed_size(length: int) -> int:
    """Return how many bytes a content of *length* has once it is sealed."""
    padded = padme(length)
    chunks = max(1, -(-padded // CHUNK))
    return HEADER + SALT + padded + chunks * TAG


def seal_blob(
    source: Readable, sink: Writable, random: Random, *, limit: int = CLEAR_LIMIT
) -> Sealed:
    """Seal all that *source* reads into *sink*; raise Misused beyond *limit* bytes."""
    identity = HybridIdentity.generate(random)
    clear, sealed = _Padded(source, limit), _Hashed(sink)
    age.encrypt_stream(clear, sealed, [identity.recipient], random=random)
    return Sealed(
        blob=BlobId(sealed.digest),
        size=sealed.size,
        seed=identity.seed,
        clear=clear.digest,
        length=clear.length,
    )


class BlobSealing:
    """A blob that is sealed as its content comes; ``finish`` tells what it became."""

    def __init__(self, sink: Writable, random: Random, *, limit: int = CLEAR_LIMIT) -> None:
        self._identity = HybridIdentity.generate(random)
        self._sealed = _Hashed(sink)
        self._sealing = age.sealing(self._sealed, [self._identity.recipient], random=random)
        self._clear = sha256()
        self._length = 0
        self._limit = limit

    def write(self, data: bytes | memoryview, /) -> int:
        self._length += len(data)
        if self._length > self._limit:
            raise Misused("file-large", limit=self._limit)
        self._clear.update(data)
        return self._sealing.write(data)

    def finish(self) -> Sealed:
        """Seal the padding too and return what a statement says of the whole."""
        zeros = padme(self._length) - self._length
        while zeros:
            zeros -= self._sealing.write(bytes(min(zeros, BLOCK)))
        self._sealing.finish()
        return Sealed(
            blob=BlobId(self._sealed.digest),
            size=self._sealed.size,
            seed=self._identity.seed,
            clear=Digest(self._clear.hexdigest()),
            length=self._length,
        )


def open_blob(source: BinaryIO, sink: Writable, attachment: Attachment) -> None:
    """Write the content of *attachment* from the sealed *source*, which can be rewound.

    Nothing is written before all of this holds: (1) The sizes that the statement gives fit one
    another. (2) The sealed bytes are as many and have the id that it names. (3) They open under the
    seed. (4) What they hold has the length and the digest that it names, and zeros behind.
    """
    for piece in opened_blob(source, attachment):
        put(piece, sink.write)


def opened_blob(source: BinaryIO, attachment: Attachment) -> Iterator[memoryview]:
    """Yield the content of *attachment* by views that do not last; what ``open_blob`` says holds.

    All is verified before the first is yielded, and again on the way.
    """
    if not 0 <= attachment.length <= CLEAR_LIMIT:
        raise Malformed("blob", limit=CLEAR_LIMIT)
    if attachment.size != sealed_size(attachment.length):  # (1)
        raise Differs("file.size")
    start = source.tell()
    if _told(source) != (attachment.size, attachment.blob):  # (2)
        raise Differs("file.sealed")
    # Twice, and checked both times: the file may be exchanged between the readings.
    source.seek(start)
    for _ in _content(source, attachment):
        pass
    source.seek(start)
    yield from _content(source, attachment)


def _content(source: BinaryIO, attachment: Attachment) -> Iterator[memoryview]:
    """Yield the content without its padding; raise unless it is what the statement says."""
    checked = _Content(attachment)
    identity = HybridIdentity.from_seed(attachment.seed)
    for chunk in age.opened(source, [identity]):  # (3)
        if content := checked.taken(chunk):
            yield content
    checked.finish()  # (4)


class _Padded:
    """A source that goes on with zeros up to a Padmé size, and knows what it held before them."""

    def __init__(self, source: Readable, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._hash = sha256()
        self.length = 0
        self._zeros = -1
        """How many are still to come; unknown until the content has ended."""

    @property
    def digest(self) -> Digest:
        return Digest(self._hash.hexdigest())

    def read(self, size: int, /) -> bytes:
        if self._zeros < 0:
            data = self._source.read(size)
            if data:
                return self._content(data)
            self._zeros = padme(self.length) - self.length
        taken = min(size, self._zeros)
        self._zeros -= taken
        return bytes(taken)

    def _content(self, data: bytes) -> bytes:
        self._hash.update(data)
        self.length += len(data)
        if self.length > self._limit:
            raise Misused("file-large", limit=self._limit)
        return data


class _Hashed:
    """A sink that knows what went into it."""

    def __init__(self, sink: Writable) -> None:
        self._sink = sink
        self._hash = sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes | memoryview, /) -> int:
        taken = self._sink.write(data)
        self._hash.update(data[:taken])
        self.size += taken
        return taken


class _Content:
    """Tells the content from the padding, and holds both against the statement."""

    def __init__(self, attachment: Attachment) -> None:
        self._told = attachment
        self._left = attachment.length
        self._padding = padme(attachment.length) - attachment.length
        self._hash = sha256()

    def taken(self, data: memoryview) -> memoryview:
        """Return what of *data* is content."""
        content, padding = data[: self._left], data[self._left :]
        self._hash.update(content)
        self._left -= len(content)
        self._padding -= len(padding)
        if bytes(padding).count(0) != len(padding):
            raise Malformed("padding")
        return content

    def finish(self) -> None:
        if self._left or self._padding:
            raise Malformed("padding")
        if self._hash.hexdigest() != self._told.clear:
            raise Differs("file.clear")


def _told(source: Readable) -> tuple[int, BlobId]:
    """Return what the sealed bytes of *source* are: how many, and their id."""
    hashed, size = sha256(), 0
    while block := source.read(BLOCK):
        hashed.update(block)
        size += len(block)
    return size, BlobId(hashed.hexdigest())
