# SPDX-License-Identifier: Apache-2.0
"""What was passed on, taken out of the statement that passes it on, hand by hand.

``original`` holds a whole DSSE, which may itself hold another: at most ``HANDS_MOST`` deep, and
each smaller than what it lies in. Nothing is verified here: ``signed`` is all that is to be.
"""

from dataclasses import dataclass
from typing import Final

from comity.domain.passed_on import HANDS_MOST, Chain, Hand
from comity.domain.statement import PassOn, Statement
from comity.errors import Malformed
from comity.wire import statement
from comity.wire.statement import SignedCopy

CERTIFIED_LIMIT: Final = 48 * 1024
"""Of all that is shown of keys in one statement, in bytes: beyond that it is left out."""
CERTIFIED_MOST: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """A chain, with every signed statement that it rests on."""

    chain: Chain
    signed: tuple[SignedCopy, ...]
    """The original, each earlier passing on and each consent: all but the newest hand."""
    certified: tuple[bytes, ...]
    """What all hands show of keys."""


def unpack(said: Statement) -> Unpacked:
    """Return what *said* brings, unverified; of what passes nothing on, itself."""
    signed: list[SignedCopy] = []
    certified: list[bytes] = []
    hands: list[Hand] = []
    while isinstance(body := said.body, PassOn):
        if len(hands) == HANDS_MOST or len(body.certified) > CERTIFIED_MOST:
            raise Malformed("size", limit=HANDS_MOST)
        consent = statement.author_of(body.consent) if body.consent else None
        inner = statement.author_of(body.original)
        signed += [inner, *([consent] if consent else [])]
        certified += body.certified
        word = consent.statement if consent else None
        hands.insert(0, Hand(said=said, body=body, consent=word))
        said = inner.statement
    return Unpacked(
        chain=Chain(original=said, hands=tuple(hands)),
        signed=tuple(signed),
        certified=tuple(dict.fromkeys(certified)),
    )
