# SPDX-License-Identifier: Apache-2.0
"""The agency's own record of its recovery: who holds the shares, and what was done with them.

One locked row an agency. No share and no secret is in it, only what tells a right share from a
wrong one; the names of holders are the agency's own, and peers are told none.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from comity.domain.ids import AgencyId
from comity.domain.recovery import DECIDERS, Arrangement, Event, Happened
from comity.errors import Busy, Misused
from comity.services.fields import line
from comity.services.house import House
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

ROOM: Final = "recovery"
EVENTS_KEPT: Final = 200
_LIMIT: Final = 256 * 1024


def find(reading: Reading, house: House, agency: AgencyId) -> Arrangement | None:
    """Return the arrangement of *agency*, None where it has none."""
    rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return None
    return canonical.decode(
        house.vault.open(rows[0].body, f"{ROOM}/{agency}"), Arrangement, limit=_LIMIT
    )


def arrangement_of(house: House, agency: AgencyId) -> Arrangement:
    """Return the arrangement of *agency*; raise Misused where it has none."""
    with house.store.read() as reading:
        found = find(reading, house, agency)
    if found is None:
        raise Misused("recovery.none")
    return found


def row_of(house: House, kept: Arrangement) -> housed.Housed:
    locked = house.vault.lock(canonical.encode(kept), f"{ROOM}/{kept.agency}")
    return housed.Housed(
        room=ROOM, name=kept.agency, owner=kept.agency, body=locked, at=house.millis()
    )


def event(
    house: House,
    what: Happened,
    *,
    subject: str = "",
    shares: Sequence[int] = (),
    decided_by: Sequence[str] = (),
) -> Event:
    return Event(
        at=house.now(),
        what=what,
        subject=subject,
        shares=tuple(shares),
        decided_by=tuple(decided_by),
    )


def note(writing: Writing, house: House, known: Arrangement, happened: Event) -> None:
    """Add *happened*; raise Busy where the holders were changed since *known* was read."""
    _ = writing.log  # its lock, before we look
    now = find(writing, house, known.agency)
    if now is None or now.number != known.number:
        raise Busy("recovery")
    events = (*now.events, happened)[-EVENTS_KEPT:]
    housed.put(writing, [row_of(house, replace(now, events=events))])


def deciders(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of those who decided; raise Misused unless two people did."""
    told = tuple(line(each, "decided-by") for each in names)
    if len({each.casefold() for each in told}) < DECIDERS:
        raise Misused("recovery.two-people")
    return told
