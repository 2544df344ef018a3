# SPDX-License-Identifier: Apache-2.0
"""Replays: a peer that tells an old roster as its newest, again and again.

Parcels come late and twice, on sticks above all, so an old roster once is nobody's fault. What does
not happen by weather is that it comes ever again. Counted for a day; from the eighth on it is held
against the node as a mark, which warns and holds nothing back.
"""

from typing import Final

from comity.domain.ids import Digest, NodeId
from comity.domain.standing import MarkCode
from comity.services import suspend
from comity.services.house import House
from comity.storage import meta
from comity.storage.reading import Writing

OFTEN: Final = 8
"""Old rosters of one node in a day."""


def see(house: House, node: NodeId, told: Digest) -> None:
    """Count that *node* told an old roster; hold it against the node where it is too often."""
    name = f"replayed/{node}/{house.now():%Y-%m-%d}"

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: what two processes see counts twice
        count = int(meta.get(writing, [name]).get(name, b"0")) + 1
        if count > OFTEN:
            return
        meta.put(writing, [meta.Meta(name=name, value=str(count).encode())])
        if count == OFTEN:
            suspend.mark(writing, house, node, MarkCode.REPLAYED, f"{told}/{name[-10:]}")

    house.store.write(work)
