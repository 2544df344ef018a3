# SPDX-License-Identifier: Apache-2.0
"""Statements: one typed, signed act by one person, with its author, readers and body.

The header is the same for every type; the body is typed by ``type`` (``comity/request@1``).
Every copy of an act shares its body to the byte; the header differs in ``to`` and ``readers``. A
new field is a new ``@n`` (``spec/statements.md``). Absent is the empty string or tuple.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from comity.domain.consent import Consent, ConsentRequest
from comity.domain.handling import Handling
from comity.domain.ids import (
    ActId,
    AgencyId,
    BlobId,
    CertificateHash,
    Digest,
    OfficerId,
    ThreadId,
    check_digest,
    check_random,
)
from comity.domain.pressing import Reminder, Urgent
from comity.domain.taking_back import NumberedRecall, Recall, Withdrawal
from comity.domain.time import check_instant


class ReaderKind(StrEnum):
    OFFICER = "officer"
    DESK = "desk"


class Why(StrEnum):
    """Why somebody is a reader: shown before every send."""

    AUTHOR = "author"
    ADDRESSED = "addressed"
    OVERSIGHT = "oversight"
    MUST_COPY = "must-copy"
    OWN_DESK = "own-desk"
    SUCCESSOR = "successor"


class Urgency(StrEnum):
    """The three clocks of design §6; the value is also the docket's clock class."""

    URGENT = "urgent"
    SOON = "soon"
    NORMAL = "normal"


class Outcome(StrEnum):
    INFORMATION = "information"
    PARTLY = "partly"
    NOTHING_KNOWN = "nothing-known"
    NEITHER = "neither-confirm-nor-deny"
    MORE_NEEDED = "more-needed"
    NEEDS_LETTER = "needs-letter"
    LETTER_ATTACHED = "letter-attached"
    TRANSLATION_NEEDED = "translation-needed"
    PASSED_ON = "passed-on"
    REFUSED = "refused"


class RefusalGround(StrEnum):
    NO_LAWFUL_BASIS = "no-lawful-basis"
    NOT_COMPETENT = "not-competent"
    ONGOING_CASE = "ongoing-case"
    SOURCE_AT_RISK = "source-at-risk"
    EXCESSIVE = "excessive"
    REQUESTER_NOT_ESTABLISHED = "requester-not-established"
    POLICY = "policy"
    NOT_STATED = "not-stated"


class Decision(StrEnum):
    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    agency: AgencyId
    officer: OfficerId
    certificate: CertificateHash
    desk: str = ""
    """The desk for which he signs; empty when for himself."""
    display: str = ""
    """How the agency shows him: a name, or ``officer 17``."""

    def __post_init__(self) -> None:
        check_random("officer", self.officer)
        check_digest("certificate", self.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    agency: AgencyId
    id: str
    """An officer's or a desk's id."""
    kind: ReaderKind
    epoch: int
    why: Why

    def __post_init__(self) -> None:
        check_random("reader", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A blob that the statement names: its seed travels sealed, so passing on re-seals 32 bytes."""

    blob: BlobId
    size: int
    """Of the sealed bytes."""
    seed: bytes
    """Of the hybrid identity to which the blob is sealed, 32 bytes."""
    clear: Digest
    """SHA-256 of the clear bytes."""
    length: int
    """Of the clear bytes."""
    name: str
    media: str
    """Media type, as the sender states it; never trusted for showing."""

    def __post_init__(self) -> None:
        check_digest("blob", self.blob)
        check_digest("clear", self.clear)
        if len(self.seed) != 32:
            raise ValueError("attachment: a seed is 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    code: str
    """``untoc-18-4``, ``untoc-27-1``, ``mandate`` or ``other``."""
    text: str = ""
    """Required with ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question of one kind to a desk abroad."""

    kind: str
    kind_version: int
    ref: str
    """The asker's own file number."""
    short: str
    """To be said by telephone: ``KV-4821``."""
    fields: Mapping[str, tuple[str, ...]]
    """Coded values by field name; always lists."""
    facts: str
    offence: str
    why_you: str
    link: str
    """Between the facts and what is asked."""
    use: str
    """Purpose code: what the answer will be used for."""
    handling: Handling
    urgency: Urgency
    urgency_reason: str = ""
    basis: Basis
    mandate: str
    """Id of the asker's mandate."""
    attachments: tuple[Attachment, ...] = ()
    spoken: str = ""
    """Name of who countersigned by telephone in an urgent case, to be confirmed within a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is told without being asked (UNTOC art. 18(4)); its restrictions bind (18(5))."""

    kind: str
    kind_version: int
    ref: str
    short: str
    fields: Mapping[str, tuple[str, ...]]
    facts: str
    offence: str
    why_you: str
    handling: Handling
    basis: Basis
    mandate: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """Passes on what another agency told, as that signed it; opens a thread (``passed_on.py``)."""

    kind: str
    """Of what the original is about."""
    kind_version: int
    ref: str
    short: str
    recipient: AgencyId
    """To whom it is passed on, in every copy."""
    original: bytes
    """The statement as it came to who passes it on, signed by who told it: DSSE."""
    consent: bytes = b""
    """The originator's consent, signed by him: DSSE; absent where his handling leaves it."""
    certified: tuple[bytes, ...] = ()
    """What a stranger needs to know whose keys signed these (``wire/proof.py``)."""
    remark: str = ""
    use: str
    """Purpose code: what it is passed on for."""
    handling: Handling
    basis: Basis
    mandate: str
    attachments: tuple[Attachment, ...] = ()
    """Files of the original: their seeds, never their bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """We have it and somebody is on it."""

    to: ActId
    expect: str = ""
    """RFC 3339: when an answer may be expected; or empty."""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBack:
    """We need something before we can answer; the thread stays open."""

    to: ActId
    reasons: tuple[str, ...]
    """Codes; see ``knowledge/ask_back.yaml``."""
    fields: tuple[str, ...] = ()
    """The request's fields that are in question."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A coded outcome, to a request or to an ask-back."""

    to: ActId
    outcome: Outcome
    ground: str = ""
    """A ``RefusalGround``; required with ``refused``, absent otherwise."""
    competent: str = ""
    """With ``not-competent`` or ``passed-on``: who is."""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    ref: str = ""
    handling: Handling = field(default_factory=Handling)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A member of a desk takes the thread; all its members see who. Stays at home."""

    to: ActId


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Who has the thread gives it to another officer or back to the desk. Stays at home."""

    to: ActId
    taker: str
    """An officer's or a desk's id."""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersignature:
    """The oversight desk's word on a held act. Stays at home."""

    to: ActId
    decision: Decision
    reason: str = ""
    confirms_spoken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The author stopped an act before it left. Stays at home; the peer sees nothing."""

    to: ActId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A body of a type this version does not know: kept, shown as such, never guessed."""

    raw: bytes


Body = (
    Request
    | Note
    | Acknowledgement
    | AskBack
    | Answer
    | Take
    | HandOver
    | Countersignature
    | Stop
    | PassOn
    | ConsentRequest
    | Consent
    | Urgent
    | Reminder
    | Recall
    | Withdrawal
    | Unknown
)

Opener = Request | Note | PassOn
"""What opens a thread."""
Telling = Request | Note | PassOn | Answer
"""What tells something, under a handling of its own."""

TYPES: Mapping[str, type[Body]] = {
    "comity/request@1": Request,
    "comity/note@1": Note,
    "comity/acknowledgement@1": Acknowledgement,
    "comity/ask-back@1": AskBack,
    "comity/answer@1": Answer,
    "comity/take@1": Take,
    "comity/hand-over@1": HandOver,
    "comity/countersignature@1": Countersignature,
    "comity/stop@1": Stop,
    "comity/pass-on@1": PassOn,
    "comity/consent-request@1": ConsentRequest,
    "comity/consent@1": Consent,
    "comity/urgent@1": Urgent,
    "comity/reminder@1": Reminder,
    "comity/recall@1": Recall,
    "comity/recall@2": NumberedRecall,
    "comity/withdrawal@1": Withdrawal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One copy of an act: the header, and the body that every copy shares."""

    type: str
    act: ActId
    thread: ThreadId
    at: datetime
    """The author's own time; nothing is judged by it."""
    author: Author
    to: AgencyId
    """The agency whose node this copy is for."""
    readers: tuple[Reader, ...]
    """Those who can open this copy: the author, and the readers at that node."""
    shown: tuple[Reader, ...] = ()
    """Readers of the act's other copies, as far as policy shows them."""
    language: str
    """BCP 47 tag of the free text."""
    roster: int
    """Number of the recipient agency's roster to which it was sealed."""
    roster_reason: str = ""
    """Why it was sealed to a roster older than 30 days."""
    body: Body

    def __post_init__(self) -> None:
        check_random("act", self.act)
        check_random("thread", self.thread)
        check_instant("at", self.at)


def type_of(body: Body) -> str:
    """Return the wire type of *body*."""
    for name, kind in TYPES.items():
        if type(body) is kind:
            return name
    raise ValueError("an unknown body has no type of its own")
