# SPDX-License-Identifier: Apache-2.0
"""Handling on the command line: three plain questions, or a grading that they only ever narrow."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import click

from comity.cli.output import Output
from comity.cli.values import MOMENT, VALUE, utc
from comity.domain import codes_3x5x2, codes_4x4
from comity.domain.handling import Handling, Leave, See
from comity.domain.onward import narrower
from comity.domain.time import written
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked

_SEE = marked("Who may see it")
_ONWARD = marked("May it be passed on?")
_COURT = marked("May it be used in court?")
_SOURCE = marked("Source")
_CREDIBILITY = marked("Information")
_ACTION = marked("What it may lead to")
_SANITISE = marked("Before it goes further")
_EXPIRES = marked("Until")
_CONDITION = marked("Condition")
_ORIGINAL = marked("As it was graded")

_READERS: Final[Mapping[str, Callable[[str], Handling]]] = {
    codes_3x5x2.SYSTEM: codes_3x5x2.read,
    codes_4x4.SYSTEM: codes_4x4.read,
}
_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--see", type=click.Choice([each.value for each in See]), help="Who may see it."),
    click.option(
        "--onward", type=click.Choice([each.value for each in Leave]), help="May it be passed on?"
    ),
    click.option(
        "--court",
        type=click.Choice([each.value for each in Leave]),
        help="May it be used in court?",
    ),
    click.option(
        "--handling",
        "graded",
        default="",
        metavar="CODE",
        help='A grading of another system: "3x5x2:1AC A1 S2" or "4x4:B2 H1".',
    ),
    click.option("--condition", type=VALUE, default="", help="A condition of your own; it binds."),
    click.option(
        "--expires", type=MOMENT, metavar="TIME", help="After this it may not be used, UTC."
    ),
)


def with_handling(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for handling, and *function* what they say as ``handling``."""

    @functools.wraps(function)
    def collected(
        *told: object,
        see: str | None,
        onward: str | None,
        court: str | None,
        graded: str,
        condition: str,
        expires: datetime | None,
        **more: object,
    ) -> None:
        base = _read(graded) if graded else Handling()
        said = replace(
            base,
            see=See(see) if see else base.see,
            onward=Leave(onward) if onward else base.onward,
            judicial=Leave(court) if court else base.judicial,
            expires=written(utc(expires)) if expires else base.expires,
            condition=condition or base.condition,
        )
        function(*told, handling=_within(base, said) if graded else said, **more)

    for each in reversed(_OPTIONS):
        collected = each(collected)
    return collected


def lines(out: Output, said: Handling) -> list[tuple[str, str]]:
    """Return *said* for people: the plain questions, and of the codes those that say something."""
    usual = Handling()
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
        (out.say_in.of(label), out.coded(known[code], code))
        for label, known, code, unsaid in rows
        if code != unsaid
    ]
    texts = ((_CONDITION, said.condition), (_EXPIRES, said.expires), (_ORIGINAL, said.original))
    return told + [(out.say_in.of(label), text) for label, text in texts]


def _within(base: Handling, said: Handling) -> Handling:
    """Return *said* nowhere wider than *base*, the grading that it came with."""
    return replace(narrower(base, said), condition=said.condition, original=base.original)


def _read(graded: str) -> Handling:
    for system, read in _READERS.items():
        if graded.startswith(system):
            return read(graded.removeprefix(system))
    raise Misused("handling-code")
