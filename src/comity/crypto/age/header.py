# SPDX-License-Identifier: Apache-2.0
"""The age v1 header: stanzas that wrap one file key, and a MAC over them (c2sp.org/age).

::

    age-encryption.org/v1
    -> mlkem768x25519 <1,120 bytes of HPKE output>
    <the wrapped file key>
    --- <HMAC-SHA256 over all that stands before, up to and including the three dashes>

Parsing is strict: whatever could be written in two ways is refused.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.crypto.age import base64
from comity.crypto.age.source import Source
from comity.errors import BadSignature, Malformed

INTRO: Final = b"age-encryption.org/v1\n"
COLUMNS: Final = 64
MAC_BYTES: Final = 32
LINE_LIMIT: Final = 4096
"""A stanza's first line; the longest known, of mlkem768p256tag, has 1,566 characters."""
HEADER_LIMIT: Final = 4 << 20
STANZA_LIMIT: Final = 1024
_VISIBLE = bytes(range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapping of the file key: its type, its arguments, its body."""

    type: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    stanzas: tuple[Stanza, ...]
    covered: bytes
    """What the MAC covers."""
    mac: bytes


def derived(file_key: bytes, info: bytes, salt: bytes = b"") -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(file_key)


def write(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return the header of *stanzas* with its MAC under *file_key*."""
    covered = b"".join([INTRO, *map(written, stanzas), b"---"])
    return covered + b" " + base64.encode(_mac(covered, file_key).finalize()) + b"\n"


def written(stanza: Stanza) -> bytes:
    """Return the lines of *stanza*, as they stand in a header."""
    first = " ".join(["->", stanza.type, *stanza.arguments]).encode() + b"\n"
    text = base64.encode(stanza.body)
    # A body ends with a line shorter than 64 columns, an empty one if need be.
    return first + b"".join(
        text[at : at + COLUMNS] + b"\n" for at in range(0, len(text) + 1, COLUMNS)
    )


def read_stanza(data: bytes) -> Stanza:
    """Return the one stanza whose lines *data* is; raise Malformed."""
    source = Source(io.BytesIO(data).read)
    lines = _Lines(source)
    stanza = _stanza(lines.take(), lines)
    if source.peek(1):
        raise Malformed("age.stanza")
    return stanza


def check(header: Header, file_key: bytes) -> None:
    """Raise BadSignature unless the MAC is that of *file_key*."""
    try:
        _mac(header.covered, file_key).verify(header.mac)
    except InvalidSignature as error:
        raise BadSignature("age.header") from error


def _mac(covered: bytes, file_key: bytes) -> hmac.HMAC:
    mac = hmac.HMAC(derived(file_key, b"header"), hashes.SHA256())
    mac.update(covered)
    return mac


def read(source: Source) -> Header:
    """Return the header at the start of *source*, which is left at the payload; or raise."""
    if source.peek(len(INTRO)) != INTRO:
        raise Malformed("age.version")
    lines = _Lines(source)
    stanzas: list[Stanza] = []
    lines.take()
    while not (line := lines.take()).startswith(b"--- "):
        if len(stanzas) == STANZA_LIMIT:
            raise Malformed("size", limit=STANZA_LIMIT)
        stanzas.append(_stanza(line, lines))
    mac = base64.decode(line[4:])
    if not stanzas or len(mac) != MAC_BYTES:
        raise Malformed("age.header")
    return Header(tuple(stanzas), b"\n".join([*lines.taken[:-1], b"---"]), mac)


class _Lines:
    """The header's lines, kept as they are taken: the MAC covers them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = HEADER_LIMIT
        self.taken: list[bytes] = []

    def take(self) -> bytes:
        line = self._source.line(LINE_LIMIT)
        self._left -= len(line) + 1
        if self._left < 0:
            raise Malformed("size", limit=HEADER_LIMIT)
        self.taken.append(line)
        return line


def _stanza(first: bytes, lines: _Lines) -> Stanza:
    arrow, *words = first.split(b" ")
    if arrow != b"->" or not words or not all(words) or first.translate(None, b" " + _VISIBLE):
        raise Malformed("age.stanza")
    body: list[bytes] = []
    while True:
        line = lines.take()
        if len(line) > COLUMNS:
            raise Malformed("age.stanza")
        body.append(line)
        if len(line) < COLUMNS:
            break
    kind, *arguments = (each.decode() for each in words)
    return Stanza(kind, tuple(arguments), base64.decode(b"".join(body)))
