# SPDX-License-Identifier: Apache-2.0
"""One sentence for one cause: what happened and what it means, then what to do."""

from dataclasses import dataclass

from comity.language.marks import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    happened: str | Counted
    then: str
    page: str = ""
    """What to do where it is read on a page, if that is something else: never a command."""
    by: str = ""
    """The value whose number decides the form of a counted sentence."""
