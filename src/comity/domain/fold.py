# SPDX-License-Identifier: Apache-2.0
"""The fold: statements, dockets and receipts in, one thread out.

Pure, and insensitive to order and repetition: any shuffle of the same facts gives the same thread.
What was seen has been verified before. The steps:

(1) copies become acts, in causal order (``acts.py``);
(2) the first request or note opens the thread and decides who asks and who is asked;
(3) holds, stops and countersignatures give other acts their effect (``rulings.py``);
(4) every other act counts if its author stands on the right side and it replies to an act of the
    other that counts; else it is listed with the reason and changes nothing;
(5) what its author took back counts no more (``recall.py``);
(6) the state is derived from what counts (``state.py``, ``timeline.py``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from comity.domain import recall
from comity.domain.acts import addressed_by, gather, owned, target_of
from comity.domain.consent import Consent, ConsentRequest
from comity.domain.consents import why_no_consent
from comity.domain.docket import Proven, Receipt
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.pressing import Pressing, Reminder
from comity.domain.release import leaves_open
from comity.domain.rulings import TARGET_UNSEEN, rule, without_effect
from comity.domain.state import Parties, derive
from comity.domain.statement import (
    Answer,
    AskBack,
    Countersignature,
    HandOver,
    Opener,
    Request,
    Stop,
    Take,
    Telling,
)
from comity.domain.taking_back import Recall, Withdrawal
from comity.domain.thread import Act, Effect, Released, Seen, Thread
from comity.domain.timeline import closed_acts, reached, timeline


def fold(
    thread: ThreadId,
    seen: Iterable[Seen],
    *,
    dockets: Iterable[Released] = (),
    receipts: Iterable[Receipt] = (),
    proven: Iterable[Proven] = (),
    held: Collection[ActId] = (),
    removed: recall.Removed = (),
    followers: recall.Followers = recall.NOBODY,
) -> Thread:
    """Return what *thread* is, from the facts that one viewer has of it.

    *held* are acts that this node composed and has not released; *removed* are acts, by agency,
    that it does not have any more because they were recalled; *followers* go on for who left.
    """
    said = [each for each in receipts if each.thread == thread]
    released = [each for each in dockets if each.docket.thread == thread]
    acts = gather(thread, seen)  # (1)
    parties = _parties(acts)  # (2)
    ruled = _judge(rule(acts, said, held), parties)  # (3) (4)
    judged = recall.apply(ruled, removed, followers)  # (5)
    copies = reached(said, proven)
    closed = closed_acts(judged, released)
    derived = derive(  # (6)
        thread,
        parties,
        judged,
        closed=closed,
        receipts=copies,
        events=timeline(judged, closed, released, copies, parties),
    )
    return recall.mark(derived, judged)


def _parties(acts: Sequence[Act]) -> Parties:
    for act in acts:
        if isinstance(act.body, Opener) and act.effect is Effect.APPLIED:
            return Parties(opening=act.id, asker=act.agency, asked=addressed_by(act))
    return Parties(opening=None, asker=None, asked=frozenset())


def _judge(acts: Sequence[Act], parties: Parties) -> tuple[Act, ...]:
    own = owned(acts)
    effects = {act.id: act.effect for act in own.values()}
    holders: dict[AgencyId, str] = {}
    reminded: set[str] = set()
    judged: list[Act] = []
    for act in acts:
        why = ""
        if act.effect in IN_PLACE and not isinstance(act.body, _JUDGED_APART):
            why = _why_not(act, parties, own, effects) or _why_no_custody(act, holders)
            why = why or _why_again(act, reminded)
        final = without_effect(act, why) if why else act
        if why:
            effects[act.id] = final.effect
        judged.append(final)
    return tuple(judged)


def _why_not(
    act: Act, parties: Parties, own: Mapping[ActId, Act], effects: Mapping[ActId, Effect]
) -> str:
    """Return why *act* has no place in the thread, or nothing."""
    if parties.opening is None:
        return TARGET_UNSEEN
    if isinstance(act.body, Opener):
        return "" if act.id == parties.opening else "second-opening"
    if not parties.sides_of(act.agency):
        return "not-party"
    why = _why_no_reply(act, parties, own.get(target_of(act.body) or act.id), effects)
    return why or why_no_consent(act, own)


def _why_no_reply(
    act: Act, parties: Parties, target: Act | None, effects: Mapping[ActId, Effect]
) -> str:
    """Return why *act* may not be done to *target*, or nothing."""
    if target is None or effects[target.id] is Effect.WAITING:
        return TARGET_UNSEEN
    if isinstance(act.body, Take | HandOver):
        return "" if effects[target.id] in (Effect.APPLIED, Effect.HELD) else "target"
    if effects[target.id] is not Effect.APPLIED:
        return "target"
    if isinstance(act.body, Pressing):
        return "" if _presses(act, target, parties) else "side"
    if isinstance(act.body, Withdrawal):
        mine = recall.withdraws(act, target, parties.asker, parties.opening)
        return "" if mine else "side"
    return "" if parties.face(act.agency, target.agency) and _replies(act, target) else "side"


def _presses(act: Act, target: Act, parties: Parties) -> bool:
    """Return whether *act* is the asker's word on his own question."""
    asks = target.id == parties.opening and isinstance(target.body, Request)
    return asks and act.agency == parties.asker


def _why_again(act: Act, reminded: set[str]) -> str:
    """Return why *act* reminds of nothing new, or record of what it reminds."""
    if not isinstance(act.body, Reminder):
        return ""
    if act.body.limit in reminded:
        return "reminded-already"
    reminded.add(act.body.limit)
    return ""


def _replies(act: Act, target: Act) -> bool:
    """Return whether an act like this replies to one like *target*."""
    match act.body:
        case AskBack():
            return isinstance(target.body, Telling)
        case Answer():
            return isinstance(target.body, Opener) or leaves_open(target.body)
        case ConsentRequest():
            return isinstance(target.body, Telling)
        case Consent():
            return isinstance(target.body, ConsentRequest)
        case _:
            return isinstance(target.body, Telling | AskBack)


def _why_no_custody(act: Act, holders: dict[AgencyId, str]) -> str:
    """Return why *act* does not move the thread to other hands, or record that it does."""
    body = act.body
    if not isinstance(body, Take | HandOver):
        return ""
    if not act.ours:
        return "not-from-home"
    author = act.statement.author
    if isinstance(body, Take):
        holders[act.agency] = author.officer
        return ""
    if holders.get(act.agency) not in (None, author.officer, author.desk):
        return "not-holder"
    holders[act.agency] = body.taker
    return ""


IN_PLACE: Final = frozenset(
    {Effect.APPLIED, Effect.HELD, Effect.SENT_BACK, Effect.WITHHELD, Effect.STOPPED}
)
"""What an act may be while it is in its place in the thread."""
_JUDGED_APART: Final = (Stop, Countersignature, Recall)
"""What has its place by what it names, whoever opened the thread."""
