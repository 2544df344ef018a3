# SPDX-License-Identifier: Apache-2.0
"""Peers that were restored from a backup: what is kept of it, and what they are sent again.

A log that goes on under its next number says where the one before was closed. What lies between
that and what we saw of it is the gap: no fork, for nothing there can be compared, but to be seen.
What the peer had taken in the gap, it no longer has; it gets that again, and takes it once.
"""

from dataclasses import dataclass
from typing import Final

from comity.domain.docket import OF_PEOPLE, Receipt
from comity.domain.ids import NodeId
from comity.domain.removal import Why
from comity.ledger.succession import Restored
from comity.services.house import House
from comity.services.read_by import travels
from comity.storage import copies, housed, outbox, receipts, removed, witness
from comity.storage.copies import CopyState
from comity.storage.reading import Reading, Writing
from comity.wire import canonical
from comity.wire import docket as docket_wire

ROOM: Final = "restored"
_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A peer's log that follows another, and how many leaves that we had seen are gone."""

    type: str = "comity/gap@1"
    origin: str
    before: str
    size: int
    """What we had seen of the one before."""
    gap: int


def keep(writing: Writing, house: House, node: NodeId, found: Restored) -> None:
    """Keep that *node* was restored, and put into the outbox what it lost."""
    last = found.last
    told = Gap(origin=found.new.origin, before=last.origin, size=last.size, gap=found.gap)
    place = f"{ROOM}/{told.origin}"
    row = housed.Housed(
        room=ROOM,
        name=told.origin,
        owner=node,
        body=house.vault.lock(canonical.encode(told), place),
        at=house.millis(),
    )
    housed.put(writing, [row])
    if found.gap:
        _send_again(writing, house, node, last.origin, last.size - found.gap)


def gaps(reading: Reading, house: House) -> dict[str, Gap]:
    """Return what was kept of restored peers, by the log that they opened."""
    return {
        row.name: canonical.decode(
            house.vault.open(row.body, f"{ROOM}/{row.name}"), Gap, limit=_LIMIT
        )
        for row in housed.of_room(reading, ROOM)
    }


def _send_again(writing: Writing, house: House, node: NodeId, origin: str, kept: int) -> None:
    now = house.millis()
    lost = [row.copy for row in receipts.leading_beyond(writing, origin, kept)]
    rows = [row for row in copies.by_ids(writing, sorted(set(lost))) if row.node == node]
    recalled = {
        (row.agency, row.act)
        for row in removed.by_acts(writing, sorted({row.act for row in rows}))
        if row.why == Why.RECALL
    }
    again = [
        row.copy
        for row in rows
        if row.state == CopyState.DELIVERED and (row.agency, row.act) not in recalled
    ]
    copies.set_state(writing, again, CopyState.QUEUED, was=(CopyState.DELIVERED,))
    since = witness.last_within(writing, origin, kept)
    given = receipts.since(writing, [each.value for each in OF_PEOPLE], since)
    about = {row.copy: row for row in copies.by_ids(writing, sorted({r.copy for r in given}))}
    ours = [
        r.receipt
        for r in given
        if (row := about.get(r.copy)) and _is_from(row, node, r.agency)
        if travels(docket_wire.read(r.body, Receipt).said)  # his own signed one stays at home
    ]
    waiting = [(outbox.Item.DOCKET, each) for each in again]
    waiting += [(outbox.Item.RECEIPT, each) for each in ours]
    outbox.add(
        writing,
        [outbox.Waiting(to_node=node, kind=kind, ref=ref, not_before=now) for kind, ref in waiting],
    )


def _is_from(row: copies.Copy, node: NodeId, agency: str) -> bool:
    """Return whether *agency*, to which *node* sent the copy *row*, speaks of it."""
    return row.node == node and row.state == CopyState.RECEIVED and row.to == agency
