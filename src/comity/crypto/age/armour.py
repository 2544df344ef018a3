# SPDX-License-Identifier: Apache-2.0
"""ASCII armour: strict PEM of RFC 7468, label ``AGE ENCRYPTED FILE``, lines of 64 columns.

White space around the armour is allowed, up to a bound; inside it nothing is, and all lines end as
the first one does, in LF or in CRLF: but for those two freedoms a file has one text. Reading holds
one block of lines at a time.
"""

import binascii
from collections.abc import Iterator, Sequence
from typing import Final

from comity.crypto.age.source import Source
from comity.errors import Malformed

BEGIN: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
END: Final = b"-----END AGE ENCRYPTED FILE-----"
COLUMNS: Final = 64
ROWS: Final = 1024
"""Lines decoded at a time."""
SPACE: Final = b" \t\r\n"
SPACE_LIMIT: Final = 1024
"""White space tolerated before the armour, and again after it."""


def armour(sealed: bytes) -> bytes:
    """Return *sealed* as text that survives mail and messengers."""
    text = binascii.b2a_base64(sealed, newline=False)
    lines = [text[at : at + COLUMNS] for at in range(0, len(text), COLUMNS)]
    return b"\n".join([BEGIN, *lines, END, b""])


def opened(source: Source) -> Source:
    """Return *source* itself if it is not armoured, else what its armour holds."""
    ahead = source.peek(SPACE_LIMIT + len(BEGIN) + 2)
    text = ahead.lstrip(SPACE)
    space = len(ahead) - len(text)
    if space > SPACE_LIMIT or not text.startswith(BEGIN):
        return source
    end = b"\r\n" if text.startswith(BEGIN + b"\r\n") else b"\n"
    if not text.startswith(BEGIN + end):
        raise Malformed("age.armour")
    source.skip(space + len(BEGIN + end))
    return Source(_Pieces(_decoded(source, end)).read)


class _Pieces:
    """Pieces of any size, read in sizes asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int) -> bytes:
        held = self._held or next(self._pieces, b"")
        self._held = held[size:]
        return held[:size]


def _decoded(text: Source, end: bytes) -> Iterator[bytes]:
    """Yield what the lines of *text* encode, block by block, up to the armour's last line."""
    started = padded = False
    block = b""
    while not padded:
        block = text.read((COLUMNS + len(end)) * ROWS)
        lines = block.split(end)
        if len(lines) != ROWS + 1 or lines.pop() or set(map(len, lines)) != {COLUMNS}:
            break
        data = _decode(lines)
        # Three bytes stand in four characters: a block that comes out uneven ended in padding.
        started, padded, block = True, len(data) % 3 != 0, b""
        yield data
    # What is read past the last line's place exceeds the bound of white space, if it is there.
    rest = _trimmed(block + text.read(len(end) + len(END) + SPACE_LIMIT))
    if started and rest == END:
        return
    body, _, last = rest.rpartition(end)
    if padded or last != END:
        raise Malformed("age.armour")
    yield _decode(body.split(end))


def _trimmed(text: bytes) -> bytes:
    """Return *text* without the white space after it; raise Malformed if that is too much."""
    trimmed = text.rstrip(SPACE)
    if len(text) - len(trimmed) > SPACE_LIMIT:
        raise Malformed("age.armour")
    return trimmed


def _decode(lines: Sequence[bytes]) -> bytes:
    """Return the bytes of *lines*, all of them full but the last."""
    *full, last = lines
    if any(len(line) != COLUMNS for line in full) or not 0 < len(last) <= COLUMNS:
        raise Malformed("age.armour")
    text = b"".join(lines)
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("age.armour") from error
    if binascii.b2a_base64(data, newline=False) != text:
        raise Malformed("age.armour")
    return data
