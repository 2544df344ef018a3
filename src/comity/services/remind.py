# SPDX-License-Identifier: Apache-2.0
"""Remind: the asker tells the other side that a limit of its clock has passed; each limit once.

What an officer's own node shows him without being asked stands in ``escalate.py``.
"""

from comity.domain.docket import ReceiptStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.pressing import Limit, Reminder
from comity.domain.reminders import Watched, reminds
from comity.domain.thread import Effect, Side, Thread
from comity.errors import TooLate
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, draft_reply
from comity.services.urgent import begin_as_asker


def remind(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Remind the other side of the last limit that passed; raise TooLate if it was, or none did."""
    return send(unlocked, house, draft_reminder(unlocked, house, thread, manner=manner))


def draft_reminder(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    begun = begin_as_asker(unlocked, house, thread)
    watched = watch(begun.opened.thread, unlocked.agency)
    passed = reminds(watched, house.now()) if watched else ()
    if not passed:
        raise TooLate("nothing-due")
    if passed[-1] in reminded_of(begun.opened.thread):
        raise TooLate("reminded-already")
    body = Reminder(to=begun.opening.id, limit=passed[-1])
    return draft_reply(unlocked, house, begun, body, manner=manner)


def watch(thread: Thread, agency: AgencyId) -> Watched | None:
    """Return what *agency* waits for in *thread*; None where no clock runs."""
    if thread.due is None or thread.opening is None:
        return None
    return Watched(
        asks=thread.side_of(agency) is Side.ASKER,
        clock=thread.clock,
        due_acknowledge=thread.due.acknowledge,
        due_answer=thread.due.answer,
        opened=any(
            each.stage is ReceiptStage.OPENED and each.agency in thread.asked
            for each in thread.receipts_of(thread.opening.id)
        ),
        acknowledged=thread.acknowledged is not None,
        answered=thread.answered is not None,
    )


def reminded_of(thread: Thread) -> frozenset[Limit]:
    """Return the limits of which the other side was reminded, or is about to be."""
    return frozenset(
        act.body.limit
        for act in thread.acts
        if isinstance(act.body, Reminder) and act.effect in (Effect.APPLIED, Effect.HELD)
    )
