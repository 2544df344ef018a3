# SPDX-License-Identifier: Apache-2.0
"""Originator control: what handling lets its holder do, and the narrower of two handlings.

The originator decides; a holder only ever narrows. Every dimension is an order, widest last, so
the narrower of two handlings is the lesser in each. What handling leaves to the originator is
asked of him, and his answer is a signed statement (design §6 *Originator control*; UNTOC
art. 18(5) and 18(19) for other use).
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from comity.domain import time
from comity.domain.handling import (
    Action,
    Credibility,
    Handling,
    Leave,
    Sanitise,
    See,
    Source,
)
from comity.domain.ids import AgencyId
from comity.domain.verdict import Allowed, Ask, Barred, Verdict

Dimension = TypeVar("Dimension", Source, Credibility, See, Leave, Action, Sanitise)

WIDEST: Final = Handling(
    source=Source.RELIABLE,
    credibility=Credibility.KNOWN_DIRECTLY,
    see=See.COMMUNITY,
    onward=Leave.YES,
    judicial=Leave.YES,
    action=Action.OVERT,
    sanitise=Sanitise.DELEGATED,
)
"""Restricts nothing: the narrower of it and another is the other."""

SOURCES: Final = (
    Source.UNRELIABLE,
    Source.UNTESTED,
    Source.SOMETIMES,
    Source.MOSTLY,
    Source.RELIABLE,
)
"""Most careful first."""
CREDIBILITIES: Final = (
    Credibility.SUSPECTED_FALSE,
    Credibility.UNKNOWN,
    Credibility.KNOWN_INDIRECTLY,
    Credibility.CORROBORATED,
    Credibility.KNOWN_DIRECTLY,
)
"""Most careful first."""


FOREVER: Final = "9999-12-31T23:59:59Z"
OVER: Final = "1970-01-01T00:00:00Z"


class Use(StrEnum):
    """What a holder may want to do with what he was told."""

    PASS_ON = "pass-on"  # noqa: S105  # no password
    COURT = "court"
    OTHER_USE = "other-use"
    """Another purpose than the one for which it was given."""


def may(handling: Handling, use: Use, *, originator: AgencyId, at: datetime) -> Verdict:
    """Return whether *use* is open to a holder at *at*, or whom he asks first."""
    if has_expired(handling, at):
        return Barred(why="expired")
    leave = _leave(handling, use)
    if leave is Leave.NO:
        return Barred(why=f"{use.value}-no")
    if leave is Leave.ASK:
        return Ask(whom=originator)
    # Free words bind too, but only a person can judge whether they are met.
    return Allowed(by="on-condition" if handling.condition else f"{use.value}-yes")


def _leave(handling: Handling, use: Use) -> Leave:
    return {
        Use.PASS_ON: handling.onward,
        Use.COURT: handling.judicial,
        Use.OTHER_USE: Leave.ASK,
    }[use]


def may_see(handling: Handling, nearest: See, *, originator: AgencyId, at: datetime) -> Verdict:
    """Return whether somebody may see it whose *nearest* tie to its readers this is.

    Whoever stands further off than handling reaches needs it passed on.
    """
    if has_expired(handling, at):
        return Barred(why="expired")
    if SEES.index(nearest) <= SEES.index(handling.see):
        return Allowed(by=f"see-{handling.see.value}")
    return may(handling, Use.PASS_ON, originator=originator, at=at)


def has_expired(handling: Handling, at: datetime) -> bool:
    """Return whether its time is over; an expiry that cannot be read is over."""
    return until(handling.expires) <= time.written(at)


def narrower(one: Handling, other: Handling) -> Handling:
    """Return the handling that allows only what both allow, and claims no more than either."""
    return Handling(
        source=least(SOURCES, one.source, other.source),
        credibility=least(CREDIBILITIES, one.credibility, other.credibility),
        see=least(SEES, one.see, other.see),
        onward=least(LEAVES, one.onward, other.onward),
        judicial=least(LEAVES, one.judicial, other.judicial),
        action=least(ACTIONS, one.action, other.action),
        sanitise=least(SANITISES, one.sanitise, other.sanitise),
        expires=_sooner(one.expires, other.expires),
        condition=_both(one.condition, other.condition),
        original=one.original if one.original == other.original else "",
    )


def is_within(one: Handling, other: Handling) -> bool:
    """Return whether *one* is nowhere wider than *other*: no leave, claim or time beyond it."""
    return (
        SOURCES.index(one.source) <= SOURCES.index(other.source)
        and CREDIBILITIES.index(one.credibility) <= CREDIBILITIES.index(other.credibility)
        and SEES.index(one.see) <= SEES.index(other.see)
        and LEAVES.index(one.onward) <= LEAVES.index(other.onward)
        and LEAVES.index(one.judicial) <= LEAVES.index(other.judicial)
        and ACTIONS.index(one.action) <= ACTIONS.index(other.action)
        and SANITISES.index(one.sanitise) <= SANITISES.index(other.sanitise)
        and until(one.expires) <= until(other.expires)
        and _parts(other.condition) <= _parts(one.condition)
    )


def least(order: tuple[Dimension, ...], one: Dimension, other: Dimension) -> Dimension:
    """Return the one that stands earlier in *order*, narrowest first."""
    return order[min(order.index(one), order.index(other))]


SEES: Final = tuple(See)
LEAVES: Final = tuple(Leave)
ACTIONS: Final = tuple(Action)
SANITISES: Final = tuple(Sanitise)


def _sooner(one: str, other: str) -> str:
    return min(one, other, key=lambda expires: (until(expires), expires))


def until(expires: str) -> str:
    """Return until when, as a text that sorts by time; what cannot be read is over."""
    if not expires:
        return FOREVER
    try:
        return time.written(time.read(expires))
    except ValueError:
        return OVER


def _both(one: str, other: str) -> str:
    if one == other or not other:
        return one
    if not one:
        return other
    return "\n\n".join(sorted(_parts(one) | _parts(other)))


def _parts(condition: str) -> frozenset[str]:
    """Return the paragraphs of *condition*: what several originators said stands apart so."""
    return frozenset(each.strip("\n") for each in re.split(r"\n{2,}", condition)) - {""}
