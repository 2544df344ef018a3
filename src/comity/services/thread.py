# SPDX-License-Identifier: Apache-2.0
"""Open a thread: every copy of it that an officer may read, verified, and what they come to.

Nothing is believed because it lies in our database, and what fails is told beside the thread, by
ids and a code, never as content. The steps (those of one copy stand in ``unseal.py``, those of a
receipt in ``heard.py``):

(1) The thread is his: some copy of it is sealed to him or to a desk of his. Else it is not there.
(2) Every docket that his agency has of it is verified; that is all there is to see of a copy that
    is not sealed to him.
(3) Each copy that is sealed to him is opened and verified, then what was sealed to whoever handed
    it on to him (``handed_on.py``). Whether a statement is judged provisionally stays with it.
(4) Two bodies under one act id by one author, in this thread or another, are both refused.
(5) Each docket's stage is held against its body, now that it is known who asked.
(6) Receipts are verified against their copies; *submitted* is made from our own leaf.
(7) What is left is folded.
(8) One write: what failed is kept as evidence, once, and moves no clock any more (``doubts.py``);
    who sent is told that it was opened, or that it could not be; and what was opened by a reading
    key is kept for his storage key (``wraps.py``). What is shown was receipted first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.domain import recall
from comity.domain.docket import Docket, ReceiptStage
from comity.domain.fold import fold
from comity.domain.ids import ActId, AgencyId, CopyId, ThreadId
from comity.domain.roster import OfficerEntry
from comity.domain.steps import next_steps
from comity.domain.thread import Released, Thread, without_conflicts
from comity.domain.time import from_millis
from comity.domain.trust import Judged
from comity.errors import Damaged, Misused, NotForUs, Untrusted
from comity.services import doubts, evidence, handed_on, opened, thread_kinds
from comity.services.address_book import Book, read_book
from comity.services.evidence import Finding
from comity.services.heard import Apart, Ear, apart, submitted
from comity.services.house import House
from comity.services.judge import IN_HONOUR, NOT_YET, judge
from comity.services.officer import Unlocked
from comity.services.opened import Met, Said
from comity.services.pile import Mistrusted, Pile, body_of, mistrusted_of
from comity.services.read_by import is_told
from comity.services.short_numbers import without_strange_number
from comity.services.unseal import (
    Opened,
    check_docket,
    check_stage,
    open_copy,
    readers_of,
    verify_copy,
)
from comity.services.wraps import KEY_RETIRED, Keyhole, sealed_of
from comity.storage import copies, receipts, wraps
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.reading import Reading, Writing
from comity.storage.wraps import Wrap

AT_ONCE: Final = 100
"""Copies of one agency that are opened in one thread unless all are asked for, so that nobody makes
everybody's list slow: its oldest, where the thread began, and its newest."""
_OLDEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """A thread as one officer sees it."""

    thread: Thread
    viewer: AgencyId
    copies: tuple[Opened, ...]
    """Each verified copy that he can open, in the order in which they came."""
    mistrusted: tuple[Mistrusted, ...]
    apart: tuple[Apart, ...]
    """Where two nodes' clocks, or their times for one fact, are more than five minutes apart."""
    held: frozenset[ActId]
    """Acts of ours that wait for a countersignature."""
    more: int = 0
    """Copies that he could open and that were not opened: ask for everything."""
    retired: frozenset[ActId] = frozenset()
    """Acts that nobody here opened before their key was destroyed: to be sent again."""

    @property
    def id(self) -> ThreadId:
        return self.thread.id

    @property
    def next(self) -> tuple[str, ...]:
        """What his side may do now, likeliest first."""
        return next_steps(self.thread, self.viewer)

    def copies_of(self, act: ActId) -> tuple[Opened, ...]:
        return tuple(each for each in self.copies if each.statement.act == act)

    def author_of(self, act: ActId) -> OfficerEntry | None:
        """Return who did *act*, as his agency certified him; None if it is not opened here."""
        return next((each.author for each in self.copies_of(act)), None)


def open_thread(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    *,
    receipt: bool = True,
    everything: bool = False,
) -> OpenThread:
    """Return *thread* as *unlocked* may see it; tell whoever sent it, unless *receipt* is off.

    Raise Misused if there is no such thread for him.
    """
    found = open_threads(unlocked, house, [thread], receipt=receipt, everything=everything)
    if not found:  # (1)
        raise Misused("thread-unknown")
    return found[0]


def open_threads(
    unlocked: Unlocked,
    house: House,
    threads: Sequence[ThreadId],
    *,
    receipt: bool = True,
    everything: bool = False,
) -> tuple[OpenThread, ...]:
    """Return those of *threads* that *unlocked* may see, in their order, opened in one go."""
    book = read_book(house)
    with house.store.read() as reading:
        desk = _ReadingDesk(reading, unlocked, house, book)
        found = desk.open(threads, everything=everything)
        findings = evidence.unrecorded(reading, desk.findings)
        said = opened.prepare(reading, desk.met, unlocked, house, desk.card) if receipt else ()
        kept = desk.keyhole.fresh(desk.verified) if receipt else ()
    _record(desk, house, unlocked, findings, said, kept=kept)
    return found


def _record(
    desk: "_ReadingDesk",
    house: House,
    unlocked: Unlocked,
    findings: Collection[Finding],
    said: Sequence[Said],
    *,
    kept: Sequence[Wrap],
) -> None:
    seen = doubts.turned(desk.failed, (each.row for each in desk.verified))
    if not findings and not said and not seen and not kept:
        return
    first = {each.row.copy for each in said}
    new = [each for each in desk.verified if each.row.copy in first]
    authors = {e.copy: (e.statement.thread, e.statement.author.certificate) for e in new}

    def work(writing: Writing) -> None:
        evidence.record(writing, house, findings)
        opened.record(writing, house, said, unlocked, desk.card)
        doubts.note(writing, house, authors)
        thread_kinds.note(writing, house, unlocked.agency, [each.statement for each in new])
        doubts.record(writing, desk.own, seen)
        wraps.add(writing, kept)

    house.store.write(work)  # (8)


class _ReadingDesk:
    """Opens threads for one officer in one snapshot; gathers what is to be recorded of it."""

    def __init__(self, reading: Reading, unlocked: Unlocked, house: House, book: Book) -> None:
        self._reading = reading
        self._unlocked = unlocked
        self._house = house
        self._book = book
        self.card = book.agency(unlocked.agency)
        self.keyhole = Keyhole(reading, unlocked, house, self.card)
        self.own = book.own_ids
        self.findings: list[Finding] = []
        self.verified: list[Opened] = []
        self.failed: list[Copy] = []
        self.met: list[Met] = []

    def open(
        self, threads: Sequence[ThreadId], *, everything: bool = False
    ) -> tuple[OpenThread, ...]:
        """Return those of *threads* that the officer may see."""
        ids = list(dict.fromkeys(threads))
        rows = copies.by_threads(self._reading, ids)
        named = self._named(rows)
        piles = _piles(ids, rows, named, self._unlocked.agency)
        if not everything:
            named = _few(piles, named)
        self._check_dockets(piles)
        self._unseal_all(piles, named)
        self._unseal_handed_on(piles, named, everything=everything)
        self._refuse_two_bodies(piles)
        self._hear(piles)
        return tuple(self._finish(pile) for pile in piles)

    def _named(self, rows: Iterable[Copy]) -> Mapping[str, tuple[CopyReader, ...]]:
        """Return for each copy that is sealed to the officer under which of his ids it is."""
        mine = readers_of(self._unlocked)
        found: dict[str, tuple[CopyReader, ...]] = {}
        for each in copies.readers_of(self._reading, [row.copy for row in rows]):
            if each.reader in mine:
                found[each.copy] = (*found.get(each.copy, ()), each)
        return found

    def _unseal_all(
        self, piles: Sequence[Pile], named: Mapping[str, tuple[CopyReader, ...]]
    ) -> None:
        theirs = [row for pile in piles for row in pile.rows.values() if row.copy in named]
        sealed = sealed_of(self._reading, [row.envelope for row in theirs])
        self.keyhole.look(sealed)
        judged = judge(self._reading, theirs)
        for pile in piles:
            for row in pile.rows.values():
                if row.copy in pile.sound and row.copy in named and row.envelope in sealed:
                    mine, when = named[row.copy], judged[CopyId(row.copy)]
                    self._unseal(pile, row, mine, sealed[row.envelope], when)

    def _unseal_handed_on(
        self,
        piles: Sequence[Pile],
        named: Mapping[str, tuple[CopyReader, ...]],
        *,
        everything: bool,
    ) -> None:
        """Open what was sealed to those alone who handed it on, one to the next, to him."""
        found = handed_on.named(
            self._reading, self._house, self._unlocked, self.card, piles, seen=named
        )
        self._unseal_all(piles, found if everything else _few(piles, found))

    def _check_dockets(self, piles: Sequence[Pile]) -> None:
        for pile in piles:
            pile.sound = {row.copy for row in pile.rows.values() if self._docket(pile, row)}

    def _docket(self, pile: Pile, row: Copy) -> bool:
        """Return whether the docket of *row* verifies; keep it."""
        try:
            docket = check_docket(row, self._book, self._unlocked)  # (2)
        except Untrusted as error:
            self._refuse(pile, row, error, kind=evidence.DOCKET)
            return False
        if docket is not None:
            pile.dockets[row.copy] = docket
        return True

    def _unseal(
        self, pile: Pile, row: Copy, named: tuple[CopyReader, ...], sealed: bytes, when: Judged
    ) -> None:
        keys = self.keyhole.keys(row, named, sealed)
        if not keys:
            why = self.keyhole.lacking(row, named)
            pile.retired += [ActId(row.act)] if why == KEY_RETIRED else []
            if why:
                self._meet(row, named, ReceiptStage.UNREADABLE, why)
            return
        try:
            signed = open_copy(row, sealed, keys, self._unlocked)  # (3)
        except Damaged as error:
            pile.mistrusted.append(mistrusted_of(row, error))
            return
        except Untrusted as error:
            self._refuse(pile, row, error)
            self._meet(row, named, ReceiptStage.UNREADABLE, error.cause)
            return
        try:
            found = verify_copy(
                row,
                pile.dockets.get(row.copy),
                signed,
                sealed,
                unlocked=self._unlocked,
                book=self._book,
                judged=when,
                givers=pile.givers,
            )
        except Untrusted as error:
            self._refuse(pile, row, error, provisional=when.provisional)
            return
        pile.opened.append(found)
        pile.named[row.copy] = named

    def _refuse_two_bodies(self, piles: Sequence[Pile]) -> None:
        """Take out of *piles* what was signed with two bodies (4)."""
        said: dict[tuple[str, ...], dict[tuple[str, str], list[Copy]]] = defaultdict(dict)
        for each in (*(each for pile in piles for each in pile.opened), *self._elsewhere(piles)):
            author = each.statement.author
            bodies = said[(each.statement.act, author.agency, author.officer)]
            bodies.setdefault(body_of(each), []).append(each.row)
        for bodies in said.values():
            if len(bodies) > 1:
                rows = [row for group in bodies.values() for row in group]
                self.findings.append(evidence.two_bodies(rows))
                for pile in piles:
                    pile.void({row.copy for row in rows})

    def _elsewhere(self, piles: Sequence[Pile]) -> tuple[Opened, ...]:
        """Return the copies, in threads that are not being opened, of acts that are."""
        acts = sorted({each.statement.act for pile in piles for each in pile.opened})
        here = {pile.id for pile in piles}
        rows = [row for row in copies.by_acts(self._reading, acts) if row.thread not in here]
        if not rows:
            return ()
        named = self._named(rows)
        others = _piles(sorted({ThreadId(r.thread) for r in rows}), rows, named, "")
        self._check_dockets(others)
        self._unseal_all(others, named)
        return tuple(each for pile in others for each in pile.opened)

    def _hear(self, piles: Sequence[Pile]) -> None:
        """Verify what was said of the copies (6)."""
        ear = Ear(self._reading, self._book, self._unlocked.remembered)
        by_copy = {copy: pile for pile in piles for copy in pile.rows}
        for kept in receipts.by_copies(self._reading, sorted(by_copy)):
            pile = by_copy[kept.copy]
            row = pile.rows[kept.copy]
            try:
                said = ear.hear(kept, row)
                if is_told(said, self._unlocked.agency):
                    pile.receipts.append(said)
            except Untrusted as error:
                self.findings.append(evidence.against_receipt(kept, error))
                pile.mistrusted.append(
                    replace(mistrusted_of(row, error), agency=AgencyId(kept.agency))
                )
        for pile in piles:
            pile.proven = ear.proofs(pile.receipts)

    def _finish(self, pile: Pile) -> OpenThread:
        thread = self._fold(pile)
        wrong = [each for each in pile.opened if not self._stands(pile, each, thread)]  # (5)
        if wrong:
            pile.opened = [each for each in pile.opened if each not in wrong]
            thread = self._fold(pile)
        for each in pile.opened:
            self._meet(each.row, pile.named[each.copy], ReceiptStage.OPENED)
        self.verified += pile.opened
        self.failed += pile.lost
        return OpenThread(
            thread=thread,
            viewer=self._unlocked.agency,
            copies=tuple(pile.opened),
            mistrusted=tuple(pile.mistrusted),
            apart=apart(pile.rows, pile.receipts, own=self.own),
            held=pile.held,
            more=pile.more,
            retired=frozenset(pile.retired) - {each.statement.act for each in pile.opened},
        )

    def _stands(self, pile: Pile, found: Opened, thread: Thread) -> bool:
        try:
            check_stage(found, thread)
        except Untrusted as error:
            self._refuse(pile, found.row, error)
            return False
        return True

    def _fold(self, pile: Pile) -> Thread:
        """Return what is left of *pile* as a thread (7)."""
        seen = [each.seen for each in (*pile.opened, *pile.conflicting)]
        mine = self._unlocked.agency
        handed = [
            said
            for row in pile.rows.values()
            if row.agency == mine != row.to and (said := submitted(row, self._house))
        ]
        thread = fold(
            pile.id,
            seen,
            dockets=[self._released(pile.rows[c], d) for c, d in pile.dockets.items()],
            receipts=(*handed, *pile.receipts),
            proven=pile.proven,
            held=pile.held,
            removed={(r.agency, r.act) for r in pile.rows.values() if r.state == CopyState.REMOVED},
            followers=self._book.followers({row.agency for row in pile.rows.values()}),
        )
        thread = recall.seen_by(thread, readers_of(self._unlocked), mine)
        return without_strange_number(without_conflicts(thread), self._book)

    def _released(self, row: Copy, docket: Docket) -> Released:
        at = from_millis(row.stored_at)
        return Released(docket=docket, at=at, ours=row.agency in self.own)

    def _meet(
        self, row: Copy, named: tuple[CopyReader, ...], stage: ReceiptStage, reason: str = ""
    ) -> None:
        # What was handed on to him was opened by whom it names.
        own = not readers_of(self._unlocked).isdisjoint(each.reader for each in named)
        if own and opened.is_owed(row, self._unlocked):
            self.met.append(Met(row=row, named=named, stage=stage, reason=reason))

    def _refuse(
        self,
        pile: Pile,
        row: Copy,
        error: Untrusted,
        *,
        kind: str = "",
        provisional: bool = False,
    ) -> None:
        pile.mistrusted.append(mistrusted_of(row, error))
        passing = provisional and error.cause == NOT_YET
        if not passing:
            (pile.shut if isinstance(error, NotForUs) else pile.wrong).append(row)
        # Judged by our clock alone, a key that is yet to begin may be good when a witness has said
        # when it was; and an honest one may have ended while its words travelled. Nobody is accused
        # of that.
        if not passing and (kind or error.cause not in IN_HONOUR):
            self.findings.append(evidence.against_copy(row, error, kind=kind))


def _piles(
    ids: Iterable[ThreadId],
    rows: Iterable[Copy],
    named: Mapping[str, tuple[CopyReader, ...]],
    agency: str,
) -> tuple[Pile, ...]:
    """Return the threads in which something is sealed to the officer, with what he may see (1)."""
    piles = {id_: Pile(id=id_) for id_ in ids}
    for row in rows:
        if row.copy in named or agency in (row.agency, row.to):
            piles[ThreadId(row.thread)].rows[row.copy] = row
    return tuple(pile for pile in piles.values() if not named.keys().isdisjoint(pile.rows))


def _few(
    piles: Iterable[Pile], named: Mapping[str, tuple[CopyReader, ...]]
) -> Mapping[str, tuple[CopyReader, ...]]:
    """Return *named* without what one agency heaped up in one thread; the piles say how much."""
    kept: dict[str, tuple[CopyReader, ...]] = {}
    for pile in piles:
        by_agency: dict[str, list[str]] = defaultdict(list)
        for row in pile.rows.values():
            if row.copy in named:
                by_agency[row.agency].append(row.copy)
        for ids in by_agency.values():
            over = max(0, len(ids) - AT_ONCE)
            pile.more += over
            kept |= {each: named[each] for each in (*ids[:_OLDEST], *ids[_OLDEST + over :])}
    return kept


def parties(thread: Thread) -> tuple[AgencyId, ...]:
    """Return who asks and who is asked, as far as it is known."""
    return (*((thread.asker,) if thread.asker else ()), *thread.asked)
