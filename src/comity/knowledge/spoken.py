# SPDX-License-Identifier: Apache-2.0
"""What is read aloud to a desk abroad, in its language: kept beside the catalogues.

A catalogue speaks to whoever reads it; these sentences are said by somebody who may not understand
them, to somebody who does. So they are there in every language whatever its catalogue lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from comity.errors import Misused
from comity.knowledge.rows import Confidence, convert, ours, read_yaml

FILE: Final = "spoken.yaml"
ENGLISH: Final = "en"
Occasion = Literal["open", "answer", "about"]
"""An urgent question is unopened; an answer is overdue; anything else about a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The sentences of one language."""

    language: str
    """BCP 47."""
    open: str
    answer: str
    about: str
    source: str
    as_of: str
    confidence: Confidence
    """Low until somebody whose language it is has read them."""

    def say(self, occasion: Occasion, *, country: str, number: str) -> str:
        """Return one sentence, whole; nothing but these two values is ever in it."""
        text: str = getattr(self, occasion)
        return text.replace("{country}", country).replace("{number}", number)


@cache
def spoken() -> Mapping[str, Spoken]:
    """Return the sentences by language."""
    rows = convert(FILE, read_yaml(ours(FILE)), tuple[Spoken, ...])
    found = {each.language: each for each in rows}
    if len(found) != len(rows) or ENGLISH not in found:
        raise Misused("data-file", file=FILE)
    return found


def spoken_in(wanted: Sequence[str]) -> Spoken | None:
    """Return the sentences in the first of the languages *wanted* that we have; None if none."""
    for tag in wanted:
        base = tag.replace("_", "-").partition("-")[0].casefold()
        for name, each in spoken().items():
            if name.partition("-")[0] == base:
                return each
    return None
