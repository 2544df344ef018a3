# SPDX-License-Identifier: Apache-2.0
"""The age payload: ChaCha20-Poly1305 over chunks of 64 KiB, each numbered, the last one marked.

Both directions hold one chunk at a time. Opening writes a chunk only once it is authenticated; the
caller learns by an exception that what came before it was not the whole.
"""

from collections.abc import Callable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.crypto.age.header import derived
from comity.errors import BadSignature, Malformed

CHUNK: Final = 64 * 1024
TAG: Final = 16
SALT: Final = 16
Read = Callable[[int], bytes]


def seal(file_key: bytes, salt: bytes, source: Read, sink: Callable[[memoryview], object]) -> None:
    """Write the payload of what *source* reads: the salt, then every chunk."""
    sink(memoryview(salt))
    aead = ChaCha20Poly1305(derived(file_key, b"payload", salt))
    out = bytearray(CHUNK + TAG)
    view = memoryview(out)
    for nonce, chunk in _numbered(source, CHUNK):
        size = len(chunk) + TAG
        aead.encrypt_into(nonce, chunk, None, view[:size])
        sink(view[:size])


def open_(file_key: bytes, source: Read, sink: Callable[[memoryview], object]) -> None:
    """Write the clear text of the payload that *source* reads; raise at the first wrong chunk."""
    salt = _exactly(source, SALT)
    if len(salt) != SALT:
        raise Malformed("age.payload")
    aead = ChaCha20Poly1305(derived(file_key, b"payload", salt))
    out = bytearray(CHUNK)
    view = memoryview(out)
    number, last = 0, False
    while chunk := _exactly(source, CHUNK + TAG):
        if last:
            raise Malformed("age.payload")
        size = len(chunk) - TAG
        # An empty last chunk stands only where the whole file is empty (c2sp.org/age, Payload).
        if size < 0 or (size == 0 and number > 0):
            raise Malformed("age.payload")
        last = _open_chunk(aead, number, chunk, view[:size])
        sink(view[:size])
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


def _numbered(source: Read, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield every chunk of *source* with its nonce."""
    number = 0
    chunk = _exactly(source, size)
    while True:
        following = _exactly(source, size) if len(chunk) == size else b""
        last = not following
        yield _nonce(number, last=last), chunk
        if last:
            return
        chunk = following
        number += 1


def _exactly(source: Read, size: int) -> bytes:
    """Return *size* bytes of *source*, fewer only at its end."""
    data = source(size)
    if len(data) == size or not data:
        return data
    parts = [data]
    missing = size - len(data)
    while missing and (more := source(missing)):
        parts.append(more)
        missing -= len(more)
    return b"".join(parts)
