# SPDX-License-Identifier: Apache-2.0
"""Ask back: something is needed before there can be an answer; the thread stays open."""

from collections.abc import Sequence

from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import AskBack
from comity.domain.thread import Side
from comity.errors import Misused
from comity.knowledge.codes import ask_back_reasons
from comity.services.ask import check_texts
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, send
from comity.services.thread import OpenThread


def ask_back(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reasons: Sequence[str],
    *,
    fields: Sequence[str] = (),
    text: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Ask back by coded *reasons*, naming the *fields* of the request that are in question."""
    if not reasons:
        raise Misused("field-missing", field="reason")
    if any(each not in ask_back_reasons() for each in reasons):
        raise Misused("reason-unknown")
    check_texts(text=text)
    opened = begin(unlocked, house, thread, "ask-back")
    _check_fields(house, opened, fields)
    body = AskBack(
        to=_target(opened, unlocked),
        reasons=tuple(dict.fromkeys(reasons)),
        fields=tuple(dict.fromkeys(fields)),
        text=text,
    )
    return send(unlocked, house, opened, body, manner)


def _check_fields(house: House, opened: OpenThread, fields: Sequence[str]) -> None:
    request = opened.thread.request
    kind = house.kinds.get(request.kind) if request else None
    known = {each.name for each in kind.fields} if kind else set()
    # A kind that we lack is our own gap, not a slip of the officer: its field names may be said.
    if kind and any(each not in known for each in fields):
        raise Misused("field-unknown")


def _target(opened: OpenThread, unlocked: Unlocked) -> ActId:
    thread = opened.thread
    assert thread.opening is not None
    if thread.side_of(unlocked.agency) is Side.ASKER and thread.outcomes:
        return thread.outcomes[-1].act
    return thread.opening.id
