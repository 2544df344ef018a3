# SPDX-License-Identifier: Apache-2.0
"""An erasure by law: which openings of a log were destroyed, and on what ground.

It is the entry of a leaf of its own, so that an opening which is not there is either said here or a
fault (spec/ledger.md, *Erasure*).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.time import check_instant

LEAVES_LIMIT: Final = 4096
"""In one erasure; a larger one is several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    type: str = "comity/erasure@1"
    origin: str
    """The log whose openings were destroyed: an older one, or that in which this is a leaf."""
    leaves: tuple[int, ...]
    """Their indexes, ascending."""
    ground: str
    """A code or a reference to the order, never a name."""
    at: datetime

    def __post_init__(self) -> None:
        check_instant("at", self.at)
        if list(self.leaves) != sorted(set(self.leaves)) or len(self.leaves) > LEAVES_LIMIT:
            raise ValueError("erasure: leaves ascend, each once")
        if not self.leaves or self.leaves[0] < 0:
            raise ValueError("erasure: names no leaf")
