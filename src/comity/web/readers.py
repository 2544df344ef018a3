# SPDX-License-Identifier: Apache-2.0
"""Who will see this, on a page: ours and theirs in two columns, each with why.

What else a sender is to know stands beside it: whether it waits, what is owed on paper, when
somebody is there, and what is held against those who will read.
"""

from dataclasses import dataclass
from datetime import date

from comity.domain.readers import Age, WillSee
from comity.domain.roster import MandateEntry
from comity.domain.statement import Why
from comity.language import words
from comity.language.marks import counted, marked
from comity.language.standing import MARKS
from comity.services.who_will_see import Shown
from comity.web.visit import Visit

_PEOPLE = counted("{count} person reads at this desk", "{count} people read at this desk")
_OLD = marked("The other side's list of keys is {age}: somebody may have left since.")
_NOT_READ = marked("They read {languages}; you write in another language.")
_AGAINST = marked("{agency}: {what}")
_PAPER = marked("A copy would be owed on paper: {office}")
_RESERVE = marked(
    "In an emergency, {needed} of {holders} holders named by {agency} could open it together."
)
_THERE = marked("It is {time} there.")
_DUTY = marked("Somebody is there {when}.")
_HOLIDAY = marked("Their next holiday: {day}")
_CALL = marked("In an urgent case, call {telephone}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One reader in words."""

    name: str
    agency: str
    why: str
    people: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page of *who will see this* says."""

    shown: Shown
    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]
    mandate: MandateEntry | None
    overseers: str
    """Who has to sign before it goes."""
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]


def who_will_see(visit: Visit, shown: Shown) -> Seen:
    """Return *shown* in words."""
    asked = {each.agency for each in shown.readers if each.why is Why.ADDRESSED}
    own = visit.book.agency(visit.seat.unlocked.agency)
    overseers = [e.display for e in shown.readers if e.why is Why.OVERSIGHT]
    return Seen(
        shown=shown,
        ours=tuple(line(visit, each) for each in shown.readers if each.agency not in asked),
        theirs=tuple(line(visit, each) for each in shown.readers if each.agency in asked),
        mandate=next((each for each in own.mandates if each.id == shown.mandate), None),
        overseers=", ".join(overseers),
        warnings=_warnings(visit, shown),
        remarks=_remarks(visit, shown),
    )


def line(visit: Visit, each: WillSee) -> Line:
    """Return one reader in words."""
    people = visit.say_in.count(_PEOPLE.one, _PEOPLE.many, each.members) if each.members else ""
    return Line(
        name=each.display,
        agency=visit.agency(each.agency),
        why=visit.say(words.WHYS[each.why]),
        people=people,
    )


def _warnings(visit: Visit, shown: Shown) -> tuple[str, ...]:
    told = []
    if shown.age is not Age.FRESH:
        told.append(visit.say(_OLD, age=visit.say(words.AGES[shown.age])))
    if not shown.is_read:
        languages = ", ".join(map(visit.say_in.language, shown.languages))
        told.append(visit.say(_NOT_READ, languages=languages))
    cards = (visit.book.agency(each) for each in dict.fromkeys(e.agency for e in shown.readers))
    for card in cards:
        told += [
            visit.say(_AGAINST, agency=card.name, what=visit.say(MARKS[each.code]))
            for each in card.standing.marks
            if not card.own
        ]
    return tuple(told)


def _remarks(visit: Visit, shown: Shown) -> tuple[str, ...]:
    told = [visit.say(_PAPER, office=visit.people.of(each)) for each in shown.owed_on_paper]
    if shown.there:
        told.append(visit.say(_THERE, time=f"{shown.there:%H:%M}"))
    if shown.duty:
        told.append(visit.say(_DUTY, when=visit.when(shown.duty)))
    if shown.holiday:
        day = visit.say_in.day(date.fromisoformat(shown.holiday))
        told.append(visit.say(_HOLIDAY, day=day))
    if shown.telephone:
        told.append(visit.say(_CALL, telephone=shown.telephone))
    told += [
        visit.say(_RESERVE, needed=e.needed, holders=e.holders, agency=visit.agency(e.agency))
        for e in shown.in_reserve
    ]
    return tuple(told)
