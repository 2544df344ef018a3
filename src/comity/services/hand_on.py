# SPDX-License-Identifier: Apache-2.0
"""Hand on: an officer gives all his personal threads to a colleague who goes on with them.

His are the threads that he has, and those that no desk of his agency has and that he reads in
person. For each there is one hand-over, and in the same write what was sealed to him alone is
wrapped for the taker (ADR 19): envelopes, readers and proofs stay as they are. A thread stays with
him if the taker is barred from it, if the desk that has it is not the taker's, or if its handling
does not reach him: what is for those named is for them, and what is for a desk is for it. Who sits
at no desk is as much as one: whoever takes his place stands as near.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from comity.crypto.age import HybridRecipient
from comity.crypto.age.beside import FileKey
from comity.domain.epochs import ENVELOPES_LIMIT, HandedOn
from comity.domain.handling import See
from comity.domain.ids import EnvelopeId, ThreadId
from comity.domain.onward import has_expired, may_see
from comity.domain.policy import barred
from comity.domain.readers import Invited, WillSee, will_see
from comity.domain.roster import OfficerEntry
from comity.domain.statement import HandOver, Why
from comity.domain.thread import Holder
from comity.domain.verdict import Allowed, Barred
from comity.errors import Misused, NotCompetent, TooLate
from comity.services import handed_on
from comity.services.address_book import Book, newest, read_book
from comity.services.compose import author_of
from comity.services.enrol import find_officer
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.release import record
from comity.services.replies import begin, compose_home, invited_home, own_desks
from comity.services.rules import invite
from comity.services.thread import OpenThread, open_threads
from comity.services.unseal import readers_of
from comity.services.words import check_texts
from comity.services.wraps import Keyhole, made_for, sealed_of
from comity.storage import copies, wraps
from comity.storage.copies import CopyReader, CopyState
from comity.storage.reading import Writing
from comity.storage.wraps import Wrap

AT_ONCE: Final = 50
"""Threads that are looked at together."""


class Stays(StrEnum):
    """Why a thread does not go along."""

    BARRED = "barred"
    NAMED = "named"
    """Its handling does not reach the taker, or it was narrowed to others."""
    EXPIRED = "expired"
    ELSEWHERE = "not-at-desk"
    """A desk has it at which the taker does not sit."""
    SHUT = "shut"
    """The officer himself cannot open what opens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thread: what becomes of it."""

    thread: ThreadId
    short: str
    letters: int = 0
    """Messages that only the taker gains: whoever else reads them did so before."""
    shut: int = 0
    """Messages to this officer that he cannot open himself, so that nobody gains them."""
    why: Stays | None = None
    """Why it stays; None if it goes."""
    readers: tuple[WillSee, ...] = ()
    """Who reads that it was handed over; nobody where that was said before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What was, or would be, handed on."""

    taker: OfficerEntry
    lines: tuple[Line, ...]

    @property
    def gone(self) -> tuple[Line, ...]:
        return tuple(each for each in self.lines if each.why is None)

    @property
    def stay(self) -> tuple[Line, ...]:
        return tuple(each for each in self.lines if each.why is not None)


def preview(unlocked: Unlocked, house: House, taker: str) -> HandedOver:
    """Return what would be handed on to *taker*; nothing is written and nobody is told."""
    giver = _Giver(unlocked, house, taker)
    lines = [giver.line(each) for each in giver.threads()]
    return HandedOver(taker=giver.taker, lines=tuple(lines))


def hand_on(unlocked: Unlocked, house: House, taker: str, *, remark: str = "") -> HandedOver:
    """Hand every personal thread of *unlocked* on to *taker*, an officer by id, name or label."""
    check_texts(remark=remark)
    giver = _Giver(unlocked, house, taker)
    lines: list[Line] = []
    for each in giver.threads():
        line = giver.line(each)
        lines.append(giver.hand(each, line, remark) if line.why is None else line)
    return HandedOver(taker=giver.taker, lines=tuple(lines))


class _Giver:
    """An officer with what is his, on its way to one colleague."""

    def __init__(self, unlocked: Unlocked, house: House, taker: str) -> None:
        self._unlocked = unlocked
        self._house = house
        self._book: Book = read_book(house)
        self._card = self._book.agency(unlocked.agency)
        self._me = unlocked.entry.id
        _check_self(self._book, unlocked)
        card, self.taker = find_officer(house, taker)
        if card.id != unlocked.agency or self.taker.id == self._me:
            raise Misused("officer-unknown")
        self._exclusions = read_policy(house, unlocked.agency).exclusions
        self._overseers = {each.id for each in self._card.oversight}

    def threads(self) -> Sequence[OpenThread]:
        """Return the threads that are his."""
        with self._house.store.read() as reading:
            ids = [ThreadId(each) for each in copies.threads_read_by(reading, self._me)]
        found: list[OpenThread] = []
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            opened = open_threads(self._unlocked, self._house, some, receipt=False, everything=True)
            found += [each for each in opened if self._is_his(each)]
        return found

    def line(self, opened: OpenThread) -> Line:
        """Return what is to become of *opened*."""
        line = Line(thread=opened.id, short=opened.thread.short, why=self._why_not(opened))
        if line.why is not None:
            return line
        return replace(
            line,
            letters=len(self._wraps(opened)),
            shut=self._shut(opened),
            readers=self._told(opened) if self._is_to_be_said(opened) else (),
        )

    def _told(self, opened: OpenThread) -> tuple[WillSee, ...]:
        """Return who reads the hand-over itself."""
        invited = invited_home(self._unlocked, self._house, opened, also=[self._follower])
        return will_see([author_of(self._unlocked, self._book), *invited])

    @property
    def _follower(self) -> Invited:
        return invite(self._card, self.taker, Why.SUCCESSOR)

    def hand(self, opened: OpenThread, line: Line, remark: str) -> Line:
        """Hand *opened* on in one write; raise TooLate if somebody acted on it meanwhile."""
        if not self._is_to_be_said(opened):
            rows = self._wraps(opened)
            self._house.store.write(partial(self._keep, thread=opened.id, rows=rows))
            return line
        begun = begin(self._unlocked, self._house, opened.id, everything=True)
        body = HandOver(to=begun.opening.id, taker=self.taker.id, remark=remark)
        rows = self._wraps(begun.opened)
        said = compose_home(self._unlocked, self._house, begun.opened, body, also=[self._follower])
        keep = partial(self._keep, thread=opened.id, rows=rows)
        record(self._house, self._book, said, also=(begun.unmoved, keep))
        return replace(line, letters=len(rows))

    def _is_his(self, opened: OpenThread) -> bool:
        if opened.thread.opening is None:
            return self._shut(opened) > 0
        if opened.thread.side_of(self._unlocked.agency) is None:
            return False
        holder = opened.thread.holder_in(self._unlocked.agency)
        if holder is None:
            return not self._desks(opened)
        return holder.id == self._me or (
            self._gave(opened, holder) and bool(self._wraps(opened) or self._shut(opened))
        )

    def _gave(self, opened: OpenThread, holder: Holder) -> bool:
        """Return whether he himself gave it to the taker before; something may have come since."""
        acts = [each for each in opened.thread.acts if each.id == holder.act]
        return holder.id == self.taker.id and any(each.officer == self._me for each in acts)

    def _is_to_be_said(self, opened: OpenThread) -> bool:
        holder = opened.thread.holder_in(self._unlocked.agency)
        return holder is None or holder.id == self._me

    def _desks(self, opened: OpenThread) -> set[str]:
        """Return the desks of his agency that had what opened it; oversight only looks on."""
        opening = opened.thread.opening
        found = own_desks(opened, self._unlocked.agency, opening.id if opening else None)
        return set(found) - self._overseers

    def _why_not(self, opened: OpenThread) -> Stays | None:
        thread = opened.thread
        if thread.opening is None:
            return Stays.SHUT
        verdict = barred(
            self._exclusions, opened.id, reader=self.taker.id, agency=self.taker.agency
        )
        if isinstance(verdict, Barred):
            return Stays.BARRED
        desks = self._desks(opened)
        if desks and desks.isdisjoint(self.taker.desks):
            return Stays.ELSEWHERE
        if has_expired(thread.handling, self._house.now()):
            return Stays.EXPIRED
        return None if self._reaches(opened) else Stays.NAMED

    def _reaches(self, opened: OpenThread) -> bool:
        """Return whether handling lets the taker see what was said to this officer."""
        handling, own = opened.thread.handling, self._unlocked.agency
        alone = [
            set(each.readers)
            for each in opened.thread.taken_back
            if each.readers and each.agency != own
        ]
        reads = {self.taker.id, *self.taker.desks}
        if handling.see is See.NAMED or any(reads.isdisjoint(each) for each in alone):
            return False
        mine = set(self._unlocked.entry.desks) - self._overseers
        near = See.DESK if not mine or mine & set(self.taker.desks) else See.AGENCY
        verdict = may_see(handling, near, originator=own, at=self._house.now())
        return isinstance(verdict, Allowed)

    def _wraps(self, opened: OpenThread) -> tuple[Wrap, ...]:
        """Return wraps of what in *opened* was for him in person and the taker cannot open yet."""
        rows = {each.row.copy: each.row for each in opened.copies}
        with self._house.store.read() as reading:
            named = _by_copy(copies.readers_of(reading, list(rows)))
            ids = sorted({row.envelope for row in rows.values()})
            has = wraps.of(reading, self.taker.id, ids)
            lacking = [
                row
                for copy, row in rows.items()
                if row.envelope not in has and self._is_personal(named.get(copy, ()))
            ]
            keyhole = Keyhole(reading, self._unlocked, self._house, self._card)
            keyhole.look([row.envelope for row in lacking])
            sealed = sealed_of(reading, [row.envelope for row in lacking])
            made = {
                row.envelope: self._wrap(row.envelope, key)
                for row in lacking
                if (key := keyhole.key_of(row, named[row.copy], sealed.get(row.envelope, b"")))
            }
        return tuple(made[each] for each in sorted(made))

    def _is_personal(self, named: Sequence[CopyReader]) -> bool:
        """Return whether what is sealed to *named* was for him, and is not for the taker."""
        reads = {each.reader for each in named}
        given = readers_of(self._unlocked).isdisjoint(reads)  # by whom he himself follows
        mine = self._me in reads or given
        return mine and reads.isdisjoint({self.taker.id, *self.taker.desks})

    def _wrap(self, envelope: str, key: FileKey) -> Wrap:
        storage = HybridRecipient.parse(self.taker.storage)
        return made_for(self._house, self.taker.id, storage, envelope=envelope, key=key)

    def _shut(self, opened: OpenThread) -> int:
        """Return how many messages for him in person he cannot open any more."""
        there = {each.row.copy for each in opened.copies}
        with self._house.store.read() as reading:
            rows = [
                row.copy
                for row in copies.by_threads(reading, [opened.id])
                if row.copy not in there and row.state != CopyState.REMOVED
            ]
            named = copies.readers_of(reading, rows)
        return len({each.copy for each in named if each.reader == self._me})

    def _keep(self, writing: Writing, *, thread: ThreadId, rows: Sequence[Wrap]) -> None:
        _ = writing.log  # its lock, before we look
        if newest(writing) != self._book.mark:
            raise TooLate("moved")  # the taker may have left, or he himself
        wraps.add(writing, rows)
        for at in range(0, len(rows), ENVELOPES_LIMIT):
            said = self._said(thread, rows[at : at + ENVELOPES_LIMIT])
            handed_on.record(writing, self._house, said, self._unlocked.signing)

    def _said(self, thread: ThreadId, rows: Sequence[Wrap]) -> HandedOn:
        return HandedOn(
            agency=self._unlocked.agency,
            thread=thread,
            by=self._me,
            certificate=self._unlocked.certificate,
            to=self.taker.id,
            envelopes=tuple(EnvelopeId(each.envelope) for each in rows),
            at=self._house.now(),
        )


def _check_self(book: Book, unlocked: Unlocked) -> None:
    """Raise NotCompetent unless it is he himself, and he has not left."""
    author_of(unlocked, book)
    entry = book.agency(unlocked.agency).readers.get(unlocked.entry.id)
    if not isinstance(entry, OfficerEntry) or entry.signing != unlocked.signing.public.raw:
        raise NotCompetent("certificate")


def _by_copy(named: Sequence[CopyReader]) -> dict[str, tuple[CopyReader, ...]]:
    found: dict[str, tuple[CopyReader, ...]] = {}
    for each in named:
        found[each.copy] = (*found.get(each.copy, ()), each)
    return found
