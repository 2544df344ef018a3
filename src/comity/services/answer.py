# SPDX-License-Identifier: Apache-2.0
"""Answer: a coded outcome, to a request or, from the asker, to an ask-back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.domain.handling import Handling
from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Answer, Attachment, Outcome, RefusalGround
from comity.domain.thread import Side
from comity.errors import Misused
from comity.knowledge.request_kind import check_answer
from comity.services.ask import check_texts
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner, begin, send
from comity.services.thread import OpenThread


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


def answer(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    reply: Reply,
    *,
    manner: Manner = Manner(),  # noqa: B008  # a frozen value
) -> Done:
    """Answer *thread* with *reply*."""
    _check(reply)
    opened = begin(unlocked, house, thread, "answer")
    _check_fields(house, opened, unlocked, reply)
    body = Answer(
        to=_target(opened, unlocked),
        outcome=reply.outcome,
        ground=reply.ground,
        competent=reply.competent,
        fields={name: values for name, values in reply.fields.items() if values},
        text=reply.text,
        ref=reply.ref,
        handling=reply.handling,
        attachments=reply.attachments,
    )
    says = bool(reply.fields or reply.text or reply.attachments)
    return send(unlocked, house, opened, body, _named(manner, nominal=says))


def _check(reply: Reply) -> None:
    """Raise Misused unless the codes belong together."""
    refused = reply.outcome is Outcome.REFUSED
    if refused != bool(reply.ground):
        raise Misused("field-missing" if refused else "ground-without-refusal", field="ground")
    if refused and reply.ground not in set(RefusalGround):
        raise Misused("ground-unknown")
    names = reply.outcome is Outcome.PASSED_ON or reply.ground == RefusalGround.NOT_COMPETENT
    if names and not reply.competent.strip():
        raise Misused("field-missing", field="competent")
    if reply.outcome is Outcome.LETTER_ATTACHED and not reply.attachments:
        raise Misused("field-missing", field="attach")
    check_texts(text=reply.text, ref=reply.ref, competent=reply.competent)


def _check_fields(house: House, opened: OpenThread, unlocked: Unlocked, reply: Reply) -> None:
    request = opened.thread.request
    if request is None or opened.thread.side_of(unlocked.agency) is Side.ASKER:
        if reply.fields:
            raise Misused("field-unknown")
        return
    kind = house.kinds.get(request.kind)
    if kind is not None:
        check_answer(kind, reply.fields)


def _target(opened: OpenThread, unlocked: Unlocked) -> ActId:
    """Return what is answered: an open ask-back to our side, else the request."""
    thread = opened.thread
    assert thread.opening is not None
    side = thread.side_of(unlocked.agency)
    asked_back = [each.act for each in thread.questions if each.of is side]
    return asked_back[-1] if asked_back else thread.opening.id


def _named(manner: Manner, *, nominal: bool) -> Manner:
    return Manner(
        language=manner.language,
        desk=manner.desk,
        mandate=manner.mandate,
        roster_reason=manner.roster_reason,
        nominal=nominal,
        wait=manner.wait,
    )
