# SPDX-License-Identifier: Apache-2.0
"""A seat: one unlocked officer at one node, with a method for every verb he may use.

What the command line, the pages and the tests use. A thread may be named by its id, by the first
six or more characters of it, or by the short number that is said over the telephone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from comity.domain import short_number
from comity.domain.docket import DocketStage
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.statement import Attachment, Decision
from comity.domain.thread import Stage
from comity.errors import Misused
from comity.services import hand_over as hand_over_service
from comity.services import owed, recall, short_numbers
from comity.services.acknowledge import acknowledge, draft_acknowledgement
from comity.services.address_book import read_book
from comity.services.answer import Reply, answer, draft_answer
from comity.services.ask import Question, ask, draft_question
from comity.services.ask_back import ask_back, draft_ask_back
from comity.services.attach import attach, detach
from comity.services.call import Sheet, call_sheet
from comity.services.coming import Coming, coming
from comity.services.consent import Leave, Wish, ask_consent, bring_consent, give_consent
from comity.services.countersign import countersign
from comity.services.draft import Draft
from comity.services.escalate import Brought, brought
from comity.services.hand_on import HandedOver, hand_on, preview
from comity.services.house import House
from comity.services.inbox import LIMIT, Line, inbox
from comity.services.officer import Unlocked
from comity.services.owed import Owed
from comity.services.pass_on import Onward, pass_on
from comity.services.recall import Wish as Taking
from comity.services.release import Done
from comity.services.remind import draft_reminder, remind
from comity.services.replies import Manner
from comity.services.stop import stop
from comity.services.take import take
from comity.services.tell import News, draft_note, tell
from comity.services.thread import OpenThread, open_thread, open_threads, parties
from comity.services.unseal import readers_of
from comity.services.urgent import draft_urgent, make_urgent
from comity.services.who_will_see import Shown, show
from comity.services.withdraw import draft_withdrawal, withdraw
from comity.storage import copies, wraps

PREFIX: Final = 6
"""Characters of an id that are enough to name a thread, if no other begins so."""
AT_ONCE: Final = 100
"""Threads that are opened together when a number is looked for."""
_OPENING: Final = (DocketStage.ASKED, DocketStage.TOLD, DocketStage.COPIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    unlocked: Unlocked
    house: House

    def ask(self, question: Question) -> Done:
        return ask(self.unlocked, self.house, question)

    def tell(self, news: News) -> Done:
        return tell(self.unlocked, self.house, news)

    def who_will_see(self, meant: Question | News) -> Shown:
        """Return who would read what is *meant*, and what else to know before sending it."""
        unlocked, house = self.unlocked, self.house
        if isinstance(meant, Question):
            return show(unlocked, house, draft_question(unlocked, house, meant))
        return show(unlocked, house, draft_note(unlocked, house, meant))

    def who_will_see_reply(
        self,
        thread: str,
        reply: Reply,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read *reply*, and what else to know first."""
        unlocked, house = self.unlocked, self.house
        draft = draft_answer(unlocked, house, self.find(thread), reply, manner=manner)
        return show(unlocked, house, draft)

    def who_will_see_acknowledgement(
        self,
        thread: str,
        *,
        expect: datetime | None = None,
        remark: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read an acknowledgement, and what else to know first."""
        unlocked, house = self.unlocked, self.house
        draft = draft_acknowledgement(
            unlocked, house, self.find(thread), expect=expect, remark=remark, manner=manner
        )
        return show(unlocked, house, draft)

    def who_will_see_ask_back(
        self,
        thread: str,
        reasons: Sequence[str],
        *,
        fields: Sequence[str] = (),
        text: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read what is asked back, and what else to know first."""
        unlocked, house = self.unlocked, self.house
        draft = draft_ask_back(
            unlocked, house, self.find(thread), reasons, fields=fields, text=text, manner=manner
        )
        return show(unlocked, house, draft)

    def acknowledge(
        self,
        thread: str,
        *,
        expect: datetime | None = None,
        remark: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        found = self.find(thread)
        return acknowledge(
            self.unlocked, self.house, found, expect=expect, remark=remark, manner=manner
        )

    def ask_back(
        self,
        thread: str,
        reasons: Sequence[str],
        *,
        fields: Sequence[str] = (),
        text: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        found = self.find(thread)
        return ask_back(
            self.unlocked, self.house, found, reasons, fields=fields, text=text, manner=manner
        )

    def answer(
        self,
        thread: str,
        reply: Reply,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return answer(self.unlocked, self.house, self.find(thread), reply, manner=manner)

    def preview(self, draft: Draft) -> Shown:
        """Return who would read *draft*, and what else to know first."""
        return show(self.unlocked, self.house, draft)

    def pass_on(self, thread: str, onward: Onward) -> Done:
        return pass_on(self.unlocked, self.house, self.find(thread), onward)

    def ask_consent(
        self,
        thread: str,
        wish: Wish,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return ask_consent(self.unlocked, self.house, self.find(thread), wish, manner)

    def give_consent(
        self,
        thread: str,
        leave: Leave,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return give_consent(self.unlocked, self.house, self.find(thread), leave, manner)

    def bring_consent(
        self,
        thread: str,
        source: str,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        """Bring to *thread* the originator's word that is in *source*."""
        found = self.find(thread)
        return bring_consent(self.unlocked, self.house, found, self.find(source), manner)

    def who_will_see_urgent(
        self,
        thread: str,
        reason: str,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read that the question is urgent now."""
        unlocked, house = self.unlocked, self.house
        draft = draft_urgent(unlocked, house, self.find(thread), reason, manner=manner)
        return show(unlocked, house, draft)

    def make_urgent(
        self,
        thread: str,
        reason: str,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return make_urgent(self.unlocked, self.house, self.find(thread), reason, manner=manner)

    def who_will_see_reminder(
        self,
        thread: str,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read a reminder."""
        unlocked, house = self.unlocked, self.house
        draft = draft_reminder(unlocked, house, self.find(thread), manner=manner)
        return show(unlocked, house, draft)

    def remind(
        self,
        thread: str,
        *,
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return remind(self.unlocked, self.house, self.find(thread), manner=manner)

    def call(self, thread: str, *, language: str = "en") -> Sheet:
        """Return what is needed to ring the other side about a thread."""
        return call_sheet(self.unlocked, self.house, self.find(thread), language=language)

    def take(self, thread: str, *, anyway: bool = False) -> Done:
        return take(self.unlocked, self.house, self.find(thread), anyway=anyway)

    def who_will_see_hand_over(self, thread: str, taker: str) -> Shown:
        """Return who would read that a thread is handed over."""
        return hand_over_service.preview(self.unlocked, self.house, self.find(thread), taker)

    def hand_over(self, thread: str, taker: str, *, remark: str = "") -> Done:
        found = self.find(thread)
        return hand_over_service.hand_over(self.unlocked, self.house, found, taker, remark=remark)

    def who_will_gain(self, taker: str) -> HandedOver:
        """Return what ``hand_on`` would hand to *taker*, and what stays and why."""
        return preview(self.unlocked, self.house, taker)

    def hand_on(self, taker: str, *, remark: str = "") -> HandedOver:
        """Hand every personal thread of his on to *taker*."""
        return hand_on(self.unlocked, self.house, taker, remark=remark)

    def who_will_see_taking_back(self, thread: str, wish: Taking) -> Shown:
        """Return who would be told that something is recalled, narrowed or corrected."""
        return recall.preview(self.unlocked, self.house, self.find(thread), wish)

    def take_back(self, thread: str, wish: Taking) -> Done:
        """Recall, narrow or correct acts of a thread."""
        return recall.take_back(self.unlocked, self.house, self.find(thread), wish)

    def who_will_see_withdrawal(
        self,
        thread: str,
        *,
        text: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Shown:
        """Return who would read that no answer is wanted any more."""
        unlocked, house = self.unlocked, self.house
        draft = draft_withdrawal(unlocked, house, self.find(thread), text=text, manner=manner)
        return show(unlocked, house, draft)

    def withdraw(
        self,
        thread: str,
        *,
        text: str = "",
        manner: Manner = Manner(),  # noqa: B008  # a frozen value
    ) -> Done:
        return withdraw(self.unlocked, self.house, self.find(thread), text=text, manner=manner)

    def stop(self, act: str) -> Done:
        return stop(self.unlocked, self.house, ActId(act))

    def countersign(
        self,
        act: str,
        decision: Decision,
        *,
        reason: str = "",
        confirms_spoken: bool = False,
    ) -> Done:
        return countersign(
            self.unlocked,
            self.house,
            ActId(act),
            decision,
            reason=reason,
            confirms_spoken=confirms_spoken,
        )

    def owed(self) -> tuple[tuple[Owed, datetime], ...]:
        """Return what his agency owes on paper, with since when."""
        return owed.owed(self.house, self.unlocked.agency)

    def hand_in(self, act: str, office: str = "") -> int:
        """Note that *office*, or every one, has its copy of *act*; return how many were owed."""
        return owed.hand_in(self.unlocked, self.house, ActId(act), office)

    def attach(self, source: BinaryIO, name: str, media: str) -> Attachment:
        """Seal a file to itself, for an act that is about to name it."""
        return attach(self.house, source, name, media)

    def detach(self, attachment: Attachment, sink: BinaryIO) -> None:
        """Write the clear bytes of *attachment*, verified, to *sink*."""
        detach(self.house, attachment, sink)

    def inbox(self, *, limit: int = LIMIT) -> tuple[Line, ...]:
        return inbox(self.unlocked, self.house, limit=limit)

    def brought(self) -> tuple[Brought, ...]:
        """Return what is overdue and brought before this officer."""
        return brought(self.unlocked, self.house)

    def coming(self) -> tuple[Coming, ...]:
        """Return what he should see to by a date, if he answers for that."""
        return coming(self.unlocked, self.house)

    def thread(self, thread: str, *, receipt: bool = True, everything: bool = False) -> OpenThread:
        return open_thread(
            self.unlocked, self.house, self.find(thread), receipt=receipt, everything=everything
        )

    def find(self, text: str) -> ThreadId:
        """Return the thread that *text* names; raise Misused if it names none of his, or two."""
        found = self._by_id(text.strip().lower()) or self._by_short_number(text)
        if len(found) != 1:
            raise Misused("thread-ambiguous" if found else "thread-unknown")
        return found[0]

    @property
    def _readers(self) -> list[str]:
        return sorted(readers_of(self.unlocked))

    def _by_id(self, text: str) -> list[ThreadId]:
        if len(text) < PREFIX:
            return []
        with self.house.store.read() as reading:
            return [ThreadId(e) for e in copies.threads_named(reading, self._readers, text)]

    def _by_short_number(self, text: str) -> list[ThreadId]:
        """Return the thread that bears a number, or all that might be meant.

        Whoever gives numbers keeps them apart among his open threads. But two agencies of one
        country do not know of each other's, so what they gave alike is not chosen from.
        """
        try:
            wanted = short_number.parse(text)
        except Misused:
            return []
        given, told = self._given(wanted), self._told(wanted)
        if given or len({_asker(each) for each in told}) > 1:
            return [*given, *(each.id for each in told)]
        running = [each for each in told if _runs(each)]
        if running:
            return [each.id for each in running]
        newest = max(told, key=_begun, default=None)
        return [newest.id] if newest else []

    def _given(self, number: str) -> list[ThreadId]:
        """Return the threads of his to which his own agency gave *number*."""
        own = self.unlocked.agency
        with self.house.store.read() as reading:
            named = [
                found
                for peer in read_book(self.house).cards
                if (found := short_numbers.find(reading, self.house, own, peer, number))
            ]
            return [e for e in named if copies.threads_named(reading, self._readers, e)]

    def _told(self, number: str) -> list[OpenThread]:
        """Return the threads of his to which another agency gave *number*, for his country."""
        cards, own = read_book(self.house).cards, self.unlocked.agency
        askers = [e.id for e in cards.values() if e.id != own and e.country[:1] == number[:1]]
        with self.house.store.read() as reading:
            ids = copies.threads_by(reading, self._readers, _OPENING, askers)
            # What was handed on to him is sealed to somebody else.
            ids += wraps.threads_by(reading, self.unlocked.entry.id, _OPENING, askers)
        found: list[OpenThread] = []
        wanted = [ThreadId(each) for each in dict.fromkeys(ids)]
        for at in range(0, len(wanted), AT_ONCE):
            some = wanted[at : at + AT_ONCE]
            opened = open_threads(self.unlocked, self.house, some, receipt=False)
            found += [e for e in opened if e.thread.short == number and _asker(e) != own]
        mine = cards[own].country
        return [
            each
            for each in found
            # Of what was taken back nothing says any more who was asked; it was sealed to us.
            if mine in {cards[e].country for e in parties(each.thread) or (own,)}
        ]


def _asker(opened: OpenThread) -> AgencyId | None:
    return opened.thread.asker or short_numbers.recaller(opened.thread)


def _runs(opened: OpenThread) -> bool:
    return opened.thread.answered is None and opened.thread.stage is not Stage.RECALLED


def _begun(opened: OpenThread) -> tuple[datetime, ThreadId]:
    return max(each.judged.at for each in opened.copies), opened.id
