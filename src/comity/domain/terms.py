# SPDX-License-Identifier: Apache-2.0
"""Terms: what a system of handling codes cannot say, said beside the code.

A grading reads ``1AC A1 S2 see=desk onward=no: not before the raid``: the code, then terms that
only ever narrow it, then after a colon the originator's own condition, verbatim. A code of another
system is *read* in its narrowest sense and *written* in its widest, so that neither way gains
anything: what the widest sense of a written code would allow beyond the handling becomes a term.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from comity.domain import time
from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import narrower, until
from comity.errors import Misused

TEXT_LIMIT: Final = 4000

_DIMENSIONS: Final[dict[str, type[StrEnum]]] = {
    "source": Source,
    "credibility": Credibility,
    "see": See,
    "onward": Leave,
    "judicial": Leave,
    "action": Action,
    "sanitise": Sanitise,
}


def split(text: str) -> tuple[list[str], list[str], str]:
    """Return the code's words, the terms and the condition of a grading."""
    if len(text) > TEXT_LIMIT:
        raise Misused("handling-code", limit=TEXT_LIMIT)
    head, _, condition = text.partition(": ")
    words = head.split()
    return (
        [word.upper() for word in words if "=" not in word],
        [word for word in words if "=" in word],
        condition,
    )


def joined(words: Sequence[str], terms: Sequence[str], condition: str) -> str:
    head = " ".join((*words, *terms))
    return f"{head}: {condition}" if condition else head


def narrowed(handling: Handling, terms: Sequence[str], condition: str) -> Handling:
    """Return *handling* narrowed by *terms*; a term that would widen it changes nothing."""
    for term in terms:
        name, _, value = term.partition("=")
        handling = narrower(handling, _with(handling, name, value))
    return replace(handling, condition=condition)


def beyond(handling: Handling, widest: Handling) -> list[str]:
    """Return the terms that keep a code of this *widest* sense within *handling*."""
    both = narrower(handling, widest)
    terms = [
        f"{name}={getattr(both, name)}"
        for name in _DIMENSIONS
        if getattr(both, name) != getattr(widest, name)
    ]
    return [*terms, f"expires={until(handling.expires)}"] if handling.expires else terms


def unchanged(handling: Handling, system: str, read: Callable[[str], Handling]) -> str | None:
    """Return the code of *system* with which *handling* came, if it still says the same."""
    text = handling.original.removeprefix(system)
    if text == handling.original:
        return None
    try:
        return text if read(text) == handling else None
    except Misused:
        return None


def _with(handling: Handling, name: str, value: str) -> Handling:
    try:
        if name == "expires":
            time.read(value)
            return replace(handling, expires=value)
        return replace(handling, **{name: _DIMENSIONS[name](value)})  # type: ignore[arg-type]  # by its own name
    except (KeyError, ValueError):
        raise Misused("handling-term") from None
