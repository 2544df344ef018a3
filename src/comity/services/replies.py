# SPDX-License-Identifier: Apache-2.0
"""Replies: what every later act of a thread has in common.

A reply is about an opened thread, so whom it goes to, under which kind and mandate, follows from
what was asked. Custody (who has the thread) and other acts that stay at home go to the desks that
have it.
"""

from dataclasses import dataclass

from comity.domain.docket import DocketStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.release import stage_of
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import Body, Reader, ReaderKind, Request, Why
from comity.domain.thread import Act as Seen
from comity.domain.thread import Side
from comity.errors import Misused, NotCompetent, TooLate
from comity.services.address_book import Book, read_book
from comity.services.compose import Act, Composed, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import Outward, decide_outward, invite_own
from comity.services.thread import OpenThread, open_thread

NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a reply is given, beside what it says."""

    language: str = "en"
    desk: str = ""
    mandate: str = ""
    roster_reason: str = ""
    nominal: bool = False
    """Whether it may name somebody: then the other side's key must have been checked."""
    wait: bool = True
    """Whether the Stop window is kept; an acknowledgement does not wait."""


def begin(unlocked: Unlocked, house: House, thread: ThreadId, step: str = "") -> OpenThread:
    """Open *thread* for a reply by the verb *step*; raise if it cannot be given now.

    Without a step it is for an act of custody, which has its place at any time.
    """
    opened = open_thread(unlocked, house, thread)
    found = opened.thread
    if found.opening is None:
        raise TooLate("thread-waiting")
    if found.side_of(unlocked.agency) is None:
        raise NotCompetent("not-a-party")
    if step and step not in opened.next:
        raise TooLate("step", step=step)
    return opened


def other_side(opened: OpenThread, unlocked: Unlocked) -> AgencyId:
    """Return the agency that a reply goes to."""
    found = opened.thread
    if found.side_of(unlocked.agency) is Side.ASKED and found.asker is not None:
        return found.asker
    others = [each for each in found.asked if each != unlocked.agency]
    if not others:
        raise NotCompetent("not-a-party")
    return others[0]


def send(unlocked: Unlocked, house: House, opened: OpenThread, body: Body, manner: Manner) -> Done:
    """Send *body* to the other side, under the rules for what leaves."""
    book = read_book(house)
    to = _addressee(book, opened, other_side(opened, unlocked))
    supplies = opened.thread.side_of(unlocked.agency) is Side.ASKER
    stage = stage_of(body, author_asked=supplies)
    decided = decide_outward(
        unlocked,
        house,
        book,
        Outward(
            thread=opened.id,
            to=to,
            kind=kind_of(opened),
            stage=stage,
            nominal=manner.nominal,
            coercive=False,
            use=use_of(opened),
            mandate=manner.mandate,
            desk=manner.desk or _desk_at(opened, unlocked),
            roster_reason=manner.roster_reason,
        ),
    )
    act = Act(
        body=body,
        thread=opened.id,
        invited=decided.invited,
        language=manner.language,
        desk=decided.desk,
        supplies=supplies and stage is DocketStage.SUPPLIED,
        roster_reason=manner.roster_reason,
    )
    terms = Terms(
        held=decided.held,
        wait=decided.wait if manner.wait else 0,
        owed=decided.oversight.owed_on_paper,
    )
    return record(house, book, compose(unlocked, house, book, act), terms)


def keep(unlocked: Unlocked, house: House, opened: OpenThread, body: Body, manner: Manner) -> Done:
    """Keep *body*, an act that stays at home, for the desks that have the thread."""
    return record(house, read_book(house), compose_home(unlocked, house, opened, body, manner))


def compose_home(
    unlocked: Unlocked, house: House, opened: OpenThread, body: Body, manner: Manner
) -> tuple[Composed, ...]:
    """Return the copies of *body*, an act that stays at home."""
    book = read_book(house)
    desks = own_readers(opened, unlocked.agency)
    act = Act(
        body=body,
        thread=opened.id,
        invited=invite_own(unlocked, house, book, opened.id, desks),
        language=manner.language,
        desk=manner.desk or _desk_at(opened, unlocked),
    )
    return compose(unlocked, house, book, act)


def own_readers(opened: OpenThread, agency: AgencyId) -> tuple[str, ...]:
    """Return the desks of *agency* that read the thread's opening."""
    found = {
        each.id
        for copy in opened.copies
        for each in (*copy.statement.readers, *copy.statement.shown)
        if each.agency == agency and each.kind is ReaderKind.DESK
    }
    return tuple(sorted(found))


def kind_of(opened: OpenThread) -> str:
    """Return the thread's request kind, as mandates and oversight name it."""
    return NOTE if opened.thread.note else _request(opened).kind


def use_of(opened: OpenThread) -> str:
    return "intelligence" if opened.thread.note else _request(opened).use


def _request(opened: OpenThread) -> Request:
    request = opened.thread.request
    if request is None:
        raise TooLate("thread-waiting")
    return request


def _addressee(book: Book, opened: OpenThread, agency: AgencyId) -> DeskEntry | OfficerEntry:
    """Return whom of *agency* a reply addresses: the desk that signed or was asked, else him."""
    card = book.agency(agency)
    for act in reversed(opened.thread.acts):
        for id_ in _candidates(act, agency):
            if id_ in card.readers:
                return card.readers[id_]
    raise Misused("reader-unknown")


def _candidates(act: Seen, agency: AgencyId) -> tuple[str, ...]:
    author = act.statement.author
    if author.agency == agency:
        return (author.desk, author.officer)
    return tuple(
        each.id
        for each in (*act.statement.readers, *act.statement.shown)
        if _is_addressed(each, agency)
    )


def _is_addressed(reader: Reader, agency: AgencyId) -> bool:
    return reader.agency == agency and reader.why is Why.ADDRESSED


def _desk_at(opened: OpenThread, unlocked: Unlocked) -> str:
    """Return the desk of his that has the thread, for which he then signs."""
    mine = [each for each in own_readers(opened, unlocked.agency) if each in unlocked.entry.desks]
    return mine[0] if len(mine) == 1 else ""
