# SPDX-License-Identifier: Apache-2.0
"""Answer: a coded outcome, to a request or, from the asker, to an ask-back.

What the code says and what stands beside it must agree: a refusal names its ground, what is passed
on names to whom, and nothing is told under a code that says that nothing is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.domain.handling import Handling
from comity.domain.ids import ThreadId
from comity.domain.statement import Answer, Attachment, Outcome, RefusalGround
from comity.domain.thread import Side
from comity.errors import Misused
from comity.knowledge.kinds import fill_answer, fill_supplied
from comity.knowledge.request_kind import Values
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Begun, Manner, begin, draft_reply, kind_of_question
from comity.services.words import (
    check_files,
    check_handling,
    check_names,
    check_texts,
    check_values,
)

TELLING: Final = frozenset({Outcome.INFORMATION, Outcome.PARTLY})
"""Outcomes that tell something, and must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an officer answers."""

    outcome: Outcome
    ground: str = ""
    """With *refused*: why, by code."""
    competent: str = ""
    """With *not competent* or *passed on*: who is."""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    ref: str = ""
    """Our own file number."""
    handling: Handling = field(default_factory=Handling)
    attachments: tuple[Attachment, ...] = ()

    @property
    def says(self) -> bool:
        """Return whether anything stands beside the code."""
        return bool(self.fields or self.text.strip() or self.attachments)


def answer(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reply: Reply,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Answer *thread* with *reply*."""
    return send(unlocked, house, draft_answer(unlocked, house, thread, reply, manner=manner))


def draft_answer(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reply: Reply,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Draft:
    _check_code(reply)
    check_texts(text=reply.text)
    check_values(reply.fields)
    check_names(ref=reply.ref, competent=reply.competent)
    check_handling(house, reply.handling)
    check_files(house, reply.attachments)
    begun = begin(unlocked, house, thread, "answer")
    body = Answer(
        to=begun.asked_back or begun.opening.id,
        outcome=reply.outcome,
        ground=reply.ground,
        competent=reply.competent.strip(),
        fields=_filled(house, begun, reply),
        text=reply.text,
        ref=reply.ref.strip(),
        handling=reply.handling,
        attachments=reply.attachments,
    )
    nominal = _may_name(house, begun, body)
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=nominal)


def _check_code(reply: Reply) -> None:
    """Raise Misused unless the code and what stands beside it belong together."""
    refused = reply.outcome is Outcome.REFUSED
    if refused != bool(reply.ground):
        raise Misused("field-missing" if refused else "ground-without-refusal", field="ground")
    if refused and reply.ground not in set(RefusalGround):
        raise Misused("ground-unknown")
    names = reply.outcome is Outcome.PASSED_ON or reply.ground == RefusalGround.NOT_COMPETENT
    if names and not reply.competent.strip():
        raise Misused("field-missing", field="competent")
    if reply.competent and not names:
        raise Misused("competent-without-code")
    if reply.outcome is Outcome.LETTER_ATTACHED and not reply.attachments:
        raise Misused("field-missing", field="attach")
    if reply.outcome in TELLING and not reply.says:
        raise Misused("field-missing", field="text")
    if reply.fields and reply.outcome not in TELLING:
        raise Misused("fields-without-information")


def _filled(house: House, begun: Begun, reply: Reply) -> Values:
    """Return the coded values, made normal: of the answer or, from the asker, of the question."""
    kind = kind_of_question(house, begun)
    if kind is None:
        # Of a kind that we lack, or of a note, there is no form: it is said in words.
        if reply.fields:
            raise Misused("field-unknown")
        return {}
    if begun.side is Side.ASKER:
        return fill_supplied(kind, reply.fields)
    return fill_answer(kind, reply.fields)


def _may_name(house: House, begun: Begun, body: Answer) -> bool:
    """Return whether an answer may name somebody: by its files, its words or its fields."""
    if body.attachments or body.text.strip() or body.competent.strip():
        return True
    kind = kind_of_question(house, begun)
    fields = (*kind.answer, *kind.fields) if kind else ()
    return any(body.fields.get(each.name) for each in fields if each.nominal)
