# SPDX-License-Identifier: Apache-2.0
"""Whether somebody who is no authority may hold or pass something, asked before he does.

Facts are rows with their law; where none speaks the answer is *unknown*, and who to ask is said.
A lawyer's recorded answer stands in for what is unknown or conditional, and never lifts a *no*: the
law that says so is shown beside it. Without a row and without a lawyer there is never a *yes*.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain import time

ANY: Final = "*"


class Dealing(StrEnum):
    """What a broker does with it."""

    HOLD = "hold"
    PASS = "pass"  # noqa: S105  # no password
    """To an authority of the country where it is."""
    PASS_ABROAD = "pass-abroad"  # noqa: S105  # no password


class Matter(StrEnum):
    """What it is about."""

    PHONE = "phone"
    NAME = "name"
    DOCUMENT = "document"
    PHOTOGRAPH = "photograph"
    PLACE = "place"
    ACCOUNT = "account"
    OFFENCE = "offence"
    """That somebody is suspected or was convicted."""
    SPECIMEN = "specimen"
    """An animal, a plant or a part of one."""


class May(StrEnum):
    """The strictest first."""

    NO = "no"
    UNKNOWN = "unknown"
    CONDITIONS = "conditions"
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one law says of it."""

    country: str
    """ISO 3166-1 alpha-2, or a group of states (``EU``)."""
    dealing: str
    """A ``Dealing``, or ``*``."""
    matter: str
    """A ``Matter``, or ``*``."""
    may: May
    law: str
    conditions: str = ""
    ask: str = ""
    """Who can say it, where it is not settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a lawyer answered, and who it was."""

    may: May
    lawyer: str
    at: datetime
    until: str = ""
    """RFC 3339; empty for no end."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    may: May
    rules: tuple[Rule, ...]
    """Those that speak most closely of it; none where none does."""
    advice: Advice | None
    """The recorded answer that still stands."""

    @property
    def ask(self) -> tuple[str, ...]:
        """Return who can say what is not known."""
        return tuple(dict.fromkeys(each.ask for each in self.rules if each.ask))


def find(
    rules: Iterable[Rule],
    dealing: Dealing,
    matter: Matter,
    places: Collection[str],
    *,
    advice: Advice | None = None,
    at: datetime,
) -> Finding:
    """Return whether *dealing* with *matter* is open in *places*: a country and its groups."""
    matching = [each for each in rules if _speaks(each, dealing, matter, places)]
    closest = max((_closeness(each) for each in matching), default=0)
    said = tuple(each for each in matching if _closeness(each) == closest or each.may is May.NO)
    may = min((each.may for each in said), key=STRICTEST.index, default=May.UNKNOWN)
    standing = advice if advice is not None and _stands(advice, at) else None
    if standing is not None and may is not May.NO:
        may = standing.may
    return Finding(may=may, rules=said, advice=standing)


STRICTEST: Final = tuple(May)


def _speaks(rule: Rule, dealing: Dealing, matter: Matter, places: Collection[str]) -> bool:
    return (
        rule.country in places and rule.dealing in (ANY, dealing) and rule.matter in (ANY, matter)
    )


def _closeness(rule: Rule) -> int:
    return (rule.dealing != ANY) + (rule.matter != ANY)


def _stands(advice: Advice, at: datetime) -> bool:
    """Return whether *advice* is in time; an end that cannot be read has passed."""
    if not advice.until:
        return True
    try:
        return at < time.read(advice.until)
    except ValueError:
        return False
