# SPDX-License-Identifier: Apache-2.0
"""Handling on a page: three plain questions; the codes behind them are folded away.

A grading of another system may be given beside them; what is answered only ever narrows it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from comity.domain import codes_3x5x2, codes_4x4
from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import narrower
from comity.errors import Misused
from comity.language import words
from comity.services.drafts import Kept
from comity.web.fields import written_date
from comity.web.visit import Visit

NAMES: Final = (
    "see",
    "onward",
    "judicial",
    "action",
    "sanitise",
    "source_grade",
    "credibility",
    "grading",
    "condition",
    "expires",
)
"""The inputs by which it is told."""
_USUAL: Final = (See.NAMED, See.DESK, See.AGENCY, See.STATE)
_SYSTEMS: Final[Mapping[str, Callable[[str], Handling]]] = {
    codes_3x5x2.SYSTEM: codes_3x5x2.read,
    codes_4x4.SYSTEM: codes_4x4.read,
}

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The questions with what may be answered, and what is chosen now."""

    chosen: Handling
    sees: Choices
    leaves: Choices
    actions: Choices
    sanitises: Choices
    sources: Choices
    credibilities: Choices


def asked(visit: Visit, kept: Kept) -> Asked:
    """Return the questions in the reader's language."""

    def said(known: Mapping[str, str], codes: object) -> Choices:
        return tuple((str(c), visit.say(known[str(c)])) for c in codes)  # type: ignore[attr-defined]

    return Asked(
        chosen=_plain(kept),
        sees=said(words.SEES, _USUAL),
        leaves=said(words.LEAVES, Leave),
        actions=said(words.ACTIONS, Action),
        sanitises=said(words.SANITISES, Sanitise),
        sources=said(words.SOURCES, Source),
        credibilities=said(words.CREDIBILITIES, Credibility),
    )


def told(kept: Kept) -> Handling:
    """Return the handling that *kept* tells; raise Misused where it cannot be read."""
    said = _plain(kept)
    grading = kept.text("grading").strip()
    if grading:
        base = _graded(grading)
        narrow = narrower(base, replace(said, source=base.source, credibility=base.credibility))
        said = replace(narrow, condition=said.condition or base.condition, original=base.original)
    day = written_date(kept.text("expires"))
    return replace(said, expires=f"{day}T23:59:59Z" if day else "")


def _plain(kept: Kept) -> Handling:
    usual = Handling()
    try:
        return Handling(
            see=See(kept.text("see", usual.see)),
            onward=Leave(kept.text("onward", usual.onward)),
            judicial=Leave(kept.text("judicial", usual.judicial)),
            action=Action(kept.text("action", usual.action)),
            sanitise=Sanitise(kept.text("sanitise", usual.sanitise)),
            source=Source(kept.text("source_grade", usual.source)),
            credibility=Credibility(kept.text("credibility", usual.credibility)),
            condition=kept.text("condition").strip(),
        )
    except ValueError:
        raise Misused("handling-code") from None


def _graded(grading: str) -> Handling:
    """Return what a grading means; one that names no system is of 3x5x2."""
    found = next((e for e in _SYSTEMS if grading.casefold().startswith(e)), "")
    read = _SYSTEMS[found or codes_3x5x2.SYSTEM]
    try:
        return read(grading[len(found) :].strip())
    except Misused as error:
        suffix = error.cause.removeprefix(f"{Misused.code}.")
        raise Misused(suffix, **{**error.values, "field": "grading"}) from None
