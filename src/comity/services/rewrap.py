# SPDX-License-Identifier: Apache-2.0
"""Rewrap: a member of a desk lets who joined it read what came before (design §5 *Desks*).

The file keys are wrapped for the joiner's storage key and nothing else: envelopes, readers and
proofs stay as they are. He gets what the member can open himself and what verifies; nothing from a
thread from which he is barred, nothing that handling keeps for those who were named, nothing whose
time is over. The member signs what he let whom read; that is a leaf, and is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from comity.crypto import dsse
from comity.crypto.age import HybridRecipient
from comity.domain.epochs import ENVELOPES_LIMIT, Rewrapped
from comity.domain.handling import Handling, See
from comity.domain.ids import DeskId, EnvelopeId, OfficerId, ThreadId, digest
from comity.domain.onward import until
from comity.domain.policy import barred
from comity.domain.roster import OfficerEntry
from comity.domain.time import written
from comity.domain.verdict import Barred
from comity.errors import Misused, NotCompetent, TooLate
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import Book, newest, read_book
from comity.services.enrol import officer_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.thread import OpenThread, open_threads
from comity.services.unseal import Opened
from comity.services.wraps import Keyhole, made_for, sealed_of
from comity.storage import copies, housed, wraps
from comity.storage.copies import CopyReader
from comity.storage.reading import Reading, Writing
from comity.storage.wraps import Wrap
from comity.wire import canonical

ROOM: Final = "rewraps"
"""The room of what members signed, by digest; their desk is the owner."""
THREADS: Final = 50
"""Threads that are opened together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it."""

    wrapped: int
    """Letters that the joiner can read from now on."""
    withheld: tuple[ThreadId, ...]
    """Threads of which he gets nothing: he is barred, or handling does not allow it."""
    shut: int
    """Letters that this member cannot open himself, or that did not pass their checks."""


def rewrap(
    unlocked: Unlocked,
    house: House,
    desk: DeskId,
    joiner: OfficerId,
    threads: Sequence[ThreadId] = (),
) -> Outcome:
    """Let *joiner* read what was sealed to *desk* before he came: *threads*, or all there are."""
    book = read_book(house)
    entry = _joiner(book, unlocked, desk, joiner)
    done = Outcome(wrapped=0, withheld=(), shut=0)
    with house.store.read() as reading:
        ids = list(dict.fromkeys(threads)) or _lacking(reading, desk, joiner)
    for at in range(0, len(ids), THREADS):
        work = _Work(unlocked, house, book, desk, entry)
        found = work.gather(ids[at : at + THREADS])
        if work.rows:
            work.write()
        done = Outcome(
            wrapped=done.wrapped + found.wrapped,
            withheld=(*done.withheld, *found.withheld),
            shut=done.shut + found.shut,
        )
    return done


def allows(handling: Handling, now: str) -> bool:
    """Return whether *handling* lets somebody read who was not there when it was said."""
    return handling.see is not See.NAMED and until(handling.expires) > now


def _joiner(book: Book, unlocked: Unlocked, desk: DeskId, joiner: OfficerId) -> OfficerEntry:
    """Return the entry of *joiner*; raise unless both are members of *desk* now."""
    card = book.agency(unlocked.agency)
    member = card.readers.get(unlocked.entry.id)
    if not isinstance(member, OfficerEntry) or member.signing != unlocked.signing.public.raw:
        raise NotCompetent("certificate")
    if desk not in member.desks:
        raise NotCompetent("not-a-member")
    entry = officer_of(card, joiner)
    if desk not in entry.desks or entry.id == member.id:
        raise Misused("not-at-desk")
    return entry


def _lacking(reading: Reading, desk: DeskId, joiner: OfficerId) -> list[ThreadId]:
    """Return every thread with a letter to *desk* of which *joiner* has no wrap."""
    return [ThreadId(each) for each in wraps.threads_unwrapped(reading, joiner, desk)]


class _Work:
    """Some threads of a desk, on their way to one joiner."""

    def __init__(
        self, unlocked: Unlocked, house: House, book: Book, desk: DeskId, entry: OfficerEntry
    ) -> None:
        self._unlocked = unlocked
        self._house = house
        self._book = book
        self._desk = desk
        self._entry = entry
        self._storage = HybridRecipient.parse(entry.storage)
        self._exclusions = read_policy(house, unlocked.agency).exclusions
        self.rows: dict[str, Wrap] = {}

    def gather(self, threads: Sequence[ThreadId]) -> Outcome:
        """Make the wraps of *threads*; return what came of it."""
        opened = open_threads(self._unlocked, self._house, threads, receipt=False, everything=True)
        if len(opened) != len(threads):
            raise Misused("thread-unknown")
        withheld = [each for each in opened if not self._may_read(each)]
        given = [each for each in opened if each not in withheld]
        with self._house.store.read() as reading:
            named = self._named(reading, given)
            self._wrap(reading, given, named)
            has = wraps.of(reading, self._entry.id, sorted(named))
        return Outcome(
            wrapped=len(self.rows),
            withheld=tuple(each.id for each in withheld),
            shut=len(named.keys() - self.rows.keys() - has.keys()),
        )

    def write(self) -> None:
        """Keep the wraps, and the member's signed word for them; raise TooLate if it is late."""
        rows = sorted(self.rows.values(), key=lambda each: each.envelope)
        records = [
            self._signed(rows[at : at + ENVELOPES_LIMIT])
            for at in range(0, len(rows), ENVELOPES_LIMIT)
        ]
        self._house.store.write(partial(self._keep, rows=rows, records=records))

    def _may_read(self, opened: OpenThread) -> bool:
        verdict = barred(
            self._exclusions, opened.id, reader=self._entry.id, agency=self._entry.agency
        )
        now = written(self._house.now())
        return not isinstance(verdict, Barred) and allows(opened.thread.handling, now)

    def _named(
        self, reading: Reading, given: Sequence[OpenThread]
    ) -> dict[str, tuple[CopyReader, ...]]:
        """Return, by envelope, under which epoch each letter of *given* is sealed to the desk."""
        rows = {row.copy: row for row in copies.by_threads(reading, [each.id for each in given])}
        found: dict[str, tuple[CopyReader, ...]] = {}
        mine = {self._desk, self._unlocked.entry.id}
        of_desk: set[str] = set()
        for each in copies.readers_of(reading, list(rows)):
            envelope = rows[each.copy].envelope
            if each.reader in mine:
                found[envelope] = (*found.get(envelope, ()), each)
            if each.reader == self._desk:
                of_desk.add(envelope)
        return {envelope: named for envelope, named in found.items() if envelope in of_desk}

    def _wrap(
        self,
        reading: Reading,
        given: Sequence[OpenThread],
        named: dict[str, tuple[CopyReader, ...]],
    ) -> None:
        has = wraps.of(reading, self._entry.id, sorted(named))
        verified: dict[str, Opened] = {
            each.row.envelope: each
            for opened in given
            for each in opened.copies
            if each.row.envelope in named and each.row.envelope not in has
        }
        card = self._book.agency(self._unlocked.agency)
        keyhole = Keyhole(reading, self._unlocked, self._house, card)
        keyhole.look(verified)
        sealed = sealed_of(reading, sorted(verified))
        for envelope, each in verified.items():
            key = keyhole.key_of(each.row, named[envelope], sealed.get(envelope, b""))
            if key is not None:
                self.rows[envelope] = made_for(
                    self._house, self._entry.id, self._storage, envelope=envelope, key=key
                )

    def _signed(self, rows: Sequence[Wrap]) -> bytes:
        said = Rewrapped(
            agency=self._unlocked.agency,
            desk=self._desk,
            by=self._unlocked.entry.id,
            certificate=self._unlocked.certificate,
            to=self._entry.id,
            envelopes=tuple(EnvelopeId(each.envelope) for each in rows),
            at=self._house.now(),
        )
        return canonical.encode(said)

    def _keep(self, writing: Writing, *, rows: Sequence[Wrap], records: Sequence[bytes]) -> None:
        _ = writing.log  # its lock, before we look
        if newest(writing) != self._book.mark:
            raise TooLate("moved")  # somebody may have left the desk
        wraps.add(writing, rows)
        house = self._house
        for payload in records:
            name = digest(payload)
            signed = dsse.sign(payload, [self._unlocked.signing])
            body = house.vault.lock(signed, f"{ROOM}/{name}")
            row = housed.Housed(
                room=ROOM, name=name, owner=self._desk, body=body, at=house.millis()
            )
            housed.put(writing, [row])
            writing.append([Opening(LeafType.KEY, house.random(SALT_SIZE), payload)])
