# SPDX-License-Identifier: Apache-2.0
"""Make urgent: the asker says that a question which was sent is urgent now, and why.

It is a statement like any other, seen and overseen as an urgent question would be. The clock of
both sides runs by it from when the other side has it (``domain.clocks.hastened``).
"""

from comity.domain.docket import ClockClass
from comity.domain.ids import ThreadId
from comity.domain.pressing import Urgent
from comity.domain.thread import Side
from comity.errors import NeedsReason, NotCompetent, TooLate
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Begun, Manner, begin, draft_reply
from comity.services.words import check_texts


def make_urgent(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reason: str,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Say of the question of *thread* that it is urgent, for a *reason* that stays with it."""
    return send(unlocked, house, draft_urgent(unlocked, house, thread, reason, manner=manner))


def draft_urgent(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reason: str,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    check_texts(reason=reason)
    if not reason.strip():
        raise NeedsReason("urgency")
    begun = begin_as_asker(unlocked, house, thread)
    if begun.opened.thread.clock is ClockClass.URGENT:
        raise TooLate("urgent-already")
    body = Urgent(to=begun.opening.id, reason=reason)
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=True)


def begin_as_asker(unlocked: Unlocked, house: House, thread: ThreadId) -> Begun:
    """Open *thread* for its asker, while its question has no final answer."""
    begun = begin(unlocked, house, thread)
    if begun.side is not Side.ASKER or begun.request is None:
        raise NotCompetent("not-the-asker")
    if begun.opened.thread.answered is not None:
        raise TooLate("answered-already")
    return begun
