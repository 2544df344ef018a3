# SPDX-License-Identifier: Apache-2.0
"""Withdraw: the asker takes his question back. The clocks stop, and nothing is removed.

Whoever is on it sees that no answer is wanted; what he has found he keeps to himself. To have the
question itself removed there, its author recalls it.
"""

from comity.domain.ids import ThreadId
from comity.domain.statement import Request
from comity.domain.taking_back import Withdrawal
from comity.domain.thread import Side, Stage
from comity.errors import NotCompetent, TooLate
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, draft_reply
from comity.services.words import check_texts

_OVER = (
    Stage.ANSWERED,
    Stage.REFUSED,
    Stage.WITHDRAWN,
    Stage.RECALLED,
    Stage.HELD,
    Stage.SENT_BACK,
    Stage.WITHHELD,
    Stage.STOPPED,
)


def withdraw(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    text: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Say that no answer to *thread* is wanted any more."""
    draft = draft_withdrawal(unlocked, house, thread, text=text, manner=manner)
    return send(unlocked, house, draft)


def draft_withdrawal(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    text: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    check_texts(text=text)
    begun = begin(unlocked, house, thread)
    if begun.side is not Side.ASKER or not isinstance(begun.opening.body, Request):
        raise NotCompetent("not-asker")
    if begun.opened.thread.stage in _OVER:
        raise TooLate("step", step="withdraw")
    body = Withdrawal(to=begun.opening.id, text=text)
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=bool(text.strip()))
