# SPDX-License-Identifier: Apache-2.0
"""One copy, opened and verified; nothing of it is shown before the last step has passed.

(1) Its docket is signed by a carrier key that the releasing agency had certified when it came here,
    and is the one that the row names. (A copy that waits for a countersignature has none: only our
    own agency's can.)
(2) Its envelope is the one that the docket names, to the byte.
(3) The envelope opens with the key under which this officer, or a desk of his, is named, or by
    what he kept of it when he first opened it (``wraps.py``).
(4) It holds one canonical statement.
(5) The author held the certificate that he names.
(6) He signed it.
(7) Docket and statement say the same of act, thread, copy, agencies, readers and files; each reader
    belongs to the agency that this copy is for, and the author, and he alone, is there as its
    author.
(8) This officer, or a desk of his, is among its readers, or a colleague who handed it on to him.
(9) The author's key was good when the statement is judged to have been made (``judge.py``). Last,
    so that what fails by this alone is known to fail by nothing else.
(10) The docket's stage and clock are those of the body; who asked is known once the thread is
    gathered (``thread.py``).
(11) What it passes on was told by whom it says, and may be passed on (``passed_on_in.py``). Before
    (10), which needs the thread.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from comity.crypto.age import HybridIdentity, Identity
from comity.crypto.signing import verifying_key
from comity.domain.docket import Docket
from comity.domain.ids import AgencyId, CopyId, DeskId, EnvelopeId, digest, thread_of
from comity.domain.readers import display_of
from comity.domain.release import clock_in, stage_in
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import Opener, Statement, Unknown, Why
from comity.domain.thread import Seen, Side, Thread
from comity.domain.time import from_millis
from comity.domain.trust import Judged
from comity.errors import Damaged, Differs, NotForUs
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.judge import author_of, card_of, check_carrier, signer_of
from comity.services.officer import Unlocked
from comity.services.passed_on_in import check_passed_on
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.wire import docket as docket_wire
from comity.wire import envelope as envelope_wire
from comity.wire import statement as statement_wire
from comity.wire.docket import Released
from comity.wire.envelope import Envelope
from comity.wire.statement import SignedCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One copy that passed every step."""

    row: Copy
    signed: SignedCopy
    docket: Docket | None
    """None while it waits for a countersignature."""
    author: OfficerEntry
    """As his agency certified him; what the statement says of him is only what he says."""
    judged: Judged
    ours: bool

    @property
    def statement(self) -> Statement:
        return self.signed.statement

    @property
    def copy(self) -> CopyId:
        return self.signed.copy

    @property
    def seen(self) -> Seen:
        return Seen(
            statement=self.statement,
            copy=self.copy,
            judged_at=self.judged.at,
            provisional=self.judged.provisional,
            ours=self.ours,
        )


def check_docket(row: Copy, book: Book, unlocked: Unlocked) -> Docket | None:
    """Return the docket of *row*, verified; None for one of ours that is held."""
    card = card_of(book, AgencyId(row.agency))
    if not row.release:
        if row.state != CopyState.HELD or not card.own:
            raise Differs("docket")
        return None
    released: Released[Docket] = docket_wire.read(row.release, Docket)
    if released.digest != row.docket or released.said.agency != row.agency:  # (1)
        raise Differs("docket")
    check_carrier(released, card, from_millis(row.stored_at), unlocked.remembered)
    return released.said


def lines_of(unlocked: Unlocked, card: AgencyCard) -> Mapping[tuple[str, int], str]:
    """Return under which line this officer and his desks were certified in each epoch."""
    mine = readers_of(unlocked)
    return {
        (entry.id, entry.epoch): entry.reading
        for entry in card.history.values()
        if isinstance(entry, OfficerEntry | DeskEntry) and entry.id in mine
    }


def readers_of(unlocked: Unlocked) -> frozenset[str]:
    """Return the ids under which this officer reads: his own and his desks'."""
    return frozenset((unlocked.entry.id, *unlocked.desks))


def keys_for(
    unlocked: Unlocked, named: Sequence[CopyReader], lines: Mapping[tuple[str, int], str]
) -> tuple[HybridIdentity, ...]:
    """Return the keys of this officer that open what is sealed to *named*; none if he has none.

    Who joined a desk has no key of its earlier epochs; that is as it should be, and no failure.
    """
    held = unlocked.remembered.by_lines(unlocked.identities)
    found: list[HybridIdentity] = []
    for each in named:
        line = lines.get((each.reader, each.epoch))
        if line is None:
            found += _every_key(unlocked, each.reader)
        elif line in held:
            found.append(held[line])
    return tuple(dict.fromkeys(found))


def open_copy(row: Copy, sealed: bytes, keys: Sequence[Identity], unlocked: Unlocked) -> SignedCopy:
    """Return what *sealed* holds, its signature still to be verified; raise Untrusted."""
    if digest(sealed) != row.envelope or len(sealed) != row.size:  # (2)
        # It was whole when it was taken in: this is our disk, not the peer.
        raise Damaged("envelope")
    known = unlocked.remembered.copy(CopyId(row.copy))
    if known is not None:
        return known
    dsse = envelope_wire.open_(sealed, keys, named=EnvelopeId(row.envelope))  # (3)
    return statement_wire.author_of(dsse)  # (4)


def verify_copy(
    row: Copy,
    docket: Docket | None,
    signed: SignedCopy,
    sealed: bytes,
    *,
    unlocked: Unlocked,
    book: Book,
    judged: Judged,
    givers: Collection[str] = (),
) -> Opened:
    """Return *signed* as opened and verified; raise Untrusted.

    *givers* are the officers of his agency who handed the thread on to him.
    """
    said = signed.statement
    author = check_author(signed, unlocked, book)  # (5) (6)
    _compare_row(row, signed)  # (7)
    if docket is not None:
        envelope = Envelope(id=EnvelopeId(row.envelope), sealed=sealed)
        docket_wire.compare(docket, signed, envelope)
    check_agencies(said)
    check_named(said, unlocked, givers)  # (8)
    author_of(book, said.author, judged)  # (9)
    check_passed_on(said, book, judged)  # (11)
    unlocked.remembered.keep(signed)
    return Opened(
        row=row,
        signed=signed,
        docket=docket,
        author=author,
        judged=judged,
        ours=book.is_own(said.author.agency),
    )


def check_author(signed: SignedCopy, unlocked: Unlocked, book: Book) -> OfficerEntry:
    """Return whose statement it is, as his agency certified him; raise BadSignature."""
    entry = signer_of(book, signed.statement.author)
    key = verifying_key(entry.signing)
    verify = partial(statement_wire.verify, signed.dsse, key)
    unlocked.remembered.once(signed.dsse, key, verify)
    if signed.statement.author.display not in ("", display_of(entry)):
        raise Differs("display")  # he may show himself as his agency does, or not at all
    return entry


def check_agencies(said: Statement) -> None:
    """Raise Differs if a reader passes for another agency's, or an act for another's opening."""
    author = said.author
    opens = isinstance(said.body, Opener)
    if opens and said.thread != thread_of(author.agency, said.act):
        raise Differs("thread")
    for each in said.readers:
        own = (author.agency, author.officer) == (each.agency, each.id)
        if (each.why is Why.AUTHOR) is not own or (not own and each.agency != said.to):
            raise Differs("readers")
    if all(each.why is not Why.AUTHOR for each in said.readers):
        raise Differs("readers")


def check_named(said: Statement, unlocked: Unlocked, givers: Collection[str] = ()) -> None:
    """Raise NotForUs unless this officer, a desk of his or one of *givers* is to read *said*."""
    mine = readers_of(unlocked).union(givers)
    if mine.isdisjoint(each.id for each in said.readers):
        raise NotForUs("reader")


def check_stage(opened: Opened, thread: Thread) -> None:
    """Raise Differs unless the docket moves the clock as the body does (10)."""
    docket, said = opened.docket, opened.statement
    if docket is None or isinstance(said.body, Unknown):
        return  # what a later version means by its type, only that version can say
    sides = [side is Side.ASKER for side in _sides(opened, thread)]
    if docket.stage not in {stage_in(said, author_asked=asked) for asked in sides}:
        raise Differs("stage")
    if docket.clock != clock_in(said):
        raise Differs("clock")


def _sides(opened: Opened, thread: Thread) -> Collection[Side]:
    """Return on which sides the author may stand: on either, until the opening act is seen."""
    agency = opened.statement.author.agency
    if thread.asker is None or (agency == thread.asker and agency in thread.asked):
        return (Side.ASKER, Side.ASKED)
    return (Side.ASKER if agency == thread.asker else Side.ASKED,)


def _compare_row(row: Copy, signed: SignedCopy) -> None:
    said = signed.statement
    pairs = {
        "copy": (row.copy, signed.copy),
        "act": (row.act, said.act),
        "thread": (row.thread, said.thread),
        "agency": ((row.agency, row.to), (said.author.agency, said.to)),
    }
    for name, (kept, found) in pairs.items():
        if kept != found:
            raise Differs(name)


def _every_key(unlocked: Unlocked, reader: str) -> tuple[HybridIdentity, ...]:
    if reader == unlocked.entry.id:
        return unlocked.reading
    return unlocked.desks.get(DeskId(reader), ())
