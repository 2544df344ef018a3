# SPDX-License-Identifier: Apache-2.0
"""Unlock: an officer's passphrase opens his keys, for as long as what is returned lives.

Guessing is slowed before the key derivation is paid for: by officer, doubling from a second to a
quarter of an hour, and kept in the database, so that neither a restart nor a second process helps.
A name that nobody has costs the same and says the same. No more derivations run at once than
memory allows, across processes too.
"""

import contextlib
import struct
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, decrypt, encrypt
from comity.domain.ids import CertificateHash, DeskId, mint
from comity.domain.roster import OfficerEntry
from comity.domain.trust import certificate_at
from comity.errors import Busy, Locked, Misused, NotCompetent, NotForUs, Stale
from comity.services.address_book import AgencyCard
from comity.services.agencies import factor_of
from comity.services.enrol import IdentityFile, find_officer, identity_place, parse
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed, keys, leases
from comity.storage.reading import Writing

ROOM: Final = "throttle"
FREE_TRIES: Final = 3
FIRST_WAIT: Final = 1_000
LONGEST_WAIT: Final = 900_000
"""Milliseconds."""
AT_ONCE: Final = 4
"""scrypt 2^17 takes 128 MiB: four at once are half a gigabyte."""
LEASE_MILLIS: Final = 30_000
_TRIES: Final = struct.Struct(">IQ")


def unlock(house: House, who: str, passphrase: str) -> Unlocked:
    """Return the officer whom *who* means, unlocked; raise Locked if that fails, however it did."""
    place = sha256(who.strip().casefold().encode()).hexdigest()
    _admit(house, place)
    with _one_of_few(house):
        card, entry, opened = _open(house, who, passphrase)
    house.store.write(lambda w: housed.discard(w, ROOM, [place]))
    return _unlocked(house, card, entry, opened)


def _open(house: House, who: str, passphrase: str) -> tuple[AgencyCard, OfficerEntry, IdentityFile]:
    try:
        typed = passphrases.normalise(passphrase)
    except Misused:
        typed = "x"
    try:
        card, entry = find_officer(house, who)
        inner = _inner(house, entry)
    except Misused:
        # As long as it takes for somebody who exists, and the same words.
        _derive_for_nobody(house, typed)
        raise Locked("passphrase") from None
    try:
        return card, entry, parse(decrypt(inner, [Passphrase(typed)]))
    except NotForUs:
        raise Locked("passphrase") from None


def _inner(house: House, entry: OfficerEntry) -> bytes:
    with house.store.read() as reading:
        rows = keys.identities(reading, [entry.id])
    if not rows:
        raise Misused("officer-unknown")
    return house.vault.open(rows[0].body, identity_place(entry.id))


def _derive_for_nobody(house: House, typed: str) -> None:
    encrypt(b"", [Passphrase(typed, factor=factor_of(house))])


def _unlocked(
    house: House, card: AgencyCard, entry: OfficerEntry, opened: IdentityFile
) -> Unlocked:
    named = card.certificate_of(entry.id)
    try:
        certificate_at(card.history, CertificateHash(named), house.now(), revoked=card.revoked)
    except Stale:
        raise NotCompetent("certificate") from None
    return Unlocked(
        entry=entry,
        certificate=named,
        signing=opened.signing,
        reading=opened.reading,
        storage=opened.storage,
        desks=_desks(house, entry, opened),
    )


def _desks(
    house: House, entry: OfficerEntry, opened: IdentityFile
) -> dict[DeskId, tuple[HybridIdentity, ...]]:
    """Return the reading keys of his desks, the newest epoch of each first."""
    with house.store.read() as reading:
        rows = keys.desk_keys_of(reading, entry.id)
    desks: dict[DeskId, tuple[HybridIdentity, ...]] = {}
    for row in rows:
        line = decrypt(row.sealed, opened.reading).decode("ascii")
        desk = DeskId(row.desk)
        desks[desk] = (*desks.get(desk, ()), HybridIdentity.parse(line))
    return desks


def _admit(house: House, place: str) -> None:
    """Count a try for *place*; raise Locked while the wait after the last ones is not over."""

    def work(writing: Writing) -> int:
        now = house.millis()
        rows = housed.get(writing, ROOM, [place])
        tries, until = 0, 0
        if rows:
            tries, until = _TRIES.unpack(house.vault.open(rows[0].body, f"{ROOM}/{place}"))
        if until > now:
            return int(until - now)
        beyond = tries + 1 - FREE_TRIES
        wait = min(LONGEST_WAIT, FIRST_WAIT << min(beyond, 12)) if beyond >= 0 else 0
        body = house.vault.lock(_TRIES.pack(tries + 1, now + wait), f"{ROOM}/{place}")
        housed.put(writing, [housed.Housed(room=ROOM, name=place, body=body, at=now)])
        return 0

    # The try is counted before it is made: a process killed in the middle has used it up.
    left = house.store.write(work)
    if left:
        raise Locked("throttled", seconds=-(-left // 1000))


@contextlib.contextmanager
def _one_of_few(house: House) -> Iterator[None]:
    """Hold one of the places for a derivation; raise Busy if all are taken."""
    owner, now = mint(house.random), house.millis()

    def claim(writing: Writing) -> str:
        for number in range(AT_ONCE):
            name = f"unlock/{number}"
            if leases.claim(writing, name, owner, now, now + LEASE_MILLIS):
                return name
        return ""

    held = house.store.write(claim)
    if not held:
        raise Busy("unlocks")
    try:
        yield
    finally:
        house.store.write(lambda w: leases.let_go(w, held, owner))
