# SPDX-License-Identifier: Apache-2.0
"""What was passed on, in words: who told it first, through whose hands, how sure that is."""

from collections.abc import Iterator
from typing import Final

from comity.language import words
from comity.language.marks import marked
from comity.services.passed_on_in import Passed
from comity.services.said import Names
from comity.services.said_taken_back import Exact

_FIRST: Final = marked("{agency} told this first, {when}")
_HAND: Final = marked("Passed on by {agency} to {recipient}")
_BY: Final = marked("{hand}, with consent")
_SURE: Final = marked("How sure that is: {backing}")


def passed_lines(out: Exact, names: Names, found: Passed) -> Iterator[str]:
    """Yield every hand through which it went, who told it first, and how sure that is."""
    for hand in found.chain.hands:
        said = out.say_in.of(
            _HAND,
            agency=names.agency(hand.said.author.agency),
            recipient=names.agency(hand.body.recipient),
        )
        yield out.say_in.of(_BY, hand=said) if hand.consent else said
    original = found.chain.original
    when = out.when(original.at)
    yield out.say_in.of(_FIRST, agency=names.agency(original.author.agency), when=when)
    yield out.say_in.of(_SURE, backing=out.coded(words.BACKINGS[found.backing], found.backing))
