# SPDX-License-Identifier: Apache-2.0
"""Introductions: one agency that two others know tells each of them of the other.

An introduction opens a door and no more: two people of each side still decide, each side compares
the other's key by voice, and until both stop being strangers the scope bounds what goes through.
Nobody is admitted on another's behalf. Who was introduced introduces nobody before its own key was
compared: else one liar's word would travel along a chain.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.ids import AgencyId, CertificateHash, NodeId, OfficerId, check_digest
from comity.domain.ids import check_random as check_id
from comity.domain.policy import Sensitivity
from comity.domain.roster import AgencyType
from comity.domain.time import check_instant
from comity.domain.verdict import Allowed, Barred

COMPARE_DAYS: Final = 30
"""Days after acceptance in which the key must be compared by voice."""
LONGEST_DAYS: Final = 366
"""An introduction that lasts longer is an admission by another name."""
REASON_LIMIT: Final = 400
CODES_LIMIT: Final = 64
ANY: Final = "*"
_ORDER: Final = (Sensitivity.PLAIN, Sensitivity.NOMINAL, Sensitivity.COERCIVE)


class Outcome(StrEnum):
    """What the introducer is told; never what followed."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    KNOWN = "known"
    """That side knew the other already: its own admission stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What may pass between two that were introduced."""

    kinds: tuple[str, ...]
    """Request kinds, and ``note``; ``*`` for all."""
    purposes: tuple[str, ...]
    sensitivity: Sensitivity
    """The highest."""

    def __post_init__(self) -> None:
        for each in (self.kinds, self.purposes):
            if not each or len(each) > CODES_LIMIT or len(set(each)) < len(each):
                raise ValueError("scope: no codes, too many, or one twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """One side's copy: signed by an officer of the introducer, and by its node as a release."""

    type: str = "comity/introduction@1"
    id: str
    """The same in both copies."""
    agency: AgencyId
    """Who introduces."""
    node: NodeId
    officer: OfficerId
    certificate: CertificateHash
    to: AgencyId
    introduces: AgencyId
    scope: Scope
    at: datetime
    until: datetime
    checked_at: datetime
    """When the introducer compared the key of the one it introduces."""
    reason: str
    practice: bool
    roster: bytes
    """A full copy of the other's roster, as the introducer holds it: its root signed it."""

    def __post_init__(self) -> None:
        for name, value in (("id", self.id), ("node", self.node), ("officer", self.officer)):
            check_id(name, value)
        for name, agency in (("agency", self.agency), ("to", self.to)):
            check_id(name, agency)
        check_id("introduces", self.introduces)
        check_digest("certificate", self.certificate)
        for name, at in (("at", self.at), ("until", self.until), ("checked_at", self.checked_at)):
            check_instant(name, at)
        if len({self.agency, self.to, self.introduces}) < 3:
            raise ValueError("introduction: of an agency to itself, or by one of the two")
        if not self.at < self.until <= self.at + timedelta(days=LONGEST_DAYS):
            raise ValueError("introduction: no possible end")
        if len(self.reason) > REASON_LIMIT:
            raise ValueError("introduction: the reason is too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionOutcome:
    """What one side decided, told to the introducer and to nobody else."""

    type: str = "comity/introduction-outcome@1"
    id: str
    agency: AgencyId
    """Who decided."""
    node: NodeId
    to: AgencyId
    """Who introduced."""
    introduces: AgencyId
    outcome: Outcome
    at: datetime

    def __post_init__(self) -> None:
        check_id("id", self.id)
        check_id("node", self.node)
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """How far we deal with an agency that two of ours let in on another's word."""

    type: str = "comity/introduced@1"
    id: str
    by: AgencyId
    scope: Scope
    accepted_at: datetime
    until: datetime

    @property
    def compare_by(self) -> datetime:
        return self.accepted_at + timedelta(days=COMPARE_DAYS)


def may_introduce(
    kind: AgencyType, *, own_checked: bool = True, one_checked: bool, other_checked: bool
) -> Allowed | Barred:
    """Return whether an agency of *kind* may introduce two others whose keys it has compared.

    Any admitted agency may, an NGO or a body too: it is not let into what follows. *own_checked* is
    whether whoever judges has compared the introducer's own key.
    """
    if not own_checked:
        return Barred(why="introducer-unchecked")
    if not (one_checked and other_checked):
        return Barred(why="unchecked")
    return Allowed(by=kind.value)


def within(
    introduced: Introduced,
    *,
    kind: str,
    purpose: str,
    sensitivity: Sensitivity,
) -> Allowed | Barred:
    """Return whether the scope covers an act of *kind*; a note names no *purpose*."""
    scope = introduced.scope
    if not {ANY, kind} & set(scope.kinds):
        return Barred(why="introduced-kind")
    if purpose and not {ANY, purpose} & set(scope.purposes):
        return Barred(why="introduced-purpose")
    if _ORDER.index(sensitivity) > _ORDER.index(scope.sensitivity):
        return Barred(why="introduced-sensitivity")
    return Allowed(by=introduced.id)


def over(introduced: Introduced, *, checked: bool, at: datetime) -> str:
    """Return why the introduction no longer counts at *at*; empty while it does."""
    if at >= introduced.until:
        return "introduction-ended"
    if not checked and at >= introduced.compare_by:
        return "introduction-uncompared"
    return ""
