# SPDX-License-Identifier: Apache-2.0
"""What a recall does in a thread: who may, what becomes of the acts it names, who still sees them.

An act is taken back by its author, by who is recorded as his successor, or, where it was done for a
desk, by whoever signs for that desk; never by another agency. A stranger's recall changes nothing
and is listed as his. What is taken back counts no more; what replied to it stays as it was. None of
this depends on the order in which the acts came, nor on how often.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.domain.acts import owned
from comity.domain.docket import DocketStage
from comity.domain.ids import ActId, AgencyId, OfficerId
from comity.domain.release import stage_of
from comity.domain.rulings import TARGET_UNSEEN, without_effect
from comity.domain.statement import Request, Unknown
from comity.domain.taking_back import NumberedRecall, Recall, Taking, Withdrawal
from comity.domain.thread import Act, Effect, Stage, TakenBack, Thread

NOT_AUTHOR: Final = "not-author"
_OPENS: Final = frozenset({DocketStage.ASKED, DocketStage.TOLD})
_STAYS: Final = frozenset({DocketStage.HOME, DocketStage.TAKEN_BACK})
"""What is never taken back: it did not leave, or it took something back itself."""
_OVER: Final = frozenset({Stage.ANSWERED, Stage.REFUSED, Stage.RECALLED})
Removed = Collection[tuple[str, str]]
"""Acts whose bytes are gone here because their agency recalled them."""


def speaks_for(
    signer: str,
    *,
    author: str,
    desk: str,
    desks: Collection[str],
    successors: Collection[str] = (),
) -> bool:
    """Return whether *signer*, who signs for *desks*, may take back what *author* did.

    *desk* is that for which it was done; *successors* are those recorded for its author.
    """
    return signer == author or signer in successors or bool(desk and desk in desks)


Followers = Mapping[tuple[AgencyId, OfficerId], OfficerId]
"""Who goes on for an officer that left, as his agency says."""
NOBODY: Final[Followers] = {}


def apply(acts: Sequence[Act], removed: Removed, followers: Followers = NOBODY) -> tuple[Act, ...]:
    """Return *acts* with what the recalls among them do to each."""
    own = owned(acts)
    recalled: set[ActId] = set()
    judged: list[Act] = []
    for act in acts:
        body = act.body
        if act.effect is not Effect.APPLIED or not isinstance(body, Recall):
            judged.append(act)
            continue
        why = _why_not(act, body, [own.get(each) for each in body.acts], removed, followers)
        judged.append(without_effect(act, why) if why else act)
        if not why and body.what is Taking.RECALL:
            recalled.update(body.acts)
    return tuple(
        replace(act, effect=Effect.RECALLED)
        if act.effect is Effect.APPLIED and act.id in recalled and own[act.id] is act
        else act
        for act in judged
    )


def _why_not(
    act: Act,
    body: Recall,
    targets: Sequence[Act | None],
    removed: Removed,
    followers: Followers,
) -> str:
    """Return why *act* takes nothing back, or nothing."""
    seen = [each for each in targets if each is not None]
    if any(not _may(act, each, followers) for each in seen):
        return NOT_AUTHOR
    if any(stage_of(each.body) in _STAYS and not _is_blank(each) for each in seen):
        return "target"
    gone = any((act.agency, each) in removed for each in body.acts)
    return "" if seen or gone else TARGET_UNSEEN


def _is_blank(act: Act) -> bool:
    """Return whether it is not known what *act* is."""
    return isinstance(act.body, Unknown)


def _may(act: Act, target: Act, followers: Followers) -> bool:
    author, said = target.statement.author, act.statement.author
    successor = followers.get((author.agency, author.officer))
    return act.agency == target.agency and speaks_for(
        said.officer,
        author=author.officer,
        desk=author.desk,
        desks=[said.desk] if said.desk else [],
        successors=[successor] if successor else [],
    )


def mark(thread: Thread, acts: Sequence[Act]) -> Thread:
    """Return *thread* with what was taken back in it, and the stage to which that brings it."""
    taken = tuple(
        TakenBack(
            act=each,
            by=act.id,
            what=act.body.what,
            correction=act.body.correction,
            agency=act.agency,
            officer=act.officer,
            at=act.at,
            text=act.body.text,
            handling=act.body.handling,
            readers=act.body.readers,
            short=act.body.short if isinstance(act.body, NumberedRecall) else "",
        )
        for act in acts
        if isinstance(act.body, Recall) and act.effect is Effect.APPLIED
        for each in act.body.acts
    )
    thread = replace(thread, taken_back=taken) if taken else thread
    if thread.opening is None:
        thread = replace(thread, short=_number(thread))
    stage = _stage(thread, acts)
    return replace(thread, stage=stage, due=None) if stage else thread


def _number(thread: Thread) -> str:
    """Return the number of a thread whose opening act is gone, as who took that back says."""
    opened = {(each.agency, each.act) for each in thread.closed if each.stage in _OPENS}
    told = (each.short for each in thread.taken_back if (each.agency, each.act) in opened)
    return next((each for each in told if each), "")


def _stage(thread: Thread, acts: Sequence[Act]) -> Stage | None:
    """Return the stage of a thread whose question is not to be answered any more."""
    gone = {each.act for each in thread.taken_back if each.what is Taking.RECALL}
    opened = {each.act for each in thread.closed if each.stage in _OPENS}
    if gone & (opened | ({thread.opening.id} if thread.opening else set())):
        return Stage.RECALLED
    withdrawn = any(
        isinstance(act.body, Withdrawal) and act.effect is Effect.APPLIED for act in acts
    )
    return Stage.WITHDRAWN if withdrawn and thread.stage not in _OVER else None


def withdraws(act: Act, target: Act, asker: AgencyId | None, opening: ActId | None) -> bool:
    """Return whether *act* takes back the question *target* of its own side."""
    return (
        isinstance(target.body, Request)
        and target.id == opening
        and act.agency == asker == target.agency
    )


def seen_by(thread: Thread, readers: Collection[str], viewer: AgencyId) -> Thread:
    """Return *thread* without what was narrowed to others than *readers*.

    Whoever said it goes on seeing it: *viewer*'s own acts stay.
    """
    hidden = {
        each.act
        for each in thread.taken_back
        if each.readers and each.agency != viewer and not set(each.readers) & set(readers)
    }
    if not hidden:
        return thread
    acts = tuple(_blank(act) if act.id in hidden else act for act in thread.acts)
    opening = thread.opening
    if opening and opening.id in hidden:
        opening = _blank(opening)
    return replace(thread, acts=acts, opening=opening)


def _blank(act: Act) -> Act:
    statement = replace(act.statement, body=Unknown(raw=b""))
    return replace(act, statement=statement, effect=Effect.NARROWED, why="readers")
