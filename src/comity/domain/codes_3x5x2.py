# SPDX-License-Identifier: Apache-2.0
"""The British 3x5x2 grading, in and out: ``1AC A1 S2``.

Source 1-3, information A-E, handling P (lawful sharing permitted) or C (permitted with conditions:
action A1 covert development, A2 covert use, A3 overt use; sanitisation S1 delegated, S2 consult
the originator). What a code does not say stays at our careful default when it is read. Three
levels of source hide *mostly* and *sometimes reliable*: both are written lower, never higher.
Source of the table: College of Policing, intelligence report 3x5x2.
"""

import re
from dataclasses import replace
from typing import Final

from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import ACTIONS, SANITISES, WIDEST, is_within
from comity.domain.terms import beyond, joined, narrowed, split, unchanged
from comity.errors import Misused

SYSTEM: Final = "3x5x2:"

_SOURCES: Final = {"1": Source.RELIABLE, "2": Source.UNTESTED, "3": Source.UNRELIABLE}
_INFORMATION: Final = {
    "A": Credibility.KNOWN_DIRECTLY,
    "B": Credibility.CORROBORATED,
    "C": Credibility.KNOWN_INDIRECTLY,
    "D": Credibility.UNKNOWN,
    "E": Credibility.SUSPECTED_FALSE,
}
_ACTIONS: Final = {
    "A1": Action.COVERT_DEVELOPMENT,
    "A2": Action.COVERT_USE,
    "A3": Action.OVERT,
}
_SANITISES: Final = {"S1": Sanitise.DELEGATED, "S2": Sanitise.CONSULT}
_WRITTEN_SOURCE: Final = {
    Source.RELIABLE: "1",
    Source.MOSTLY: "2",
    Source.UNTESTED: "2",
    Source.SOMETIMES: "3",
    Source.UNRELIABLE: "3",
}


def read(text: str) -> Handling:
    """Return the handling that a 3x5x2 grading means, in its narrowest sense."""
    words, terms, condition = split(text)
    code = re.fullmatch(r"([1-3])([A-E])([PC])", words[0]) if words else None
    if code is None or (code[3] == "P" and len(words) > 1):
        raise Misused("handling-code")
    handling = Handling(source=_SOURCES[code[1]], credibility=_INFORMATION[code[2]])
    if code[3] == "P":
        handling = replace(handling, see=See.STATE, onward=Leave.YES)
    else:
        handling = _conditions(handling, words[1:])
    return replace(narrowed(handling, terms, condition), original=SYSTEM + text)


def write(handling: Handling) -> str:
    """Return a 3x5x2 grading nowhere wider than *handling*; its own code if it came with one."""
    original = unchanged(handling, SYSTEM, read)
    if original is not None:
        return original
    grade = _WRITTEN_SOURCE[handling.source] + _letter(handling.credibility)
    said = replace(WIDEST, source=handling.source, credibility=handling.credibility)
    if is_within(said, handling):
        return grade + "P"
    words = [grade + "C"]
    words += [code for code, action in _ACTIONS.items() if action is handling.action]
    words += [code for code, sanitise in _SANITISES.items() if sanitise is handling.sanitise]
    if handling.action is not Action.NONE:
        said = replace(said, action=handling.action)
    said = replace(said, sanitise=handling.sanitise)
    return joined(words, beyond(handling, said), handling.condition)


def _conditions(handling: Handling, words: list[str]) -> Handling:
    actions = [_ACTIONS[word] for word in words if word in _ACTIONS]
    sanitises = [_SANITISES[word] for word in words if word in _SANITISES]
    if len(actions) + len(sanitises) < len(words):
        raise Misused("handling-code")
    return replace(
        handling,
        action=min(actions, key=ACTIONS.index, default=handling.action),
        sanitise=min(sanitises, key=SANITISES.index, default=handling.sanitise),
    )


def _letter(credibility: Credibility) -> str:
    return next(code for code, each in _INFORMATION.items() if each is credibility)
