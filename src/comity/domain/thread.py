# SPDX-License-Identifier: Apache-2.0
"""A thread as an officer sees it: what was asked, who has it, what stands open, what happened.

It is derived, never stored: ``fold`` makes it from statements, dockets and receipts after
unlocking. What took no effect is kept beside what did, with the reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from comity.domain import clocks
from comity.domain.clocks import Due, Standing
from comity.domain.docket import ClockClass, Docket, DocketStage, ReceiptStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId, CopyId, OfficerId, ThreadId
from comity.domain.statement import Body, Note, Outcome, PassOn, Request, Statement, Unknown
from comity.domain.taking_back import Taking


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One verified copy of an act, opened by the viewer."""

    statement: Statement
    copy: CopyId
    """Decides ``statement``: two that differ have two copy ids."""
    judged_at: datetime
    """The earliest cosignature, else our own time of receipt."""
    provisional: bool
    """True until there is a cosignature."""
    ours: bool
    """Released by an agency that this node houses."""
    private: bool = False
    """Opened by hand and not from a parcel: shown as *private, not from the agency*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A docket as our node recorded it."""

    docket: Docket
    at: datetime
    """When it was made durable here."""
    ours: bool


class Side(StrEnum):
    ASKER = "asker"
    """Who asked or told."""
    ASKED = "asked"
    """Who was asked or told."""


class Stage(StrEnum):
    """Where a thread stands."""

    WAITING = "waiting"
    """What opens it has not been seen."""
    HELD = "held"
    """Composed, and waiting for a countersignature."""
    SENT_BACK = "sent-back"
    """The oversight desk returned it to its author with a reason."""
    WITHHELD = "withheld"
    """The oversight desk refused to let it go."""
    STOPPED = "stopped"
    ASKED = "asked"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    ASKED_BACK = "asked-back"
    CANNOT_READ = "cannot-read"
    SUPPLIED = "supplied"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """The asker wants no answer any more."""
    RECALLED = "recalled"
    """What opened it was taken back."""


class Effect(StrEnum):
    """What an act came to."""

    APPLIED = "applied"
    HELD = "held"
    SENT_BACK = "sent-back"
    WITHHELD = "withheld"
    STOPPED = "stopped"
    RECALLED = "recalled"
    """Its author took it back."""
    NARROWED = "narrowed"
    """Its author shows it to others alone, from now on."""
    WAITING = "waiting"
    """The act that it replies to has not been seen."""
    UNKNOWN = "unknown"
    """Of a type that this version does not know."""
    CONFLICT = "conflict"
    """Its author signed two bodies under one act id: neither counts."""
    STRANGER = "stranger"
    """From somebody who has no part in this, or may not do this here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act, from all its copies that were seen."""

    statement: Statement
    """One of the copies; where there is a conflict, the first of them."""
    copies: tuple[CopyId, ...]
    at: datetime
    """When it is judged to have been done."""
    provisional: bool
    ours: bool
    private: bool
    effect: Effect = Effect.APPLIED
    why: str = ""
    """A code, where the act took no effect."""

    @property
    def id(self) -> ActId:
        return self.statement.act

    @property
    def body(self) -> Body:
        return self.statement.body

    @property
    def agency(self) -> AgencyId:
        return self.statement.author.agency

    @property
    def officer(self) -> OfficerId:
        return self.statement.author.officer


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has a thread in one agency."""

    agency: AgencyId
    id: str
    """An officer's or a desk's."""
    since: datetime
    act: ActId
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An ask-back that nobody has answered yet."""

    act: ActId
    of: Side
    """Who owes the reply."""
    reasons: tuple[str, ...]
    fields: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One coded answer."""

    act: ActId
    agency: AgencyId
    outcome: Outcome
    ground: str
    competent: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One stage that one copy reached, by the word of a node or person."""

    act: ActId
    copy: CopyId
    stage: ReceiptStage
    agency: AgencyId
    reader: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An act of this thread that the viewer cannot open: known by its docket alone."""

    act: ActId
    agency: AgencyId
    stage: DocketStage
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    what: str
    """A code: a stage, ``sent``, ``taken``, ``handed-over``, an effect …"""
    act: ActId
    agency: AgencyId
    who: str = ""
    """An officer's or desk's id, as far as it is shown."""
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """One act that its author recalled, narrowed or corrected."""

    act: ActId
    by: ActId
    """The act that did so."""
    what: Taking
    correction: str
    agency: AgencyId
    officer: OfficerId
    at: datetime
    text: str
    handling: Handling
    readers: tuple[str, ...]
    short: str = ""
    """The thread's number, as whoever took it back says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    id: ThreadId
    stage: Stage
    opening: Act | None
    asker: AgencyId | None
    asked: tuple[AgencyId, ...]
    clock: ClockClass
    due: Due | None
    """None until the request was received."""
    acknowledged: datetime | None
    """When the asked side first showed that it has it."""
    expect: str
    """When an answer may be expected, as last said; or empty."""
    answered: datetime | None
    holders: tuple[Holder, ...]
    questions: tuple[Question, ...]
    outcomes: tuple[Given, ...]
    refs: tuple[tuple[AgencyId, str], ...]
    """Each side's own file number."""
    short: str
    handling: Handling
    """The narrowest of all that was said and not stopped."""
    acts: tuple[Act, ...]
    """In causal order, those without effect too."""
    closed: tuple[Closed, ...]
    receipts: tuple[Received, ...]
    events: tuple[Event, ...]
    taken_back: tuple[TakenBack, ...] = ()
    """In causal order of what took it back."""

    @property
    def request(self) -> Request | None:
        body = self.opening.body if self.opening else None
        return body if isinstance(body, Request) else None

    @property
    def note(self) -> Note | None:
        body = self.opening.body if self.opening else None
        return body if isinstance(body, Note) else None

    @property
    def passed_on(self) -> PassOn | None:
        body = self.opening.body if self.opening else None
        return body if isinstance(body, PassOn) else None

    @property
    def conflicts(self) -> tuple[Act, ...]:
        return self.having(Effect.CONFLICT)

    @property
    def strangers(self) -> tuple[Act, ...]:
        return self.having(Effect.STRANGER)

    @property
    def unknown(self) -> tuple[Act, ...]:
        return self.having(Effect.UNKNOWN)

    def having(self, effect: Effect) -> tuple[Act, ...]:
        return tuple(act for act in self.acts if act.effect is effect)

    def receipts_of(self, act: ActId) -> tuple[Received, ...]:
        return tuple(each for each in self.receipts if each.act == act)

    def side_of(self, agency: AgencyId) -> Side | None:
        """Return on which side *agency* is; None for whoever only watches."""
        if agency == self.asker:
            return Side.ASKER
        return Side.ASKED if agency in self.asked else None

    def holder_in(self, agency: AgencyId) -> Holder | None:
        return next((each for each in self.holders if each.agency == agency), None)

    @property
    def awaited(self) -> datetime | None:
        """Return by when the next step is due: the acknowledgement, then the answer."""
        if self.due is None:
            return None
        return self.due.answer if self.acknowledged else self.due.acknowledge

    def standing(self, now: datetime) -> Standing:
        """Return how the thread stands on its clock; fine where none runs."""
        if self.due is None:
            return Standing.FINE
        return clocks.standing(
            self.due,
            now,
            acknowledged=self.acknowledged is not None,
            answered=self.answered is not None,
        )


def without_conflicts(thread: Thread) -> Thread:
    """Return *thread* without what acts with two bodies say: neither body is shown."""
    if not thread.conflicts:
        return thread
    acts = tuple(
        replace(act, statement=replace(act.statement, body=Unknown(raw=b"")))
        if act.effect is Effect.CONFLICT
        else act
        for act in thread.acts
    )
    return replace(thread, acts=acts)
