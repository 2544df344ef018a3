# SPDX-License-Identifier: Apache-2.0
"""Recall: an author takes back, narrows or corrects what he said, wherever it went.

The recall goes to all who had the act, in one copy for each agency that holds it, sealed to those
whom the act's own dockets name; so it reaches a thousand holders as it reaches one. It waits for no
window and no countersignature: what should not be out there is not kept there by our own rules.
With it goes the order, signed by the officer and in clear to the nodes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from comity.domain.docket import Docket, DocketStage, OrderedDocket
from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.onward import narrower
from comity.domain.policy import Exclusion, barred
from comity.domain.readers import Invited, distinct
from comity.domain.recall import speaks_for
from comity.domain.recall_order import RecallOrder
from comity.domain.release import stage_of
from comity.domain.removal import Why as Removing
from comity.domain.statement import Answer, Note, Request, Why
from comity.domain.taking_back import NumberedRecall, Recall, Taking
from comity.domain.thread import Act as Seen
from comity.domain.thread import Effect
from comity.domain.verdict import Barred
from comity.errors import Misused, NotCompetent
from comity.services import recall_onward, recalls_in
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.compose import Act, Composed, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.release import Done, record
from comity.services.removal import remove
from comity.services.rules import invite
from comity.services.thread import OpenThread, open_thread
from comity.services.who_will_see import Shown, show_invited
from comity.services.words import check_language, check_texts
from comity.storage import copies, outbox, removed
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Writing
from comity.storage.removed import Answer as Answered
from comity.storage.removed import Removed
from comity.wire import docket as docket_wire
from comity.wire import order as order_wire

AUTHOR: Final = "author"
"""Why an author's own copies stay when he recalls what he sent: he did not say that they go."""
_LEFT: Final = (CopyState.QUEUED, CopyState.SENT)
_STAYS: Final = (DocketStage.HOME, DocketStage.TAKEN_BACK, DocketStage.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an author wants done with acts of his."""

    acts: tuple[ActId, ...]
    what: Taking
    correction: str = ""
    handling: Handling = field(default_factory=Handling)
    readers: tuple[str, ...] = ()
    text: str = ""
    language: str = "en"
    here_too: bool = False
    """With a recall: whether the author's own agency removes its copies as well."""


def take_back(unlocked: Unlocked, house: House, thread: ThreadId, wish: Wish) -> Done:
    """Recall, narrow or correct acts of *thread*; raise NotCompetent unless they are his to."""
    meant = _mean(unlocked, house, thread, wish)
    order = _order(unlocked, house, thread, meant.targets, wish)
    composed = compose(unlocked, house, meant.book, replace(meant.act, order=order))

    with house.store.read() as reading:
        onward = recall_onward.of_dockets(reading, house, meant.book, _local(house, composed))

    def work(writing: Writing) -> None:
        _settle(writing, house, unlocked, wish, composed)
        recall_onward.tell(writing, house, onward, house.keys.node)

    return record(house, meant.book, composed, also=(work,))


def preview(unlocked: Unlocked, house: House, thread: ThreadId, wish: Wish) -> Shown:
    """Return who would be told by ``take_back``; nothing is signed and nobody is told."""
    meant = _mean(unlocked, house, thread, wish)
    return show_invited(unlocked, house, meant.book, meant.act.invited, desk=meant.act.desk)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """What is to be taken back, and what says so, but for the order."""

    book: Book
    targets: Sequence[Seen]
    act: Act


def _mean(unlocked: Unlocked, house: House, thread: ThreadId, wish: Wish) -> _Meant:
    check_language(wish.language)
    check_texts(text=wish.text)
    opened = _open(unlocked, house, thread, wish.acts)
    targets = [_find(opened, each, unlocked, house, wish) for each in wish.acts]
    if wish.here_too and wish.what is not Taking.RECALL:
        raise Misused("here-too")
    book = read_book(house)
    body = _body(wish, targets, opened.thread.short)
    with house.store.read() as reading:
        rows = [
            row
            for row in copies.by_acts(reading, wish.acts)
            if (row.agency, row.thread) == (unlocked.agency, thread)
        ]
        own = [row.copy for row in rows if row.to == row.agency]
        named = {each.reader for each in copies.readers_of(reading, own)}
    if not any(row.to != row.agency for row in rows):
        raise Misused("act-stays")
    act = Act(
        body=body,
        thread=thread,
        invited=_holders(unlocked, house, book, rows, named),
        language=wish.language,
        desk=_desk(targets, unlocked),
    )
    return _Meant(book=book, targets=targets, act=act)


def _open(unlocked: Unlocked, house: House, thread: ThreadId, acts: Sequence[ActId]) -> OpenThread:
    """Return *thread*, opened as far as *acts* need it: what has a thousand copies is one act."""
    opened = open_thread(unlocked, house, thread, receipt=False)
    if opened.more and not set(acts) <= {each.id for each in opened.thread.acts}:
        return open_thread(unlocked, house, thread, receipt=False, everything=True)
    return opened


def may_take_back(unlocked: Unlocked, house: House, act: Seen) -> bool:
    """Return whether *act* is one that *unlocked* may take back now."""
    author = act.statement.author
    follower = read_book(house).agency(unlocked.agency).followers.get(author.officer)
    return (
        act.agency == unlocked.agency
        and act.effect is Effect.APPLIED
        and stage_of(act.body) not in _STAYS
        and speaks_for(
            unlocked.entry.id,
            author=author.officer,
            desk=author.desk,
            desks=unlocked.entry.desks,
            successors=[follower] if follower else [],
        )
    )


def _find(opened: OpenThread, id_: ActId, unlocked: Unlocked, house: House, wish: Wish) -> Seen:
    for each in opened.thread.acts:
        if each.id == id_ and each.agency == unlocked.agency:
            if each.effect is Effect.RECALLED:
                raise Misused("recalled-already")
            if each.effect is Effect.HELD:
                raise Misused("act-held")
            if not may_take_back(unlocked, house, each):
                raise NotCompetent("not-author")
            _check_narrower(each, wish)
            return each
    raise Misused("act-unknown")


def _check_narrower(act: Seen, wish: Wish) -> None:
    """Raise Misused if what is called narrowing allows anything that was not allowed before."""
    if wish.what is not Taking.NARROW:
        return
    body = act.body
    if not isinstance(body, Request | Note | Answer):
        raise Misused("handling-absent")
    if narrower(body.handling, wish.handling) != wish.handling:
        raise Misused("handling-wider")
    if wish.handling == body.handling and not wish.readers:
        raise Misused("handling-same")


def _body(wish: Wish, targets: Sequence[Seen], short: str) -> Recall:
    acts = tuple(each.id for each in targets)
    try:
        return NumberedRecall(
            acts=acts,
            what=wish.what,
            correction=wish.correction,
            handling=wish.handling,
            readers=wish.readers,
            text=wish.text,
            short=short,
        )
    except ValueError:
        raise Misused("recall") from None


def _desk(targets: Sequence[Seen], unlocked: Unlocked) -> str:
    """Return the desk for which all of *targets* were done, if he signs for it too."""
    desks = {each.statement.author.desk for each in targets}
    desk = desks.pop()
    if desks:
        raise Misused("acts-of-several")
    return desk if desk in unlocked.entry.desks else ""


def _order(
    unlocked: Unlocked, house: House, thread: ThreadId, targets: Sequence[Seen], wish: Wish
) -> bytes:
    desk = _desk(targets, unlocked)
    authors = sorted({each.officer for each in targets})
    said = RecallOrder(
        agency=unlocked.agency,
        thread=thread,
        acts=tuple(each.id for each in targets),
        what=wish.what,
        author=unlocked.entry.id if unlocked.entry.id in authors else authors[0],
        desk=desk,
        certificate=unlocked.certificate,
        at=house.now(),
    )
    return order_wire.sign(said, unlocked.signing).dsse


def _holders(
    unlocked: Unlocked, house: House, book: Book, rows: Iterable[Copy], named: set[str]
) -> tuple[Invited, ...]:
    """Return who had the acts of *rows*: at home those *named*, elsewhere as the dockets say."""
    own = book.agency(unlocked.agency)
    bars = read_policy(house, own.id).exclusions
    found: list[Invited] = []
    for each in named:
        entry = own.readers.get(each)
        if entry is not None and each != unlocked.entry.id:
            overseer = any(desk.id == each for desk in own.oversight)
            found.append(invite(own, entry, Why.OVERSIGHT if overseer else Why.OWN_DESK))
    for row in rows:
        if row.to != row.agency and row.state != CopyState.STOPPED:
            docket = docket_wire.read(row.release, Docket).said
            found += _readers_at(book.agency(AgencyId(row.to)), docket, bars)
    return distinct(found)


def _readers_at(card: AgencyCard, docket: Docket, bars: Sequence[Exclusion]) -> Iterable[Invited]:
    """Return who of *card* is told: who had the copy of *docket*, else any desk of that agency.

    Who has left, or was barred since, is told nothing more; his agency is, all the same.
    """
    why = Why.OVERSIGHT if docket.stage is DocketStage.COPIED else Why.ADDRESSED
    wanted = [card.readers[each.id] for each in docket.readers if each.id in card.readers]
    for candidates in (wanted, [each for each in card.desks if not each.oversight]):
        made = [invite(card, each, why) for each in candidates]
        open_ = [each for each in made if not _is_barred(each, docket, card, bars)]
        if open_:
            return open_
    return ()


def _is_barred(
    invited: Invited, docket: Docket, card: AgencyCard, bars: Sequence[Exclusion]
) -> bool:
    verdict = barred(
        bars, docket.thread, reader=invited.entry.id, agency=card.id, members=invited.members
    )
    return isinstance(verdict, Barred)


def _settle(
    writing: Writing, house: House, unlocked: Unlocked, wish: Wish, composed: Sequence[Composed]
) -> None:
    """Do at home what goes with the recall, in the write that makes it durable."""
    _ = writing.log
    if wish.what is not Taking.RECALL:
        return
    docket = composed[0].docket
    rows = [
        row
        for row in copies.by_acts(writing, wish.acts)
        if (row.agency, row.thread) == (unlocked.agency, docket.thread)
    ]
    _let_go(writing, rows)
    answer = Answered.REMOVED if wish.here_too else Answered.KEPT
    mine = [
        Removed(
            agency=unlocked.agency,
            act=each,
            to=unlocked.agency,
            thread=docket.thread,
            why=Removing.RECALL,
            answer=answer,
            ground="" if wish.here_too else AUTHOR,
            at=house.millis(),
        )
        for each in wish.acts
    ]
    if removed.add_new(writing, mine) != len(mine):
        raise Misused("recalled-already")
    if wish.here_too:
        here = [r for r in rows if r.to == r.agency or r.node != house.keys.node]
        remove(writing, house, here, Removing.RECALL)
    recalls_in.carry_out(writing, house, _local(house, composed))


def _local(house: House, composed: Sequence[Composed]) -> list[OrderedDocket]:
    """Return what other agencies of this house are told."""
    local = [each.docket for each in composed if each.node == house.keys.node and not each.is_home]
    return [each for each in local if isinstance(each, OrderedDocket)]


def _let_go(writing: Writing, rows: Sequence[Copy]) -> None:
    """Send no more of what is recalled; what was never begun has not left."""
    waiting = [row for row in rows if row.state in _LEFT]
    unbegun = outbox.unbegun(writing, [row.copy for row in waiting])
    copies.set_state(writing, sorted(unbegun), CopyState.STOPPED)
    for node in sorted({row.node for row in waiting}):
        ids = [row.copy for row in waiting if row.node == node]
        outbox.done_refs(writing, outbox.Item.DOCKET, node, ids)
