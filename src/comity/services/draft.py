# SPDX-License-Identifier: Apache-2.0
"""A draft: an act that the rules let pass, not signed yet. It is shown, and it is sent as shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.services.address_book import Book
from comity.services.compose import Act, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import Decided
from comity.storage.reading import Writing

Also = Callable[[Writing], None]
"""What is checked or written in the same write, before the act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    book: Book
    act: Act
    decided: Decided
    terms: Terms
    also: tuple[Also, ...] = ()


def send(unlocked: Unlocked, house: House, draft: Draft, *, also: Sequence[Also] = ()) -> Done:
    """Sign, seal and release *draft*, or hold it for a countersignature.

    What *also* does comes before what the draft does besides, in the same write.
    """
    composed = compose(unlocked, house, draft.book, draft.act)
    return record(house, draft.book, composed, draft.terms, also=(*also, *draft.also))
