# SPDX-License-Identifier: Apache-2.0
"""A source of bytes that is read ahead: a header by lines, a payload by pieces of exact size.

It holds at most the piece it read last. How much each read returns is the source's own affair: a
slow link that hands out three bytes at a time gives the same lines and pieces as a file.
"""

from collections.abc import Callable
from typing import Final

from comity.errors import Malformed

PIECE: Final = 64 * 1024
Read = Callable[[int], bytes]


class Source:
    __slots__ = ("_ahead", "_at", "_read")

    def __init__(self, read: Read) -> None:
        self._read = read
        self._ahead = b""
        self._at = 0

    def peek(self, size: int) -> bytes:
        """Return the next *size* bytes, fewer only at the end, and leave them to be read."""
        if len(self._ahead) - self._at < size:
            self._ahead = _exactly(self._read, max(size, PIECE), self._ahead[self._at :])
            self._at = 0
        return self._ahead[self._at : self._at + size]

    def skip(self, size: int) -> None:
        """Pass over bytes that were peeked at."""
        self._at += size

    def line(self, limit: int) -> bytes:
        """Return the next line without its end; raise Malformed if none ends within *limit*."""
        end = self._ahead.find(b"\n", self._at, self._at + limit)
        if end < 0:
            self.peek(limit)
            end = self._ahead.find(b"\n", self._at, self._at + limit)
        if end < 0:
            raise Malformed("age.header")
        line = self._ahead[self._at : end]
        self._at = end + 1
        return line

    def read(self, size: int) -> bytes:
        """Return the next *size* bytes, fewer only at the end."""
        data = self._ahead[self._at : self._at + size]
        self._at += len(data)
        if len(data) == size:
            return data
        self._ahead, self._at = b"", 0
        return _exactly(self._read, size, data)


def _exactly(read: Read, size: int, data: bytes) -> bytes:
    """Return *data* and what follows it, at least *size* bytes in all unless the source ends."""
    if not data:
        data = read(size)
        if len(data) == size:
            return data
    parts, held = [data], len(data)
    while held < size and (more := read(size - held)):
        parts.append(more)
        held += len(more)
    return b"".join(parts)
