# SPDX-License-Identifier: Apache-2.0
"""Release an act: its copies become durable, dockets and leaves and all, in one write.

The docket's signature by the carrier key is the agency's word that its policy was followed. A copy
that waits for a countersignature has none yet: its docket is kept, locked, until the desk decides.
"Sent" is never said before this has returned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.domain.docket import Docket
from comity.domain.ids import ActId, CopyId, NodeId, ThreadId, thread_of
from comity.domain.statement import Reader
from comity.domain.time import to_millis
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import owed, short_numbers, thread_kinds
from comity.services.address_book import Book
from comity.services.compose import Composed
from comity.services.house import House
from comity.services.short_numbers import Short
from comity.services.thread_rows import begin, refresh
from comity.storage import blobs, copies, envelopes, housed, outbox
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire.docket import Released

HELD: Final = "held"
"""The room of dockets that wait for a countersignature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act came to at home, the moment it was durable."""

    act: ActId
    thread: ThreadId
    short: str = ""
    held: bool = False
    leaves_at: int = 0
    """When it may leave (milliseconds): until then the author may stop it; 0 if it stays home."""
    owed_on_paper: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the copies leave."""

    held: bool = False
    wait: int = 0
    """Seconds."""
    short: Short | None = None
    owed: tuple[str, ...] = ()
    again: bool = False
    """Whether another copy of the act was sent before."""


def record(
    house: House,
    book: Book,
    composed: Sequence[Composed],
    terms: Terms = Terms(),  # a frozen value
    *,
    also: Sequence[Callable[[Writing], None]] = (),
) -> Done:
    """Make *composed*, the copies of one act, durable and queue what leaves.

    What the act does to other rows is done by *also*, first and in the same write: if one raises,
    nothing of the act is there.
    """
    now = house.millis()
    leaves_at = now + terms.wait * 1000
    waiting = [each for each in composed if terms.held and _waits(each, house.keys.node)]
    leaving = [each for each in composed if each not in waiting]
    signed = [docket_wire.sign(each.docket, house.keys.carrier) for each in leaving]
    abroad = [each for each in leaving if each.node != house.keys.node]
    docket = composed[0].docket
    opens = docket.thread == thread_of(docket.agency, docket.act) and not terms.again

    def work(writing: Writing) -> None:
        # The lock on the log comes first: two processes that decide on one act see one another.
        log = writing.log
        for each in also:
            each(writing)
        first = writing.append([_leaf(house, each) for each in signed])
        envelopes.add(writing, [_envelope(each) for each in composed])
        rows = [
            _row(each, house, now, release=said, log=log, leaf=first + at)
            for at, (each, said) in enumerate(zip(leaving, signed, strict=True))
        ]
        copies.add(writing, [*rows, *(_held_row(each, now) for each in waiting)])
        copies.add_readers(writing, [r for each in leaving for r in _readers(each, house, now)])
        copies.add_readers(writing, [_author(each, now) for each in waiting])
        blobs.name(writing, [named for each in composed for named in _blobs(each)])
        outbox.add(writing, [queued(each.docket.copy, each.node, leaves_at) for each in abroad])
        housed.add(writing, [_keep(house, each.docket) for each in waiting])
        if terms.short is not None:
            short_numbers.keep(writing, house, terms.short)
        owed.owe(writing, house, docket, terms.owed)
        if opens:
            begin(writing, book.own_ids, rows)
            thread_kinds.note(writing, house, docket.agency, [composed[0].signed.statement])
        else:
            refresh(writing, book.own_ids, [docket.thread])

    house.store.write(work)
    return Done(
        act=docket.act,
        thread=docket.thread,
        short=terms.short.number if terms.short else "",
        held=terms.held,
        leaves_at=leaves_at if abroad else 0,
        owed_on_paper=terms.owed,
    )


def queued(copy: CopyId, node: NodeId, at: int) -> outbox.Waiting:
    return outbox.Waiting(to_node=node, kind=outbox.Item.DOCKET, ref=copy, not_before=at)


def held_docket(house: House, row: housed.Housed) -> Docket:
    """Return the docket that waits in *row*."""
    opened = house.vault.open(row.body, f"{HELD}/{row.name}")
    return canonical.decode(opened, Docket, limit=docket_wire.DOCKET_LIMIT)


def _keep(house: House, docket: Docket) -> housed.Housed:
    body = house.vault.lock(canonical.encode(docket), f"{HELD}/{docket.copy}")
    return housed.Housed(
        room=HELD, name=docket.copy, owner=docket.act, body=body, at=house.millis()
    )


def _waits(each: Composed, own: NodeId) -> bool:
    """Return whether a held act's copy waits: all do but those that its overseers here decide by.

    An oversight desk in another agency of this node must be able to read what it countersigns.
    """
    return not (each.is_home or (each.node == own and each.is_for_overseers))


def _leaf(house: House, released: Released[Docket]) -> Opening:
    return Opening(LeafType.DOCKET, house.random(SALT_SIZE), released.payload)


def _envelope(each: Composed) -> envelopes.Envelope:
    sealed = each.envelope.sealed
    return envelopes.Envelope(envelope=each.envelope.id, size=len(sealed), sealed=sealed)


def _row(
    each: Composed,
    house: House,
    now: int,
    *,
    release: Released[Docket],
    log: int,
    leaf: int,
) -> Copy:
    docket = each.docket
    return Copy(
        copy=docket.copy,
        act=docket.act,
        thread=docket.thread,
        agency=docket.agency,
        to=docket.to,
        node=each.node,
        envelope=docket.envelope,
        size=docket.size,
        stage=docket.stage,
        clock=docket.clock,
        state=_state(each, house),
        at=to_millis(docket.at),
        stored_at=now,
        expires=docket.expires,
        docket=release.digest,
        release=release.dsse,
        log=log,
        leaf=leaf,
    )


def _held_row(each: Composed, now: int) -> Copy:
    docket = each.docket
    return Copy(
        copy=docket.copy,
        act=docket.act,
        thread=docket.thread,
        agency=docket.agency,
        to=docket.to,
        node=each.node,
        envelope=docket.envelope,
        size=docket.size,
        stage=docket.stage,
        clock=docket.clock,
        state=CopyState.HELD,
        at=to_millis(docket.at),
        stored_at=now,
        expires=docket.expires,
    )


def _state(each: Composed, house: House) -> CopyState:
    if each.is_home:
        return CopyState.HOME
    return CopyState.RECEIVED if each.node == house.keys.node else CopyState.QUEUED


def _readers(each: Composed, house: House, now: int) -> list[CopyReader]:
    """Return whose keys open this copy here: of one that leaves, the author's alone."""
    if each.node != house.keys.node:
        return [_author(each, now)]
    return [_reader(reader, each, now) for reader in each.signed.statement.readers]


def _author(each: Composed, now: int) -> CopyReader:
    return _reader(each.signed.statement.readers[0], each, now)


def _reader(reader: Reader, each: Composed, now: int) -> CopyReader:
    return CopyReader(
        reader=reader.id, at=now, copy=each.docket.copy, kind=reader.kind, epoch=reader.epoch
    )


def _blobs(each: Composed) -> list[blobs.CopyBlob]:
    return [blobs.CopyBlob(copy=each.docket.copy, blob=ref.id) for ref in each.docket.blobs]
