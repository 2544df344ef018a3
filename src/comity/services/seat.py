# SPDX-License-Identifier: Apache-2.0
"""A seat: one unlocked officer at one node, with a method for every verb he may use.

What the command line, the pages and the tests use. A thread may be named by its id, by the first
six or more characters of it, or by the short number that is said over the telephone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from comity.crypto.age import Readable
from comity.domain.ids import ActId, AgencyId, BlobId, ThreadId
from comity.domain.statement import Attachment, Decision
from comity.services import drafts as kept_drafts
from comity.services import hand_over as hand_over_service
from comity.services import owed, photographs, recall, saved, uploads
from comity.services.acknowledge import acknowledge, draft_acknowledgement
from comity.services.answer import Reply, answer
from comity.services.ask import Question, ask, draft_question
from comity.services.ask_back import ask_back, draft_ask_back
from comity.services.attach import attach, clear_bytes, detach, detached
from comity.services.bring import Elsewhere, bring_consent, elsewhere
from comity.services.call import Sheet, call_sheet
from comity.services.coming import Coming, coming
from comity.services.consent import Leave, Wish, ask_consent, give_consent
from comity.services.countersign import countersign
from comity.services.draft import Also, Draft, send
from comity.services.drafts import Kept
from comity.services.escalate import Brought, brought
from comity.services.find_thread import find_thread
from comity.services.hand_on import HandedOver, hand_on, preview
from comity.services.house import House
from comity.services.inbox import LIMIT, Line, inbox
from comity.services.locked import Alert, alerts_for
from comity.services.officer import Unlocked
from comity.services.owed import Owed
from comity.services.pace import paces
from comity.services.pass_on import Onward, pass_on
from comity.services.recall import Wish as Taking
from comity.services.release import Done
from comity.services.remind import draft_reminder, remind
from comity.services.replies import Manner
from comity.services.send_again import Lost, lost, send_again
from comity.services.stop import Leaving, leaves_at, leaving, stop
from comity.services.take import take
from comity.services.tell import News, draft_note, tell
from comity.services.thread import OpenThread, open_thread
from comity.services.uploads import About, Upload
from comity.services.urgent import draft_urgent, make_urgent
from comity.services.who_will_see import Shown, show
from comity.services.withdraw import draft_withdrawal, withdraw


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    unlocked: Unlocked
    house: House

    def ask(self, question: Question, *, draft: str = "") -> Done:
        """Ask *question*; its *draft* goes in the same write."""
        return ask(self.unlocked, self.house, question, also=self._sending(draft))

    def tell(self, news: News, *, draft: str = "") -> Done:
        """Tell *news*; its *draft* goes in the same write."""
        return tell(self.unlocked, self.house, news, also=self._sending(draft))

    def _sending(self, draft: str) -> tuple[Also, ...]:
        return (kept_drafts.sending(self.unlocked, self.house, draft),) if draft else ()

    def begin_draft(self, purpose: str, values: Mapping[str, Sequence[str]]) -> Kept:
        return kept_drafts.begin(self.unlocked, self.house, purpose, values)

    def drafts(self) -> tuple[Kept, ...]:
        """Return what he typed and has not sent, the newest first."""
        return kept_drafts.drafts(self.unlocked, self.house)

    def draft(self, draft: str) -> Kept:
        return kept_drafts.draft(self.unlocked, self.house, draft)

    def save_draft(
        self,
        kept: Kept,
        values: Mapping[str, Sequence[str]],
        files: tuple[Attachment, ...] | None = None,
    ) -> Kept:
        return kept_drafts.save(self.unlocked, self.house, kept, values, files)

    def discard_draft(self, draft: str) -> None:
        kept_drafts.discard(self.unlocked, self.house, draft)

    def who_will_see(self, meant: Question | News) -> Shown:
        """Return who would read what is *meant*, and what else to know before sending it."""
        unlocked, house = self.unlocked, self.house
        if isinstance(meant, Question):
            return show(unlocked, house, draft_question(unlocked, house, meant))
        return show(unlocked, house, draft_note(unlocked, house, meant))

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

    def send(self, draft: Draft) -> Done:
        """Sign, seal and release *draft*, as it was shown."""
        return send(self.unlocked, self.house, draft)

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

    def elsewhere(self, opened: OpenThread) -> tuple[Elsewhere, ...]:
        """Return what waits in *opened* for a word that is given in other threads."""
        return elsewhere(self.unlocked, self.house, opened)

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

    def paces(self, peer: AgencyId) -> Mapping[str, timedelta]:
        """Return by desk of *peer* in what time it usually answered his agency."""
        return paces(self.house, self.unlocked.agency, peer)

    def leaves_at(self, act: str) -> int:
        """Return until when *act* may be stopped, in milliseconds; 0 if it may not any more."""
        return leaves_at(self.house, ActId(act))

    def stop(self, act: str) -> Done:
        return stop(self.unlocked, self.house, ActId(act))

    def leaving(self, opened: OpenThread) -> tuple[Leaving, ...]:
        """Return what he may still stop in *opened*, the newest first."""
        return leaving(self.unlocked, self.house, opened)

    def send_again(self, act: str, *, reason: str = "") -> Done:
        """Send *act* again to every agency that could not open it."""
        return send_again(self.unlocked, self.house, ActId(act), roster_reason=reason)

    def lost(self, opened: OpenThread) -> tuple[Lost, ...]:
        """Return what of his in *opened* another agency could not open, and why."""
        return lost(self.unlocked, self.house, opened)

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

    def attach(self, source: Readable, name: str, media: str) -> Attachment:
        """Seal a file to itself, for an act that is about to name it."""
        return attach(self.house, source, name, media)

    def detach(self, attachment: Attachment, sink: BinaryIO) -> None:
        """Write the clear bytes of *attachment*, verified, to *sink*."""
        detach(self.house, attachment, sink)

    def detached(self, attachment: Attachment) -> Iterator[bytes]:
        """Yield the clear bytes of *attachment*, all of them verified before the first."""
        return detached(self.house, attachment)

    def clear_bytes(self, attachment: Attachment, limit: int) -> bytes:
        return clear_bytes(self.house, attachment, limit)

    def travelling(self, original: Attachment, *, as_it_is: bool = False) -> tuple[Attachment, ...]:
        """Return what travels of a file that he chose: small, clean, or as it is."""
        return photographs.travelling(self.unlocked, self.house, original, as_it_is=as_it_is)

    def original_of(self, sent: BlobId) -> Attachment | None:
        return photographs.original_of(self.unlocked, self.house, sent)

    def begin_upload(self, about: About) -> Upload:
        return uploads.begin(self.unlocked, self.house, about)

    def upload(self, upload: str) -> Upload:
        return uploads.look(self.unlocked, self.house, upload)

    def put_upload(self, upload: str, offset: int, data: bytes) -> Upload:
        return uploads.put(self.unlocked, self.house, upload, offset, data)

    def uploaded(self, upload: str) -> Attachment:
        """Return the file that his finished *upload* became."""
        return uploads.taken(self.unlocked, self.house, upload)

    def drop_upload(self, upload: str) -> None:
        uploads.drop(self.unlocked, self.house, upload)

    def note_saved(self, thread: ThreadId, file: BlobId) -> None:
        """Note that he saves a file, which lies in clear on his device since."""
        saved.note(self.unlocked, self.house, thread, file)

    def inbox(self, *, limit: int = LIMIT, over: bool = False) -> tuple[Line, ...]:
        return inbox(self.unlocked, self.house, limit=limit, over=over)

    def brought(self) -> tuple[Brought, ...]:
        """Return what is overdue and brought before this officer."""
        return brought(self.unlocked, self.house)

    def alerts(self) -> tuple[Alert, ...]:
        """Return which colleagues locked everything of theirs, who chose him to be told."""
        return alerts_for(self.unlocked, self.house)

    def coming(self) -> tuple[Coming, ...]:
        """Return what he should see to by a date, if he answers for that."""
        return coming(self.unlocked, self.house)

    def thread(self, thread: str, *, receipt: bool = True, everything: bool = False) -> OpenThread:
        return open_thread(
            self.unlocked, self.house, self.find(thread), receipt=receipt, everything=everything
        )

    def find(self, text: str) -> ThreadId:
        """Return the thread that *text* names; raise Misused if it names none of his, or two."""
        return find_thread(self.unlocked, self.house, text)
