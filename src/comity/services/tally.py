# SPDX-License-Identifier: Apache-2.0
"""What the holders of an act have answered to its recall, narrowing or correction."""

from collections.abc import Mapping, Sequence

from comity.domain.docket import ON_RECALL, Receipt
from comity.domain.ids import ActId, AgencyId
from comity.domain.taking_back import Taking
from comity.domain.tally import Held, HolderAnswer, Tally, held_of, tally
from comity.domain.thread import TakenBack
from comity.domain.time import from_millis
from comity.services.house import House
from comity.services.recall_onward import held_beyond
from comity.storage import copies, receipts
from comity.storage.copies import Copy, CopyState
from comity.wire import docket as docket_wire

_ARRIVED = (CopyState.DELIVERED, CopyState.PROVEN, CopyState.RECEIVED)


def tally_of(house: House, taken: TakenBack) -> Tally:
    """Return what each holder of the act that was *taken* back has said by now."""
    with house.store.read() as reading:
        rows = copies.by_acts(reading, [taken.act, taken.by])
        held = [row for row in rows if _is_abroad(row, taken, taken.act)]
        told = [row for row in rows if _is_abroad(row, taken, taken.by)]
        said = receipts.by_copies(reading, [row.copy for row in held])
        beyond = held_beyond(reading, house, taken.act, taken.by)
    answers: dict[str, Receipt] = {}
    for each in sorted(said, key=lambda row: (row.stored_at, row.at)):
        if each.stage in ON_RECALL:
            answers[each.copy] = docket_wire.read(each.body, Receipt).said
    reached = {row.to: row for row in told if row.state in _ARRIVED}
    mine = [_answer(row, answers, reached, taken) for row in _newest(held)]
    theirs = [
        HolderAnswer(
            agency=each.holder, held=each.held, reason=each.reason, at=each.at, via=each.agency
        )
        for each in beyond
    ]
    return tally([*mine, *theirs])


def _is_abroad(row: Copy, taken: TakenBack, act: ActId) -> bool:
    return (
        row.act == act and row.agency == taken.agency != row.to and row.state != CopyState.STOPPED
    )


def _newest(rows: Sequence[Copy]) -> Sequence[Copy]:
    """Return one copy for each holder."""
    return list({row.to: row for row in rows}.values())


def _answer(
    row: Copy, answers: Mapping[str, Receipt], reached: Mapping[str, Copy], taken: TakenBack
) -> HolderAnswer:
    agency, said = AgencyId(row.to), answers.get(row.copy)
    if said is not None:
        return HolderAnswer(agency=agency, held=held_of(said), reason=said.reason, at=said.at)
    recall = reached.get(row.to)
    if recall is None:
        return HolderAnswer(agency=agency, held=Held.NOT_REACHED)
    held = Held.ABSENT if taken.what is Taking.RECALL else Held.MARKED
    return HolderAnswer(agency=agency, held=held, at=from_millis(recall.stored_at))
