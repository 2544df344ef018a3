# SPDX-License-Identifier: Apache-2.0
"""Thread rows: what this node may know of each thread, folded anew from its dockets.

Called inside the write that adds dockets or *delivered* receipts, so that the row and what it is
derived from become durable together. The rows of ``copies`` hold all that the fold looks at; no
signed bytes are read again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.domain.carried import Arrival, Carried, Step, carry
from comity.domain.docket import ClockClass, DocketStage, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, ThreadId
from comity.domain.removal import Why
from comity.domain.time import from_millis, to_millis
from comity.storage import copies, receipts, removed, threads
from comity.storage.copies import Copy, CopyState, Trace
from comity.storage.reading import Writing

_STILL: Final = frozenset(
    {CopyState.HELD, CopyState.STOPPED, CopyState.RETURNED, CopyState.MISTRUSTED}
)
"""Copies that move nothing."""
_ARRIVED: Final = frozenset({CopyState.DELIVERED, CopyState.PROVEN})
_HEARD: Final = frozenset(
    {
        DocketStage.ACKNOWLEDGED,
        DocketStage.ASKED_BACK,
        DocketStage.CANNOT_READ,
        DocketStage.ANSWERED,
        DocketStage.REFUSED,
    }
)
Recalled = frozenset[tuple[str, str]]
"""Acts, by agency, that were recalled."""
_FINAL: Final = frozenset({DocketStage.ANSWERED, DocketStage.REFUSED})


def refresh(writing: Writing, own: Collection[AgencyId], ids: Sequence[ThreadId]) -> None:
    """Write what the threads *ids* have become for each of our *own* agencies in them."""
    wanted = sorted(set(ids))
    by_thread: dict[str, list[Trace]] = defaultdict(list)
    doubted: set[str] = set()
    for each in copies.traces(writing, wanted):
        if each.state not in _STILL:
            by_thread[each.thread].append(each)
        elif each.state == CopyState.MISTRUSTED:
            doubted.add(each.thread)
    sent = [
        each.copy
        for rows in by_thread.values()
        for each in rows
        if each.agency in own and each.state in _ARRIVED
    ]
    said: dict[str, list[receipts.Said]] = defaultdict(list)
    for row in receipts.said(writing, sent, ReceiptStage.DELIVERED.value):
        said[row.copy].append(row)
    recalled = frozenset(
        (row.agency, row.act)
        for row in removed.by_threads(writing, wanted)
        if not row.copy and row.why == Why.RECALL
    )
    made = [row for rows in by_thread.values() for row in _rows(rows, own, said, recalled)]
    threads.put(writing, [*_quiet(writing, doubted, made), *made])


def begin(writing: Writing, own: Collection[AgencyId], rows: Sequence[Copy]) -> None:
    """Write the row of a thread that an act of ours opens: *rows* are all the copies it has."""
    moving = [each for each in rows if each.state not in _STILL]
    threads.put(writing, list(_rows(moving, own, {})) if moving else [])


def _quiet(
    writing: Writing, doubted: Collection[str], made: Sequence[threads.Thread]
) -> list[threads.Thread]:
    """Return the rows of threads of which nothing is left that opens them: no clock runs there."""
    if not doubted:
        return []
    left = {(row.thread, row.own) for row in made}
    return [
        replace(row, stage="", acknowledged_at=0, answered_at=0, due_ack=0, due_answer=0)
        for row in threads.by_ids(writing, sorted(doubted))
        if (row.thread, row.own) not in left
    ]


def _rows(
    rows: Sequence[Copy | Trace],
    own: Collection[AgencyId],
    said: Mapping[str, Sequence[receipts.Said]],
    recalled: Recalled = frozenset(),
) -> Iterable[threads.Thread]:
    thread = ThreadId(rows[0].thread)
    steps = [_step(each, own, recalled) for each in rows]
    carried = carry(thread, steps, _arrivals(rows, said))
    for agency in (carried.asker, carried.asked):
        if agency is not None and agency in own:
            yield _row(carried, agency, rows)


def _row(carried: Carried, agency: AgencyId, rows: Sequence[Copy | Trace]) -> threads.Thread:
    peer = carried.asked if agency == carried.asker else carried.asker
    theirs = [each for each in rows if each.agency == carried.asked]
    due = carried.due
    return threads.Thread(
        thread=carried.thread,
        own=agency,
        peer=peer or "",
        clock=carried.clock,
        stage=carried.stage or "",
        opened_at=min(each.stored_at for each in rows),
        acknowledged_at=_first(theirs, _HEARD) if carried.acknowledged else 0,
        answered_at=_first(theirs, _FINAL) if carried.answered else 0,
        due_ack=to_millis(due.acknowledge) if due else 0,
        due_answer=to_millis(due.answer) if due else 0,
        last_at=max(each.stored_at for each in rows),
    )


def _first(rows: Iterable[Copy | Trace], stages: Collection[str]) -> int:
    return min((each.stored_at for each in rows if each.stage in stages), default=0)


def _step(row: Copy | Trace, own: Collection[AgencyId], recalled: Recalled) -> Step:
    return Step(
        agency=AgencyId(row.agency),
        to=AgencyId(row.to),
        act=ActId(row.act),
        copy=CopyId(row.copy),
        stage=DocketStage(row.stage),
        clock=ClockClass(row.clock),
        at=from_millis(row.stored_at),
        ours=row.agency in own,
        taken_back=(row.agency, row.act) in recalled,
    )


def _arrivals(
    rows: Iterable[Copy | Trace], said: Mapping[str, Sequence[receipts.Said]]
) -> list[Arrival]:
    return [
        Arrival(agency=AgencyId(row.agency), act=ActId(each.act), at=from_millis(row.at))
        for each in rows
        for row in said.get(each.copy, ())
    ]
