# SPDX-License-Identifier: Apache-2.0
"""Bech32 (BIP 173) without its length limit, as age writes identities and recipients.

A text is all lower or all upper case; the checksum is that of Bech32, not Bech32m. Its groups of
five bits are those of RFC 4648 base 32 in another alphabet, unpadded.
"""

import base64
import re
from collections.abc import Iterable
from typing import Final

from comity.errors import Malformed

CHARSET: Final = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
RFC_4648: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM: Final = 6
LIMIT: Final = 8192
"""Characters; the longest age line, a hybrid recipient, has 1,959."""
_PREFIX = re.compile(r"[!-~]+")
_TO_DIGITS = bytes.maketrans(CHARSET, b"0123456789abcdefghijklmnopqrstuv")
_FROM_BASE32 = bytes.maketrans(RFC_4648, CHARSET)
_TO_VALUES = bytes.maketrans(CHARSET, bytes(range(32)))
_FROM_VALUES = bytes.maketrans(bytes(range(32)), CHARSET)


def _feedback(top: int) -> int:
    """Return what the five bits that leave the checksum add to it."""
    fed = 0
    for i, each in enumerate(GENERATOR):
        fed ^= each if top >> i & 1 else 0
    return fed


_FEEDBACK: Final = tuple(_feedback(top) for top in range(32))


def encode(prefix: str, data: bytes) -> str:
    """Return the lower-case text of *data* under the human-readable *prefix*."""
    text = base64.b32encode(data).rstrip(b"=").translate(_FROM_BASE32)
    values = text.translate(_TO_VALUES)
    polymod = _polymod([*_expanded(prefix), *values, *bytes(CHECKSUM)]) ^ 1
    check = bytes(polymod >> 5 * (5 - i) & 31 for i in range(CHECKSUM))
    return f"{prefix}1{(text + check.translate(_FROM_VALUES)).decode()}"


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the data of *text*, or raise Malformed."""
    # Outside ASCII, upper and lower case are no pairs: the Kelvin sign would pass for a K.
    if len(text) > LIMIT or not text.isascii() or text not in (text.lower(), text.upper()):
        raise Malformed("bech32")
    prefix, found, rest = text.lower().rpartition("1")
    data = rest.encode()
    if not found or not _PREFIX.fullmatch(prefix) or len(data) < CHECKSUM:
        raise Malformed("bech32")
    if data.strip(CHARSET) or _polymod([*_expanded(prefix), *data.translate(_TO_VALUES)]) != 1:
        raise Malformed("bech32")
    return prefix, _bytes(data[:-CHECKSUM])


def _bytes(data: bytes) -> bytes:
    """Return what *data* encodes; raise Malformed if its last bits could be others."""
    size, spare = divmod(5 * len(data), 8)
    number = int(b"0" + data.translate(_TO_DIGITS), 32)
    if spare >= 5 or number & (1 << spare) - 1:
        raise Malformed("bech32")
    return (number >> spare).to_bytes(size, "big")


def _expanded(prefix: str) -> list[int]:
    return [ord(each) >> 5 for each in prefix] + [0] + [ord(each) & 31 for each in prefix]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        check = (check & 0x1FFFFFF) << 5 ^ value ^ _FEEDBACK[check >> 25]
    return check
