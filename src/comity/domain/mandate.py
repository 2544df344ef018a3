# SPDX-License-Identifier: Apache-2.0
"""Mandates: by which law or order an agency may share abroad, and how far.

No mandate, no sending abroad. A mandate covers an act if its kind, country, purpose and time all
do; nothing is inferred from two mandates together.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from comity.domain.roster import MandateEntry
from comity.domain.verdict import Allowed, Barred
from comity.errors import NoMandate

ANY: Final = "*"

NONE_HELD: Final = "none"
_REASONS: Final = ("kind", "country", "purpose", "time")
"""Why a mandate does not cover, from the farthest off to the nearest."""


def covers(
    mandates: Iterable[MandateEntry], *, kind: str, country: str, purpose: str, at: datetime
) -> Allowed | Barred:
    """Return the mandate that covers an act, by its id, or what the nearest one lacks."""
    reasons = []
    found = []
    for each in mandates:
        why = _lacks(each, kind=kind, country=country, purpose=purpose, at=at)
        if why is None:
            found.append(each)
        else:
            reasons.append(why)
    if found:
        # The one that lasts longest; the id only makes the choice the same for everybody.
        return Allowed(by=max(found, key=lambda each: (each.ends, each.id)).id)
    return Barred(why=max(reasons, key=_REASONS.index, default=NONE_HELD))


def choose(
    mandates: Iterable[MandateEntry],
    *,
    kind: str,
    country: str,
    purpose: str,
    at: datetime,
    id: str = "",  # noqa: A002  # the mandate's own field
) -> MandateEntry:
    """Return the mandate that covers an act, the one named by *id* if any; raise NoMandate."""
    offered = {each.id: each for each in mandates if id in ("", each.id)}
    verdict = covers(offered.values(), kind=kind, country=country, purpose=purpose, at=at)
    if isinstance(verdict, Barred):
        raise NoMandate(verdict.why)
    return offered[verdict.by]


def _lacks(
    mandate: MandateEntry, *, kind: str, country: str, purpose: str, at: datetime
) -> str | None:
    if not _holds(mandate.kinds, kind):
        return "kind"
    if not _holds(mandate.countries, country):
        return "country"
    if not _holds(mandate.purposes, purpose):
        return "purpose"
    return None if mandate.begins <= at < mandate.ends else "time"


def _holds(named: tuple[str, ...], wanted: str) -> bool:
    return ANY in named or wanted in named
