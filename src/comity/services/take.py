# SPDX-License-Identifier: Apache-2.0
"""Take: a member of a desk takes a thread, and all its members see who."""

from comity.domain.ids import ThreadId
from comity.domain.statement import Take
from comity.errors import TooLate
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, keep


def take(unlocked: Unlocked, house: House, thread: ThreadId, *, anyway: bool = False) -> Done:
    """Take *thread*; raise TooLate if a colleague has it, unless it is taken *anyway*."""
    opened = begin(unlocked, house, thread)
    holder = opened.thread.holder_in(unlocked.agency)
    free = holder is None or holder.id in unlocked.entry.desks
    if not (free or anyway):
        raise TooLate("taken")
    assert opened.thread.opening is not None
    return keep(unlocked, house, opened, Take(to=opened.thread.opening.id), Manner())
