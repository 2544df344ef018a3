# SPDX-License-Identifier: Apache-2.0
"""Signed requests that came a second time: counted by where they came from, held against nobody.

Who sends a request again need not be who signed it: whoever has its bytes can, a proxy that tries
again among them. So no peer is marked for it (docs/adr/0020); it is refused, changes nothing, and
the operator sees how often, from which address, and whose signature it bore. At most ``MOST``
addresses are kept, the last ones, for ``KEPT``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.domain.ids import NodeId
from comity.domain.time import check_instant
from comity.services.house import House
from comity.services.stand import locked, opened
from comity.storage import housed
from comity.storage.reading import Writing

ROOM: Final = "replayed-requests"
MOST: Final = 32
KEPT: Final = timedelta(days=30)
ADDRESS_LIMIT: Final = 45
"""Characters of an IPv6 address with an IPv4 one in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    address: str
    node: NodeId
    """Whose signature the last of them bore: not who sent it."""
    count: int
    first: datetime
    last: datetime

    def __post_init__(self) -> None:
        check_instant("first", self.first)
        check_instant("last", self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    type: str = "comity/replayed-requests@1"
    told: tuple[Replayed, ...] = ()


def note(house: House, node: NodeId, address: str) -> None:
    """Count that a request that *node* had signed came again, from *address*."""
    house.store.write(lambda w: _note(w, house, node, address[:ADDRESS_LIMIT]))


def seen(house: House) -> tuple[Replayed, ...]:
    """Return from where requests came again in the last month, the latest first."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [ROOM])
    told = opened(house, rows[0], _Kept).told if rows else ()
    since = house.now() - KEPT
    return tuple(each for each in told if each.last >= since)


def _note(writing: Writing, house: House, node: NodeId, address: str) -> None:
    _ = writing.log  # its lock: what two processes see counts twice
    rows = housed.get(writing, ROOM, [ROOM])
    told = opened(house, rows[0], _Kept).told if rows else ()
    before = next((each for each in told if each.address == address), None)
    now = house.now()
    new = Replayed(
        address=address,
        node=node,
        count=before.count + 1 if before else 1,
        first=before.first if before else now,
        last=now,
    )
    rest = tuple(each for each in told if each.address != address and each.last >= now - KEPT)
    kept = _Kept(told=(new, *rest)[:MOST])
    housed.put(writing, [locked(house, ROOM, ROOM, kept)])
