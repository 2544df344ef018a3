# SPDX-License-Identifier: Apache-2.0
"""Fingerprints: a public key as 40 digits that two people can compare by voice.

digits = SHA-256("comity/fingerprint@1" ‖ 0x00 ‖ public key) as a big-endian integer modulo 10^40,
zero-padded, in 8 groups of 5: 132.9 bits, so that a second key with the same digits cannot be
made. Digits alone, because every language can read them aloud and letters get misheard.
"""

import hmac
import unicodedata
from hashlib import sha256

from comity.errors import Misused, Untrusted

DIGITS = 40  # design §5 *Mandate and admission*
GROUP = 5
SPOKEN_LIMIT = 400
"""Characters that ``matches`` looks at: 40 digits with every kind of separator around each."""


def digits(public: bytes) -> str:
    """Return the fingerprint of the key *public*: ``12345 67890 …``, 8 groups."""
    plain = _plain(public)
    return " ".join(plain[at : at + GROUP] for at in range(0, DIGITS, GROUP))


def matches(spoken: str, public: bytes) -> None:
    """Raise ``Untrusted`` unless *spoken* is the fingerprint of *public*.

    Spaces, hyphens and invisible direction marks are passed over; the digits may be those of any
    script. Anything else than 40 digits is a slip of the hand (``Misused``), not a wrong key.
    """
    if len(spoken) > SPOKEN_LIMIT:
        raise Misused("fingerprint", digits=DIGITS)
    heard = "".join(_digit(each) for each in spoken)
    if len(heard) != DIGITS:
        raise Misused("fingerprint", digits=DIGITS)
    if not hmac.compare_digest(heard, _plain(public)):
        raise Untrusted("fingerprint")


def _plain(public: bytes) -> str:
    number = int.from_bytes(sha256(b"comity/fingerprint@1\x00" + public).digest(), "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    # Zs spaces, Pd hyphens and dashes, Cf direction marks pasted from right-to-left text.
    if character.isspace() or unicodedata.category(character) in {"Zs", "Pd", "Cf"}:
        return ""
    raise Misused("fingerprint", digits=DIGITS)
