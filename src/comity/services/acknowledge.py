# SPDX-License-Identifier: Apache-2.0
"""Acknowledge: we have it, and somebody is on it."""

from datetime import datetime

from comity.domain import time
from comity.domain.ids import ThreadId
from comity.domain.statement import Acknowledgement
from comity.services.ask import check_texts
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, send


def acknowledge(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    expect: datetime | None = None,
    remark: str = "",
    manner: Manner = Manner(wait=False),  # noqa: B008  # a frozen value
) -> Done:
    """Acknowledge *thread*; *expect* says by when an answer may come."""
    check_texts(remark=remark)
    opened = begin(unlocked, house, thread, "acknowledge")
    assert opened.thread.opening is not None
    last = opened.thread.outcomes[-1].act if opened.thread.outcomes else None
    asked = opened.thread.opening
    body = Acknowledgement(
        to=last if last and asked.agency == unlocked.agency else asked.id,
        expect=time.written(time.whole(expect)) if expect else "",
        remark=remark,
    )
    return send(unlocked, house, opened, body, manner)
