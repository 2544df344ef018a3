# SPDX-License-Identifier: Apache-2.0
"""Call: what an officer needs to ring the desk on the other side, in one sheet.

Its urgent telephone number, the time there, whether somebody is there and when next, and one
sentence to read aloud in its language and in the caller's. The sentence tells the country and the
short number, and nothing else: a telephone is heard by others.
"""

from dataclasses import dataclass
from datetime import datetime

from comity.domain.clocks import Standing
from comity.domain.docket import ClockClass
from comity.domain.duty import local_time, next_duty, next_holiday, on_duty
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.roster import DeskEntry
from comity.domain.short_number import spelled
from comity.domain.thread import Side, Thread
from comity.errors import TooLate
from comity.knowledge.spoken import ENGLISH, Occasion, Spoken, spoken, spoken_in
from comity.language.translator import Translator
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.remind import watch
from comity.services.replies import addressee, begin, other_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, in one language."""

    language: str
    """BCP 47."""
    text: str
    draft: bool
    """True until somebody whose language it is has read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is needed for one call."""

    thread: ThreadId
    short: str
    spelled: str
    """The number sign by sign, with the words for letters that pilots use."""
    agency: AgencyId
    desk: str
    """Its name; empty where an officer and no desk is on the other side."""
    telephone: str
    """Empty where they publish none."""
    languages: tuple[str, ...]
    there: datetime | None
    """Now, by the clock on their wall."""
    duty: datetime | None
    """When somebody is there: now, or next; None where that is not known."""
    on_duty: bool
    """Whether somebody is there now; where that is not known, nobody."""
    holiday: str
    """Their next holiday; empty where they name none."""
    sentence: Sentence
    """To be read aloud: in their language, or in English where we have none of theirs."""
    meaning: Sentence
    """The same in the caller's language."""

    @property
    def is_theirs(self) -> bool:
        """Return whether the sentence is in a language that they read."""
        return not self.languages or _same(self.sentence.language, self.languages)


def call_sheet(unlocked: Unlocked, house: House, thread: ThreadId, *, language: str) -> Sheet:
    """Return what *unlocked*, who speaks *language*, needs to ring about *thread*."""
    begun = begin(unlocked, house, thread)
    found, book, now = begun.opened.thread, read_book(house), house.now()
    if not found.short:
        raise TooLate("thread-waiting")
    other = addressee(book, begun.opened, other_side(begun, unlocked))
    desk = other if isinstance(other, DeskEntry) else None
    occasion = _occasion(found, unlocked.agency, now)
    theirs = spoken_in(other.languages) or spoken()[ENGLISH]
    own = spoken_in([language]) or spoken()[ENGLISH]
    country = book.agency(unlocked.agency).country
    return Sheet(
        thread=found.id,
        short=found.short,
        spelled=spelled(found.short),
        agency=other.agency,
        desk=desk.name if desk else "",
        telephone=desk.urgent_telephone if desk else "",
        languages=other.languages,
        there=local_time(desk, now) if desk else None,
        duty=next_duty(desk, now) if desk else None,
        on_duty=desk is not None and on_duty(desk, now),
        holiday=next_holiday(desk, now) if desk else "",
        sentence=_said(theirs, occasion, country, found.short),
        meaning=_said(own, occasion, country, found.short),
    )


def _occasion(thread: Thread, agency: AgencyId, now: datetime) -> Occasion:
    """Return what the call is about."""
    if thread.side_of(agency) is not Side.ASKER or thread.answered is not None:
        return "about"
    watched = watch(thread, agency)
    unheard = watched is None or not (watched.opened or watched.acknowledged)
    if thread.clock is ClockClass.URGENT and unheard:
        return "open"
    return "answer" if thread.standing(now) is Standing.LATE else "about"


def _said(row: Spoken, occasion: Occasion, country: str, number: str) -> Sentence:
    named = Translator(row.language).country(country)
    return Sentence(
        language=row.language,
        text=row.say(occasion, country=named, number=number),
        draft=row.confidence is not spoken()[ENGLISH].confidence,
    )


def _same(tag: str, others: tuple[str, ...]) -> bool:
    base = tag.partition("-")[0]
    return base in {each.partition("-")[0].casefold() for each in others}
