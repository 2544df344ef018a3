# SPDX-License-Identifier: Apache-2.0
"""What a docket says of a body: its stage and its clock class, and nothing more of it.

The sender's node writes both from the open statement; the reader's side derives them again and
compares (``spec/docket.md``). A body of unknown type says nothing, so it moves no clock.
"""

from collections.abc import Mapping
from typing import Final

from comity.domain.consent import Consent, ConsentRequest
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.pressing import Reminder, Urgent
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Body,
    Note,
    Outcome,
    PassOn,
    Request,
    Statement,
    Why,
)
from comity.domain.taking_back import NumberedRecall, Recall, Withdrawal

OPEN_OUTCOMES: Final = frozenset({Outcome.MORE_NEEDED, Outcome.TRANSLATION_NEEDED})
"""Outcomes that leave the thread open (design §5 *Receipts*)."""

LOOKING_ON: Final = frozenset({Why.OVERSIGHT, Why.MUST_COPY})
"""Why somebody reads who is neither asked nor asks."""

_OF_TYPE: Final[Mapping[type[Body], DocketStage]] = {
    Request: DocketStage.ASKED,
    Note: DocketStage.TOLD,
    Acknowledgement: DocketStage.ACKNOWLEDGED,
    AskBack: DocketStage.ASKED_BACK,
    PassOn: DocketStage.TOLD,
    ConsentRequest: DocketStage.CONSENT_ASKED,
    Consent: DocketStage.CONSENT_GIVEN,
    Urgent: DocketStage.HASTENED,
    Reminder: DocketStage.REMINDED,
    Recall: DocketStage.TAKEN_BACK,
    NumberedRecall: DocketStage.TAKEN_BACK,
    Withdrawal: DocketStage.WITHDRAWN,
}
_OF_OUTCOME: Final = {
    Outcome.MORE_NEEDED: DocketStage.ASKED_BACK,
    Outcome.TRANSLATION_NEEDED: DocketStage.CANNOT_READ,
    Outcome.REFUSED: DocketStage.REFUSED,
}


def stage_of(body: Body, *, author_asked: bool = False) -> DocketStage:
    """Return the stage to which *body* brings its thread.

    With *author_asked* the author is the one who asked: his answer replies to an ask-back,
    whatever its outcome.
    """
    if isinstance(body, Answer):
        if author_asked:
            return DocketStage.SUPPLIED
        return _OF_OUTCOME.get(body.outcome, DocketStage.ANSWERED)
    return _OF_TYPE.get(type(body), DocketStage.HOME)


def clock_of(body: Body) -> ClockClass:
    """Return how soon *body* wants a reply: a question, what hastens it, a wish for consent."""
    if isinstance(body, Urgent):
        return ClockClass.URGENT
    if isinstance(body, ConsentRequest):
        return ClockClass.URGENT if body.urgent else ClockClass.SOON
    return ClockClass(body.urgency.value) if isinstance(body, Request) else ClockClass.NONE


def stage_in(said: Statement, *, author_asked: bool = False) -> DocketStage:
    """Return the stage that the docket of one copy names."""
    stage = stage_of(said.body, author_asked=author_asked)
    return DocketStage.COPIED if looks_on(said) and stage is not DocketStage.HOME else stage


def clock_in(said: Statement) -> ClockClass:
    """Return how soon one copy wants a reply: nobody waits for who only looks on."""
    return ClockClass.NONE if looks_on(said) else clock_of(said.body)


def looks_on(said: Statement) -> bool:
    """Return whether a copy went to another agency for its overseers alone."""
    others = [each.why for each in said.readers if each.why is not Why.AUTHOR]
    return said.to != said.author.agency and bool(others) and LOOKING_ON.issuperset(others)


def leaves_open(body: Body) -> bool:
    """Return whether *body* leaves something for the other side to answer."""
    return isinstance(body, AskBack) or (isinstance(body, Answer) and body.outcome in OPEN_OUTCOMES)
