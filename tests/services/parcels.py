# SPDX-License-Identifier: Apache-2.0
"""Parcels between the two nodes of a scene, looked into or made by hand.

``exchanged`` is one exchange of couriers seen from outside; ``told`` hands over a parcel that its
sender made by hand with its real keys, and returns the answer as the sender reads it.
"""

from collections.abc import Sequence
from dataclasses import replace

from tests.world import WorldNode

from comity.domain.docket import Receipt
from comity.domain.ids import mint
from comity.services import deliver
from comity.services.receive import Taken
from comity.storage import copies, outbox, peers, receipts
from comity.storage.copies import Copy
from comity.storage.outbox import Waiting
from comity.wire import docket as docket_wire
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import Parcel, ReceiptItem

OWNER = "another-courier"


def sealed_from(sender: WorldNode, to: WorldNode, **what: object) -> bytes:
    """Return a parcel that *sender* makes by hand."""
    made = Parcel(
        id=mint(sender.house.random),
        from_node=sender.id,
        to_node=to.id,
        at=sender.house.now(),
        **what,  # type: ignore[arg-type]  # as the test says it
    )
    return parcel_wire.seal(made, to.house.keys.parcel.recipient)


def told(sender: WorldNode, to: WorldNode, **what: object) -> Parcel:
    """Hand over a parcel made by hand; return what answers it."""
    answer = to.node.courier.incoming(sealed_from(sender, to, **what), sender.id)
    return read(sender, answer)


def made(sender: WorldNode, to: WorldNode, answering: Taken | None = None) -> bytes:
    """Return the parcel that *sender*'s courier would hand over next."""
    return deliver.make(sender.house, to.id, owner=OWNER, answering=answering).sealed


def read(reader: WorldNode, sealed: bytes) -> Parcel:
    return parcel_wire.open_(sealed, reader.house.keys.parcel)


def again(to: WorldNode, parcel: Parcel, **changed: object) -> bytes:
    """Return *parcel*, which was for *to*, sealed to it once more, changed as the test says."""
    other = replace(parcel, **changed)  # type: ignore[arg-type]  # as the test says it
    return parcel_wire.seal(other, to.house.keys.parcel.recipient)


def bent(item: ReceiptItem, by: WorldNode, **changed: object) -> ReceiptItem:
    """Return *item* saying something else, signed by *by*'s carrier key all the same."""
    said = docket_wire.read(item.receipt, Receipt).said
    other = replace(said, **changed)  # type: ignore[arg-type]  # as the test says it
    signed = docket_wire.sign(other, by.house.keys.carrier)
    return replace(item, receipt=signed.dsse)


def said_in(item: ReceiptItem) -> Receipt:
    return docket_wire.read(item.receipt, Receipt).said


def size(node: WorldNode) -> int:
    """Return how many leaves the node's ledger has."""
    head = node.house.store.head()
    return head.size if head else 0


def copy_of(node: WorldNode, act: str) -> Copy:
    """Return the copy of *act* that crosses the border, as *node* has it."""
    with node.house.store.read() as reading:
        return next(row for row in copies.by_acts(reading, [act]) if row.agency != row.to)


def has(node: WorldNode, act: str) -> bool:
    with node.house.store.read() as reading:
        return bool(copies.by_acts(reading, [act]))


def receipts_of(node: WorldNode, act: str) -> list[Receipt]:
    """Return the receipts kept for the copy of *act* that crosses the border."""
    with node.house.store.read() as reading:
        rows = receipts.by_copies(reading, [copy_of(node, act).copy])
    return [docket_wire.read(row.body, Receipt).said for row in rows]


def stages(node: WorldNode, act: str) -> list[str]:
    return sorted(each.stage.value for each in receipts_of(node, act))


def kept_against(node: WorldNode) -> list[tuple[str, bytes]]:
    """Return what *node* keeps as evidence, kind and bytes, the oldest first."""
    with node.house.store.read() as reading:
        return [(each.kind, each.body) for each in receipts.evidence(reading)]


def kinds(node: WorldNode) -> list[str]:
    return [kind for kind, _ in kept_against(node)]


def waiting_rows(node: WorldNode) -> Sequence[outbox.Due]:
    with node.house.store.read() as reading:
        return outbox.pending(reading)


def is_due(node: WorldNode) -> bool:
    with node.house.store.read() as reading:
        return bool(outbox.due(reading, node.house.millis()))


def waits_for(node: WorldNode, other: WorldNode) -> peers.Peer:
    """Return how *node*'s courier stands to *other*."""
    with node.house.store.read() as reading:
        return peers.by_nodes(reading, [other.id])[0]


def queue(node: WorldNode, to: WorldNode, kind: outbox.Item, ref: str) -> None:
    now = node.house.millis()
    row = Waiting(to_node=to.id, kind=kind, ref=ref, not_before=now)
    node.house.store.write(lambda w: outbox.add(w, [row]))
