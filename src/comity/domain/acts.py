# SPDX-License-Identifier: Apache-2.0
"""Acts from copies, and their causal order.

The same copies give the same acts in whatever order and however often they come. An act id belongs
to whoever used it first; another author's act under it is a stranger's, so that nobody can void an
act by repeating its id. Two bodies under one id by its own author void both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.domain.consent import Consent, ConsentRequest
from comity.domain.ids import ActId, AgencyId, CopyId, OfficerId, ThreadId
from comity.domain.pressing import Reminder, Urgent
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Body,
    Countersignature,
    HandOver,
    Statement,
    Stop,
    Take,
    Unknown,
    Why,
)
from comity.domain.taking_back import Recall, Withdrawal
from comity.domain.thread import Act, Effect, Seen

ID_OF_ANOTHER: Final = "id-of-another"
Replying = (
    Acknowledgement
    | AskBack
    | Answer
    | Take
    | HandOver
    | Countersignature
    | Stop
    | ConsentRequest
    | Consent
    | Urgent
    | Reminder
    | Withdrawal
)


def target_of(body: Body) -> ActId | None:
    """Return the act to which *body* replies, or the first that it takes back."""
    if isinstance(body, Recall):
        return body.acts[0]
    return body.to if isinstance(body, Replying) else None


def addressed_by(act: Act) -> frozenset[AgencyId]:
    """Return the agencies to which *act* is addressed."""
    statement = act.statement
    named = {
        each.agency for each in (*statement.readers, *statement.shown) if each.why is Why.ADDRESSED
    }
    return frozenset(named or {statement.to} - {act.agency})


def overseers_of(act: Act) -> frozenset[str]:
    """Return the desks and officers who have the supervisor's copy of *act*."""
    statement = act.statement
    return frozenset(
        each.id for each in (*statement.readers, *statement.shown) if each.why is Why.OVERSIGHT
    )


def owned(acts: Sequence[Act]) -> dict[ActId, Act]:
    """Return by id the acts to which a reply refers."""
    return {act.id: act for act in acts if act.why != ID_OF_ANOTHER}


def gather(thread: ThreadId, seen: Iterable[Seen]) -> tuple[Act, ...]:
    """Return the acts of *thread*, one for each id and author, in causal order."""
    by_id: dict[ActId, dict[CopyId, Seen]] = {}
    for each in seen:
        if each.statement.thread == thread:
            copies = by_id.setdefault(each.statement.act, {})
            held = copies.get(each.copy)
            copies[each.copy] = each if held is None else min(held, each, key=_trust)
    return in_order([act for copies in by_id.values() for act in _acts_under_one_id(copies)])


def in_order(acts: Sequence[Act]) -> tuple[Act, ...]:
    """Return *acts* in causal order: never before what they reply to, else as they are judged.

    Within one second what replies later in a chain comes later, then the act id decides.
    """
    first = sorted(acts, key=_by_time)
    own = owned(first)
    places: dict[ActId, tuple[datetime, int]] = {}
    for act in first:
        _place(act, own, places)
    return tuple(
        sorted(first, key=lambda act: (*_placed(act, own, places), _rank(act), *_by_time(act)))
    )


def _acts_under_one_id(copies: Mapping[CopyId, Seen]) -> list[Act]:
    by_author: dict[tuple[AgencyId, OfficerId], list[Seen]] = {}
    for each in copies.values():
        author = each.statement.author
        by_author.setdefault((author.agency, author.officer), []).append(each)
    acts = sorted((_act(each) for each in by_author.values()), key=_claim)
    others = [replace(act, effect=Effect.STRANGER, why=ID_OF_ANOTHER) for act in acts[1:]]
    return [acts[0], *others]


def _act(copies: Sequence[Seen]) -> Act:
    ordered = sorted(copies, key=lambda each: (*_trust(each), each.copy))
    best = ordered[0]
    same = all(each.statement.body == best.statement.body for each in ordered)
    # The author's own agency's copy names every reader; the others name those that peers may know.
    fullest = min(ordered, key=lambda each: (each.private, not _is_home(each.statement)))
    act = Act(
        statement=fullest.statement,
        copies=tuple(sorted(each.copy for each in ordered)),
        at=best.judged_at,
        provisional=best.provisional,
        ours=any(each.ours for each in ordered),
        private=best.private,
    )
    if not same:
        return replace(act, effect=Effect.CONFLICT, why="two-bodies")
    if act.private:
        return replace(act, effect=Effect.STRANGER, why="private")
    if isinstance(act.body, Unknown):
        return replace(act, effect=Effect.UNKNOWN, why="type")
    return act


def _is_home(statement: Statement) -> bool:
    return statement.to == statement.author.agency


def _trust(seen: Seen) -> tuple[bool, bool, datetime, bool]:
    return (seen.private, seen.provisional, seen.judged_at, not seen.ours)


def _claim(act: Act) -> tuple[bool, datetime, bool, str, str]:
    return (act.private, act.at, not act.ours, act.agency, act.officer)


def _by_time(act: Act) -> tuple[datetime, str, str, str]:
    return (act.at, act.id, act.agency, act.officer)


def _rank(act: Act) -> int:
    return 0 if isinstance(act.body, Take) else 1


def _place(act: Act, own: Mapping[ActId, Act], places: dict[ActId, tuple[datetime, int]]) -> None:
    """Record when *act*, and what it replies to, take place, and how deep in the chain."""
    path: dict[ActId, Act] = {}
    current = own.get(act.id)
    # A chain that bites its own tail can only be made on purpose: it is cut where we came in.
    while current is not None and current.id not in places and current.id not in path:
        path[current.id] = current
        target = target_of(current.body)
        current = own.get(target) if target else None
    for each in reversed(path.values()):
        places[each.id] = _after(each, places)


def _placed(
    act: Act, own: Mapping[ActId, Act], places: Mapping[ActId, tuple[datetime, int]]
) -> tuple[datetime, int]:
    return places[act.id] if own.get(act.id) is act else _after(act, places)


def _after(act: Act, places: Mapping[ActId, tuple[datetime, int]]) -> tuple[datetime, int]:
    before = places.get(target_of(act.body) or act.id)
    if before is None:
        return (act.at, 0)
    return (max(act.at, before[0]), before[1] + 1)
