# SPDX-License-Identifier: Apache-2.0
"""Whom: the desks of other agencies as cards, country by country, as an officer chooses among them.

What stands on a card is what the desk's agency publishes, what our people checked, and what was
measured here. A desk that nothing can go to says so on its card, and is not chosen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from comity.domain.duty import local_time, next_duty, next_holiday, read_plan
from comity.domain.roster import AgencyType, DeskEntry
from comity.errors import Misused, NotAdmitted
from comity.language.marks import marked
from comity.services.agency_card import AgencyCard
from comity.web.fields import country_choices
from comity.web.visit import Visit

ALL: Final = frozenset(AgencyType)
OF_QUESTIONS: Final = ALL - {AgencyType.BODY, AgencyType.NGO}
"""Of whom one asks: a body reads no question, and an NGO is no authority."""

_BY_VOICE = marked("Key checked by voice, {day}")
_VOUCHED = marked("Vouched for by {agency}")
_UNCHECKED = marked("Key not checked yet: nothing with a name in it goes there")
_THERE = marked("It is {time} there.")
_NOW = marked("Somebody is there now.")
_LATER = marked("Nobody is there until {time}.")
_ALWAYS = marked("day and night")
_PACE = marked("Usually answers in {time}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCard:
    """One desk in words."""

    id: str
    name: str
    agency: str
    kind: AgencyType
    languages: tuple[str, ...]
    there: str
    """What time it is there, and whether somebody is."""
    hours: tuple[str, ...]
    holiday: str
    key: str
    """How its agency's key was checked, and when."""
    pace: str
    """In what time it usually answers; empty where too few answers were measured here."""
    closed: NotAdmitted | None
    """Why nothing goes there now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    code: str
    name: str
    desks: tuple[DeskCard, ...]


def counterparts(visit: Visit, kinds: Collection[AgencyType]) -> tuple[Country, ...]:
    """Return every country in which an agency of *kinds* is known, with their desks."""
    own = visit.seat.unlocked.agency
    found: dict[str, list[DeskCard]] = {}
    for card in visit.book.listed:
        if card.id != own and card.kind in kinds:
            paces = visit.seat.paces(card.id)
            desks = [each for each in card.desks if not each.oversight]
            found.setdefault(card.country, []).extend(
                desk_card(visit, card, each, paces.get(each.id)) for each in desks
            )
    said = [
        Country(
            code=code,
            name=visit.say_in.country(code),
            desks=tuple(sorted(desks, key=lambda each: (each.agency, each.name))),
        )
        for code, desks in found.items()
        if desks
    ]
    return tuple(sorted(said, key=lambda each: each.name))


def elsewhere(visit: Visit, known: Collection[Country]) -> tuple[tuple[str, str], ...]:
    """Return the countries in which no desk can be chosen."""
    reached = {e.code for e in known if any(desk.closed is None for desk in e.desks)}
    home = visit.book.agency(visit.seat.unlocked.agency).country
    return tuple(e for e in country_choices(visit) if e[0] not in {*reached, home, "XX", "ZZ"})


def desk_card(
    visit: Visit, card: AgencyCard, desk: DeskEntry, pace: timedelta | None = None
) -> DeskCard:
    """Return *desk* in words; *pace* is in what time it usually answered us."""
    day = next_holiday(desk, visit.now)
    return DeskCard(
        id=desk.id,
        name=desk.name,
        agency=card.name,
        kind=card.kind,
        languages=tuple(visit.say_in.language(each) for each in desk.languages),
        there=_there(visit, desk),
        hours=_hours(visit, desk),
        holiday=visit.say_in.day(date.fromisoformat(day)) if day else "",
        key=_key(visit, card),
        pace=_pace(visit, pace),
        closed=_closed(visit, card),
    )


def _closed(visit: Visit, card: AgencyCard) -> NotAdmitted | None:
    why = card.silent(visit.now) or ("held" if card.standing.held else "")
    return NotAdmitted(why) if why else None


def _key(visit: Visit, card: AgencyCard) -> str:
    if card.checked_at is not None:
        return visit.say(_BY_VOICE, day=visit.say_in.day(card.checked_at))
    if card.vouched_by:
        return visit.say(_VOUCHED, agency=visit.agency(card.vouched_by))
    return visit.say(_UNCHECKED)


def _there(visit: Visit, desk: DeskEntry) -> str:
    """Return what time it is at *desk* and when somebody is there, by its own clock."""
    now, next_ = local_time(desk, visit.now), next_duty(desk, visit.now)
    told = [visit.say(_THERE, time=f"{now:%H:%M}")] if now else []
    if next_ == visit.now:
        told.append(visit.say(_NOW))
    elif next_ is not None and now is not None:
        told.append(visit.say(_LATER, time=_clock(visit, next_.astimezone(now.tzinfo), now)))
    return " ".join(told)


def _clock(visit: Visit, at: datetime, now: datetime) -> str:
    """Return *at* by the clock on the wall; with its day if that is not today."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{visit.say_in.day(at.date())}, {at:%H:%M}"


def _hours(visit: Visit, desk: DeskEntry) -> tuple[str, ...]:
    if not desk.hours:
        return (visit.say(_ALWAYS),)
    try:
        plan = read_plan(desk.zone, desk.hours, desk.holidays)
    except Misused:
        return ()
    return visit.say_in.hours(plan.spans)


def _pace(visit: Visit, pace: timedelta | None) -> str:
    return visit.say(_PACE, time=visit.say_in.span(pace)) if pace is not None else ""
