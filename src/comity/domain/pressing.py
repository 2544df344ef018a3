# SPDX-License-Identifier: Apache-2.0
"""Pressing: what an asker may say when nobody answers: that it is urgent now, or a reminder.

Both are about the question that opened the thread and come from its own agency. Neither asks
anything new. A reminder names the limit that has passed, and each limit is spoken of once, so that
nobody is worn down; what is sent again takes no effect in the fold.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.domain.ids import ActId


class Limit(StrEnum):
    """The limits of a question's clock of which the other side may be reminded."""

    HALF = "half"
    """Half of an urgent clock, and nobody has opened it."""
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """The question is urgent from now on; the clock never runs slower for it."""

    to: ActId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A limit has passed."""

    to: ActId
    limit: Limit


Pressing = Urgent | Reminder
