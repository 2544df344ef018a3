# SPDX-License-Identifier: Apache-2.0
"""The ledger shown: which logs there are, where they stand, and what their leaves are of.

A leaf says which act, copy or roster it is of, by id; what an officer wrote is in no leaf.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.domain.ids import digest
from comity.ledger.leaf import LeafType
from comity.services.address_book import Book, read_book
from comity.services.house import House
from comity.services.restored import gaps
from comity.services.witness import witness_of, witnesses_of
from comity.services.witnesses import naming, pinned
from comity.storage import logs, receipts, witness
from comity.storage.edge import LeafRow, Log
from comity.storage.reading import Reading

LEAVES_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the entries of leaves have in common; each has some of it."""

    type: str = ""
    stage: str = ""
    agency: str = ""
    to: str = ""
    act: str = ""
    copy: str = ""
    thread: str = ""
    at: str = ""
    number: int = 0
    code: str = ""


_entry = msgspec.json.Decoder(_Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafShown:
    index: int
    type: str
    digest: str
    """SHA-256 of the entry; empty once it is erased."""
    stage: str = ""
    agency: str = ""
    to: str = ""
    act: str = ""
    copy: str = ""
    thread: str = ""
    at: str = ""
    number: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogShown:
    origin: str
    size: int
    root: str
    """Hexadecimal, of the newest checkpoint."""
    note: str
    """The newest checkpoint as it is signed."""
    closed: bool
    cosigned: int
    """The largest size that a witness vouches for."""
    threshold: int = 0
    """How many of the named witnesses it takes; 0 where none are named."""
    proven: int = 0
    """The largest size that so many vouch for; 0 where none are named."""
    witnesses: tuple["WitnessShown", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessShown:
    """Up to where one witness vouches for a ledger of ours."""

    node: str
    """Empty where nobody whom we know has that key any more."""
    size: int
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerShown:
    """What we saw of another node's ledger."""

    origin: str
    size: int
    root: str
    at: int
    proven: int
    """The largest size of it that was proven to us."""
    before: str = ""
    """The record that it goes on from, if the node was restored."""
    gap: int = 0
    """How many entries of the one before, which we had seen, the node no longer has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerShown:
    logs: tuple[LogShown, ...]
    peers: tuple[PeerShown, ...]
    leaves: tuple[LeafShown, ...]
    """Of the newest log."""


def show(house: House, *, start: int = -1, limit: int = LEAVES_SHOWN) -> LedgerShown:
    """Return this node's logs, and leaves of the newest from *start* on; without it the last."""
    book = read_book(house)
    with house.store.read() as reading:
        own = logs.every(reading)
        leaves: Sequence[LeafRow] = ()
        if own:
            first = max(0, own[-1].size - limit) if start < 0 else start
            leaves = logs.leaves_from(reading, own[-1].log, first, limit)
        return LedgerShown(
            logs=tuple(_log(reading, book, each) for each in own),
            peers=_peers(reading, house),
            leaves=tuple(_leaf(each) for each in leaves),
        )


def _log(reading: Reading, book: Book, log: Log) -> LogShown:
    head, named = reading.head(log.log), naming(book)
    keys = {each.key.key_id for each in witnesses_of(named)} if named else set()
    pin = pinned(reading, log.origin) if named else None
    return LogShown(
        origin=log.origin,
        size=log.size,
        root=head.root.hex() if head else "",
        note=head.note.decode() if head else "",
        closed=bool(log.closed_at),
        cosigned=witness.largest(reading, log.origin, 1),
        threshold=named.threshold if named else 0,
        proven=pin.proven if pin else 0,
        witnesses=tuple(
            WitnessShown(node=_node(book, key), size=size, named=key in keys)
            for key, size in witness.furthest(reading, log.origin).items()
        ),
    )


def _node(book: Book, key_id: str) -> str:
    """Return whose witness key this is, as far as we know."""
    nodes = (each for card in book.peers for each in card.told_nodes.values())
    return next((e.node for e in nodes if witness_of(e).key.key_id == key_id), "")


def _peers(reading: Reading, house: House) -> tuple[PeerShown, ...]:
    seen = witness.every(reading)
    proven = receipts.proven_up_to(reading, [each.origin for each in seen])
    after = gaps(reading, house)
    return tuple(
        PeerShown(
            origin=each.origin,
            size=each.size,
            root=each.root.hex(),
            at=each.at,
            proven=proven[each.origin],
            before=after[each.origin].before if each.origin in after else "",
            gap=after[each.origin].gap if each.origin in after else 0,
        )
        for each in seen
    )


def _leaf(row: LeafRow) -> LeafShown:
    type_ = LeafType(row.type)
    told = type_.name.lower()
    if row.entry is None:
        return LeafShown(index=row.idx, type=told, digest="")
    named = digest(row.entry)
    if type_ is LeafType.OPENING:  # not JSON: spec/ledger.md, Origins
        return LeafShown(index=row.idx, type=told, digest=named)
    said = _entry.decode(row.entry)
    return LeafShown(
        index=row.idx,
        type=told,
        digest=named,
        stage=said.stage,
        agency=said.agency,
        to=said.to,
        act=said.act,
        copy=said.copy,
        thread=said.thread,
        at=said.at,
        number=said.number,
        code=said.code,
    )
