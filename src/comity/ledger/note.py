# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text, and a line from each who signed it (c2sp.org/signed-note).

This module knows the form alone. A ``Note`` that exists is well formed and proves nothing: a text
is to be believed only through ``checkpoint`` and ``cosignature``, which know whose line to look for
and ignore all others. A line is found by name and key hash together; the hash is short, chooses
which key to try, and is never a reason to trust.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256

from comity.errors import Malformed

NOTE_LIMIT = 1 << 18  # 16 lines of ML-DSA-44, the least a reader must take, are 54 KiB
SIGNATURES_LIMIT = 64  # c2sp.org/signed-note, Format: at least 16
NAME_LIMIT = 255  # c2sp.org/tlog-cosignature, cosigner_name<1..2^8-1>
KEY_HASH_SIZE = 4  # c2sp.org/signed-note, Format

_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+\x00-\x1f]+")


class SignatureType(IntEnum):
    """How a line was made (c2sp.org/signed-note, Signature types; c2sp.org/tlog-cosignature)."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


@lru_cache(maxsize=256)  # a log signs by one key for years
def key_hash(name: str, type_: SignatureType, public: bytes) -> bytes:
    """Return the four bytes that, beside *name*, say which key made a line."""
    return sha256(name.encode() + b"\n" + bytes([type_]) + public).digest()[:KEY_HASH_SIZE]


def check_name(name: str) -> None:
    """Raise ``Malformed`` unless *name* can stand in a signature line."""
    if not _NAME.fullmatch(name) or len(_bytes(name)) > NAME_LIMIT:
        raise Malformed("name")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note."""

    name: str
    key_hash: bytes
    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_hash) != KEY_HASH_SIZE or not self.value:
            raise Malformed("signature")


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    """What is signed, with its final newline."""
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise Malformed("text")
        if not 1 <= len(self.signatures) <= SIGNATURES_LIMIT:
            raise Malformed("signatures", limit=SIGNATURES_LIMIT)
        _bytes(self.text)

    def add(self, *signatures: Signature) -> "Note":
        """Return this note with those of *signatures* that it lacks."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def write(note: Note) -> bytes:
    lines = "".join(_line(each) for each in note.signatures)
    return f"{note.text}\n{lines}".encode()


def read(data: bytes, limit: int = NOTE_LIMIT) -> Note:
    """Return the note that *data*, of at most *limit* bytes, is; still unverified."""
    text, _, lines = _text(data, limit).rpartition("\n\n")
    # A note without an empty line leaves all in *lines*, and its text without a newline.
    if not lines.endswith("\n"):
        raise Malformed("note")
    if lines.count("\n") > SIGNATURES_LIMIT:
        raise Malformed("signatures", limit=SIGNATURES_LIMIT)
    return Note(text + "\n", tuple(_signature(each) for each in lines[:-1].split("\n")))


def write_line(signature: Signature) -> bytes:
    """Return one signature line with its newline, as witnesses hand it back."""
    return _line(signature).encode()


def read_line(data: bytes, limit: int = NOTE_LIMIT) -> Signature:
    """Return the signature that *data*, one line with its newline, is."""
    line = _text(data, limit)
    if not line.endswith("\n"):
        raise Malformed("signature")
    return _signature(line[:-1])


def decode64(text: str) -> bytes:
    """Return the bytes of canonical, padded standard Base64 (RFC 4648 §4)."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise Malformed("base64") from None
    # Python takes an encoding whose unused bits are set, which would give one value two lines.
    if encode64(data) != text:
        raise Malformed("base64")
    return data


def encode64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _line(signature: Signature) -> str:
    value = encode64(signature.key_hash + signature.value)
    return f"{_DASH}{signature.name} {value}\n"


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise Malformed("signature")
    data = decode64(value)
    return Signature(name, data[:KEY_HASH_SIZE], data[KEY_HASH_SIZE:])


def _text(data: bytes, limit: int) -> str:
    if len(data) > limit:
        raise Malformed("size", limit=limit)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Malformed("utf-8") from None
    if _CONTROL.search(text):
        raise Malformed("control")
    return text


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("utf-8") from None
