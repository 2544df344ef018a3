# SPDX-License-Identifier: Apache-2.0
"""Consents of a thread: what a holder asked leave for, whose word it is, and what was said.

Only the originator gives consent, by whoever may speak for what he told: its author, or somebody
who signs for the desk for which he signed. The last word on a request stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from comity.domain.acts import owned, target_of
from comity.domain.clocks import Due, Standing, due, standing
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.ids import ActId, AgencyId
from comity.domain.release import clock_of
from comity.domain.statement import Author, PassOn
from comity.domain.thread import Act, Effect, Thread

Place = tuple[datetime, datetime, bool, ActId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request for consent, and where it stands."""

    act: ActId
    body: ConsentRequest
    by: AgencyId
    of: AgencyId
    """Whose word is awaited: who told it."""
    at: datetime
    due: Due | None
    given: ActId | None = None
    """The act of the last word; None while there is none."""
    word: Consent | None = None
    place: Place
    """Of the last word among all words; of the request while there is none."""
    held: bool = False
    """A word is signed and waits for a countersignature."""

    @property
    def open(self) -> bool:
        return self.word is None and not self.held

    def standing(self, now: datetime) -> Standing:
        """Return how it stands on its clock; fine once there is a word."""
        if self.due is None or not self.open:
            return Standing.FINE
        return standing(self.due, now, acknowledged=True, answered=False)


def askings(thread: Thread) -> tuple[Asking, ...]:
    """Return every request for consent that counts, in causal order."""
    told = owned(thread.acts)
    return tuple(
        _asking(act, body, told[body.to], thread)
        for act in thread.acts
        if isinstance(body := act.body, ConsentRequest) and act.effect is Effect.APPLIED
    )


def pending(thread: Thread, agency: AgencyId) -> tuple[Asking, ...]:
    """Return what waits for the word of *agency*."""
    return tuple(each for each in askings(thread) if each.of == agency and each.open)


def may_speak(signer: Author, original: Author) -> bool:
    """Return whether *signer* may give consent for what *original* told."""
    if signer.agency != original.agency:
        return False
    by_desk = original.desk != "" and signer.desk == original.desk
    return by_desk or signer.officer == original.officer


def why_no_consent(act: Act, own: Mapping[ActId, Act]) -> str:
    """Return why *act* is no word on the request for consent that it replies to, or nothing."""
    word, request = act.body, own.get(target_of(act.body) or act.id)
    if not isinstance(word, Consent) or request is None:
        return ""
    asked = request.body
    if not isinstance(asked, ConsentRequest) or word.signed:
        return ""  # another's word, brought: whose it is shows where use is made of it
    told = own[asked.to]
    if not may_speak(act.statement.author, told.statement.author):
        return "not-originator"
    if isinstance(told.body, PassOn) and word.word is not Word.NO:
        return "not-originator"
    same = (word.act, word.use, word.holder) == (asked.to, asked.use, asked.holder)
    return "" if same and set(word.agencies) <= set(asked.agencies) else "not-as-asked"


def _asking(act: Act, body: ConsentRequest, told: Act, thread: Thread) -> Asking:
    words = [
        each for each in thread.acts if isinstance(each.body, Consent) and each.body.to == act.id
    ]
    said = [each for each in words if each.effect is Effect.APPLIED]
    last = max(said, key=_place, default=None)
    return Asking(
        act=act.id,
        body=body,
        by=act.agency,
        of=told.agency,
        at=act.at,
        due=due(clock_of(body), act.at),
        given=last.id if last else None,
        word=last.body if last and isinstance(last.body, Consent) else None,
        place=_place(last or act),
        held=any(each.effect is Effect.HELD for each in words),
    )


def _place(act: Act) -> Place:
    """Return what puts words in order: two that came together by their author's own time.

    That is his to say of his own words; where even that is one, a no stands.
    """
    refuses = isinstance(act.body, Consent) and act.body.word is Word.NO
    return (act.at, act.statement.at, refuses, act.id)
