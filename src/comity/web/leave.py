# SPDX-License-Identifier: Apache-2.0
"""What may be done with what is told: three plain questions, and more that stays folded away."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from enum import StrEnum
from typing import Final, TypeVar

from comity.domain import codes_3x5x2, codes_4x4
from comity.domain.handling import Handling, Leave, See
from comity.domain.onward import narrower
from comity.domain.time import written
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.web.acting import Box, moment_of
from comity.web.visit import Visit

Coded = TypeVar("Coded", bound=StrEnum)

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

USUAL: Final = Handling()
_SYSTEMS: Final[Mapping[str, Callable[[str], Handling]]] = {
    codes_3x5x2.SYSTEM: codes_3x5x2.read,
    codes_4x4.SYSTEM: codes_4x4.read,
}


def leave_boxes(
    visit: Visit,
    held: Handling = USUAL,
    *,
    only: str = "",
) -> tuple[Box, ...]:
    """Return the three questions, answered as in *held*."""
    rows = (
        ("see", _SEE, words.SEES, held.see),
        ("onward", _ONWARD, words.LEAVES, held.onward),
        ("court", _COURT, words.LEAVES, held.judicial),
    )
    return tuple(
        Box(
            name=name,
            label=visit.say(label),
            shape="pick",
            choices=tuple((code, visit.say(said)) for code, said in known.items()),
            value=value,
            only=only,
        )
        for name, label, known, value in rows
    )


def more_boxes(visit: Visit) -> tuple[Box, ...]:
    """Return a condition, an end and a grading: what few answers need."""
    return (
        Box(name="condition", label=visit.say(_CONDITION), shape="area", required=False),
        Box(name="expires", label=visit.say(_EXPIRES), type="datetime-local", required=False),
        Box(name="graded", label=visit.say(_GRADING), required=False),
    )


def leave_of(visit: Visit, held: Handling = USUAL) -> Handling:
    """Return what the boxes say, beginning from *held*; a grading is only ever narrowed."""
    form = visit.form
    graded = form.text("graded")
    base = _graded(graded) if graded else held
    expires = moment_of(visit, "expires")
    said = replace(
        base,
        see=_code(See, form.text("see"), base.see),
        onward=_code(Leave, form.text("onward"), base.onward),
        judicial=_code(Leave, form.text("court"), base.judicial),
        condition=form.text("condition") or base.condition,
        expires=written(expires.astimezone(UTC)) if expires else base.expires,
    )
    if not graded:
        return said
    return replace(narrower(base, said), condition=said.condition, original=base.original)


def leave_lines(visit: Visit, said: Handling) -> list[tuple[str, str]]:
    """Return *said* in words: the plain questions, and of the codes those that say something."""
    usual = USUAL
    rows = [
        (_SEE, words.SEES, said.see, ""),
        (_ONWARD, words.LEAVES, said.onward, ""),
        (_COURT, words.LEAVES, said.judicial, ""),
        (_ACTION, words.ACTIONS, said.action, usual.action),
        (_SANITISE, words.SANITISES, said.sanitise, usual.sanitise),
        (_SOURCE, words.SOURCES, said.source, usual.source),
        (_CREDIBILITY, words.CREDIBILITIES, said.credibility, usual.credibility),
    ]
    told = [
        (visit.say(label), visit.coded(known[code], code))
        for label, known, code, unsaid in rows
        if code != unsaid
    ]
    texts = ((_CONDITION, said.condition), (_EXPIRES, said.expires), (_ORIGINAL, said.original))
    return told + [(visit.say(label), text) for label, text in texts if text]


def _graded(text: str) -> Handling:
    for system, read in _SYSTEMS.items():
        if text.startswith(system):
            return read(text.removeprefix(system))
    raise Misused("handling-code", field="graded")


def _code(kind: type[Coded], typed: str, held: Coded) -> Coded:
    if not typed:
        return held
    try:
        return kind(typed)
    except ValueError:
        raise Misused("handling-term", field="see") from None
