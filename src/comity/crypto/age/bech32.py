# SPDX-License-Identifier: Apache-2.0
"""Bech32 (BIP 173) without its length limit, as age writes identities and recipients.

A text is all lower or all upper case; the checksum is that of Bech32, not Bech32m.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from comity.errors import Malformed

CHARSET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM: Final = 6
LIMIT: Final = 8192
"""Characters; the longest age line, a hybrid recipient, has 1,959."""


def encode(prefix: str, data: bytes) -> str:
    """Return the lower-case text of *data* under the human-readable *prefix*."""
    values = _regroup(data, 8, 5, pad=True)
    polymod = _polymod([*_expanded(prefix), *values, *[0] * CHECKSUM]) ^ 1
    check = [(polymod >> 5 * (5 - i)) & 31 for i in range(CHECKSUM)]
    return prefix + "1" + "".join(CHARSET[each] for each in [*values, *check])


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the data of *text*, or raise Malformed."""
    if len(text) > LIMIT or text not in (text.lower(), text.upper()):
        raise Malformed("bech32")
    prefix, found, rest = text.lower().rpartition("1")
    if not found or not prefix or len(rest) < CHECKSUM:
        raise Malformed("bech32")
    values = [CHARSET.find(each) for each in rest]
    if -1 in values or _polymod([*_expanded(prefix), *values]) != 1:
        raise Malformed("bech32")
    return prefix, bytes(_regroup(values[:-CHECKSUM], 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    return [ord(each) >> 5 for each in prefix] + [0] + [ord(each) & 31 for each in prefix]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, each in enumerate(GENERATOR):
            if top >> i & 1:
                check ^= each
    return check


def _regroup(values: Sequence[int], width: int, into: int, *, pad: bool) -> list[int]:
    """Return *values* of *width* bits as values of *into* bits."""
    held = bits = 0
    out: list[int] = []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= into:
            bits -= into
            out.append(held >> bits & (1 << into) - 1)
        held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << into - bits & (1 << into) - 1)
    elif bits >= width or held:
        raise Malformed("bech32")
    return out
