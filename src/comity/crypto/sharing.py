# SPDX-License-Identifier: Apache-2.0
"""Sharing: a secret split among holders so that any k of them give it back and fewer learn nothing.

SLIP-39 as its authors' own library does it, in one group and without a passphrase. A share is a
line of words with a checksum; the words also say to which set it belongs, which of its shares it
is and how many are needed. The library is an extra (``comity[recovery]``) and is loaded when a
share is made or read; it takes its randomness from the system. What it complains of may hold words
of a share, so nothing of it is passed on.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final

from comity.errors import Differs, Malformed, Misused, Refused, Unavailable

LEAST: Final = 2
"""A share that opens alone would be the secret itself."""
MOST: Final = 16
"""SLIP-39: four bits for the number of a share."""
SIZES: Final = range(16, 33, 2)
"""Bytes of a secret: SLIP-39 asks for 128 bits or more in steps of 16; we split 32 bytes."""
_TEXT: Final = 600
"""Characters of a share: 33 words of at most eight letters."""
_EXPONENT: Final = 0
"""2500 rounds of PBKDF2 for each of four steps: without a passphrase there is nothing to slow."""
_EXPONENT_MOST: Final = 2
"""As SLIP-39's own vectors have it: a share asks for the work, and each more doubles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    words: str = field(repr=False)
    set: int
    """By chance the same for two sets in 32,768: what tells them apart for sure is a digest."""
    number: int
    """From 1 on."""
    needed: int


def split(secret: bytes, *, needed: int, holders: int) -> tuple[str, ...]:
    """Return *holders* shares of *secret*, as words, of which *needed* give it back."""
    if len(secret) not in SIZES:
        raise ValueError("sharing: this many bytes are not split")
    if not LEAST <= needed <= holders <= MOST:
        raise Misused("recovery.threshold", least=LEAST, most=MOST)
    made = _library().generate_mnemonics(
        1, [(needed, holders)], secret, extendable=True, iteration_exponent=_EXPONENT
    )
    return tuple(str(each) for each in made[0])


def read(text: str) -> Share:
    """Return the share that *text* spells; raise Malformed where a word of it is wrong."""
    if len(text) > _TEXT:
        raise Malformed("share")
    words = " ".join(text.split()).lower()
    library = _library()
    try:
        told = library.Share.from_mnemonic(words)
    except library.MnemonicError:
        raise Malformed("share") from None
    one_group = told.group_count == told.group_threshold == 1
    bounded = told.iteration_exponent <= _EXPONENT_MOST and len(told.value) in SIZES
    if not (one_group and bounded and told.member_threshold >= LEAST):
        raise Malformed("share")
    return Share(
        words=words, set=told.identifier, number=told.index + 1, needed=told.member_threshold
    )


def join(shares: Sequence[Share]) -> bytes:
    """Return the secret of *shares*, which must be enough of one set, each once."""
    check_set(shares)
    needed = shares[0].needed
    if len(shares) < needed:
        raise Refused("recovery.too-few", needed=needed, given=len(shares))
    library = _library()
    try:
        return bytes(library.combine_mnemonics([each.words for each in shares[:needed]]))
    except library.MnemonicError:
        raise Differs("shares") from None


def check_set(shares: Sequence[Share]) -> None:
    """Raise Refused unless *shares* are of one set, and each is there once."""
    if not shares:
        raise Refused("recovery.too-few", needed=LEAST, given=0)
    seen: set[int] = set()
    for place, each in enumerate(shares, start=1):
        if (each.set, each.needed) != (shares[0].set, shares[0].needed):
            raise Refused("recovery.mixed", place=place)
        if each.number in seen:
            raise Refused("recovery.repeated", share=each.number)
        seen.add(each.number)


def _library() -> ModuleType:
    """Return the library; raise Unavailable where this extra is not installed."""
    try:
        return importlib.import_module("shamir_mnemonic")
    except ImportError:
        raise Unavailable("recovery.library") from None
