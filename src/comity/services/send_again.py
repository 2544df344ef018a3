# SPDX-License-Identifier: Apache-2.0
"""Send again: the same act to today's keys, where the other side could not open it or it came back.

The key that it was sealed to was destroyed before anybody opened it, or its reader has another one
by now. The act stays what it is, its id and its body to the byte; it gets another copy, sealed to
who reads there today, under all the rules of today (``rules.py``). Only its author can do that: a
copy signed by another would be another's act. What was countersigned once is not held again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.domain.docket import DocketStage, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import Request, Why
from comity.domain.thread import Act as Seen
from comity.domain.thread import Effect
from comity.errors import NotCompetent, Refused, TooLate
from comity.services.address_book import Book, read_book
from comity.services.compose import Act, Composed, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import NOTE, USE, Decided, Outward, decide_outward, shares
from comity.services.stop import find_act, rows_of
from comity.services.thread import OpenThread
from comity.storage import copies
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading, Writing


def send_again(unlocked: Unlocked, house: House, act: ActId, *, roster_reason: str = "") -> Done:
    """Send *act* again to every agency that could not open it; raise TooLate if there is none."""
    opened, target = find_act(unlocked, house, act)
    if (target.agency, target.officer) != (unlocked.agency, unlocked.entry.id):
        raise NotCompetent("not-author")
    with house.store.read() as reading:
        before = _lost(reading, opened, target)
        book = read_book(house)
        made = [
            _again(unlocked, house, book, opened, row=row, reason=roster_reason) for row in before
        ]
    if not made:
        raise TooLate("not-lost")

    def unmoved(writing: Writing) -> None:
        if _lost(writing, opened, target) != before:
            raise TooLate("moved")

    terms = Terms(wait=max(each.wait for _, each in made), again=True)
    return record(house, book, [each for each, _ in made], terms, also=(unmoved,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An act that an agency could not open, or that came back, and why."""

    act: ActId
    to: AgencyId
    stage: ReceiptStage
    why: str
    """The code of the receipt; empty where none says."""


def lost(unlocked: Unlocked, house: House, opened: OpenThread) -> tuple[Lost, ...]:
    """Return what of his in *opened* another agency could not open."""
    mine = [
        each
        for each in opened.thread.acts
        if (each.agency, each.officer) == (unlocked.agency, unlocked.entry.id)
        and each.effect is Effect.APPLIED
    ]
    with house.store.read() as reading:
        return tuple(_why(opened, row) for each in mine for row in _lost(reading, opened, each))


def lost_acts(unlocked: Unlocked, house: House, opened: OpenThread) -> tuple[ActId, ...]:
    """Return the acts of his in *opened* that another agency could not open."""
    return tuple(dict.fromkeys(each.act for each in lost(unlocked, house, opened)))


def _why(opened: OpenThread, row: Copy) -> Lost:
    came_back = row.state == CopyState.RETURNED
    stage = ReceiptStage.RETURNED if came_back else ReceiptStage.UNREADABLE
    said = [
        each.reason
        for each in opened.thread.receipts
        if each.copy == row.copy and each.stage is stage
    ]
    return Lost(act=ActId(row.act), to=AgencyId(row.to), stage=stage, why=said[-1] if said else "")


def _lost(reading: Reading, opened: OpenThread, target: Seen) -> Sequence[Copy]:
    """Return the newest copy of *target* for each agency that opened none of them."""
    told = {
        stage: {each.copy for each in opened.thread.receipts if each.stage is stage}
        for stage in (ReceiptStage.OPENED, ReceiptStage.UNREADABLE)
    }
    by_agency: dict[str, list[Copy]] = {}
    for row in rows_of(copies.by_acts(reading, [target.id]), target):
        if row.to != row.agency and row.stage != DocketStage.COPIED:
            by_agency.setdefault(row.to, []).append(row)
    return [
        max(rows, key=lambda each: (each.stored_at, each.copy))
        for _, rows in sorted(by_agency.items())
        if all(_failed(each, told) for each in rows)
        and not any(each.copy in told[ReceiptStage.OPENED] for each in rows)
    ]


def _failed(row: Copy, told: Mapping[ReceiptStage, set[CopyId]]) -> bool:
    unread = row.copy in told[ReceiptStage.UNREADABLE]
    return row.state == CopyState.RETURNED or unread


def _again(
    unlocked: Unlocked,
    house: House,
    book: Book,
    opened: OpenThread,
    *,
    row: Copy,
    reason: str,
) -> tuple[Composed, Decided]:
    """Return the copy of an act that takes the place of *row*, and what the rules made of it."""
    said = opened.copies_of(ActId(row.act))[0].statement
    request = opened.thread.request
    kind = request.kind if request else NOTE
    known = house.kinds.get(kind)
    stage = DocketStage(row.stage)
    decided = decide_outward(
        unlocked,
        house,
        book,
        Outward(
            thread=opened.id,
            to=_addressee(book, opened, row),
            kind=kind,
            stage=stage,
            clock=opened.thread.clock,
            nominal=True,  # nobody looks at its words again, so the stricter rule holds
            coercive=known is not None and known.coercive,
            shares=shares(said.body),
            use=request.use if request else USE,
            desk=said.author.desk,
            roster_reason=reason,
            spoken=said.body.spoken if isinstance(said.body, Request) else "",
        ),
    )
    act = Act(
        id=said.act,
        body=said.body,
        thread=opened.id,
        invited=decided.invited,
        language=said.language,
        desk=decided.desk,
        supplies=stage is DocketStage.SUPPLIED,
        roster_reason=reason,
    )
    found = compose(unlocked, house, book, act)
    return next(each for each in found if each.docket.to == row.to), decided


def _addressee(book: Book, opened: OpenThread, row: Copy) -> DeskEntry | OfficerEntry:
    """Return whom the copy *row* was addressed to, as he is certified today."""
    card = book.agency(AgencyId(row.to))
    for copy in opened.copies_of(ActId(row.act)):
        for each in (*copy.statement.readers, *copy.statement.shown):
            if each.agency == row.to and each.why is Why.ADDRESSED and each.id in card.readers:
                return card.readers[each.id]
    raise Refused("reader-unknown")
