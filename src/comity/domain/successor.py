# SPDX-License-Identifier: Apache-2.0
"""Successors: who goes on with the personal threads of an officer that left.

The agency records it in its roster, for every peer to see: what is sent to him from then on goes to
his successor, and what the successor says counts as said by the one whom he follows. What came
before is not opened by it.
"""

from collections.abc import Iterable
from typing import Final

from comity.domain.ids import OfficerId
from comity.domain.roster import Entry, SuccessorEntry

FARTHEST: Final = 64
"""How many times one may follow another: an agency whose entries go in a circle leads nowhere."""


def successor_of(entries: Iterable[Entry], officer: OfficerId) -> OfficerId | None:
    """Return who follows *officer* now, by the *entries* of his agency; None if nobody does.

    Of several who follow one officer the one named last does; whoever follows may be followed.
    """
    named: dict[OfficerId, SuccessorEntry] = {}
    for each in entries:
        if isinstance(each, SuccessorEntry):
            before = named.get(each.officer)
            if before is None or _order(each) > _order(before):
                named[each.officer] = each
    found: OfficerId | None = None
    at, seen = officer, {officer}
    for _ in range(FARTHEST):
        following = named.get(at)
        if following is None:
            return found
        at = found = following.successor
        if at in seen:
            return None
        seen.add(at)
    return None


def _order(entry: SuccessorEntry) -> tuple[object, ...]:
    return entry.begins, entry.successor
