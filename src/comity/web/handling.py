# SPDX-License-Identifier: Apache-2.0
"""Handling on a page: three plain questions; the codes behind them are folded away.

A question tells it from its draft (``asked``, ``told``), an act from its form (``leave_boxes``,
``leave_of``). A grading of another system may be given beside them; what is answered only ever
narrows it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from comity.domain import codes_3x5x2, codes_4x4
from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import narrower
from comity.domain.time import written
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.drafts import Kept
from comity.web.acting import Box, moment_of
from comity.web.fields import written_date
from comity.web.visit import Visit

_SEE: Final = marked("Who may see it")
_ONWARD: Final = marked("May it be passed on?")
_COURT: Final = marked("May it be used in court?")
_SOURCE: Final = marked("Source")
_CREDIBILITY: Final = marked("Information")
_ACTION: Final = marked("What it may lead to")
_SANITISE: Final = marked("Before it goes further")
_EXPIRES: Final = marked("Until")
_CONDITION: Final = marked("Condition")
_ORIGINAL: Final = marked("As it was graded")
_GRADING: Final = marked("A grading of another system, as 3x5x2:1AC or 4x4:B2 H1")

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
USUAL: Final = Handling()
_ASKED_SEES: Final = (See.NAMED, See.DESK, See.AGENCY, See.STATE)
_SYSTEMS: Final[Mapping[str, Callable[[str], Handling]]] = {
    codes_3x5x2.SYSTEM: codes_3x5x2.read,
    codes_4x4.SYSTEM: codes_4x4.read,
}

Choices = tuple[tuple[str, str], ...]
Coded = TypeVar("Coded", bound=StrEnum)


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
        sees=said(words.SEES, _ASKED_SEES),
        leaves=said(words.LEAVES, Leave),
        actions=said(words.ACTIONS, Action),
        sanitises=said(words.SANITISES, Sanitise),
        sources=said(words.SOURCES, Source),
        credibilities=said(words.CREDIBILITIES, Credibility),
    )


def told(kept: Kept) -> Handling:
    """Return the handling that *kept* tells; raise Misused where it cannot be read."""
    day, grading = written_date(kept.text("expires")), kept.text("grading").strip()
    said = replace(_plain(kept), expires=f"{day}T23:59:59Z" if day else "")
    return _within(_graded(grading), said) if grading else said


def _plain(kept: Kept) -> Handling:
    try:
        return Handling(
            see=See(kept.text("see", USUAL.see)),
            onward=Leave(kept.text("onward", USUAL.onward)),
            judicial=Leave(kept.text("judicial", USUAL.judicial)),
            action=Action(kept.text("action", USUAL.action)),
            sanitise=Sanitise(kept.text("sanitise", USUAL.sanitise)),
            source=Source(kept.text("source_grade", USUAL.source)),
            credibility=Credibility(kept.text("credibility", USUAL.credibility)),
            condition=kept.text("condition").strip(),
        )
    except ValueError:
        raise Misused("handling-code") from None


def leave_boxes(visit: Visit, held: Handling = USUAL) -> tuple[Box, ...]:
    """Return the three questions, answered as in *held*."""
    rows = (
        ("see", _SEE, words.SEES, held.see),
        ("onward", _ONWARD, words.LEAVES, held.onward),
        ("judicial", _COURT, words.LEAVES, held.judicial),
    )
    return tuple(
        Box(
            name=name,
            label=visit.say(label),
            shape="pick",
            choices=tuple((code, visit.say(said)) for code, said in known.items()),
            value=value,
        )
        for name, label, known, value in rows
    )


def more_boxes(visit: Visit) -> tuple[Box, ...]:
    """Return a condition, an end and a grading: what few answers need."""
    return (
        Box(name="condition", label=visit.say(_CONDITION), shape="area", required=False),
        Box(name="expires", label=visit.say(_EXPIRES), type="datetime-local", required=False),
        Box(name="grading", label=visit.say(_GRADING), required=False),
    )


def leave_of(visit: Visit, held: Handling = USUAL) -> Handling:
    """Return what the boxes say; what they leave open is as it was graded, else as in *held*."""
    form = visit.form
    grading = form.text("grading").strip()
    base = _graded(grading) if grading else held
    expires = moment_of(visit, "expires")
    said = replace(
        base,
        see=_code(See, form.text("see"), base.see),
        onward=_code(Leave, form.text("onward"), base.onward),
        judicial=_code(Leave, form.text("judicial"), base.judicial),
        condition=form.text("condition") or base.condition,
        expires=written(expires) if expires else base.expires,
    )
    return _within(base, said) if grading else said


def leave_lines(visit: Visit, said: Handling) -> list[tuple[str, str]]:
    """Return *said* in words: the plain questions, and of the codes those that say something."""
    rows = [
        (_SEE, words.SEES, said.see, ""),
        (_ONWARD, words.LEAVES, said.onward, ""),
        (_COURT, words.LEAVES, said.judicial, ""),
        (_ACTION, words.ACTIONS, said.action, USUAL.action),
        (_SANITISE, words.SANITISES, said.sanitise, USUAL.sanitise),
        (_SOURCE, words.SOURCES, said.source, USUAL.source),
        (_CREDIBILITY, words.CREDIBILITIES, said.credibility, USUAL.credibility),
    ]
    told = [
        (visit.say(label), visit.coded(known[code], code))
        for label, known, code, unsaid in rows
        if code != unsaid
    ]
    texts = ((_CONDITION, said.condition), (_EXPIRES, said.expires), (_ORIGINAL, said.original))
    return told + [(visit.say(label), text) for label, text in texts if text]


def _graded(grading: str) -> Handling:
    """Return what a grading means; one that names no system is of 3x5x2."""
    found = next((e for e in _SYSTEMS if grading.casefold().startswith(e)), "")
    read = _SYSTEMS[found or codes_3x5x2.SYSTEM]
    try:
        return read(grading[len(found) :].strip())
    except Misused as error:
        suffix = error.cause.removeprefix(f"{Misused.code}.")
        raise Misused(suffix, **{**error.values, "field": "grading"}) from None


def _within(graded: Handling, said: Handling) -> Handling:
    """Return *said* as far as it was *graded* so: its source and information are the grading's."""
    narrow = narrower(graded, replace(said, source=graded.source, credibility=graded.credibility))
    return replace(narrow, original=graded.original)


def _code(kind: type[Coded], typed: str, held: Coded) -> Coded:
    if not typed:
        return held
    try:
        return kind(typed)
    except ValueError:
        raise Misused("handling-term", field="see") from None
