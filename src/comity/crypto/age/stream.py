# SPDX-License-Identifier: Apache-2.0
"""The age payload: ChaCha20-Poly1305 over chunks of 64 KiB, each numbered, the last one marked.

Both directions hold one chunk at a time, or two. Opening hands out a chunk only once it is
authenticated; the caller learns by an exception that what came before it was not the whole. A sink
gets views of a buffer that is used again: it copies what it keeps.
"""

from collections.abc import Callable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.crypto.age.header import derived
from comity.crypto.age.source import Source
from comity.errors import BadSignature, Malformed

CHUNK: Final = 64 * 1024
TAG: Final = 16
SALT: Final = 16
Write = Callable[[bytes | memoryview], int]


def put(data: bytes | memoryview, sink: Write) -> None:
    """Write all of *data*: an unbuffered file may take less at a time."""
    view = memoryview(data)
    while (taken := sink(view)) < len(view):
        view = view[taken:]


def seal(file_key: bytes, salt: bytes, source: Source, sink: Write) -> None:
    """Write the payload of what *source* holds: the salt, then every chunk."""
    put(salt, sink)
    aead = ChaCha20Poly1305(derived(file_key, b"payload", salt))
    number, last = 0, False
    following = source.read(CHUNK)
    view = memoryview(bytearray(len(following) + TAG))  # no later chunk is longer than the first
    while not last:
        chunk, following = following, b""
        if len(chunk) == CHUNK:
            following = source.read(CHUNK)
        last = not following
        size = len(chunk) + TAG
        aead.encrypt_into(_nonce(number, last=last), chunk, None, view[:size])
        put(view[:size], sink)
        number += 1


class Sealing:
    """A payload that is sealed as its clear text comes, where nobody can be asked for more."""

    def __init__(self, file_key: bytes, salt: bytes, sink: Write) -> None:
        put(salt, sink)
        self._aead = ChaCha20Poly1305(derived(file_key, b"payload", salt))
        self._sink = sink
        self._held = bytearray()
        self._number = 0

    def write(self, data: bytes | memoryview, /) -> int:
        self._held += data
        # A full chunk waits for the next byte: it may turn out to be the last.
        while len(self._held) > CHUNK:
            self._chunk(last=False)
        return len(data)

    def finish(self) -> None:
        """Write what is left, marked as the last."""
        self._chunk(last=True)

    def _chunk(self, *, last: bool) -> None:
        clear = bytes(self._held[:CHUNK])
        del self._held[:CHUNK]
        put(self._aead.encrypt(_nonce(self._number, last=last), clear, None), self._sink)
        self._number += 1


def open_(file_key: bytes, source: Source, sink: Write) -> None:
    """Write the clear text of the payload in *source*; raise at the first wrong chunk."""
    for chunk in opened(file_key, source):
        put(chunk, sink)


def opened(file_key: bytes, source: Source) -> Iterator[memoryview]:
    """Yield the clear text of the payload in *source*; raise at the first wrong chunk."""
    salt = source.read(SALT)
    if len(salt) != SALT:
        raise Malformed("age.payload")
    aead = ChaCha20Poly1305(derived(file_key, b"payload", salt))
    view = memoryview(bytearray(CHUNK))
    number, last = 0, False
    while chunk := source.read(CHUNK + TAG):
        size = len(chunk) - TAG
        # Nothing follows the last chunk, and an empty one stands only where the whole file is
        # empty (c2sp.org/age, Payload).
        if last or size < 0 or (size == 0 and number > 0):
            raise Malformed("age.payload")
        last = _open_chunk(aead, number, chunk, view[:size])
        yield view[:size]
        number += 1
    if not last:
        raise Malformed("age.payload")


def _open_chunk(aead: ChaCha20Poly1305, number: int, chunk: bytes, out: memoryview) -> bool:
    """Open one chunk into *out* and return whether it is marked as the last."""
    # Only a full chunk can have another after it; so only a full one is tried both ways.
    for last in (False, True) if len(out) == CHUNK else (True,):
        try:
            aead.decrypt_into(_nonce(number, last=last), chunk, None, out)
        except InvalidTag:
            continue
        return last
    raise BadSignature("age.payload")


def _nonce(number: int, *, last: bool) -> bytes:
    """Return eleven bytes of counter and the mark of the last chunk."""
    return number.to_bytes(11, "big") + bytes([last])
