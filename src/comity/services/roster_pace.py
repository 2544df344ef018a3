# SPDX-License-Identifier: Apache-2.0
"""How much of its roster a peer may change in a day.

What a peer ends is kept for good, so how fast it can change bounds what it can make us keep. An
honest agency could certify itself anew twice a day, and revoke beside that; what is more waits for
the next day, and harms nobody but the peer that said it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.domain.ids import AgencyId
from comity.domain.roster import Entry, NodeEntry
from comity.errors import Busy
from comity.services.house import House
from comity.storage import housed
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire.roster import PEERS_LIMIT

PACE: Final = "roster-pace"
A_DAY: Final = 2 * PEERS_LIMIT
SMALL: Final = 200
"""Weight of a change for which there is room when that of a day is used up."""
NODE_WEIGHT: Final = 100
"""All nodes that a peer ever had are held in memory."""
_DAY: Final = 86_400_000
_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much came on one day."""

    day: int
    weight: int


def keep_pace(writing: Writing, house: House, agency: AgencyId, added: Iterable[Entry]) -> None:
    """Note that *added* came of *agency* today; raise Busy if that is too much for one day."""
    day = house.millis() // _DAY
    held = _read(writing, house, agency)
    weight = 1 + sum(NODE_WEIGHT if isinstance(each, NodeEntry) else 1 for each in added)
    now = weight + (held.weight if held.day == day else 0)
    if now > (2 * A_DAY if weight <= SMALL else A_DAY):
        raise Busy("roster-pace")
    locked = house.vault.lock(canonical.encode(Pace(day=day, weight=now)), f"{PACE}/{agency}")
    row = housed.Housed(room=PACE, name=agency, body=locked, at=house.millis())
    housed.put(writing, [row])


def _read(writing: Writing, house: House, agency: AgencyId) -> Pace:
    rows = housed.get(writing, PACE, [agency])
    if not rows:
        return Pace(day=0, weight=0)
    opened = house.vault.open(rows[0].body, f"{PACE}/{agency}")
    return canonical.decode(opened, Pace, limit=_LIMIT)
