# SPDX-License-Identifier: Apache-2.0
"""Dockets and receipts: all that a node knows of what it carries.

A docket is signed by the sending node's carrier key; that signature is the agency's *release*.
It says who, to whom, how large, how soon; never what kind, what name, what text. Receipts answer
it, stage by stage, so that silence is evidence (ETSI EN 319 522 gives the stages).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain.ids import (
    ActId,
    AgencyId,
    BlobId,
    CopyId,
    Digest,
    EnvelopeId,
    NodeId,
    ThreadId,
    check_digest,
    check_random,
)
from comity.domain.statement import ReaderKind
from comity.domain.time import check_instant, read


class DocketStage(StrEnum):
    """What the act is to the thread's clock; all that a node must know to run it."""

    ASKED = "asked"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    ASKED_BACK = "asked-back"
    CANNOT_READ = "cannot-read"
    SUPPLIED = "supplied"
    """The asker's reply to an ask-back: the thread runs on."""
    ANSWERED = "answered"
    REFUSED = "refused"
    CONSENT_ASKED = "consent-asked"
    """A holder asks for leave: it moves no clock of the thread."""
    CONSENT_GIVEN = "consent-given"
    """The word on it, whatever it is."""
    HASTENED = "hastened"
    """The asker made it urgent: the clock of the thread runs by it from then on."""
    REMINDED = "reminded"
    """The asker says that a limit has passed; it moves no clock."""
    TAKEN_BACK = "taken-back"
    """A recall, a narrowing or a correction of earlier acts."""
    WITHDRAWN = "withdrawn"
    """The asker wants no answer any more."""
    COPIED = "copied"
    """For an agency that looks on, such as a national bureau: it moves no clock there."""
    HOME = "home"
    """Stays in the agency: taking, handing over, countersigning, stopping."""


class ClockClass(StrEnum):
    URGENT = "urgent"
    SOON = "soon"
    NORMAL = "normal"
    NONE = "none"


class ReceiptStage(StrEnum):
    """Stages up to *proven* are the node's; who opened is said by himself or by the node."""

    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    PROVEN = "proven"
    OPENED = "opened"
    UNREADABLE = "unreadable"
    RETURNED = "returned"
    """Not sent: a reader was revoked before dispatch, or the peer refused it."""
    NOT_DELIVERED = "not-delivered"
    """No *delivered* came within the limit (``limits.py``); a later one stands beside it."""
    NOT_OPENED = "not-opened"
    """Delivered, and nobody said within the limit that he opened it."""
    REMOVED = "removed"
    """Recalled, and gone from the live store; the reason says until when backups may have it."""
    KEPT = "kept"
    """Recalled, and not removed; the reason is the ground."""


ON_RECALL: Final = frozenset({ReceiptStage.REMOVED, ReceiptStage.KEPT})
"""What a holder's node says of a copy that was recalled."""
OF_NODE: Final = frozenset({ReceiptStage.DELIVERED, ReceiptStage.RETURNED, *ON_RECALL})
"""What a node says of itself."""
OF_SENDER: Final = frozenset({ReceiptStage.NOT_DELIVERED, ReceiptStage.NOT_OPENED})
"""What a node says of a copy of its own when it has heard nothing: its word, and no accusation."""
OF_PEOPLE: Final = frozenset({ReceiptStage.OPENED, ReceiptStage.UNREADABLE})
"""What somebody says, or the node for him."""


class OpenedBy(StrEnum):
    """How much the reader's agency shows of who opened."""

    PERSON = "person"
    DESK = "desk"
    FACT = "fact"


BLOB_LIMIT: Final = (4 << 30) + (4 << 20)
"""Of a blob's bytes: content of 4 GiB and what the seal adds. More is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRef:
    id: BlobId
    size: int

    def __post_init__(self) -> None:
        check_digest("blob", self.id)
        if not 0 < self.size <= BLOB_LIMIT:
            raise ValueError("blob: no possible size")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketReader:
    id: str
    kind: ReaderKind
    epoch: int

    def __post_init__(self) -> None:
        check_random("reader", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    type: str = "comity/docket@1"
    agency: AgencyId
    """Who releases it."""
    to: AgencyId
    act: ActId
    copy: CopyId
    envelope: EnvelopeId
    size: int
    """Of the envelope, in bytes."""
    thread: ThreadId
    blobs: tuple[BlobRef, ...] = ()
    readers: tuple[DocketReader, ...]
    """Readers and desks at the recipient node."""
    stage: DocketStage
    clock: ClockClass = ClockClass.NONE
    at: datetime
    expires: str = ""
    recalls: tuple[ActId, ...] = ()
    supersedes: str = ""

    def __post_init__(self) -> None:
        check_random("act", self.act)
        check_random("thread", self.thread)
        check_digest("copy", self.copy)
        check_digest("envelope", self.envelope)
        check_instant("at", self.at)
        if self.expires:
            read(self.expires)
        if self.size < 0:
            raise ValueError("docket: no possible size")


ORDER_LIMIT: Final = 8 * 1024
"""Of the DSSE bytes of the order of a recall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedDocket(Docket):
    """The docket of a recall: beside it, in clear to the node, the officer's own signed order."""

    type: str = "comity/docket@2"
    order: bytes
    """DSSE of a ``RecallOrder``."""

    def __post_init__(self) -> None:
        Docket.__post_init__(self)
        if self.stage not in (DocketStage.TAKEN_BACK, DocketStage.COPIED) or not self.recalls:
            raise ValueError("docket: an order takes something back")
        if not 0 < len(self.order) <= ORDER_LIMIT:
            raise ValueError("docket: no possible order")


CODE_LIMIT: Final = 120
_CODE: Final = re.compile(r"[a-z0-9.-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One stage of one copy, said by the node, or by the person who opened it where he is shown."""

    type: str = "comity/receipt@1"
    stage: ReceiptStage
    agency: AgencyId
    """Who says it."""
    to: AgencyId
    node: NodeId
    act: ActId
    copy: CopyId
    envelope: EnvelopeId
    thread: ThreadId
    docket: Digest
    """SHA-256 of the docket's payload."""
    at: datetime
    origin: str = ""
    """The issuer's ledger, where the docket is a leaf; empty for a person's receipt."""
    index: int = 0
    size: int = 0
    """Of the tree to whose root the proof beside this receipt leads."""
    salt: bytes = b""
    """Opens the leaf, 16 bytes."""
    shows: OpenedBy = OpenedBy.FACT
    reader: str = ""
    """The officer or desk, as far as ``shows`` says."""
    certificate: str = ""
    """The officer's, where he signed it himself: abroad only where persons are shown."""
    reason: str = ""
    """A code, on *unreadable*, *returned* and what the sender says of a limit that passed."""

    def __post_init__(self) -> None:
        check_random("act", self.act)
        check_random("thread", self.thread)
        check_digest("envelope", self.envelope)
        check_digest("copy", self.copy)
        check_digest("docket", self.docket)
        check_instant("at", self.at)
        if self.index < 0 or self.size < 0:
            raise ValueError("receipt: no possible place in a ledger")
        if len(self.origin) > CODE_LIMIT or not (
            self.origin.isascii() and self.origin.isprintable()
        ):
            raise ValueError("receipt: not an origin")
        if len(self.reason) > CODE_LIMIT or not _CODE.fullmatch(self.reason):
            raise ValueError("receipt: not a code")
        if self.reader:
            check_random("reader", self.reader)
        if self.certificate:
            check_digest("certificate", self.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Enough witnesses cosigned a checkpoint: every receipt that leads to it is proven."""

    type: str = "comity/proven@1"
    agency: AgencyId
    to: AgencyId
    node: NodeId
    origin: str
    size: int
    at: datetime
    checkpoint: str
    """The signed note with its cosignatures."""

    def __post_init__(self) -> None:
        check_instant("at", self.at)


SKEW_SHOWN_SECONDS: Final = 300
"""Receipts whose nodes' clocks differ by more show both times (design §5)."""
