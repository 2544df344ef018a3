# SPDX-License-Identifier: Apache-2.0
"""Notices on their way: kept until the other node says that it has taken them.

What is told lies locked, by the digest of its bytes, with a row in the outbox; so it survives a
restart, is leased like everything else that leaves, and comes again until it is taken.
"""

from collections.abc import Sequence
from typing import Final

from comity.domain.ids import Digest, NodeId
from comity.services.house import House
from comity.storage import housed, outbox
from comity.storage.outbox import Claimed
from comity.storage.reading import Reading, Writing
from comity.wire.notice import Told

ROOM: Final = "notices-out"
ANSWERS: Final = 64
"""Notices that wait for one node, beyond which its questions are not answered."""


def queue(writing: Writing, house: House, node: NodeId, told: Sequence[Told]) -> None:
    """Tell *node* each of *told*, until it has taken it."""
    now = house.millis()
    rows = [
        housed.Housed(
            room=ROOM,
            name=_name(node, each.digest),
            owner=node,
            body=house.vault.lock(each.dsse, f"{ROOM}/{_name(node, each.digest)}"),
            at=now,
        )
        for each in told
    ]
    housed.put(writing, rows)
    waiting = [
        outbox.Waiting(to_node=node, kind=outbox.Item.NOTICE, ref=each.digest, not_before=now)
        for each in told
    ]
    outbox.add(writing, waiting)


def answer(writing: Writing, house: House, node: NodeId, told: Told) -> None:
    """Tell *node* what it asked, unless so much waits for it that it only makes us keep more."""
    if outbox.count(writing, node, outbox.Item.NOTICE) < ANSWERS:
        queue(writing, house, node, [told])


def load(
    reading: Reading, house: House, node: NodeId, claimed: Sequence[Claimed]
) -> dict[int, bytes]:
    """Return the bytes of those of *claimed* that are notices, by their rows."""
    names = {_name(node, each.ref): each.id for each in claimed}
    rows = housed.get(reading, ROOM, sorted(names))
    return {names[row.name]: house.vault.open(row.body, f"{ROOM}/{row.name}") for row in rows}


def done(writing: Writing, node: NodeId, taken: Sequence[Digest]) -> None:
    """Forget what *node* has *taken*."""
    if not taken:
        return
    outbox.done_refs(writing, outbox.Item.NOTICE, node, taken)
    housed.discard(writing, ROOM, [_name(node, each) for each in taken])


def is_taken(reading: Reading, node: NodeId, told: Digest) -> bool:
    """Return whether *node*, which was to be told the notice *told*, has taken it."""
    return not housed.get(reading, ROOM, [_name(node, told)])


def _name(node: NodeId, named: str) -> str:
    return f"{node}/{named}"
