# SPDX-License-Identifier: Apache-2.0
"""Replies: what every later act of a thread has in common.

A reply is about an opened thread, so whom it goes to, under which kind and mandate, follows from
what was asked. Custody (who has the thread) and other acts that stay at home go to the desks that
have it. Whatever a colleague did in between, in this process or another, is seen inside the write:
then nothing is written, and the officer looks again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.readers import Invited, distinct
from comity.domain.release import clock_of, stage_of
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import Body, Reader, ReaderKind, Request, Why
from comity.domain.thread import Act as Seen
from comity.domain.thread import Effect, Side
from comity.errors import NotCompetent, Refused, TooLate
from comity.knowledge.request_kind import RequestKind
from comity.services.address_book import Book, read_book
from comity.services.compose import Act, Composed, compose
from comity.services.draft import Draft
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import NOTE, USE, Outward, decide_outward, invite_own, shares
from comity.services.successor import follower, followers
from comity.services.thread import OpenThread, open_thread
from comity.services.words import check_language, check_texts
from comity.storage import copies
from comity.storage.reading import Reading, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a reply is given, beside what it says."""

    language: str = "en"
    desk: str = ""
    """For which desk it is signed; empty for the one of his that has the thread."""
    mandate: str = ""
    roster_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A thread that is being replied to."""

    opened: OpenThread
    opening: Seen
    side: Side
    """On which the one who replies stands."""
    unmoved: Callable[[Writing], None]
    """Raises TooLate if anybody of his agency acted on it since."""

    @property
    def id(self) -> ThreadId:
        return self.opened.id

    @property
    def request(self) -> Request | None:
        return self.opened.thread.request

    @property
    def target(self) -> ActId:
        """Return the act that is replied to: an asker's is to the last answer."""
        given = self.opened.thread.outcomes
        return given[-1].act if given and self.side is Side.ASKER else self.opening.id

    @property
    def asked_back(self) -> ActId | None:
        """Return the newest ask-back that his side still owes a reply."""
        open_ = [each.act for each in self.opened.thread.questions if each.of is self.side]
        return open_[-1] if open_ else None


def begin(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    step: str = "",
    *,
    everything: bool = False,
) -> Begun:
    """Open *thread* for a reply by the verb *step*; raise if it cannot be given now.

    Without a step it is for an act of custody, which has its place at any time.
    """
    with house.store.read() as reading:
        before = _own_acts(reading, thread, unlocked.agency)
    opened = open_thread(unlocked, house, thread, everything=everything)
    side = opened.thread.side_of(unlocked.agency)
    if opened.thread.opening is None:
        raise TooLate("thread-waiting")
    if side is None:
        raise NotCompetent("not-a-party")
    if step and step not in opened.next:
        raise TooLate("step", step=step)

    def unmoved(writing: Writing) -> None:
        if _own_acts(writing, thread, unlocked.agency) != before:
            raise TooLate("moved")

    return Begun(opened=opened, opening=opened.thread.opening, side=side, unmoved=unmoved)


def draft_reply(
    unlocked: Unlocked,
    house: House,
    begun: Begun,
    body: Body,
    *,
    manner: Manner,
    nominal: bool = False,
) -> Draft:
    """Return *body* as it would be sent to the other side, under the rules for what leaves.

    *nominal* says that it may name somebody: then the other side's key must have been checked.
    """
    check_language(manner.language)
    check_texts(roster_reason=manner.roster_reason)
    with house.store.read():  # one snapshot for all that is decided
        return _draft(unlocked, house, begun, body, manner=manner, nominal=nominal)


def keep(
    unlocked: Unlocked, house: House, begun: Begun, body: Body, readers: Sequence[str] = ()
) -> Done:
    """Keep *body*, an act that stays at home, for the desks that have the thread and *readers*."""
    said = compose_home(unlocked, house, begun.opened, body, readers=readers)
    return record(house, read_book(house), said, also=(begun.unmoved,))


def compose_home(
    unlocked: Unlocked,
    house: House,
    opened: OpenThread,
    body: Body,
    *,
    desk: str = "",
    readers: Sequence[str] = (),
    also: Sequence[Invited] = (),
) -> tuple[Composed, ...]:
    """Return the copies of *body*, an act that stays at home."""
    act = Act(
        body=body,
        thread=opened.id,
        invited=invited_home(unlocked, house, opened, readers=readers, also=also),
        language=Manner().language,
        desk=desk or desk_at(opened, unlocked),
    )
    return compose(unlocked, house, read_book(house), act)


def invited_home(
    unlocked: Unlocked,
    house: House,
    opened: OpenThread,
    *,
    readers: Sequence[str] = (),
    also: Sequence[Invited] = (),
) -> tuple[Invited, ...]:
    """Return who reads an act that stays at home: the desks that have the thread, and others."""
    mine = (*own_desks(opened, unlocked.agency), *readers)
    return distinct(
        [
            *invite_own(unlocked, house, read_book(house), opened.id, mine),
            *followers(house, opened, unlocked.agency),
            *also,
        ]
    )


def own_desks(opened: OpenThread, agency: AgencyId, act: ActId | None = None) -> tuple[str, ...]:
    """Return the desks of *agency* that have the thread, or its *act*."""
    found = {
        each.id
        for copy in (opened.copies_of(act) if act else opened.copies)
        for each in (*copy.statement.readers, *copy.statement.shown)
        if each.agency == agency and each.kind is ReaderKind.DESK
    }
    return tuple(sorted(found))


def desk_at(opened: OpenThread, unlocked: Unlocked) -> str:
    """Return the desk of his that has the thread, for which he then signs."""
    mine = [each for each in own_desks(opened, unlocked.agency) if each in unlocked.entry.desks]
    return mine[0] if len(mine) == 1 else ""


def kind_of_question(house: House, begun: Begun) -> RequestKind | None:
    """Return the form of what was asked; None of a note, or of a kind that we lack."""
    return house.kinds.get(begun.request.kind) if begun.request else None


def _draft(
    unlocked: Unlocked,
    house: House,
    begun: Begun,
    body: Body,
    *,
    manner: Manner,
    nominal: bool,
) -> Draft:
    book = read_book(house)
    opened, supplies = begun.opened, begun.side is Side.ASKER
    kind = _kind_of(begun)
    known = house.kinds.get(kind)
    stage = stage_of(body, author_asked=supplies)
    decided = decide_outward(
        unlocked,
        house,
        book,
        Outward(
            thread=opened.id,
            to=addressee(book, opened, other_side(begun, unlocked)),
            kind=kind,
            stage=stage,
            clock=_clock(body, opened),
            nominal=nominal,
            coercive=known is not None and known.coercive,
            shares=shares(body),
            use=begun.request.use if begun.request else USE,
            mandate=manner.mandate,
            desk=manner.desk or desk_at(opened, unlocked),
            roster_reason=manner.roster_reason,
        ),
    )
    act = Act(
        body=body,
        thread=opened.id,
        invited=distinct([*decided.invited, *followers(house, opened, unlocked.agency)]),
        language=manner.language,
        desk=decided.desk,
        supplies=supplies and stage is DocketStage.SUPPLIED,
        roster_reason=manner.roster_reason,
    )
    terms = Terms(held=decided.held, wait=decided.wait, owed=decided.oversight.owed_on_paper)
    return Draft(book=book, act=act, decided=decided, terms=terms, also=(begun.unmoved,))


def _clock(body: Body, opened: OpenThread) -> ClockClass:
    """Return how soon it is wanted: what makes a question urgent is urgent itself."""
    own = clock_of(body)
    return opened.thread.clock if own is ClockClass.NONE else own


def _own_acts(reading: Reading, thread: ThreadId, agency: AgencyId) -> frozenset[str]:
    rows = copies.by_threads(reading, [thread])
    return frozenset(row.act for row in rows if row.agency == agency)


def _kind_of(begun: Begun) -> str:
    """Return the thread's request kind, as mandates and oversight name it."""
    return begun.request.kind if begun.request else NOTE


def other_side(begun: Begun, unlocked: Unlocked) -> AgencyId:
    """Return the agency that a reply goes to."""
    thread = begun.opened.thread
    if begun.side is Side.ASKED and thread.asker is not None:
        return thread.asker
    others = [each for each in thread.asked if each != unlocked.agency]
    if not others:
        raise NotCompetent("not-a-party")
    return others[0]


def addressee(book: Book, opened: OpenThread, agency: AgencyId) -> DeskEntry | OfficerEntry:
    """Return whom of *agency* a reply addresses: the desk that signed or was asked, else him."""
    card = book.agency(agency)
    for act in reversed(opened.thread.acts):
        for id_ in _candidates(act, agency):
            if id_ in card.readers:
                return card.readers[id_]
            if following := follower(card, id_):
                return following
    raise Refused("reader-unknown")


def _candidates(act: Seen, agency: AgencyId) -> tuple[str, ...]:
    if act.effect is not Effect.APPLIED:
        return ()  # nobody directs our answers by what has no place in the thread
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
