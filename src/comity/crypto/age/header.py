# SPDX-License-Identifier: Apache-2.0
"""The age v1 header: stanzas that wrap one file key, and a MAC over them (c2sp.org/age).

::

    age-encryption.org/v1
    -> mlkem768x25519 <1,120 bytes of HPKE output>
    <the wrapped file key>
    --- <HMAC-SHA256 over all that stands before, up to and including the three dashes>

Parsing is strict: whatever could be written in two ways is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.crypto.age import base64
from comity.errors import BadSignature, Malformed

INTRO: Final = b"age-encryption.org/v1\n"
COLUMNS: Final = 64
MAC_BYTES: Final = 32
LINE_LIMIT: Final = 4096
"""A stanza's first line; the longest known, of mlkem768x25519, has 1,512 characters."""
HEADER_LIMIT: Final = 4 << 20
STANZA_LIMIT: Final = 1024
_ARGUMENT = re.compile(rb"[\x21-\x7e]+")


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
    end: int
    """Where the payload begins."""


def derived(file_key: bytes, info: bytes, salt: bytes = b"") -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(file_key)


def write(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return the header of *stanzas* with its MAC under *file_key*."""
    lines = [INTRO]
    for stanza in stanzas:
        lines.append(" ".join(["->", stanza.type, *stanza.arguments]).encode() + b"\n")
        text = base64.encode(stanza.body)
        # A body ends with a line shorter than 64 columns, an empty one if need be.
        lines += [text[at : at + COLUMNS] + b"\n" for at in range(0, len(text) + 1, COLUMNS)]
    covered = b"".join([*lines, b"---"])
    return covered + b" " + base64.encode(_mac(covered, file_key).finalize()) + b"\n"


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


def whole(data: bytes | bytearray) -> bool:
    """Return whether *data* holds the header's last line, so that ``read`` can begin."""
    at = data.find(b"\n--- ")
    return at >= 0 and data.find(b"\n", at + 1) >= 0


def read(data: bytes) -> Header:
    """Return the header at the start of *data*, or raise Malformed."""
    if not data.startswith(INTRO):
        raise Malformed("age.version")
    stanzas: list[Stanza] = []
    at = len(INTRO)
    while not data.startswith(b"--- ", at):
        stanza, at = _stanza(data, at)
        stanzas.append(stanza)
        if len(stanzas) > STANZA_LIMIT:
            raise Malformed("size", limit=STANZA_LIMIT)
    if not stanzas:
        raise Malformed("age.header")
    line, end = _line(data, at)
    mac = base64.decode(line[4:])
    if len(mac) != MAC_BYTES:
        raise Malformed("age.header")
    return Header(tuple(stanzas), data[: at + 3], mac, end)


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at, at + LINE_LIMIT)
    if end < 0:
        raise Malformed("age.header")
    return data[at:end], end + 1


def _stanza(data: bytes, at: int) -> tuple[Stanza, int]:
    line, at = _line(data, at)
    arrow, *words = line.split(b" ")
    if arrow != b"->" or not words or not all(_ARGUMENT.fullmatch(each) for each in words):
        raise Malformed("age.stanza")
    lines: list[bytes] = []
    while True:
        text, at = _line(data, at)
        if len(text) > COLUMNS:
            raise Malformed("age.stanza")
        lines.append(text)
        if len(text) < COLUMNS:
            break
    kind, *arguments = (each.decode("ascii") for each in words)
    return Stanza(kind, tuple(arguments), base64.decode(b"".join(lines))), at
