# SPDX-License-Identifier: Apache-2.0
"""Carry in: take each parcel of a carry file in, and remember what is owed for it.

The depositor's carrier key signed each parcel in its place, as it would have signed a request; what
is in it is then checked and made durable as if it had come by the line (``receive``), each parcel
whole in itself. One that was spoiled stops none of the others. What is owed for what came goes with
the answer, if one is written, or with whatever leaves for that peer next: receipts wait for it in
the outbox, and everything else is asked for again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.crypto.signing import VerifyingKey, verifying_key
from comity.domain.ids import NodeId
from comity.errors import NotAdmitted, NotForUs, Untrusted
from comity.services import receive
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.receive import Taken
from comity.storage import blobs, outbox
from comity.storage.reading import Writing
from comity.wire.carry import Cover, Read, Unpacker
from comity.wire.parcel import CosignedNote

OWED: Final = 8192
"""Things of each sort that are kept for the answer; what is more is asked for again."""
WANTS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedIn:
    """What came of a carry file."""

    cover: Cover
    parcels: int
    """Those that were taken in, new or not."""
    messages: int
    """New ones."""
    known: int
    """Messages that had come before."""
    receipts: int
    """New ones."""
    owed: Taken
    """What the answer says."""
    fault: Untrusted | None = None
    """Why not all of it was taken in; None if all was."""


def carry_in(house: House, read: Read) -> CarriedIn:
    """Take in the file that *read* reads; raise if it is none for us, from a peer of ours.

    What is wrong with a part of it stands in the answer: the rest is taken in.
    """
    unpacker = Unpacker(read)
    keys = _check_cover(house, unpacker.cover)
    done = CarriedIn(
        cover=unpacker.cover,
        parcels=0,
        messages=0,
        known=0,
        receipts=0,
        owed=Taken(node=unpacker.cover.from_node),
    )
    for each in _parcels(unpacker, keys):
        taken = _taken(house, each, unpacker.cover.from_node)
        if isinstance(taken, Untrusted):
            done = replace(done, fault=done.fault or taken)
        else:
            _owe(house, taken)
            done = _with(done, taken)
    return replace(done, owed=_still_wanted(house, done.owed))


def _taken(house: House, parcel: bytes | Untrusted, node: NodeId) -> Taken | Untrusted:
    """Take *parcel* in; return what came of it, or why it was not taken."""
    if isinstance(parcel, Untrusted):
        return parcel
    try:
        return receive.take(house, parcel, node)
    except Untrusted as error:
        return error


def _check_cover(house: House, cover: Cover) -> tuple[VerifyingKey, ...]:
    """Return the keys by one of which the file's parcels are signed.

    While its sender's keys change that may be the one before: the stick was under way, or he could
    not know whether we had heard of the new one.
    """
    if cover.to_node != house.keys.node or cover.from_node == house.keys.node:
        raise NotForUs("carry")
    book = read_book(house)
    entries = book.signers(cover.from_node)
    if all(book.agency(each).suspended for each in book.agencies_of(cover.from_node)):
        raise NotAdmitted("suspended")
    return tuple(verifying_key(each.carrier) for each in entries)


def _parcels(unpacker: Unpacker, keys: Sequence[VerifyingKey]) -> Iterator[bytes | Untrusted]:
    """Yield each sealed parcel that verifies, and in its place why one does not."""
    try:
        for frame in unpacker.frames(*keys):
            try:
                frame.check(*keys)
            except Untrusted as error:
                yield error
            else:
                yield frame.sealed
    except Untrusted as error:  # cut: what is behind it cannot be found
        yield error


def _owe(house: House, taken: Taken) -> None:
    """Let the receipts for what was *taken* wait for the next way to its sender."""
    rows = [
        outbox.Waiting(
            to_node=taken.node, kind=outbox.Item.DELIVERED, ref=each, not_before=house.millis()
        )
        for each in taken.dockets
    ]
    if rows:

        def work(writing: Writing) -> None:
            outbox.add(writing, rows)

        house.store.write(work)


def _with(done: CarriedIn, taken: Taken) -> CarriedIn:
    """Return *done* with one more parcel."""
    return replace(
        done,
        parcels=done.parcels + 1,
        messages=done.messages + taken.fresh,
        known=done.known + len(taken.dockets) - taken.fresh,
        receipts=done.receipts + taken.settled,
        owed=added(done.owed, taken),
    )


def added(owed: Taken, taken: Taken) -> Taken:
    """Return what is owed for both; the receipts for messages wait in the outbox."""
    lines: dict[tuple[str, int], CosignedNote] = {
        (each.origin, each.size): each for each in (*owed.cosigned, *taken.cosigned)
    }
    wants = {each.blob: each for each in (*owed.wants, *taken.wants)}
    asked = {each.blob: each for each in (*owed.asked, *taken.asked)}
    return replace(
        taken,
        dockets=(),
        returned=(*owed.returned, *taken.returned)[:OWED],
        refusals=(*owed.refusals, *taken.refusals)[:OWED],
        heard=(*owed.heard, *taken.heard)[:OWED],
        wants=tuple(wants.values())[-WANTS:],
        asked=tuple(asked.values())[-WANTS:],
        cosigned=tuple(lines.values())[-WANTS:],
        proven=tuple({**dict(owed.proven), **dict(taken.proven)}.items()),
        unseen=owed.unseen or taken.unseen,
    )


def _still_wanted(house: House, owed: Taken) -> Taken:
    """Return what is *owed* without wants that a later parcel of the same file has met."""
    with house.store.read() as reading:
        rows = blobs.by_ids(reading, [each.blob for each in owed.wants])
    whole = {row.blob for row in rows if row.completed_at}
    return replace(owed, wants=tuple(each for each in owed.wants if each.blob not in whole))
