# SPDX-License-Identifier: Apache-2.0
"""One-time codes: from a telephone that knows a seed and the time, or from a printed sheet.

The telephone's are TOTP (RFC 6238: SHA-1, six digits, thirty seconds), which every such program
knows. The sheet's are made of a seed of their own: twenty codes of eight letters and digits that
nobody takes for one another. Whether one was used before is for the caller to know.
"""

import base64
import hmac
import unicodedata
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

PHONE_SEED: Final = 20
"""Bytes, as long as the hash: RFC 4226 §4, R6."""
SHEET_SEED: Final = 32
SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps that a telephone's clock may be off (RFC 6238 §5.2)."""
CODES: Final = 20
LETTERS: Final = 8
SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which look alike on paper."""
_LONGEST: Final = 64
_LABEL: Final = b"comity/sheet@1"


def typed(code: str) -> str:
    """Return *code* as it is compared: small letters and plain digits, whatever parted them.

    Digits of other scripts are digits.
    """
    plain = (_digit(each) for each in code[:_LONGEST].lower())
    return "".join(each for each in plain if each.isascii() and each.isalnum())


def step_of(seed: bytes, code: str, at: datetime, *, after: int) -> int | None:
    """Return at which step the telephone showed *code*, about now; None if it did at none.

    A step that is not *after* the last one used counts no more (RFC 6238 §5.2).
    """
    said, now = typed(code).encode(), int(at.timestamp()) // SECONDS
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        shown = _totp(seed).generate(step * SECONDS)
        if hmac.compare_digest(shown, said) and step > after:
            found = step
    return found


def shown_at(seed: bytes, at: datetime) -> str:
    """Return what a telephone with *seed* shows."""
    return _totp(seed).generate(int(at.timestamp())).decode("ascii")


def address(seed: bytes, name: str, issuer: str) -> str:
    """Return the address that a telephone reads from a picture to know *seed*."""
    told = f"secret={secret(seed)}&issuer={quote(issuer)}"
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?{told}"


def secret(seed: bytes) -> str:
    """Return *seed* as it is typed where no picture can be taken."""
    return base64.b32encode(seed).decode("ascii")


def sheet(seed: bytes) -> tuple[str, ...]:
    """Return the codes of a sheet, the first first."""
    return tuple(_code(seed, number) for number in range(CODES))


def number_of(seed: bytes, code: str) -> int | None:
    """Return which code of a sheet *code* is, from 0; None if it is none."""
    said, found = typed(code).encode(), None
    for number, each in enumerate(sheet(seed)):
        if hmac.compare_digest(each.encode(), said):
            found = number
    return found


def _code(seed: bytes, number: int) -> str:
    left = int.from_bytes(hmac.digest(seed, _LABEL + bytes([number]), "sha256"), "big")
    signs = []
    for _ in range(LETTERS):
        left, at = divmod(left, len(SIGNS))
        signs.append(SIGNS[at])
    return "".join(signs)


def _digit(sign: str) -> str:
    value = unicodedata.decimal(sign, -1)
    return sign if value < 0 else str(value)


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, SHA1(), SECONDS)  # noqa: S303  # RFC 6238 §1.2
