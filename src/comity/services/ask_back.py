# SPDX-License-Identifier: Apache-2.0
"""Ask back: something is needed before there can be an answer; the thread stays open."""

from collections.abc import Sequence

from comity.domain.ids import ThreadId
from comity.domain.statement import AskBack
from comity.domain.thread import Side
from comity.errors import Misused, NeedsReason
from comity.knowledge.codes import ask_back_reasons
from comity.knowledge.request_kind import MANY_LIMIT
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Begun, Manner, begin, draft_reply, kind_of_question
from comity.services.words import check_names, check_texts

OTHER = "other"


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
    draft = draft_ask_back(
        unlocked, house, thread, reasons, fields=fields, text=text, manner=manner
    )
    return send(unlocked, house, draft)


def draft_ask_back(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reasons: Sequence[str],
    *,
    fields: Sequence[str] = (),
    text: str = "",
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    _check_reasons(reasons, text)
    if len(fields) > MANY_LIMIT:
        raise Misused("field-many", field="fields")
    for each in fields:
        check_names(fields=each)
    begun = begin(unlocked, house, thread, "ask-back")
    _check_fields(house, begun, fields)
    body = AskBack(
        to=begun.target,
        reasons=tuple(dict.fromkeys(reasons)),
        fields=tuple(dict.fromkeys(fields)),
        text=text,
    )
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=bool(text.strip()))


def _check_reasons(reasons: Sequence[str], text: str) -> None:
    if not reasons:
        raise Misused("field-missing", field="reason")
    if any(each not in ask_back_reasons() for each in reasons):
        raise Misused("reason-unknown")
    if OTHER in reasons and not text.strip():
        raise NeedsReason("ask-back")
    check_texts(text=text)


def _check_fields(house: House, begun: Begun, fields: Sequence[str]) -> None:
    kind = kind_of_question(house, begun)
    asked = {each.name for each in kind.fields} if kind else set()
    given = {each.name for each in kind.answer} if kind else set()
    known = given if begun.side is Side.ASKER else asked
    # A kind that we lack is our own gap, not a slip of the officer: its field names may be said.
    if kind and any(each not in known for each in fields):
        raise Misused("field-unknown")
