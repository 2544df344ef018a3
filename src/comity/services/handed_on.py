# SPDX-License-Identifier: Apache-2.0
"""Handed on: what was sealed to a colleague in person and now opens for whoever he gave it to.

The giver signed what he wrapped for whom, and our node kept that while his key was good; so it
counts whatever becomes of him. Who handed it to the giver counts too, as far back as that goes. A
record that fails counts as absent and accuses nobody: it is ours, not the sender's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, verifying_key
from comity.domain.epochs import HandedOn
from comity.domain.ids import CertificateHash, ThreadId, digest
from comity.domain.roster import OfficerEntry
from comity.errors import Damaged, Untrusted
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.pile import Pile
from comity.storage import copies, housed, wraps
from comity.storage.copies import CopyReader
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

ROOM: Final = "handed-on"
"""The room of what officers signed when they handed threads on, by digest; owned by the thread."""
RECORD_LIMIT: Final = 64 * 1024


def record(writing: Writing, house: House, said: HandedOn, key: SigningKey) -> None:
    """Keep *said*, signed by *key*, and its leaf."""
    payload = canonical.encode(said)
    name = digest(payload)
    body = house.vault.lock(dsse.sign(payload, [key]), f"{ROOM}/{name}")
    row = housed.Housed(room=ROOM, name=name, owner=said.thread, body=body, at=house.millis())
    housed.put(writing, [row])
    writing.append([Opening(LeafType.KEY, house.random(SALT_SIZE), payload)])


def read_records(
    reading: Reading, house: House, card: AgencyCard, thread: ThreadId
) -> Iterator[HandedOn]:
    """Yield what officers of the agency of *card*, ours, said that they handed on of *thread*."""
    for row in housed.of_room(reading, ROOM, thread):
        with suppress(Damaged, Untrusted):
            signed = dsse.read(house.vault.open(row.body, f"{ROOM}/{row.name}"), RECORD_LIMIT)
            said = canonical.decode(signed.payload, HandedOn, limit=RECORD_LIMIT)
            entry = card.history.get(CertificateHash(said.certificate))
            if isinstance(entry, OfficerEntry) and (entry.agency, entry.id, thread) == (
                said.agency,
                said.by,
                said.thread,
            ):
                dsse.verify(signed, verifying_key(entry.signing))
                yield said


def named(
    reading: Reading,
    house: House,
    unlocked: Unlocked,
    card: AgencyCard,
    piles: Sequence[Pile],
    *,
    seen: Collection[str],
) -> Mapping[str, tuple[CopyReader, ...]]:
    """Return by copy, but for those in *seen*, under whose id it is sealed that was handed on.

    Only that beside which a wrap for *unlocked* lies; each pile then knows by whom.
    """
    rows = {row.copy: row for pile in piles for row in pile.rows.values() if row.copy not in seen}
    has = wraps.of(reading, unlocked.entry.id, sorted({row.envelope for row in rows.values()}))
    wanted = {copy: row for copy, row in rows.items() if row.envelope in has}
    if not wanted:
        return {}
    by_thread = {pile.id: pile for pile in piles}
    given: set[str] = set()
    for thread in sorted({ThreadId(row.thread) for row in wanted.values()}):
        said = tuple(read_records(reading, house, card, thread))
        by_thread[thread].givers = _givers(said, unlocked.entry.id)
        given |= {env for each in said if each.to == unlocked.entry.id for env in each.envelopes}
    found: dict[str, tuple[CopyReader, ...]] = defaultdict(tuple)
    for reader in copies.readers_of(reading, list(wanted)):
        row = wanted[reader.copy]
        if row.envelope in given and reader.reader in by_thread[ThreadId(row.thread)].givers:
            found[reader.copy] = (*found[reader.copy], reader)
    return dict(found)


def _givers(said: Sequence[HandedOn], taker: str) -> frozenset[str]:
    """Return who handed on to *taker*, or to somebody who did."""
    found: set[str] = set()
    takers = {taker}
    while takers:
        found |= takers
        takers = {str(each.by) for each in said if each.to in takers} - found
    return frozenset(found - {taker})
