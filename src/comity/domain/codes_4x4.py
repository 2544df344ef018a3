# SPDX-License-Identifier: Apache-2.0
"""The Europol 4x4 grading with handling codes, in and out: ``B2 H1 H2``.

Source A, B, C or X, information 1-4. H0: for preventing and combating crime, nothing more; H1: not
in court without the provider's permission; H2: not passed on without it; H3: other restrictions,
in words. A grading without any H says nothing, so our careful default stands. 4 says *not known to
the source and not corroborated*: we read it as *unknown*. *Suspected false* has no code and is
flagged under H3. Source of the table: Council manual 6261/18 (Statewatch, February 2018).
"""

import re
from dataclasses import replace
from typing import Final

from comity.domain.handling import Credibility, Handling, Leave, See, Source
from comity.domain.onward import WIDEST
from comity.domain.terms import beyond, joined, narrowed, split, unchanged
from comity.errors import Misused

SYSTEM: Final = "4x4:"
CODES: Final = frozenset({"H0", "H1", "H2", "H3"})

_SOURCES: Final = {
    "A": Source.RELIABLE,
    "B": Source.MOSTLY,
    "C": Source.UNRELIABLE,
    "X": Source.UNTESTED,
}
_INFORMATION: Final = {
    "1": Credibility.KNOWN_DIRECTLY,
    "2": Credibility.KNOWN_DIRECTLY,
    "3": Credibility.CORROBORATED,
    "4": Credibility.UNKNOWN,
}
_WRITTEN_SOURCE: Final = {
    Source.RELIABLE: "A",
    Source.MOSTLY: "B",
    Source.SOMETIMES: "C",
    Source.UNRELIABLE: "C",
    Source.UNTESTED: "X",
}
_WRITTEN_INFORMATION: Final = {
    # 1 says that the accuracy is not in doubt, which is more than to know it oneself.
    Credibility.KNOWN_DIRECTLY: "2",
    Credibility.CORROBORATED: "3",
    Credibility.KNOWN_INDIRECTLY: "4",
    Credibility.UNKNOWN: "4",
    Credibility.SUSPECTED_FALSE: "4",
}


def read(text: str) -> Handling:
    """Return the handling that a 4x4 grading means, in its narrowest sense."""
    words, terms, condition = split(text)
    grade = re.fullmatch(r"([ABCX])([1-4])", words[0]) if words else None
    codes = set(words[1:])
    if grade is None or not codes <= CODES:
        raise Misused("handling-code")
    handling = Handling(source=_SOURCES[grade[1]], credibility=_INFORMATION[grade[2]])
    if codes:
        handling = replace(
            handling,
            see=See.STATE,
            onward=Leave.ASK if "H2" in codes else Leave.YES,
            judicial=Leave.ASK if "H1" in codes else Leave.YES,
        )
    if "H3" in codes and not (terms or condition):
        # Restrictions that did not come along: as if they were the strictest that may be asked.
        handling = replace(handling, see=See.DESK, onward=Leave.ASK, judicial=Leave.ASK)
    return replace(narrowed(handling, terms, condition), original=SYSTEM + text)


def write(handling: Handling) -> str:
    """Return a 4x4 grading nowhere wider than *handling*; its own code if it came with one."""
    original = unchanged(handling, SYSTEM, read)
    if original is not None:
        return original
    said = replace(
        WIDEST,
        source=handling.source,
        credibility=_said(handling.credibility),
        onward=Leave.YES if handling.onward is Leave.YES else Leave.ASK,
        judicial=Leave.YES if handling.judicial is Leave.YES else Leave.ASK,
    )
    terms = beyond(handling, said)
    words = [_WRITTEN_SOURCE[handling.source] + _WRITTEN_INFORMATION[handling.credibility]]
    words += ["H1"] if handling.judicial is not Leave.YES else []
    words += ["H2"] if handling.onward is not Leave.YES else []
    words += ["H3"] if terms or handling.condition else []
    return joined(words if len(words) > 1 else [*words, "H0"], terms, handling.condition)


def _said(credibility: Credibility) -> Credibility:
    """Return the most that the written digit may be taken to say."""
    if credibility is Credibility.SUSPECTED_FALSE:
        return Credibility.UNKNOWN
    return credibility
