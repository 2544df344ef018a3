# SPDX-License-Identifier: Apache-2.0
"""Doubts: the node's rows follow what its readers find, and what rosters say of stolen keys.

A node moves its clocks by dockets, which say nothing of the author. So what nobody here could open
and verify, once that is found, moves no clock any more; and goes back to its place when a witness,
a roster or another reader shows that it was good.

When a key turns out to have been stolen, the node must find what it signed while everybody is
signed out. At the first opening it keeps a keyed tag of copy and certificate together: who has the
database learns nothing from it, and who asks for one certificate finds its copies.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.domain.ids import AgencyId, CertificateHash, CopyId, ThreadId
from comity.domain.time import to_millis
from comity.domain.trust import is_doubted
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.judge import judge
from comity.services.thread_rows import refresh
from comity.storage import copies, housed
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading, Writing

ROOM: Final = "authors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """Copies that are seen otherwise than before."""

    lost: tuple[Copy, ...] = ()
    """Nobody here can open and verify them."""
    found: tuple[Copy, ...] = ()
    """They verify after all."""

    def __bool__(self) -> bool:
        return bool(self.lost or self.found)


def turned(failed: Iterable[Copy], opened: Iterable[Copy]) -> Turned:
    """Return what changes, of copies that *failed* and of those that were *opened* well."""
    return Turned(
        lost=tuple(row for row in failed if row.state == CopyState.RECEIVED),
        found=tuple(row for row in opened if row.state == CopyState.MISTRUSTED),
    )


def record(writing: Writing, own: Collection[AgencyId], seen: Turned) -> None:
    """Write what is *seen* otherwise now, and what it makes of the threads."""
    if not seen:
        return
    lost, found = [row.copy for row in seen.lost], [row.copy for row in seen.found]
    copies.set_state(writing, lost, CopyState.MISTRUSTED, was=(CopyState.RECEIVED,))
    copies.set_state(writing, found, CopyState.RECEIVED, was=(CopyState.MISTRUSTED,))
    refresh(writing, own, [ThreadId(row.thread) for row in (*seen.lost, *seen.found)])


def note(
    writing: Writing, house: House, authors: Mapping[CopyId, tuple[ThreadId, CertificateHash]]
) -> None:
    """Keep which copies were signed under which certificates, for who asks for one of them."""
    names = {_name(house, copy, by): thread for copy, (thread, by) in authors.items()}
    rows = [
        housed.Housed(
            room=ROOM,
            name=name,
            owner=thread,
            body=house.vault.lock(b"", f"{ROOM}/{name}"),
            at=house.millis(),
        )
        for name, thread in names.items()
    ]
    housed.put(writing, rows)


def follow(house: House, before: Book) -> None:
    """Doubt what was signed with keys of which a peer has said, since *before*, that it was stolen.

    Threads that nobody has opened yet are not found: their readers will see it.
    """
    book = read_book(house)
    with house.store.read() as reading:
        lost = [
            row
            for card in book.peers
            for row in _signed_by(reading, house, card, _stolen(card, before.cards.get(card.id)))
        ]
    if lost:
        own, seen = book.own_ids, Turned(lost=tuple(lost))
        house.store.write(lambda w: record(w, own, seen))


def _stolen(card: AgencyCard, before: AgencyCard | None) -> Sequence[CertificateHash]:
    """Return the certificates of which *card* says more than it did *before*, and nothing good."""
    known = before.revoked if before else {}
    if card.revoked == known:
        return ()
    fresh = [each for each, since in card.revoked.items() if known.get(each) != since]
    return [each for each in fresh if is_doubted(card.history, each)]


def _signed_by(
    reading: Reading, house: House, card: AgencyCard, stolen: Sequence[CertificateHash]
) -> list[Copy]:
    """Return what came of *card*'s agency under the *stolen* certificates since they were."""
    if not stolen:
        return []
    earliest = to_millis(min(card.revoked[each] for each in stolen))
    rows = copies.received_since(reading, card.id, earliest)
    names = {_name(house, CopyId(r.copy), each): (r, each) for r in rows for each in stolen}
    signed = [names[row.name] for row in housed.get(reading, ROOM, sorted(names))]
    judged = judge(reading, [row for row, _ in signed])
    return [row for row, each in signed if judged[CopyId(row.copy)].at >= card.revoked[each]]


def _name(house: House, copy: CopyId, certificate: str) -> str:
    return house.vault.tag(f"{copy}/{certificate}".encode(), ROOM).hex()
