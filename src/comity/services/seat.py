# SPDX-License-Identifier: Apache-2.0
"""A seat: one unlocked officer at one node, with a method for every verb he may use.

What the command line, the pages and the tests use. A thread may be named by its id, by the first
six or more characters of it, or by the short number that is said over the telephone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from comity.domain import short_number
from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Attachment, Decision
from comity.errors import Misused
from comity.services.acknowledge import acknowledge
from comity.services.answer import Reply, answer
from comity.services.ask import Question, Shown, ask, who_will_see
from comity.services.ask_back import ask_back
from comity.services.attach import attach, detach
from comity.services.countersign import countersign
from comity.services.hand_over import hand_over
from comity.services.house import House
from comity.services.inbox import LIMIT, Line, inbox
from comity.services.officer import Unlocked
from comity.services.release import Done
from comity.services.replies import Manner
from comity.services.stop import stop
from comity.services.take import take
from comity.services.tell import News, tell
from comity.services.thread import OpenThread, open_thread
from comity.services.unseal import readers_of
from comity.storage import copies

PREFIX = 6
"""Characters of an id that are enough to name a thread, if no other begins so."""
WIDEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    unlocked: Unlocked
    house: House

    def ask(self, question: Question) -> Done:
        return ask(self.unlocked, self.house, question)

    def who_will_see(self, question: Question) -> Shown:
        return who_will_see(self.unlocked, self.house, question)

    def tell(self, news: News) -> Done:
        return tell(self.unlocked, self.house, news)

    def acknowledge(
        self,
        thread: str,
        *,
        expect: datetime | None = None,
        remark: str = "",
        manner: Manner = Manner(wait=False),  # noqa: B008  # a frozen value
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

    def take(self, thread: str, *, anyway: bool = False) -> Done:
        return take(self.unlocked, self.house, self.find(thread), anyway=anyway)

    def hand_over(self, thread: str, taker: str, *, remark: str = "") -> Done:
        return hand_over(self.unlocked, self.house, self.find(thread), taker, remark=remark)

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

    def attach(self, source: BinaryIO, name: str, media: str) -> Attachment:
        """Seal a file to itself, for an act that is about to name it."""
        return attach(self.house, source, name, media)

    def detach(self, attachment: Attachment, sink: BinaryIO) -> None:
        """Write the clear bytes of *attachment*, verified, to *sink*."""
        detach(self.house, attachment, sink)

    def inbox(self, *, limit: int = LIMIT) -> tuple[Line, ...]:
        return inbox(self.unlocked, self.house, limit=limit)

    def thread(self, thread: str, *, receipt: bool = True) -> OpenThread:
        return open_thread(self.unlocked, self.house, self.find(thread), receipt=receipt)

    def find(self, text: str) -> ThreadId:
        """Return the thread that *text* names; raise Misused if it names none of his, or two."""
        with self.house.store.read() as reading:
            mine = copies.threads_of(reading, sorted(readers_of(self.unlocked)), limit=WIDEST)
        ids = [ThreadId(each.thread) for each in mine]
        found = [each for each in ids if len(text) >= PREFIX and each.startswith(text.lower())]
        if not found:
            found = self._by_short_number(text)
        if len(found) != 1:
            raise Misused("thread-ambiguous" if found else "thread-unknown")
        return found[0]

    def _by_short_number(self, text: str) -> list[ThreadId]:
        wanted = short_number.parse(text) if any(map(str.isdigit, text)) else ""
        return [each.thread for each in self.inbox(limit=WIDEST) if each.short == wanted]
