# SPDX-License-Identifier: Apache-2.0
"""Verdicts: a rule answers with a value that carries its reason.

Reasons are stable codes, never sentences: the faces say them. Match exhaustively.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    by: str
    """What allows it: a code, or the id of a mandate or consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Possible once somebody has consented, by a signed statement."""

    whom: str
    """The id of the agency to be asked."""


Verdict = Allowed | Barred | Ask
