# SPDX-License-Identifier: Apache-2.0
"""Witnesses that an agency names: who they are, and how k of them come to vouch for one checkpoint.

Without named witnesses each peer vouches for what it was shown, and that is enough for itself. With
them a receipt is proven once *k* of those named cosigned one checkpoint that its holder saw too. A
busy ledger shows everybody another size, so one checkpoint at a time is *pinned*: it is shown to
every witness, and to whoever waits, before anything newer. When k have cosigned it, those who saw
it are told, and the next is pinned. A node has one ledger, so all its agencies name the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.ids import AgencyId, NodeId
from comity.domain.roster import NamedWitness, WitnessesEntry
from comity.errors import Misused, Refused
from comity.ledger.checkpoint import Origin
from comity.services import notices, witness
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.rosters import Change, amend
from comity.storage import logs, meta, outbox
from comity.storage import witness as witness_rows
from comity.storage.reading import Reading, Writing
from comity.storage.witness import Cosignature
from comity.wire import notice as notice_wire
from comity.wire import roster as roster_wire
from comity.wire.parcel import LogState

VALIDITY: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The checkpoint for which cosignatures are gathered."""

    origin: str
    size: int
    proven: int
    """Up to where enough have vouched."""

    @property
    def reached(self) -> bool:
        return self.proven >= self.size

    @property
    def ref(self) -> str:
        return f"{self.origin}/{self.size}"


def name(
    house: House,
    *,
    add: Iterable[AgencyId] = (),
    remove: Iterable[AgencyId] = (),
    threshold: int | None = None,
    compared: bool | None = None,
) -> WitnessesEntry:
    """Name witnesses of this node's ledger, agencies that we admitted; return the entry.

    Without a *threshold* it stays, or is a majority where it no longer fits.
    """
    book = read_book(house)
    held = naming(book)
    known = {each.node: each for each in (held.witnesses if held else ())}
    for each in (book.agency(agency) for agency in add):
        if each.own:
            raise Misused("witness-own")
        known[each.node.node] = NamedWitness(node=each.node.node, key=each.node.witness)
    for each in (book.agency(agency) for agency in remove):
        if known.pop(NodeId(each.node.node), None) is None:
            raise Misused("witness-unknown")
    told = tuple(known[each] for each in sorted(known))
    wanted = held.threshold if threshold is None and held else threshold
    fits = wanted is not None and 0 < wanted <= len(told)
    if threshold is not None and not fits:
        raise Misused("witness-threshold", limit=len(told))
    entry = WitnessesEntry(
        agency=book.own[0].id,
        threshold=wanted if fits and wanted else len(told) // 2 + 1 if told else 0,
        witnesses=told,
        compared=(held.compared if held else True) if compared is None else compared,
        begins=house.now(),
        ends=house.now() + VALIDITY,
    )
    for card in book.own:
        amend(house, card.id, partial(_change, entry=entry))
    house.store.write(_unpin)
    return entry


def naming(book: Book) -> WitnessesEntry | None:
    """Return whom this node names; None if it names nobody."""
    found = next((card.naming for card in book.own if card.naming is not None), None)
    return found if found is not None and found.threshold else None


def advance(house: House, book: Book) -> None:
    """Pin the newest checkpoint, if the one before was reached and there is more."""
    entry = naming(book)
    if entry is None:
        return
    with house.store.read() as reading:
        if not _may_advance(reading):
            return
    house.store.write(lambda w: _advance(w, house, book, entry))


def pinned(reading: Reading, origin: str) -> Pin | None:
    told = meta.get(reading, [_place(origin), _reached(origin)])
    size = int(told.get(_place(origin), b"0"))
    if not size:
        return None
    reached = int(told.get(_reached(origin), b"0"))
    return Pin(origin=origin, size=size, proven=reached)


def states(
    reading: Reading, pin: Pin | None, seen: int, newest: LogState | None
) -> tuple[LogState, ...]:
    """Return what to show a peer that saw *seen*: the pinned checkpoint, then the *newest*."""
    row = logs.checkpoint(reading, _log_of(reading, pin.origin), pin.size) if pin else None
    if row is None or pin is None or seen >= pin.size:
        return (newest,) if newest else ()
    proof = reading.consistency(seen, pin.size) if seen else ()
    first = LogState(note=row.note, old=seen, consistency=tuple(proof))
    if newest is None or newest.note == row.note:
        return (first,)
    head = reading.head()
    size = head.size if head else pin.size
    then = tuple(reading.consistency(pin.size, size)) if size > pin.size else ()
    return (first, LogState(note=newest.note, old=pin.size, consistency=then))


def gather(
    writing: Writing, house: House, node: NodeId, lines: Sequence[Cosignature]
) -> tuple[tuple[str, int], ...]:
    """Count the *lines* of *node* on our checkpoints; return those proven to it at once.

    With named witnesses none is: whoever saw the pinned one is told by notice, when k have it.
    """
    book = read_book(house)
    entry = naming(book)
    if entry is None:
        return tuple(sorted({(each.origin, each.size) for each in lines}))
    head = writing.head()
    _gather_closed(
        writing, house, entry, node, [e for e in lines if head and e.origin != head.origin]
    )
    pin = pinned(writing, head.origin) if head else None
    if pin is None or not lines:
        return ()
    mine = {each.size for each in lines if each.origin == pin.origin and each.size >= pin.size}
    if not mine:
        return ()  # of what it saw before: it is still to see the pinned one
    outbox.done_refs(writing, outbox.Item.LOG, node, [pin.ref])
    if pin.size in mine:
        _count(writing, house, entry, pin, node)
    elif not pin.reached and _is_named(entry, node):
        # It went past without a word that reached us: the next pin is ahead of everybody.
        _unpin(writing)
    return ()


def _gather_closed(
    writing: Writing,
    house: House,
    entry: WitnessesEntry,
    node: NodeId,
    lines: Sequence[Cosignature],
) -> None:
    """Count *lines* on logs of ours that are closed: each ends with one checkpoint for all."""
    for origin, size in sorted({(each.origin, each.size) for each in lines}):
        told = meta.get(writing, [_reached(origin)])
        reached = int(told.get(_reached(origin), b"0"))
        _count(writing, house, entry, Pin(origin=origin, size=size, proven=reached), node)


def _count(writing: Writing, house: House, entry: WitnessesEntry, pin: Pin, node: NodeId) -> None:
    """Look whether enough have cosigned the pinned checkpoint, and tell those who saw it."""
    lines = witness_rows.cosignatures(writing, pin.origin, pin.size)
    given = {each.key for each in lines}
    named = {each.key.key_id for each in witness.witnesses_of(entry)}
    if len(given & named) < entry.threshold:
        return
    book = read_book(house)
    told = [node]
    if not pin.reached:
        told = [each for each, key in _witness_keys(book).items() if key in given]
        done = meta.Meta(name=_reached(pin.origin), value=str(pin.size).encode())
        meta.put(writing, [done])
        for each in entry.witnesses:  # k are enough: the others see the next one
            outbox.done_refs(writing, outbox.Item.LOG, each.node, [pin.ref])
    for to in told:
        notice = witness.proven_notice(
            writing,
            house,
            (pin.origin, pin.size),
            agency=book.own[0].id,
            to=book.agencies_of(to)[0],
            witnesses=entry.threshold,
        )
        if notice is not None:
            notices.queue(writing, house, to, [notice_wire.read(notice)])


def _may_advance(reading: Reading) -> bool:
    head = reading.head()
    if head is None or not head.size:
        return False
    pin = pinned(reading, head.origin)
    return pin is None or (pin.reached and pin.size < head.size)


def _advance(writing: Writing, house: House, book: Book, entry: WitnessesEntry) -> None:
    _ = writing.log  # its lock: two processes pin one checkpoint
    head = writing.head()
    if head is None or not _may_advance(writing):
        return
    before = pinned(writing, head.origin)
    told = meta.Meta(name=_place(head.origin), value=str(head.size).encode())
    meta.put(writing, [told])
    waiting = witness_rows.cosigners(writing, head.origin, before.size if before else 0)
    keys = _witness_keys(book)
    nodes = {each.node for each in entry.witnesses} & keys.keys()
    nodes |= {each for each, key in keys.items() if key in waiting}
    now = house.millis()
    rows = [
        outbox.Waiting(
            to_node=each, kind=outbox.Item.LOG, ref=f"{head.origin}/{head.size}", not_before=now
        )
        for each in sorted(nodes)
    ]
    outbox.add(writing, rows)


def _unpin(writing: Writing) -> None:
    """Begin anew: the next pin is the newest checkpoint, ahead of all that anybody saw."""
    head = writing.head()
    if head is None:
        return
    pin = pinned(writing, head.origin)
    if pin is not None:
        outbox.done_everywhere(writing, outbox.Item.LOG, [pin.ref])
        meta.put(writing, [meta.Meta(name=_place(head.origin), value=b"0")])


def _change(card: AgencyCard, *, entry: WitnessesEntry) -> Change:
    ended = [named for named, each in card.current.items() if isinstance(each, WitnessesEntry)]
    made = WitnessesEntry(
        agency=card.id,
        threshold=entry.threshold,
        witnesses=entry.witnesses,
        compared=entry.compared,
        begins=entry.begins,
        ends=entry.ends,
    )
    if roster_wire.entry_hash(made) in card.current:
        raise Refused("witnesses-same")
    return Change(add=[made], end=ended)


def _witness_keys(book: Book) -> Mapping[NodeId, str]:
    """Return the id of each peer node's witness key."""
    return {each: verifying_key(book.node(each).witness).key_id for each in book.others}


def _is_named(entry: WitnessesEntry, node: NodeId) -> bool:
    return any(each.node == node for each in entry.witnesses)


def _log_of(reading: Reading, origin: str) -> int:
    return next((each.log for each in logs.every(reading) if each.origin == origin), 0)


def _place(origin: str) -> str:
    return f"pinned/{Origin.parse(origin)}"


def _reached(origin: str) -> str:
    return f"pin-reached/{Origin.parse(origin)}"
