# SPDX-License-Identifier: Apache-2.0
"""Replays: a peer that tells one old roster as its newest, again and again.

Parcels come late and twice, on sticks above all, so an old roster is nobody's fault. What does not
happen by weather is that the very same comes ever again. Counted for a day; at the eighth time it
is held against the node as a mark, which warns and holds nothing back.
"""

from typing import Final

from comity.domain.ids import Digest, NodeId
from comity.domain.standing import MarkCode
from comity.services import suspend
from comity.services.house import House
from comity.storage import meta
from comity.storage.reading import Writing

OFTEN: Final = 8
"""How often one old roster may come in a day."""


def see(house: House, node: NodeId, told: Digest) -> None:
    """Count that *node* told the old roster *told*; hold it against the node if it is too often.

    Only the last is counted, so nobody makes us keep more by telling many.
    """
    name, day = f"replayed/{node}", f"{house.now():%Y-%m-%d}"

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: what two processes see counts twice
        held = meta.get(writing, [name]).get(name, b"").decode().split()
        count = int(held[2]) + 1 if held[:2] == [day, told] else 1
        if count > OFTEN:
            return
        meta.put(writing, [meta.Meta(name=name, value=f"{day} {told} {count}".encode())])
        if count == OFTEN:
            suspend.mark(writing, house, node, MarkCode.REPLAYED, f"{told}/{day}")

    house.store.write(work)
