# SPDX-License-Identifier: Apache-2.0
"""Standing: what is held against a peer node, and how a suspension is decided.

A mark is a fact with evidence behind it, found by this node; what follows from it is people's to
decide. Until they have, a mark that *holds* keeps new content back; receipts go on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain.introduction import Introduced, over
from comity.domain.time import check_instant


class MarkCode(StrEnum):
    FORKED = "forked"
    """Two histories of its ledger that cannot both be true."""
    ROSTER_FORKED = "roster-forked"
    """Two lists of its people under one number: a lie, or a backup that was put back."""
    UNPROVEN = "unproven"
    """It does not show that what it told us and another agency is one history."""
    REPLAYED = "replayed"
    """It told an old roster as its newest, again and again."""
    KEY_DIFFERS = "key-differs"
    """By voice it read another key than the one we were given."""
    FALSE_INTRODUCTION = "false-introduction"
    """It introduced an agency with a key that was not that agency's."""


class OnFork(StrEnum):
    """What a node does by itself when it sees two histories."""

    WARN = "warn"
    HOLD = "hold"
    SUSPEND = "suspend"


class SuspendCode(StrEnum):
    """Why a peer was suspended: a code, so that every face says it in its reader's language."""

    FORKED = "forked"
    REPLAYED = "replayed"
    KEY_DIFFERS = "key-differs"
    COMPROMISED = "compromised"
    INTRODUCTION_ENDED = "introduction-ended"
    INTRODUCTION_UNCOMPARED = "introduction-uncompared"
    POLICY = "policy"
    OTHER = "other"


HOLDING: Final = frozenset({MarkCode.FORKED, MarkCode.UNPROVEN})
"""Marks of two histories, for which a node has a rule (``OnFork``)."""
ALWAYS_HOLDING: Final = frozenset({MarkCode.KEY_DIFFERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that is held against a node."""

    type: str = "comity/mark@1"
    code: MarkCode
    since: datetime
    """When it was first seen."""
    last: datetime
    count: int
    subject: str
    """By which its evidence is found."""
    holds: bool
    """Whether new content waits until somebody has decided."""
    decided: bool = False

    def __post_init__(self) -> None:
        check_instant("since", self.since)
        check_instant("last", self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Why nothing passes, who decided it, until when."""

    type: str = "comity/suspension@1"
    code: SuspendCode
    by: str
    """Empty where the clock did it."""
    at: datetime
    until: str = ""
    """RFC 3339; empty: until two people lift it."""
    remark: str = ""

    def __post_init__(self) -> None:
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How we stand to one agency, beyond its admission."""

    introduced: Introduced | None = None
    suspension: Suspension | None = None
    marks: tuple[Mark, ...] = ()
    """What is held against its node, the oldest first."""
    witness_only: bool = False
    """Whether it was let in to vouch for our record, and for nothing else."""

    @property
    def held(self) -> str:
        """Why new content waits for somebody's decision; empty if it does not."""
        waiting = (each.code for each in self.marks if each.holds and not each.decided)
        return next(waiting, "")

    def over(self, *, checked: bool, at: datetime) -> str:
        """Why its introduction no longer counts; empty if it does, or there was none."""
        return over(self.introduced, checked=checked, at=at) if self.introduced else ""


def holds(code: MarkCode, rule: OnFork) -> bool:
    """Return whether a mark of *code* keeps new content back until somebody decides."""
    return code in ALWAYS_HOLDING or (code in HOLDING and rule is not OnFork.WARN)


def again(mark: Mark | None, new: Mark) -> Mark:
    """Return *new* as what it adds to *mark*, which was seen before; a decision ends with it."""
    if mark is None:
        return new
    return Mark(
        code=new.code,
        since=mark.since,
        last=new.last,
        count=mark.count + new.count,
        subject=new.subject,
        holds=new.holds,
        decided=False,
    )
