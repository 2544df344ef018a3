# SPDX-License-Identifier: Apache-2.0
"""Oversight as data: who sees an act besides its readers, who must countersign it, who is barred.

An agency's policy is a list of rules. Of the rules that match, the most specific stands; among
equals the first written. Without a rule every act is copied to the agency's oversight desk. The
policy is applied at the author's node, where the statement is still open; the release then says
that it was followed and no more (design §6 *Oversight*). Silence is never a countersignature.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.verdict import Allowed, Barred
from comity.errors import Misused

ANY: Final = "*"
SUPERVISOR: Final = "supervisor"
"""Whom a copy is owed on paper where an agency has no oversight desk at all."""
SPOKEN_CONFIRMED_WITHIN: Final = timedelta(days=1)
"""A spoken countersignature is confirmed within a day (design §6)."""
STOP_SECONDS: Final = 60
STOP_SECONDS_URGENT: Final = 10
STOP_SECONDS_LONGEST: Final = 3600


class Sensitivity(StrEnum):
    """How much an act could hurt, least first."""

    PLAIN = "plain"
    NOMINAL = "nominal"
    """Names or identifies a person."""
    COERCIVE = "coercive"


class Mode(StrEnum):
    """What oversight an act has, lightest first."""

    DIRECT = "direct"
    COPY = "copy"
    COUNTERSIGN = "countersign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    kind: str = ANY
    """A request kind, ``note`` for a note, or ``*``."""
    peer: str = ANY
    """An agency's id, or ``*``."""
    sensitivity: str = ANY
    mode: Mode
    to: tuple[str, ...] = ()
    """Desks, of this agency or another of the same state; empty means its own oversight desks."""
    spoken_allowed: bool = False
    """In urgent cases a countersignature may be spoken first."""

    def __post_init__(self) -> None:
        if self.sensitivity != ANY:
            Sensitivity(self.sensitivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a policy may look at."""

    kind: str
    peer: AgencyId
    sensitivity: Sensitivity
    clock: ClockClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversight:
    mode: Mode
    desks: tuple[str, ...]
    """Desks to which a copy is sealed."""
    owed_on_paper: tuple[str, ...] = ()
    """Offices without a node: the copy stays on *Today* until handed in."""
    spoken_allowed: bool = False
    by: Rule | None = None
    """The rule that decided; None where the default did."""


def sensitivity_of(*, nominal: bool, coercive: bool) -> Sensitivity:
    if coercive:
        return Sensitivity.COERCIVE
    return Sensitivity.NOMINAL if nominal else Sensitivity.PLAIN


def decide(
    policy: Policy, matter: Matter, *, own: Collection[str], reachable: Collection[str]
) -> Oversight:
    """Return the oversight that *matter* has.

    *own* are the agency's oversight desks; *reachable* all desks that stand in a roster we hold.
    """
    matching = [rule for rule in policy.rules if _matches(rule, matter)]
    rule = max(matching, key=_specificity, default=None)
    mode = rule.mode if rule else Mode.COPY
    if mode is Mode.DIRECT:
        return Oversight(mode=mode, desks=(), by=rule)
    wanted = (rule.to if rule else ()) or tuple(own) or (SUPERVISOR,)
    known = {*own, *reachable}
    return Oversight(
        mode=mode,
        desks=tuple(desk for desk in wanted if desk in known),
        owed_on_paper=tuple(desk for desk in wanted if desk not in known),
        spoken_allowed=bool(rule and rule.spoken_allowed) and matter.clock is ClockClass.URGENT,
        by=rule,
    )


def is_held(oversight: Oversight, *, spoken: str = "") -> bool:
    """Return whether the act waits for a countersignature; *spoken* names who gave one aloud."""
    if oversight.mode is not Mode.COUNTERSIGN:
        return False
    return not (spoken and oversight.spoken_allowed)


def stop_seconds(
    clock: ClockClass,
    *,
    practice: bool,
    configured: int | None = None,
    stage: DocketStage = DocketStage.ASKED,
) -> int:
    """Return for how long the author may still stop an act before it leaves.

    Acknowledgements do not wait, nor does what stays at home. An urgent act waits no longer
    than its ten seconds, whatever the agency configured.
    """
    if configured is not None and not 0 <= configured <= STOP_SECONDS_LONGEST:
        raise Misused("stop-seconds", limit=STOP_SECONDS_LONGEST)
    if practice or stage in (DocketStage.ACKNOWLEDGED, DocketStage.HOME):
        return 0
    longest = STOP_SECONDS if configured is None else configured
    return min(longest, STOP_SECONDS_URGENT) if clock is ClockClass.URGENT else longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Who may not read one thread."""

    thread: ThreadId
    readers: frozenset[str] = frozenset()
    """Officers' and desks' ids."""
    agencies: frozenset[AgencyId] = frozenset()
    """Whole units: agencies."""


def barred(
    exclusions: Iterable[Exclusion],
    thread: ThreadId,
    *,
    reader: str,
    agency: AgencyId,
    members: Collection[str] = (),
) -> Allowed | Barred:
    """Return whether *reader* may be sealed to in *thread*.

    A desk is barred with any one of its *members*: what is sealed to a desk, each can open.
    """
    for each in exclusions:
        if each.thread != thread:
            continue
        if agency in each.agencies:
            return Barred(why="excluded-unit")
        if reader in each.readers:
            return Barred(why="excluded")
        if not each.readers.isdisjoint(members):
            return Barred(why="excluded-member")
    return Allowed(by="not-excluded")


def _matches(rule: Rule, matter: Matter) -> bool:
    return (
        rule.kind in (ANY, matter.kind)
        and rule.peer in (ANY, matter.peer)
        and rule.sensitivity in (ANY, matter.sensitivity)
    )


def _specificity(rule: Rule) -> int:
    return sum(part != ANY for part in (rule.kind, rule.peer, rule.sensitivity))
