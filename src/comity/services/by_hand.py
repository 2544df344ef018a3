# SPDX-License-Identifier: Apache-2.0
"""Open by hand: a sealed statement that reached a reader outside a parcel, on a stick or by mail.

No docket came with it, so no agency released it: what it says is shown as *private, not from the
agency*, counts for nothing in a thread and gets no receipt. It is verified like any other (the
numbers are those of ``unseal.py``), judged at the present moment, which is our time of receipt. A
copy that came in a parcel as well is the agency's: its thread shows it.
"""

from dataclasses import dataclass

from comity.domain.ids import EnvelopeId, digest
from comity.domain.roster import OfficerEntry
from comity.domain.statement import Statement
from comity.domain.thread import Seen
from comity.domain.trust import Judged, judged
from comity.errors import Refused, Untrusted
from comity.services import evidence
from comity.services.address_book import Book, read_book
from comity.services.evidence import Finding
from comity.services.house import House
from comity.services.judge import IN_HONOUR, author_of
from comity.services.officer import Unlocked
from comity.services.passed_on_in import check_passed_on
from comity.services.recalls_in import was_removed
from comity.services.unseal import check_agencies, check_author, check_named
from comity.storage import copies, envelopes
from comity.storage.envelopes import Envelope
from comity.storage.reading import Writing
from comity.wire import envelope as envelope_wire
from comity.wire import statement as statement_wire
from comity.wire.statement import SignedCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A statement that verifies and that nobody's node released."""

    seen: Seen
    author: OfficerEntry
    """As his agency certified him."""
    in_thread: bool
    """True if the same copy came in a parcel too: then it is not private."""

    @property
    def statement(self) -> Statement:
        return self.seen.statement


def open_by_hand(unlocked: Unlocked, house: House, sealed: bytes) -> ByHand:
    """Return what *sealed* (binary or armoured) says; raise Untrusted if it does not verify.

    What opens with his keys and then fails is kept as evidence, sealed as it is.
    """
    book, when = read_book(house), judged(house.now())
    name = EnvelopeId(digest(sealed))
    dsse = envelope_wire.open_(sealed, unlocked.identities, named=name)  # (3)
    try:
        signed = statement_wire.author_of(dsse)  # (4)
        author = _verify(signed, unlocked, book, when)
    except Untrusted as error:
        if error.cause not in IN_HONOUR:
            _keep(house, name, sealed, error)
        raise
    with house.store.read() as reading:
        rows = copies.by_ids(reading, [signed.copy])
        if was_removed(reading, signed.statement.author.agency, signed.statement.act):
            raise Refused("recalled")
    in_thread = any(row.release for row in rows)
    seen = Seen(
        statement=signed.statement,
        copy=signed.copy,
        judged_at=when.at,
        provisional=True,
        ours=book.is_own(signed.statement.author.agency),
        private=not in_thread,
    )
    return ByHand(seen=seen, author=author, in_thread=in_thread)


def _verify(signed: SignedCopy, unlocked: Unlocked, book: Book, when: Judged) -> OfficerEntry:
    author = check_author(signed, unlocked, book)  # (5) (6)
    check_agencies(signed.statement)  # (7), as far as there is something to compare
    check_named(signed.statement, unlocked)  # (8)
    author_of(book, signed.statement.author, when)  # (9)
    check_passed_on(signed.statement, book, when)  # (11)
    return author


def _keep(house: House, name: EnvelopeId, sealed: bytes, error: Untrusted) -> None:
    finding = Finding(
        kind=evidence.BY_HAND, subject=name, code=error.cause, agency="", concerns=(name,)
    )
    row = Envelope(envelope=name, size=len(sealed), sealed=sealed)

    def work(writing: Writing) -> None:
        envelopes.add(writing, [row])
        evidence.record(writing, house, [finding])

    house.store.write(work)
