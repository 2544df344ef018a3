# SPDX-License-Identifier: Apache-2.0
"""What a peer said last of what it has of ours: for carriers that cannot ask it now.

A stick that is written today goes by this: which of our rosters the peer still lacks, and from
which size of our ledger it must be led on. What comes late, on an old stick, does not take the
place of what was said after it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from comity.domain.ids import AgencyId, NodeId
from comity.services.house import House
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical
from comity.wire.parcel import ITEMS_LIMIT, Known, Parcel

ROOM: Final = "spoken"
_LIMIT: Final = ITEMS_LIMIT * 512
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    at: datetime
    """By the peer's own clock."""
    known: dict[AgencyId, Known]
    """The rosters of ours that it holds."""
    seen: dict[str, int]
    """The sizes of our ledgers that it has witnessed."""


def keep(writing: Writing, house: House, parcel: Parcel) -> None:
    """Keep what *parcel* says, unless that is nothing, or its sender has said something since."""
    if not parcel.known or parcel.at < last(writing, house, parcel.from_node).at:
        return
    said = Spoken(
        at=parcel.at,
        known={each.agency: each for each in parcel.known},
        seen={each.origin: each.size for each in parcel.seen},
    )
    node = parcel.from_node
    body = house.vault.lock(canonical.encode(_flat(said)), _place(node))
    housed.put(writing, [housed.Housed(room=ROOM, name=node, body=body, at=house.millis())])


def last(reading: Reading, house: House, node: NodeId) -> Spoken:
    """Return what *node* said last; nothing if it never spoke."""
    rows = housed.get(reading, ROOM, [node])
    if not rows:
        return Spoken(at=_NEVER, known={}, seen={})
    body = house.vault.open(rows[0].body, _place(node))
    flat = canonical.decode(body, _Flat, limit=_LIMIT)
    return Spoken(
        at=flat.at,
        known={each.agency: each for each in flat.known},
        seen=dict(flat.seen),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flat:
    """As it is kept: an origin is no key of canonical JSON."""

    type: str = "comity/spoken@1"
    at: datetime
    known: tuple[Known, ...]
    seen: tuple[tuple[str, int], ...]


def _flat(said: Spoken) -> _Flat:
    return _Flat(at=said.at, known=tuple(said.known.values()), seen=tuple(said.seen.items()))


def _place(node: NodeId) -> str:
    return f"{ROOM}/{node}"
