# SPDX-License-Identifier: Apache-2.0
"""Countersign: the oversight desk lets a held act go, returns it with a reason, or refuses it.

Silence is never a countersignature, nobody countersigns his own act, and of two who decide at once
the first is heard. What has become wrong while the act was held, a mandate that ended or an author
who was revoked, keeps it here. What was spoken in an urgent case is confirmed, or denied, later.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from comity.domain.acts import overseers_of
from comity.domain.docket import Docket
from comity.domain.ids import ActId, NodeId
from comity.domain.mandate import choose
from comity.domain.statement import (
    Body,
    Countersignature,
    Decision,
    Opener,
    PassOn,
    Request,
    Why,
)
from comity.domain.steps import is_confirmed
from comity.domain.thread import Act
from comity.domain.time import to_millis
from comity.domain.trust import certificate_at
from comity.errors import (
    Excluded,
    Misused,
    NeedsReason,
    NotCompetent,
    Refused,
    TooLate,
    Untrusted,
)
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import Book, read_book
from comity.services.bars import bars_any
from comity.services.compose import Act as Meant
from comity.services.compose import Composed, compose
from comity.services.delegations import delegated_to
from comity.services.dockets_in import reader_rows
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.passed_on_in import check_leave
from comity.services.release import HELD, Done, held_docket, queued, record
from comity.services.replies import Manner, own_desks
from comity.services.rules import NOTE, USE, check_peer, invite, invite_own, leaves_state, shares
from comity.services.stop import find_act, rows_of, undo, withdraw
from comity.services.thread import OpenThread
from comity.services.words import check_texts
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
    """Decide on *act*, held for this oversight desk, or on what it is said to have spoken."""
    check_texts(reason=reason)
    if decision is not Decision.APPROVE and not reason.strip():
        raise NeedsReason("countersignature")
    opened, target = find_act(unlocked, house, act)
    desk = _overseer(house, target, unlocked)
    book = read_book(house)
    if confirms_spoken:
        work = _confirmation(opened, target, decision)
    else:
        work = _decision(house, book, opened, target, decision)
    body = Countersignature(
        to=act, decision=decision, reason=reason, confirms_spoken=confirms_spoken
    )
    said = _compose(unlocked, house, book, opened, target, body=body, desk=desk)
    return record(house, book, said, also=(work,))


def _overseer(house: House, target: Act, unlocked: Unlocked) -> str:
    """Return the oversight desk for which *unlocked* decides, empty where it is delegated to him.

    Raise NotCompetent if he decides for none.
    """
    if (target.agency, target.officer) == (unlocked.agency, unlocked.entry.id):
        raise NotCompetent("own-act")
    overseers = overseers_of(target)
    for each in unlocked.entry.desks:
        if each in overseers:
            return each
    if unlocked.entry.id in overseers:
        for leave in delegated_to(house, unlocked.agency, unlocked.entry.id):
            if leave.desk in overseers:
                return ""
        raise NotCompetent("delegation-over")
    raise NotCompetent("not-overseer")


def _confirmation(opened: OpenThread, target: Act, decision: Decision) -> Callable[[Writing], None]:
    """Return what is done when the desk says whether it spoke: a denial stops what it can."""
    body = target.body
    if not isinstance(body, Request) or not body.spoken:
        raise Misused("not-spoken")
    if is_confirmed(opened.thread, target.id):
        raise TooLate("confirmed-already")

    def work(writing: Writing) -> None:
        rows = rows_of(copies.by_acts(writing, [target.id]), target)
        if decision is not Decision.APPROVE and withdraw(writing, rows):
            undo(writing, target)

    return work


def _decision(
    house: House, book: Book, opened: OpenThread, target: Act, decision: Decision
) -> Callable[[Writing], None]:
    """Return what the decision does to the held copies of *target*."""
    with house.store.read() as reading:
        rows = rows_of(copies.by_acts(reading, [target.id]), target)
        held = {row.copy: row for row in rows if row.state == CopyState.HELD}
        kept = housed.get(reading, HELD, sorted(held))
    if not held:
        raise TooLate("not-held")
    dockets = [held_docket(house, row) for row in kept]
    if decision is Decision.APPROVE:
        _check_still_good(house, book, opened, target, dockets)
    # Signed before the write: the lock is not held for longer than rows take.
    signed = [docket_wire.sign(each, house.keys.carrier) for each in dockets]

    def work(writing: Writing) -> None:
        now = rows_of(copies.by_acts(writing, [target.id]), target)
        if {row.copy for row in now if row.state == CopyState.HELD} != set(held):
            raise TooLate("decided-already")
        if decision is Decision.APPROVE:
            _release(writing, house, [(held[each.said.copy], each) for each in signed])
            housed.discard(writing, HELD, sorted(held))
        else:
            withdraw(writing, now)
            undo(writing, target)

    return work


def _check_still_good(
    house: House, book: Book, opened: OpenThread, target: Act, held: Sequence[Docket]
) -> None:
    """Raise a child of Refused if what let *target* pass when it was signed no longer does."""
    own = book.agency(target.agency)
    author = target.statement.author
    try:
        certificate_at(own.history, author.certificate, house.now(), revoked=own.revoked)
    except Untrusted:
        raise Refused("author-revoked") from None
    body, request = target.body, opened.thread.request
    check_leave(target.statement, book, house.now())
    exclusions = read_policy(house, own.id).exclusions
    for each in held:
        peer = book.agency(each.to)
        check_peer(own, peer, nominal=False)
        if bars_any(exclusions, each, peer):  # since it was sealed
            raise Excluded
        if shares(body) and leaves_state(own, peer):
            choose(
                own.mandates,
                kind=request.kind if request else NOTE,
                country=peer.country,
                purpose=_purpose(body, request),
                at=house.now(),
                id=body.mandate if isinstance(body, Opener) else "",
            )


def _purpose(body: Body, request: Request | None) -> str:
    if isinstance(body, PassOn):
        return body.use
    return request.use if request else USE


def _release(
    writing: Writing, house: House, pairs: Sequence[tuple[Copy, Released[Docket]]]
) -> None:
    log, now, own = writing.log, house.millis(), house.keys.node
    first = writing.append(
        [Opening(LeafType.DOCKET, house.random(SALT_SIZE), said.payload) for _, said in pairs]
    )
    copies.release(
        writing,
        [
            replace(
                row,
                state=CopyState.RECEIVED if row.node == own else CopyState.QUEUED,
                at=to_millis(said.said.at),
                docket=said.digest,
                release=said.dsse,
                log=log,
                leaf=first + at,
            )
            for at, (row, said) in enumerate(pairs)
        ],
    )
    away = [(row, said) for row, said in pairs if row.node != own]
    here = [said for row, said in pairs if row.node == own]
    outbox.add(writing, [queued(said.said.copy, NodeId(row.node), now) for row, said in away])
    copies.add_readers(writing, [each for said in here for each in reader_rows(said.said, now)])


def _compose(
    unlocked: Unlocked,
    house: House,
    book: Book,
    opened: OpenThread,
    target: Act,
    *,
    body: Countersignature,
    desk: str,
) -> tuple[Composed, ...]:
    """Return the copies of *body*: for the desks that have the thread, and for the author.

    Whoever signed what is decided on must be able to read why it came back, also where the
    oversight desk belongs to another agency of the state.
    """
    author = target.statement.author
    card = book.agency(author.agency)
    theirs = [each for each in (author.officer, author.desk) if each in card.readers]
    mine = own_desks(opened, unlocked.agency)
    invited = [
        *invite_own(unlocked, house, book, opened.id, [*mine, *theirs]),
        *(invite(card, card.readers[each], Why.ADDRESSED) for each in theirs),
    ]
    meant = Meant(
        body=body,
        thread=opened.id,
        invited=tuple(invited),
        language=Manner().language,
        desk=desk,
    )
    return compose(unlocked, house, book, meant)
