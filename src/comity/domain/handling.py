# SPDX-License-Identifier: Apache-2.0
"""Handling: what may be done with what is told, as the one who tells it decides.

Three plain questions come first (who may see it, may it be passed on, may it be used in court);
source, credibility and action are codes behind them. Translation into another system's codes
rounds towards more caution and never widens; the original code string is kept.
"""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    RELIABLE = "reliable"
    MOSTLY = "mostly"
    SOMETIMES = "sometimes"
    UNRELIABLE = "unreliable"
    UNTESTED = "untested"


class Credibility(StrEnum):
    KNOWN_DIRECTLY = "known-directly"
    CORROBORATED = "corroborated"
    KNOWN_INDIRECTLY = "known-indirectly"
    UNKNOWN = "unknown"
    SUSPECTED_FALSE = "suspected-false"


class See(StrEnum):
    """Who may see it, widest last."""

    NAMED = "named"
    DESK = "desk"
    AGENCY = "agency"
    CASE = "case"
    STATE = "state"
    COMMUNITY = "community"


class Leave(StrEnum):
    """May it be done? Widest last."""

    NO = "no"
    ASK = "ask"
    YES = "yes"


class Action(StrEnum):
    """What may be done on the strength of it, widest last."""

    NONE = "none"
    COVERT_DEVELOPMENT = "covert-development"
    COVERT_USE = "covert-use"
    OVERT = "overt"


class Sanitise(StrEnum):
    """Whether identifying traits are to be removed before it goes further."""

    CONSULT = "consult"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    source: Source = Source.UNTESTED
    credibility: Credibility = Credibility.UNKNOWN
    see: See = See.DESK
    onward: Leave = Leave.ASK
    judicial: Leave = Leave.ASK
    action: Action = Action.COVERT_DEVELOPMENT
    sanitise: Sanitise = Sanitise.CONSULT
    expires: str = ""
    """RFC 3339, or empty."""
    condition: str = ""
    """In the originator's own words; binding."""
    original: str = ""
    """The code string as it came, in its own system: ``3x5x2:1AC`` or ``4x4:B2 H1 H2``."""
