# SPDX-License-Identifier: Apache-2.0
"""What a peer said last of what it has of ours: for carriers that cannot ask it now.

A stick that is written today goes by this: which of our rosters the peer still lacks, and from
which size of our ledger it must be led on. Ids, numbers and sizes, in clear as dockets are. What
comes late, on an old stick, does not take the place of what was said after it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from comity.domain.ids import AgencyId, NodeId
from comity.storage import meta
from comity.storage.reading import Reading, Writing
from comity.wire import canonical
from comity.wire.parcel import ITEMS_LIMIT, Known, Parcel

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


def keep(writing: Writing, parcel: Parcel) -> None:
    """Keep what *parcel* says, unless that is nothing, or its sender has said something since."""
    if not parcel.known or parcel.at < last(writing, parcel.from_node).at:
        return
    said = Spoken(
        at=parcel.at,
        known={each.agency: each for each in parcel.known},
        seen={each.origin: each.size for each in parcel.seen},
    )
    body = canonical.encode(_flat(said))
    meta.put(writing, [meta.Meta(name=_place(parcel.from_node), value=body)])


def last(reading: Reading, node: NodeId) -> Spoken:
    """Return what *node* said last; nothing if it never spoke."""
    body = meta.get(reading, [_place(node)]).get(_place(node))
    if body is None:
        return Spoken(at=_NEVER, known={}, seen={})
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
    return f"spoken/{node}"
