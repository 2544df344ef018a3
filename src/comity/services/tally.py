# SPDX-License-Identifier: Apache-2.0
"""What the holders of an act have answered to its recall, narrowing or correction."""

from collections.abc import Mapping, Sequence

from comity.domain.docket import ON_RECALL, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId
from comity.domain.taking_back import Taking
from comity.domain.tally import Held, HolderAnswer, Tally, tally
from comity.domain.thread import TakenBack
from comity.domain.time import from_millis
from comity.services.house import House
from comity.services.recalls_in import PENDING
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
    answers: dict[str, Receipt] = {}
    for each in sorted(said, key=lambda row: (row.stored_at, row.at)):
        if each.stage in ON_RECALL:
            answers[each.copy] = docket_wire.read(each.body, Receipt).said
    reached = {row.to: row for row in told if row.state in _ARRIVED}
    return tally(_answer(row, answers, reached, taken) for row in _newest(held))


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
        return HolderAnswer(agency=agency, held=_held(said), reason=said.reason, at=said.at)
    recall = reached.get(row.to)
    if recall is None:
        return HolderAnswer(agency=agency, held=Held.NOT_REACHED)
    held = Held.ABSENT if taken.what is Taking.RECALL else Held.MARKED
    return HolderAnswer(agency=agency, held=held, at=from_millis(recall.stored_at))


def _held(said: Receipt) -> Held:
    if said.stage is ReceiptStage.REMOVED:
        return Held.REMOVED
    return Held.PENDING if said.reason == PENDING else Held.KEPT
