# SPDX-License-Identifier: Apache-2.0
"""The timeline of a thread: every act, every dispatch and every receipt, in order of time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from comity.domain.docket import DocketStage, Proven, Receipt, ReceiptStage
from comity.domain.ids import ActId
from comity.domain.release import stage_of
from comity.domain.state import Parties
from comity.domain.statement import Countersignature, Decision, HandOver, Stop, Take
from comity.domain.thread import Act, Closed, Effect, Event, Received, Released, Side

SENT: Final = "sent"
_AT_HOME: Final = {Take: "taken", HandOver: "handed-over", Stop: "stop"}
_DECISIONS: Final = {
    Decision.APPROVE: "countersigned",
    Decision.RETURN: "sent-back",
    Decision.REFUSE: "withheld",
}
_DONE: Final = frozenset({Effect.APPLIED, Effect.RECALLED})
"""What took place when it did, whatever its author thought of it later."""
_NOT_LEFT: Final = frozenset({Effect.STOPPED, Effect.HELD, Effect.SENT_BACK, Effect.WITHHELD})


def reached(receipts: Iterable[Receipt], proven: Iterable[Proven]) -> tuple[Received, ...]:
    """Return each stage that each copy reached, once; the first time it was said stands."""
    stages: dict[tuple[str, ...], Received] = {}
    checkpoints = sorted(proven, key=lambda each: each.at)
    for each in receipts:
        _keep(stages, _received(each))
        proof = next((cover for cover in checkpoints if _covers(cover, each)), None)
        if proof is not None:
            _keep(stages, _received(each, proof))
    return tuple(sorted(stages.values(), key=_by_time))


def closed_acts(acts: Sequence[Act], released: Iterable[Released]) -> tuple[Closed, ...]:
    """Return the acts that only their dockets show."""
    opened = {act.id for act in acts}
    found: dict[ActId, Closed] = {}
    for each in released:
        docket = each.docket
        if docket.act not in opened:
            closed = Closed(act=docket.act, agency=docket.agency, stage=docket.stage, at=each.at)
            held = found.setdefault(docket.act, closed)
            found[docket.act] = min(held, closed, key=_closed_order)
    return tuple(sorted(found.values(), key=_closed_order))


def timeline(
    acts: Sequence[Act],
    closed: Iterable[Closed],
    released: Iterable[Released],
    receipts: Iterable[Received],
    parties: Parties,
) -> tuple[Event, ...]:
    kept = {act.id for act in acts if act.effect in _NOT_LEFT}
    events = [
        *(_of_act(act, parties) for act in acts),
        *(
            Event(at=each.at, what=each.stage.value, act=each.act, agency=each.agency)
            for each in closed
        ),
        *(_of_docket(each) for each in released if _leaves(each) and each.docket.act not in kept),
        *(
            Event(
                at=each.at,
                what=each.stage.value,
                act=each.act,
                agency=each.agency,
                who=each.reader,
            )
            for each in receipts
        ),
    ]
    places = {act.id: place for place, act in enumerate(acts)}
    return tuple(sorted(set(events), key=lambda each: _event_order(each, places)))


def _of_act(act: Act, parties: Parties) -> Event:
    return Event(
        at=act.at,
        what=_what(act, parties) if act.effect in _DONE else act.effect.value,
        act=act.id,
        agency=act.agency,
        who=act.statement.author.desk or act.officer,
        provisional=act.provisional,
    )


def _what(act: Act, parties: Parties) -> str:
    body = act.body
    if isinstance(body, Countersignature):
        return _DECISIONS[body.decision]
    at_home = _AT_HOME.get(type(body))
    if at_home:
        return at_home
    asks = Side.ASKER in parties.sides_of(act.agency)
    return stage_of(body, author_asked=asks).value


def _of_docket(released: Released) -> Event:
    docket = released.docket
    return Event(at=released.at, what=SENT, act=docket.act, agency=docket.agency, who=docket.to)


def _leaves(released: Released) -> bool:
    docket = released.docket
    return released.ours and docket.to != docket.agency


def _received(receipt: Receipt, proof: Proven | None = None) -> Received:
    return Received(
        act=receipt.act,
        copy=receipt.copy,
        stage=ReceiptStage.PROVEN if proof else receipt.stage,
        agency=receipt.agency,
        reader="" if proof else receipt.reader,
        reason="" if proof else receipt.reason,
        at=proof.at if proof else receipt.at,
    )


def _covers(proof: Proven, receipt: Receipt) -> bool:
    """Return whether *proof* makes *receipt* proven: same ledger, and a tree that holds it."""
    return (
        receipt.stage is ReceiptStage.DELIVERED
        and receipt.origin != ""
        and (proof.node, proof.origin) == (receipt.node, receipt.origin)
        and proof.size >= receipt.size
    )


def _keep(stages: dict[tuple[str, ...], Received], received: Received) -> None:
    key = (received.copy, received.stage, received.agency, received.reader)
    stages[key] = min(stages.setdefault(key, received), received, key=_by_time)


def _by_time(received: Received) -> tuple[object, ...]:
    return (
        received.at,
        ORDER.index(received.stage),
        received.act,
        received.copy,
        received.agency,
        received.reader,
        received.reason,
    )


def _closed_order(closed: Closed) -> tuple[object, ...]:
    copied = closed.stage is DocketStage.COPIED
    return (closed.at, closed.act, closed.agency, copied, closed.stage)


def _event_order(event: Event, places: Mapping[ActId, int]) -> tuple[object, ...]:
    """Return what sorts events: within one second, act by act, each with what became of it."""
    return (
        event.at,
        places.get(event.act, len(places)),
        event.act,
        _RANKS.get(event.what, 0),
        event.what,
        event.agency,
        event.who,
        event.provisional,
    )


ORDER: Final = tuple(ReceiptStage)
_RANKS: Final = {SENT: 1, **{stage.value: rank for rank, stage in enumerate(ORDER, 2)}}
