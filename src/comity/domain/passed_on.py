# SPDX-License-Identifier: Apache-2.0
"""Passing on: what makes it right that somebody hands on what another agency told him.

The original travels as its author signed it, inside the statement that passes it on; what is
passed on again holds that statement inside in its turn, so every hand in between is seen. The
steps, for each hand from the first on; whose signatures these are is verified beside them:

(1) What is inside was told to the agency that passes it on, by another, and its files are its own.
(2) Handling lets it reach the recipient, or leaves that to the originator, who told it first.
(3) Then his consent is there: from somebody who may speak for it, and it names this act, this
    holder, this recipient, this use and, where it says one, this purpose, and is in time.
(4) Handling is nowhere wider than what bound the holder, or than the originator then said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import time
from comity.domain.consent import Consent, Word
from comity.domain.consents import may_speak
from comity.domain.handling import Handling, See
from comity.domain.ids import AgencyId
from comity.domain.onward import Use, is_within, may, may_see, narrower, until
from comity.domain.release import looks_on
from comity.domain.statement import PassOn, Statement, Telling
from comity.domain.verdict import Ask, Barred, Verdict

HANDS_MOST: Final = 4
"""How many agencies may have had it one after the other: each makes the statement larger."""
OVER: Final = "consent-over"
EXPIRED: Final = "handling-expired"
IN_TIME_ONCE: Final = frozenset({OVER, EXPIRED})
"""What fails by time alone: it may have been right when it left, and nobody is accused of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One agency's passing on: its statement, and the consent that it shows, if any."""

    said: Statement
    body: PassOn
    consent: Statement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What was told first, and every hand through which it went since, the first one first."""

    original: Statement
    hands: tuple[Hand, ...] = ()

    @property
    def originator(self) -> AgencyId:
        return self.original.author.agency

    @property
    def newest(self) -> Statement:
        """What the last holder was told."""
        return self.hands[-1].said if self.hands else self.original

    @property
    def handling(self) -> Handling:
        """What binds the last holder."""
        return handling_of(self.newest)


def handling_of(said: Statement) -> Handling:
    return said.body.handling if isinstance(said.body, Telling) else Handling()


def why_not(chain: Chain, nearest: Sequence[See | None], at: datetime) -> str:
    """Return why *chain* must not have come, by a code, or nothing.

    *nearest* tells for each hand how near its recipient stands to it, None for whom handling
    reaches by no tie; *at* is when the last hand is judged to have been.
    """
    for place, hand in enumerate(chain.hands):
        before = Chain(original=chain.original, hands=chain.hands[:place])
        last = place == len(chain.hands) - 1
        # Of hands before the last there is only their own word: a thief of that time had the key.
        when = at if last else min(hand.said.at, at)
        why = why_not_hand(before, hand, nearest[place], when)
        if why:
            return why
    return ""


def why_not_hand(before: Chain, hand: Hand, nearest: See | None, at: datetime) -> str:
    """Return why *hand* may not hand on what *before* brought to it, or nothing."""
    said, body, told = hand.said, hand.body, before.newest
    holder = said.author.agency
    if not isinstance(told.body, Telling) or told.to != holder:
        return "not-told"  # (1)
    if told.author.agency == holder or looks_on(told):
        return "not-told"
    if not set(body.attachments) <= set(told.body.attachments):
        return "files"
    if time.written(at) >= until(before.handling.expires):
        return EXPIRED
    why, bound = leave(
        before,
        hand.consent,
        holder=holder,
        recipient=body.recipient,
        purpose=body.use,
        nearest=nearest,
        at=at,
    )  # (2) (3)
    if why:
        return why
    return "" if is_within(body.handling, bound) else "wider"  # (4)


def leave(
    before: Chain,
    consent: Statement | None,
    *,
    holder: AgencyId,
    recipient: AgencyId,
    purpose: str,
    nearest: See | None,
    at: datetime,
) -> tuple[str, Handling]:
    """Return why *holder* has no leave, or nothing, and the handling that then binds."""
    bound = before.handling
    if consent is None:
        verdict = verdict_on(before, nearest, at)
        if isinstance(verdict, Barred):
            return verdict.why, bound
        return ("needs-consent" if isinstance(verdict, Ask) else ""), bound
    why = why_no_leave(
        before.original, consent, holder=holder, recipient=recipient, purpose=purpose, at=at
    )
    if why or not isinstance(consent.body, Consent):
        return why, bound
    given = consent.body.handling
    # Whoever had it in between narrowed it on his own account: that binds whoever comes after.
    return "", narrower(bound, given) if before.hands else given


def verdict_on(before: Chain, nearest: See | None, at: datetime) -> Verdict:
    """Return whether handling lets what *before* brought reach somebody who stands so near."""
    handling = before.handling
    if nearest is None:
        return may(handling, Use.PASS_ON, originator=before.originator, at=at)
    return may_see(handling, nearest, originator=before.originator, at=at)


def why_no_leave(
    original: Statement,
    consent: Statement,
    *,
    holder: AgencyId,
    recipient: AgencyId | None,
    purpose: str,
    at: datetime,
    use: Use = Use.PASS_ON,
) -> str:
    """Return why *consent* does not let *holder* do this with *original*, or nothing."""
    word = consent.body
    if not isinstance(word, Consent) or word.signed:
        return "consent"
    if not may_speak(consent.author, original.author):
        return "consent-of-another"
    named = (word.act, word.holder, word.use)
    if named != (original.act, holder, use) or (recipient and recipient not in word.agencies):
        return "consent-elsewhere"
    if word.purpose not in ("", purpose):
        return "consent-elsewhere"
    if word.word is Word.NO:
        return "consent-no"
    return OVER if time.written(at) >= until(word.until) else ""
