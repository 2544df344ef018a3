# SPDX-License-Identifier: Apache-2.0
"""What the originator took back of what was passed on to us, for whoever opens it.

The node took it on the word of who passed it on that the original is inside; who can open that act
sees, and what does not fit is not shown: it is a lie about another act.
"""

from collections.abc import Sequence

from comity.domain.ids import ActId
from comity.domain.recall_onward import RecallOnward
from comity.domain.recall_order import RecallOrder
from comity.domain.statement import PassOn
from comity.services.house import House
from comity.services.recall_onward import said_in
from comity.services.thread import OpenThread
from comity.wire import order as order_wire
from comity.wire.passed_on import unpack


def onward_in(house: House, opened: OpenThread) -> Sequence[tuple[RecallOnward, RecallOrder]]:
    """Return what was taken back of what *opened* holds, with the originator's own order."""
    with house.store.read() as reading:
        told = said_in(reading, house, opened.id)
    inside = {each.id: _inside(opened, each.id) for each in opened.thread.acts}
    return [
        (each, order_wire.read(each.order).said)
        for each in told
        if each.original in inside.get(each.act, {each.original})
    ]


def _inside(opened: OpenThread, act: ActId) -> set[ActId]:
    """Return the acts that *act* passes on."""
    for each in opened.copies_of(act):
        if isinstance(each.statement.body, PassOn):
            chain = unpack(each.statement).chain
            return {chain.original.act, *(hand.said.act for hand in chain.hands)}
    return set()
