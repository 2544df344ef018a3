# SPDX-License-Identifier: Apache-2.0
"""Taking back what was said: recall, narrowing, correction; and a question withdrawn.

The bodies of two statements. A *recall* names acts of its own agency and asks each holder to remove
them, to do less with them, or to know that they are wrong; a *withdrawal* says that no answer is
wanted any more and removes nothing. Who may do so stands in ``recall.py``.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from comity.domain.handling import Handling
from comity.domain.ids import ActId, check_random

ACTS_LIMIT: Final = 64
"""Acts in one recall."""


class Taking(StrEnum):
    """What the author wants done with acts of his."""

    RECALL = "recall"
    """Each holder removes them."""
    NARROW = "narrow"
    """Each holder does less with them, or shows them to fewer."""
    CORRECT = "correct"
    """Each holder keeps them, and shows first what is wrong with them."""


class Correction(StrEnum):
    WRONG_PERSON = "wrong-person"
    """Whoever is named there is not whom the matter is about."""
    CLEARED = "cleared"
    """Whoever is named there is not suspected any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The author takes back, narrows or corrects acts of his."""

    acts: tuple[ActId, ...]
    what: Taking
    correction: str = ""
    """A ``Correction``; required with *correct*, absent otherwise."""
    handling: Handling = field(default_factory=Handling)
    """With *narrow*: what may be done from now on; never more than before."""
    readers: tuple[str, ...] = ()
    """With *narrow*: the officers and desks who alone may see it from now on; empty for all."""
    text: str = ""

    def __post_init__(self) -> None:
        check_acts(self.acts)
        if (self.what is Taking.CORRECT) is not (self.correction in tuple(Correction)):
            raise ValueError("recall: a correction says what is wrong, and nothing else does")
        narrows = self.readers or self.handling != Handling()
        if self.what is not Taking.NARROW and narrows:
            raise ValueError("recall: only narrowing says what may still be done")
        for each in self.readers:
            check_random("reader", each)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedRecall(Recall):
    """A recall that says by which number the thread is known: what gave it may be gone there."""

    short: str
    """The thread's short number; empty where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The asker takes his question back: no answer is wanted. Nothing is removed."""

    to: ActId
    text: str = ""


def check_acts(acts: tuple[ActId, ...]) -> None:
    """Raise ValueError unless *acts* can be taken back together."""
    if not 0 < len(acts) <= ACTS_LIMIT or len(set(acts)) != len(acts):
        raise ValueError("recall: names acts, each once")
    for each in acts:
        check_random("act", each)
