# SPDX-License-Identifier: Apache-2.0
"""Rulings: stops and countersignatures, which give other acts their effect or take it.

Both count only within one agency's own house: a stop from abroad would let a peer deny what it has
sent. A stop is the author's own; a countersignature comes from an overseer of that act and never
from its author. What has left cannot be stopped or withheld any more (design §6 *Oversight*).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.domain.acts import addressed_by, overseers_of, owned
from comity.domain.docket import DocketStage, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId
from comity.domain.release import stage_of
from comity.domain.statement import Countersignature, Decision, Stop
from comity.domain.thread import Act, Effect

ARRIVED: Final = frozenset(
    {
        ReceiptStage.DELIVERED,
        ReceiptStage.PROVEN,
        ReceiptStage.OPENED,
        ReceiptStage.UNREADABLE,
    }
)
"""Stages that show that a copy left its author's agency."""

_EFFECTS: Final = {
    Decision.APPROVE: Effect.APPLIED,
    Decision.RETURN: Effect.SENT_BACK,
    Decision.REFUSE: Effect.WITHHELD,
}


def rule(
    acts: Sequence[Act], receipts: Iterable[Receipt], held: Collection[ActId]
) -> tuple[Act, ...]:
    """Return *acts* with the effect that holds, stops and countersignatures leave to each."""
    own = owned(acts)
    left = _arrivals(own, receipts)
    effects = dict.fromkeys(held, Effect.HELD)
    stopped: set[ActId] = set()
    ruled: list[Act] = []
    for act in acts:
        body = act.body
        if act.effect is not Effect.APPLIED or not isinstance(body, Stop | Countersignature):
            ruled.append(act)
            continue
        why = _why_not(act, body, own.get(body.to), left)
        ruled.append(without_effect(act, why) if why else act)
        if why or body.to in left:
            continue
        if isinstance(body, Stop):
            stopped.add(body.to)
        else:
            effects[body.to] = _EFFECTS[body.decision]
    effects |= dict.fromkeys(stopped, Effect.STOPPED)
    return tuple(
        replace(act, effect=effects[act.id])
        if act.effect is Effect.APPLIED and own[act.id] is act and act.id in effects
        else act
        for act in ruled
    )


def without_effect(act: Act, why: str) -> Act:
    """Return *act* as one that changes nothing: it waits, or a stranger did it."""
    effect = Effect.WAITING if why == TARGET_UNSEEN else Effect.STRANGER
    return replace(act, effect=effect, why=why)


TARGET_UNSEEN: Final = "target-unseen"


def _why_not(
    act: Act, body: Stop | Countersignature, target: Act | None, left: Collection[ActId]
) -> str:
    if target is None:
        return TARGET_UNSEEN
    if target.effect is not Effect.APPLIED or stage_of(target.body) is DocketStage.HOME:
        return "target"
    if not target.ours:
        return "not-from-home"
    by_author = (act.agency, act.officer) == (target.agency, target.officer)
    if isinstance(body, Stop):
        return _why_no_stop(act, target, by_author=by_author, left=left)
    if by_author:
        return "own-act"
    author = act.statement.author
    return "not-overseer" if overseers_of(target).isdisjoint((author.desk, author.officer)) else ""


def _why_no_stop(act: Act, target: Act, *, by_author: bool, left: Collection[ActId]) -> str:
    if not act.ours:
        return "not-from-home"
    if not by_author:
        return "not-author"
    return "left-already" if target.id in left else ""


def _arrivals(own: Mapping[ActId, Act], receipts: Iterable[Receipt]) -> frozenset[ActId]:
    """Return the acts that the other side has: an overseer's own copy does not count."""
    reached: set[ActId] = set()
    for each in receipts:
        act = own.get(each.act)
        if act and each.stage in ARRIVED and _is_abroad(each.agency, act):
            reached.add(act.id)
    return frozenset(reached)


def _is_abroad(agency: AgencyId, act: Act) -> bool:
    return agency != act.agency and agency in addressed_by(act)
