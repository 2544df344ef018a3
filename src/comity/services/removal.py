# SPDX-License-Identifier: Apache-2.0
"""Removal: the sealed bytes of copies go from the live store, and a leaf says so.

What a thief of the machine, or of tomorrow's backup, finds of them afterwards is the docket: who,
to whom, how large, when. A file goes with the last copy that names it. The copy's row stays, so
that the copy is known and never taken in again, and so does its leaf.
"""

from collections.abc import Sequence
from dataclasses import replace

from comity.domain.ids import ActId, AgencyId, CopyId, EnvelopeId, ThreadId, thread_of
from comity.domain.removal import Removal, Why
from comity.domain.time import from_millis
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import thread_kinds
from comity.services.house import House
from comity.storage import blobs, copies, envelopes, outbox, removed
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Writing
from comity.storage.removed import Answer, Removed
from comity.wire import canonical


def remove(
    writing: Writing, house: House, rows: Sequence[Copy], why: Why, *, at: int = 0
) -> tuple[Removed, ...]:
    """Remove the bytes of *rows*, each a leaf; return what is remembered of them."""
    gone = [row for row in rows if row.state != CopyState.REMOVED]
    if not gone:
        return ()
    ids = [row.copy for row in gone]
    envelopes.discard(writing, [row.envelope for row in gone])
    blobs.unname(writing, ids)
    copies.set_state(writing, ids, CopyState.REMOVED)
    if why is Why.RECALL:  # what the question was about goes with it
        openings = [r for r in gone if r.thread == thread_of(AgencyId(r.agency), ActId(r.act))]
        thread_kinds.forget(writing, openings)
    for node in sorted({row.node for row in gone}):
        here = [row.copy for row in gone if row.node == node]
        outbox.done_refs(writing, outbox.Item.DOCKET, node, here)
    return note(writing, house, [_bare(row, why, at or house.millis()) for row in gone])


def note(writing: Writing, house: House, rows: Sequence[Removed]) -> tuple[Removed, ...]:
    """Remember *rows*, each a leaf: also copies that came after they were recalled."""
    if not rows:
        return ()
    log = writing.log
    first = writing.append([_leaf(each, house) for each in rows])
    placed = tuple(_placed(each, log, first + at) for at, each in enumerate(rows))
    removed.add_new(writing, placed)
    return placed


def _bare(row: Copy, why: Why, at: int) -> Removed:
    return Removed(
        agency=row.agency,
        act=row.act,
        to=row.to,
        copy=row.copy,
        thread=row.thread,
        envelope=row.envelope,
        docket=row.docket,
        node=row.node,
        why=why,
        answer=Answer.REMOVED,
        at=at,
    )


def _placed(row: Removed, log: int, leaf: int) -> Removed:
    return replace(row, log=log, leaf=leaf)


def entry_of(row: Removed) -> bytes:
    """Return what the leaf of *row* says, to the byte."""
    return canonical.encode(
        Removal(
            agency=AgencyId(row.agency),
            to=AgencyId(row.to),
            act=ActId(row.act),
            copy=CopyId(row.copy),
            envelope=EnvelopeId(row.envelope),
            thread=ThreadId(row.thread),
            why=Why(row.why),
            at=from_millis(row.at),
        )
    )


def _leaf(row: Removed, house: House) -> Opening:
    return Opening(LeafType.REMOVAL, house.random(SALT_SIZE), entry_of(row))
