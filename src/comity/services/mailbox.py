# SPDX-License-Identifier: Apache-2.0
"""A mailbox that this node keeps for peers that cannot be called.

It takes carry files from nodes of admitted agencies, for nodes that its operator enrolled, and
gives each to its recipient until he confirms it, for thirty days. It sees depositor, recipient,
size and time; what is inside is sealed to the recipient's node, and nobody believes what comes from
here because it comes from here. One depositor fills at most half of a box.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Final

from comity.domain.ids import AgencyId, NodeId, check_digest, digest
from comity.domain.time import to_millis
from comity.errors import Busy, Damaged, Malformed, Misused, NotAdmitted, NotForUs
from comity.services.address_book import read_book
from comity.services.house import House
from comity.storage import housed, mailbox
from comity.storage.mailbox import Deposit, Held
from comity.storage.reading import Reading, Writing
from comity.wire import canonical
from comity.wire.carry import COVER_LIMIT, FRAME, MAGIC, Unpacker
from comity.wire.parcel import PARCEL_LIMIT

ROOM: Final = "mailbox"
KEPT: Final = timedelta(days=30)
BYTES: Final = 64 << 20
MESSAGES: Final = 4096
"""What a box holds unless its operator says otherwise."""
FILE_LIMIT: Final = len(MAGIC) + 4 + COVER_LIMIT + FRAME + PARCEL_LIMIT + FRAME
CONFIRMED_LIMIT: Final = 256
_COLLECTION_LIMIT: Final = 32 * 1024
_BOX_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """For whom something is kept, and how much."""

    type: str = "comity/box@1"
    node: NodeId
    agency: AgencyId
    size: int
    """Bytes."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What a recipient says: what he has safely, and that he will have the next."""

    type: str = "comity/collection@1"
    confirmed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.confirmed) > CONFIRMED_LIMIT:
            raise ValueError("confirmed: too many")
        for each in self.confirmed:
            check_digest("confirmed", each)


def host(house: House, agency: AgencyId, *, size: int = BYTES, count: int = MESSAGES) -> Box:
    """Keep messages for the node of the peer *agency* from now on."""
    card = read_book(house).agency(agency)
    if card.own:
        raise Misused("mailbox-own")
    if card.standing.witness_only:
        raise NotAdmitted("witness-only")
    box = Box(node=card.node.node, agency=agency, size=size, count=count)
    body = house.vault.lock(canonical.encode(box), _place(box.node))
    row = housed.Housed(room=ROOM, name=box.node, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
    return box


def stop(house: House, agency: AgencyId) -> None:
    """Take nothing more for *agency*; what is here is kept until it is collected or old."""
    node = read_book(house).agency(agency).node.node
    if not house.store.write(lambda w: housed.discard(w, ROOM, [node])):
        raise Misused("mailbox-unknown")


def boxes(house: House) -> tuple[Box, ...]:
    with house.store.read() as reading:
        return tuple(_read(house, row) for row in housed.of_room(reading, ROOM))


def kept(house: House) -> tuple[Held, ...]:
    """Return how much is kept here, by recipient and depositor."""
    with house.store.read() as reading:
        return mailbox.held(reading)


def deposit(house: House, file: bytes, nodes: Sequence[NodeId]) -> str:
    """Keep *file*, which one of *nodes* brought; return its id, the same if it is here already.

    (1) The cover names the caller. (2) We keep a box for its recipient. (3) The box has room, and
    its depositor has not filled more than half of it.
    """
    cover = Unpacker(BytesIO(file).read).cover
    if len(file) > FILE_LIMIT:
        raise Malformed("size", limit=FILE_LIMIT)
    if cover.from_node not in nodes:  # (1)
        raise NotForUs("mailbox")
    if read_book(house).is_witness_only(cover.from_node):
        raise NotAdmitted("witness-only")
    named = digest(file)
    row = Deposit(
        deposit=named,
        depositor=cover.from_node,
        recipient=cover.to_node,
        size=len(file),
        at=house.millis(),
    )
    with house.store.read() as reading:
        _check_room(reading, house, row)

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: two that come at once do not both take the last place
        _check_room(writing, house, row)
        mailbox.add(writing, row, file)

    house.store.write(work)
    return named


def collect(house: House, said: bytes, nodes: Sequence[NodeId]) -> bytes:
    """Return the oldest file that is kept for one of *nodes*, who has *said* what he has safely."""
    if all(map(read_book(house).is_witness_only, nodes)):
        raise NotAdmitted("witness-only")
    confirmed = canonical.decode(said, Collection, limit=_COLLECTION_LIMIT).confirmed
    if confirmed:
        house.store.write(partial(_discard, nodes=nodes, confirmed=confirmed))
    while True:
        with house.store.read() as reading:
            found = next((row for node in nodes if (row := mailbox.oldest(reading, node))), None)
            if found is None:
                return b""
            with suppress(Damaged):
                return mailbox.read(reading, found)
        # Its file is lost on this disk; its depositor has it and leaves it again.
        lost = found
        house.store.write(partial(mailbox.discard, recipient=lost.recipient, ids=[lost.deposit]))


def expire(house: House) -> None:
    """Delete what nobody has collected in time, and forget what of ours has its receipt."""
    before = to_millis(house.now() - KEPT)

    def work(writing: Writing) -> None:
        _ = writing.log
        mailbox.expire(writing, before)
        mailbox.sweep(writing)
        mailbox.forget(writing)

    house.store.write(work)


def _discard(writing: Writing, *, nodes: Sequence[NodeId], confirmed: Sequence[str]) -> None:
    for node in nodes:
        mailbox.discard(writing, node, confirmed)


def _check_room(reading: Reading, house: House, row: Deposit) -> None:
    """Raise unless there is a box for this deposit (2), with room for it (3)."""
    found = housed.get(reading, ROOM, [row.recipient])
    if not found:
        raise NotForUs("mailbox")
    if mailbox.known(reading, [row.deposit]):
        return
    box = _read(house, found[0])
    held = mailbox.held(reading, row.recipient)
    own = [each for each in held if each.depositor == row.depositor]
    for of, share in ((held, 1), (own, 2)):
        count, size = sum(each.count for each in of), sum(each.size for each in of)
        if (count + 1) * share > box.count or (size + row.size) * share > box.size:
            raise Busy("mailbox")


def _read(house: House, row: housed.Housed) -> Box:
    return canonical.decode(house.vault.open(row.body, _place(row.name)), Box, limit=_BOX_LIMIT)


def _place(node: str) -> str:
    return f"{ROOM}/{node}"
