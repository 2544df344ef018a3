# SPDX-License-Identifier: Apache-2.0
"""Countersign: the oversight desk lets a held act go, returns it with a reason, or refuses it.

Silence is never a countersignature, nobody countersigns his own act, and of two who decide at once
the first is heard.
"""

from collections.abc import Callable
from dataclasses import replace

from comity.domain.acts import overseers_of
from comity.domain.docket import Docket
from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Countersignature, Decision
from comity.domain.thread import Act, Effect
from comity.domain.time import to_millis
from comity.errors import Misused, NeedsReason, NotCompetent, TooLate
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import read_book
from comity.services.ask import check_texts
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import HELD, Done, held_docket, queued, record
from comity.services.replies import Manner, compose_home
from comity.services.thread import OpenThread, open_thread
from comity.storage import copies, housed, outbox
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Writing
from comity.wire import docket as docket_wire
from comity.wire.docket import Released


def countersign(
    unlocked: Unlocked,
    house: House,
    act: ActId,
    decision: Decision,
    *,
    reason: str = "",
    confirms_spoken: bool = False,
) -> Done:
    """Decide on *act*, held for this oversight desk."""
    check_texts(reason=reason)
    if decision is not Decision.APPROVE and not reason.strip():
        raise NeedsReason("countersignature")
    with house.store.read() as reading:
        rows = copies.by_acts(reading, [act])
    if not rows:
        raise Misused("act-unknown")
    opened = open_thread(unlocked, house, ThreadId(rows[0].thread), receipt=False)
    target = _target(opened, act)
    desk = _overseer(target, unlocked)
    if not confirms_spoken and target.effect is not Effect.HELD:
        raise TooLate("not-held")
    body = Countersignature(
        to=act, decision=decision, reason=reason, confirms_spoken=confirms_spoken
    )
    said = compose_home(unlocked, house, opened, body, Manner(desk=desk))
    decide = None if confirms_spoken else _decision(house, act, decision)
    return record(house, read_book(house), said, also=decide)


def _target(opened: OpenThread, act: ActId) -> Act:
    found = next((each for each in opened.thread.acts if each.id == act), None)
    if found is None:
        raise Misused("act-unknown")
    return found


def _overseer(target: Act, unlocked: Unlocked) -> str:
    """Return the oversight desk for which *unlocked* decides; raise NotCompetent if for none."""
    if (target.agency, target.officer) == (unlocked.agency, unlocked.entry.id):
        raise NotCompetent("own-act")
    for each in unlocked.entry.desks:
        if each in overseers_of(target):
            return each
    raise NotCompetent("not-overseer")


def _decision(house: House, act: ActId, decision: Decision) -> Callable[[Writing], None]:
    """Return what the decision does to the held copies of *act*."""
    with house.store.read() as reading:
        rows = {
            row.copy: row for row in copies.by_acts(reading, [act]) if row.state == CopyState.HELD
        }
        kept = housed.get(reading, HELD, sorted(rows))
    dockets = {each.copy: each for each in (held_docket(house, row) for row in kept)}
    signed = [docket_wire.sign(each, house.keys.carrier) for each in dockets.values()]

    def work(writing: Writing) -> None:
        now = {row.copy: row.state for row in copies.by_acts(writing, [act])}
        if not rows or any(now[each] != CopyState.HELD for each in rows):
            raise TooLate("decided-already")
        if decision is Decision.APPROVE:
            _release(writing, house, [(rows[each.said.copy], each) for each in signed])
        else:
            copies.set_state(writing, sorted(rows), CopyState.STOPPED)
        housed.discard(writing, HELD, sorted(rows))

    return work


def _release(writing: Writing, house: House, pairs: list[tuple[Copy, Released[Docket]]]) -> None:
    log = writing.log
    first = writing.append(
        [Opening(LeafType.DOCKET, house.random(SALT_SIZE), said.payload) for _, said in pairs]
    )
    now = house.millis()
    copies.release(
        writing,
        [
            replace(
                row,
                state=CopyState.RECEIVED if row.node == house.keys.node else CopyState.QUEUED,
                at=to_millis(said.said.at),
                docket=said.digest,
                release=said.dsse,
                log=log,
                leaf=first + at,
            )
            for at, (row, said) in enumerate(pairs)
        ],
    )
    outbox.add(
        writing,
        [
            queued(said.said.copy, row.node, now)
            for row, said in pairs
            if row.node != house.keys.node
        ],
    )
