# SPDX-License-Identifier: Apache-2.0
"""What a lock phrase does: it locks an officer's keys to two people whom he chose.

(1) His identity file, as it lies here, is sealed once more: to the storage keys of those two. From
    then on neither his passphrase nor the house key opens it, nor both.
(2) Whoever typed it is told that there were too many attempts, and the count stands as if there had
    been. Every attempt that fails takes two derivations, whosever name and whatever was typed: the
    second is always that of the lock phrase, or of nobody's.
(3) The two see it on their next page. One of them opens the file again, with an administrator; a
    recovery makes new keys and needs neither.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.crypto.age import HybridRecipient, Passphrase, decrypt, encrypt
from comity.domain.ids import OfficerId
from comity.domain.roster import OfficerEntry
from comity.domain.time import from_millis
from comity.errors import NotForUs, Refused, TooLate
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.attempts import exhaust, forget
from comity.services.export import exchange, kept
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.signed_in import end_everywhere
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

PHRASES: Final = "lock-phrase"
LOCKED: Final = "locked"
TRIES: Final = 3
_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A lock phrase that an officer chose, as it is kept."""

    sealed: bytes = field(repr=False)
    """An age file that the phrase opens; nothing is in it."""
    people: tuple[OfficerId, ...]
    """Who is told, and may help him in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """That an officer's keys are locked."""

    people: tuple[OfficerId, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What one of the two is told: *officer* locked everything of his, at that time."""

    officer: OfficerId
    at: datetime


def is_phrase(house: House, officer: str, typed: str) -> bool:
    """Return whether *typed* is the lock phrase of *officer*; it takes one derivation (2)."""
    with house.store.read() as reading:
        held = phrase_of(reading, house, officer)
    if held is None or not typed:
        derive_for_nobody(house)
        return False
    try:
        decrypt(held.sealed, [Passphrase(typed)])
    except NotForUs:
        return False
    return True


def derive_for_nobody(house: House) -> None:
    """Take as long as a derivation takes."""
    encrypt(b"", [Passphrase("nobody", factor=factor_of(house))])


def phrase_of(reading: Reading, house: House, officer: str) -> Phrase | None:
    rows = housed.get(reading, PHRASES, [officer])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{PHRASES}/{officer}")
    return canonical.decode(opened, Phrase, limit=_LIMIT)


def lock(house: House, card: AgencyCard, officer: OfficerId) -> None:
    """Lock everything of *officer*, and begin his wait anew where it is locked already."""
    for _ in range(TRIES):
        try:
            _lock(house, card, officer)
        except TooLate:  # his file was written anew at this moment
            continue
        break
    end_everywhere(house, officer)


def _lock(house: House, card: AgencyCard, officer: OfficerId) -> None:
    with house.store.read() as reading:
        held, before = phrase_of(reading, house, officer), kept(reading, house, officer)
        done = is_locked(reading, officer)
    if done or held is None or before is None:
        house.store.write(lambda w: exhaust(w, house, officer))
        return
    entries = (card.readers.get(each) for each in held.people)
    found = [e.storage for e in entries if isinstance(e, OfficerEntry)]
    # Whose two people have both left is locked by the row alone: then only a recovery lets him in.
    sealed = encrypt(before, list(map(HybridRecipient.parse, found))) if found else before
    told = Lock(people=held.people, at=house.millis())

    def work(writing: Writing) -> None:
        exchange(writing, house, card.id, officer, before=before, sealed=sealed)
        body = house.vault.lock(canonical.encode(told), f"{LOCKED}/{officer}")
        housed.put(writing, [Housed(room=LOCKED, name=officer, owner=card.id, body=body)])
        exhaust(writing, house, officer)

    house.store.write(work)
    house.store.scrub()  # nothing is left of the file that his passphrase opened


def is_locked(reading: Reading, officer: str) -> bool:
    return bool(housed.get(reading, LOCKED, [officer]))


def alerts(house: House, person: OfficerId) -> tuple[Alert, ...]:
    """Return who locked everything of his, among those who chose *person* to be told of it."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, LOCKED)
    found = [(OfficerId(row.name), _read(house, row)) for row in rows]
    return tuple(
        Alert(officer=officer, at=from_millis(each.at))
        for officer, each in found
        if person in each.people
    )


def alerts_for(unlocked: Unlocked, house: House) -> tuple[Alert, ...]:
    """Return what *unlocked* is to be told of others' lock phrases."""
    return alerts(house, unlocked.entry.id)


def lift(house: House, helper: Unlocked, officer: OfficerId) -> None:
    """Let *officer* in again: *helper* is one of the two whom he chose (3).

    That an administrator is there too is for the face to see to: at the pages he types his
    passphrase as well, at the command line he is whoever runs this machine. The phrase was said
    before somebody: it is forgotten, and a new one is to be chosen.
    """
    card = read_book(house).agency(helper.agency)
    with house.store.read() as reading:
        rows, before = housed.get(reading, LOCKED, [officer]), kept(reading, house, officer)
    if not rows or before is None or helper.entry.id not in _read(house, rows[0]).people:
        raise Refused("not-locked")
    try:
        opened = decrypt(before, helper.identities)
    except NotForUs:
        raise Refused("not-locked") from None

    def work(writing: Writing) -> None:
        exchange(writing, house, card.id, officer, before=before, sealed=opened)
        forget_lock(writing, officer)

    house.store.write(work)


def forget_lock(writing: Writing, officer: str) -> None:
    """Forget that *officer* locked himself out, and by which phrase, and what was tried since."""
    housed.discard(writing, LOCKED, [officer])
    housed.discard(writing, PHRASES, [officer])
    forget(writing, officer)


def _read(house: House, row: Housed) -> Lock:
    opened = house.vault.open(row.body, f"{LOCKED}/{row.name}")
    return canonical.decode(opened, Lock, limit=_LIMIT)
