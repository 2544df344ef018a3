# SPDX-License-Identifier: Apache-2.0
"""A recall goes on to where its act was passed on, and what is answered there comes back.

Our node remembers, locked, which act of ours passes on which act of another's, for whom: it cannot
read either. When the other takes that back, we tell each such recipient, with the originator's own
signed order; and tell the originator what each of them answered, as often as that changes. The
steps, in the write that carries out the recall or takes an answer in:

(1) Each recipient is told once of each recall, whatever else was said before.
(2) Where the recall removes it here, our own copies of what passes it on go too: it is inside.
(3) What a recipient answered follows from his receipts about our act, and from his having taken
    what we told; what is beyond him he reports, and we report it on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from comity.domain.docket import ON_RECALL, OrderedDocket, Receipt
from comity.domain.ids import ActId, AgencyId, Digest, NodeId, ThreadId
from comity.domain.passed_on import HANDS_MOST
from comity.domain.recall_onward import (
    CERTIFIED_LIMIT,
    CERTIFIED_MOST,
    OnwardHeld,
    RecallOnward,
)
from comity.domain.removal import Why
from comity.domain.taking_back import Taking
from comity.domain.tally import Held, held_of
from comity.errors import NotAdmitted
from comity.services import notices, recalls_in, stop
from comity.services.address_book import Book
from comity.services.house import House
from comity.services.prove import certify
from comity.services.removal import remove
from comity.services.stand import locked, opened
from comity.storage import copies, housed, receipts, removed
from comity.storage.copies import CopyState
from comity.storage.reading import Reading, Writing
from comity.storage.removed import Answer
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire import notice as notice_wire
from comity.wire import order as order_wire

PASSED: Final = "passed-on"
"""The room of what we passed on, by act; the act that is inside is the owner. Both as tags."""
TOLD: Final = "recalls-onward"
"""The room of whom we told of a recall; the node that we told is the owner."""
SAID: Final = "recalled-onward"
"""The room of what we were told of acts that were passed on to us; the thread is the owner."""
HELD: Final = "onward-held"
"""The room of what holders beyond ours answered to our own recalls."""
REPORTS: Final = 512
"""Holders beyond one recall of one act of whom we keep what is reported."""
_LIMIT: Final = 256 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """An act of ours that passes on what another agency told us."""

    act: ActId
    thread: ThreadId
    agency: AgencyId
    """Ours."""
    to: AgencyId
    inside: ActId
    """What was told us."""
    by: AgencyId
    """By whom: the originator, or whoever had it from him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was taken back, as we were told: by its author, or by who passed it on to us."""

    act: ActId
    by: AgencyId
    to: AgencyId
    """Ours, that had it."""
    original: ActId
    recall: ActId
    order: bytes
    certified: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One recipient who is to be told."""

    passed: PassedOn
    said: RecallOnward
    node: NodeId
    """Where he is."""
    local: bool
    """Whether whoever told us is at this node too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A recipient who was told, and what was last reported of him."""

    passed: PassedOn
    recall: ActId
    what: Taking
    notice: Digest
    node: NodeId
    back: NodeId
    """The node of who told us."""
    held: str = ""
    reason: str = ""


def remember(writing: Writing, house: House, passed: PassedOn) -> None:
    """Keep that *passed* passes on what another told."""
    _put(
        writing, house, PASSED, (passed.act,), owner=_tag(house, PASSED, passed.inside), body=passed
    )


def of_dockets(
    reading: Reading, house: House, book: Book, dockets: Iterable[OrderedDocket]
) -> tuple[Going, ...]:
    """Return who is to be told of what *dockets*, which were checked, take back."""
    return tuple(
        each
        for docket in dockets
        for act in docket.recalls
        for each in beyond(reading, house, book, _source(reading, house, book, docket, act))
    )


def beyond(
    reading: Reading, house: House, book: Book, source: Source, *, local: bool = False
) -> Iterator[Going]:
    """Yield to whom *source* was passed on from here, and from there by others of this house."""
    for row in housed.of_room(reading, PASSED, _tag(house, PASSED, source.act)):
        passed = _open(house, row, PassedOn)
        if (passed.by, passed.agency) != (source.by, source.to):
            continue
        try:
            node = book.node_of(passed.to).node
        except NotAdmitted:
            continue  # there is no way there any more
        said = _said(house, passed, source)
        yield Going(passed=passed, said=said, node=node, local=local)
        if node == house.keys.node:
            yield from beyond(reading, house, book, source_of(said), local=True)


def source_of(said: RecallOnward) -> Source:
    """Return what *said*, told to us, takes back here."""
    return Source(
        act=said.act,
        by=said.agency,
        to=said.to,
        original=said.original,
        recall=said.recall,
        order=said.order,
        certified=said.certified,
    )


def tell(writing: Writing, house: House, going: Iterable[Going], back: NodeId) -> None:
    """Tell each of *going*, once; *back* is where it came from."""
    for each in going:
        name = (each.said.recall, each.passed.act)
        if housed.get(writing, TOLD, [_tag(house, TOLD, *name)]):  # (1)
            continue
        what = order_wire.read(each.said.order).said.what
        if not _has_left(writing, each.passed, what):
            _drop(writing, house, each.passed)
            continue
        told = notice_wire.sign(each.said, house.keys.carrier)
        if each.node == house.keys.node:
            take_here(writing, house, each.said)
        else:
            notices.queue(writing, house, each.node, [told])
        row = _Told(
            passed=each.passed,
            recall=each.said.recall,
            what=what,
            notice=told.digest,
            node=each.node,
            back=house.keys.node if each.local else back,
        )
        if what is Taking.RECALL:
            _drop(writing, house, each.passed)
        _report(writing, house, row)


def take_here(writing: Writing, house: House, said: RecallOnward) -> None:
    """Do here what *said*, which was checked, takes back, and keep it to be shown."""
    _put(writing, house, SAID, (said.recall, said.act), owner=said.thread, body=said)
    if order_wire.read(said.order).said.what is Taking.RECALL:
        recalls_in.take_back(
            writing, house, agency=said.agency, to=said.to, thread=said.thread, acts=(said.act,)
        )


def drop(writing: Writing, house: House, inside: Iterable[ActId]) -> None:
    """Remove our own copies of what passes on *inside*, which a person let go just now."""
    for act in inside:
        for row in housed.of_room(writing, PASSED, _tag(house, PASSED, act)):
            _drop(writing, house, _open(house, row, PassedOn))


def follow(writing: Writing, house: House, node: NodeId) -> None:
    """Report what *node* has answered meanwhile."""
    for row in housed.of_room(writing, TOLD, node):
        _report(writing, house, _open(house, row, _Told))


def relay(writing: Writing, house: House, said: OnwardHeld) -> None:
    """Keep *said* where the recall is our own; else tell it whoever told us, as we were told."""
    rows = housed.get(writing, TOLD, [_tag(house, TOLD, said.recall, said.act)])
    if not rows:
        _keep(writing, house, said)
        return
    told = _open(house, rows[0], _Told)
    if said.hands >= HANDS_MOST or told.passed.agency != said.to:
        return
    passed = told.passed
    onward = replace(
        said,
        node=house.keys.node,
        agency=passed.agency,
        to=passed.by,
        act=passed.inside,
        hands=said.hands + 1,
    )
    _send(writing, house, onward, told.back)


def held_beyond(
    reading: Reading, house: House, act: ActId, recall: ActId
) -> tuple[OnwardHeld, ...]:
    """Return what holders beyond those whom we told *act* answered to its *recall*."""
    rows = housed.of_room(reading, HELD, _tag(house, HELD, recall, act))
    return tuple(_open(house, row, OnwardHeld) for row in rows)


def said_in(reading: Reading, house: House, thread: ThreadId) -> tuple[RecallOnward, ...]:
    """Return what we were told of acts in *thread* that were passed on to us, in its order."""
    found = [_open(house, row, RecallOnward) for row in housed.of_room(reading, SAID, thread)]
    return tuple(sorted(found, key=lambda each: (each.at, each.recall)))


def _source(
    reading: Reading, house: House, book: Book, docket: OrderedDocket, act: ActId
) -> Source:
    said = order_wire.read(docket.order).said
    shown = certify(reading, house, book.agency(docket.agency), {said.certificate})
    return Source(
        act=act,
        by=docket.agency,
        to=docket.to,
        original=act,
        recall=docket.act,
        order=docket.order,
        certified=within(tuple(canonical.encode(each) for each in shown)),
    )


def within(shown: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return *shown*, or nothing of it where that is too much for one notice."""
    fits = len(shown) <= CERTIFIED_MOST and sum(map(len, shown)) <= CERTIFIED_LIMIT
    return shown if fits else ()


def _said(house: House, passed: PassedOn, source: Source) -> RecallOnward:
    return RecallOnward(
        node=house.keys.node,
        agency=passed.agency,
        to=passed.to,
        act=passed.act,
        thread=passed.thread,
        original=source.original,
        recall=source.recall,
        order=source.order,
        certified=source.certified,
        at=house.now(),
    )


def _has_left(writing: Writing, passed: PassedOn, what: Taking) -> bool:
    """Return whether *passed* has left or will; what was recalled does not leave any more."""
    rows = [row for row in copies.by_acts(writing, [passed.act]) if row.agency == passed.agency]
    states = {row.state for row in rows if row.to == passed.to}
    if states <= {CopyState.STOPPED}:
        return False
    if what is Taking.RECALL and stop.withdraw(writing, rows):
        return False
    return CopyState.HELD not in states


def _drop(writing: Writing, house: House, passed: PassedOn) -> None:
    """Remove our copies of *passed* if what is inside it was removed here (2)."""
    gone = any(
        (row.agency, row.to, row.copy, row.answer) == (passed.by, passed.agency, "", Answer.REMOVED)
        for row in removed.by_acts(writing, [passed.inside])
    )
    here = house.keys.node
    rows = [
        row
        for row in copies.by_acts(writing, [passed.act])
        if row.agency == passed.agency and (row.to == row.agency or row.node != here)
    ]
    if gone:
        remove(writing, house, rows, Why.RECALL)


def _report(writing: Writing, house: House, told: _Told) -> None:
    """Tell who told us what the recipient of *told* has answered, if that is news (3)."""
    held, reason, at = _answer(writing, house, told)
    if (held, reason) == (told.held, told.reason):
        return
    passed = told.passed
    now = replace(told, held=held.value, reason=reason)
    name = (told.recall, passed.act)
    _put(writing, house, TOLD, name, owner=told.node, body=now)
    said = OnwardHeld(
        node=house.keys.node,
        agency=passed.agency,
        to=passed.by,
        act=passed.inside,
        recall=told.recall,
        passed=passed.act,
        holder=passed.to,
        hands=1,
        held=held,
        reason=reason,
        at=at,
    )
    _send(writing, house, said, told.back)


def _answer(reading: Reading, house: House, told: _Told) -> tuple[Held, str, datetime]:
    passed = told.passed
    rows = [
        row.copy
        for row in copies.by_acts(reading, [passed.act])
        if (row.agency, row.to) == (passed.agency, passed.to)
    ]
    heard = [each for each in receipts.by_copies(reading, rows) if each.stage in ON_RECALL]
    if heard:
        last = max(reversed(heard), key=lambda each: (each.stored_at, each.at))
        said = docket_wire.read(last.body, Receipt).said
        return held_of(said), said.reason, said.at
    if not notices.is_taken(reading, told.node, told.notice):
        return Held.NOT_REACHED, "", house.now()
    return (Held.ABSENT if told.what is Taking.RECALL else Held.MARKED), "", house.now()


def _send(writing: Writing, house: House, said: OnwardHeld, back: NodeId) -> None:
    if back == house.keys.node:
        relay(writing, house, said)
    else:
        notices.queue(writing, house, back, [notice_wire.sign(said, house.keys.carrier)])


def _keep(writing: Writing, house: House, said: OnwardHeld) -> None:
    """Keep what is reported to us of our own recall, if it is of one, and is the newest."""
    name, owner = (said.recall, said.act, said.passed), _tag(house, HELD, said.recall, said.act)
    ours = any(row.agency == said.to for row in copies.by_acts(writing, [said.recall]))
    had = any(
        (row.agency, row.to) == (said.to, said.agency)
        for row in copies.by_acts(writing, [said.act])
    )
    known = housed.get(writing, HELD, [_tag(house, HELD, *name)])
    if not ours or not had or (known and _open(house, known[0], OnwardHeld).at > said.at):
        return
    if known or len(housed.of_room(writing, HELD, owner)) < REPORTS:
        _put(writing, house, HELD, name, owner=owner, body=said)


def _tag(house: House, room: str, *ids: str) -> str:
    return house.vault.tag("/".join(ids).encode(), room).hex()


def _put(
    writing: Writing, house: House, room: str, ids: tuple[str, ...], *, owner: str, body: object
) -> None:
    housed.put(writing, [locked(house, room, _tag(house, room, *ids), body, owner=owner)])


def _open(house: House, row: housed.Housed, kind: type[T]) -> T:
    return opened(house, row, kind, _LIMIT)
