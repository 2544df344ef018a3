# SPDX-License-Identifier: Apache-2.0
"""Acknowledge: we have it, and somebody is on it."""

from datetime import datetime

from comity.domain import time
from comity.domain.ids import ThreadId
from comity.domain.statement import Acknowledgement
from comity.errors import Misused
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, draft_reply
from comity.services.words import check_texts


def acknowledge(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    expect: datetime | None = None,
    remark: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Acknowledge *thread*; *expect* says by when an answer may come."""
    draft = draft_acknowledgement(
        unlocked, house, thread, expect=expect, remark=remark, manner=manner
    )
    return send(unlocked, house, draft)


def draft_acknowledgement(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    expect: datetime | None = None,
    remark: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    check_texts(remark=remark)
    if expect is not None and expect <= house.now():
        raise Misused("expect-past")
    begun = begin(unlocked, house, thread, "acknowledge")
    body = Acknowledgement(
        to=begun.target,
        expect=time.written(time.whole(expect)) if expect else "",
        remark=remark,
    )
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=bool(remark.strip()))
