# SPDX-License-Identifier: Apache-2.0
"""Who will see this: shown before every send, from the very draft that would be sent.

People and desks on both sides, as each agency shows them, and why; and what the sender should know
before he sends: whether it waits for a countersignature, for how long he may stop it, what is owed
on paper, how old the other side's list of keys is, and when somebody is next at the desk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.domain.docket import ClockClass
from comity.domain.duty import local_time, next_duty, next_holiday
from comity.domain.ids import AgencyId
from comity.domain.readers import Age, Invited, WillSee, age_of, will_see
from comity.domain.release import clock_of
from comity.domain.roster import DeskEntry
from comity.services.address_book import Book
from comity.services.compose import author_of, readers_of
from comity.services.draft import Draft
from comity.services.house import House
from comity.services.officer import Unlocked


@dataclass(frozen=True, slots=True, kw_only=True)
class InReserve:
    """Holders of shares: enough of them together open what an agency's people can."""

    agency: AgencyId
    needed: int
    holders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown before something is sent."""

    readers: tuple[WillSee, ...]
    held: bool
    owed_on_paper: tuple[str, ...]
    mandate: str
    desk: str
    """For which desk it is signed; empty for the author himself."""
    wait: int
    """Seconds in which it may still be stopped."""
    age: Age
    languages: tuple[str, ...]
    """What whoever it is addressed to reads."""
    is_read: bool
    """Whether the language it is written in is one of them; True where they name none."""
    duty: datetime | None
    """When somebody is next there; None where that is not known."""
    there: datetime | None
    """Now, by the clock on the desk's wall; None where its zone is not known."""
    holiday: str
    """The desk's next holiday; empty where it names none."""
    telephone: str
    """The desk's urgent telephone, if this is urgent."""
    in_reserve: tuple[InReserve, ...]
    """Who else could open it, of the agencies of its readers: the recovery of each."""


def show(unlocked: Unlocked, house: House, draft: Draft) -> Shown:
    """Return who would read *draft*, and what else its sender is to know first."""
    decided, act, to = draft.decided, draft.act, draft.decided.to
    desk = to if isinstance(to, DeskEntry) else None
    urgent = clock_of(act.body) is ClockClass.URGENT
    readers = will_see(readers_of(unlocked, draft.book, act))
    now = house.now()
    return Shown(
        readers=readers,
        held=decided.held,
        owed_on_paper=decided.oversight.owed_on_paper,
        mandate=decided.mandate,
        desk=decided.desk,
        wait=decided.wait,
        age=decided.age,
        languages=to.languages,
        is_read=_reads(to.languages, act.language),
        duty=next_duty(desk, now) if desk else None,
        there=local_time(desk, now) if desk else None,
        holiday=next_holiday(desk, now) if desk else "",
        telephone=desk.urgent_telephone if desk and urgent else "",
        in_reserve=_in_reserve(draft.book, readers),
    )


def show_invited(
    unlocked: Unlocked, house: House, book: Book, invited: Sequence[Invited], *, desk: str = ""
) -> Shown:
    """Return who would read what goes to *invited* by itself: nothing holds it and nothing waits.

    The oldest list of keys among their agencies' is the one that counts.
    """
    readers = will_see([author_of(unlocked, book), *invited])
    now = house.now()
    issued = [book.agency(each.agency).issued for each in readers if not book.is_own(each.agency)]
    return Shown(
        readers=readers,
        held=False,
        owed_on_paper=(),
        mandate="",
        desk=desk,
        wait=0,
        age=age_of(min(issued), now) if issued else Age.FRESH,
        languages=(),
        is_read=True,
        duty=None,
        there=None,
        holiday="",
        telephone="",
        in_reserve=_in_reserve(book, readers),
    )


def _in_reserve(book: Book, readers: Iterable[WillSee]) -> tuple[InReserve, ...]:
    agencies = dict.fromkeys(each.agency for each in readers)
    told = (book.agency(each).recovery for each in agencies)
    return tuple(
        InReserve(agency=each.agency, needed=each.needed, holders=each.holders)
        for each in told
        if each is not None
    )


def _reads(languages: tuple[str, ...], language: str) -> bool:
    """Return whether *language* is among *languages*, whatever its region or script."""
    return not languages or _first(language) in {_first(each) for each in languages}


def _first(tag: str) -> str:
    return tag.partition("-")[0].casefold()
