# SPDX-License-Identifier: Apache-2.0
"""Unlock: an officer's passphrase opens his keys, for as long as what is returned lives.

Attempts are slowed and bounded before the key derivation is paid for (``attempts.py``). A name that
nobody has costs one derivation too and says the same, so that nobody learns here who works here.
"""

import contextlib
from dataclasses import replace

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, decrypt, encrypt
from comity.domain.ids import DeskId
from comity.domain.roster import OfficerEntry
from comity.domain.trust import certificate_at
from comity.errors import Damaged, Locked, Misused, NotCompetent, NotForUs, Stale, Untrusted
from comity.services import escrow
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.attempts import attempt
from comity.services.desks import place_of_desk_key
from comity.services.enrol import find_officer, officer_of
from comity.services.export import keep, kept
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import keys
from comity.storage.reading import Writing
from comity.wire import identity
from comity.wire.identity import IdentityFile

_Found = tuple[AgencyCard, OfficerEntry, bytes]
"""Somebody, with his identity file."""


def unlock(house: House, who: str, passphrase: str) -> Unlocked:
    """Return the officer whom *who* means, unlocked; raise Locked if that fails, however it did."""
    found = _found(house, who)
    with attempt(house, _id(found), who) as made:
        card, entry, opened = _open(house, found, passphrase)
        made.right = True
    _check_valid(house, card, entry)
    unlocked = _unlocked(house, card, entry, opened)
    # Nobody's keys are left with holders whom he is not told of.
    return replace(unlocked, newly_escrowed=escrow.keep_up(house, card, unlocked))


def reseated(house: House, opened: IdentityFile) -> Unlocked:
    """Return whose keys *opened* holds, as the newest roster has him; his passphrase is not asked.

    Raise NotCompetent where he was revoked, Damaged where the keys are not those of his entry.
    """
    try:
        card, entry = find_officer(house, opened.officer)
    except Misused:
        raise NotCompetent("certificate") from None
    if opened.signing.public.raw != entry.signing:
        raise Damaged("identity")
    _check_valid(house, card, entry)
    return _unlocked(house, card, entry, opened)


def _unlocked(
    house: House, card: AgencyCard, entry: OfficerEntry, opened: IdentityFile
) -> Unlocked:
    return Unlocked(
        entry=entry,
        certificate=card.certificate_of(entry.id),
        signing=opened.signing,
        reading=opened.reading,
        storage=opened.storage,
        desks=_desks(house, entry, (opened.storage, *opened.reading)),
    )


def renewed(house: House, unlocked: Unlocked) -> Unlocked:
    """Return *unlocked* as the newest roster has him: his desks and their keys may have changed.

    Raise NotCompetent where he was revoked meanwhile, Locked where he began another reading epoch
    in another session: its key is not in this one. It is the same value if nothing has changed.
    """
    card = read_book(house).agency(unlocked.agency)
    try:
        entry = officer_of(card, unlocked.entry.id)
    except Misused:
        raise NotCompetent("certificate") from None
    _check_valid(house, card, entry)
    if entry == unlocked.entry and all(_newest(card, unlocked, each) for each in entry.desks):
        return unlocked
    if all(str(each.recipient) != entry.reading for each in unlocked.reading):
        raise Locked("epoch")
    return replace(
        unlocked,
        entry=entry,
        certificate=card.certificate_of(entry.id),
        desks=_desks(house, entry, (unlocked.storage, *unlocked.reading)),
    )


def change_passphrase(house: House, who: str, passphrase: str, new: str) -> None:
    """Seal the keys of *who* under *new* from now on; a file exported before keeps the old one."""
    chosen = passphrases.accept(new, practice=house.practice)
    found = _found(house, who)
    with attempt(house, _id(found), who) as made:
        _, entry, opened = _open(house, found, passphrase)
        made.right = True
        sealed = encrypt(identity.write(opened), [Passphrase(chosen, factor=factor_of(house))])

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: who is revoked at this moment gets no file back
        if kept(writing, house, entry.id) is None:
            raise NotCompetent("certificate")
        keep(writing, house, entry.agency, entry.id, sealed)

    house.store.write(work)


def identity_of(
    house: House, who: str, passphrase: str
) -> tuple[AgencyCard, OfficerEntry, IdentityFile]:
    """Return all keys of *who*, to be written anew; raise Locked if he cannot be unlocked."""
    found = _found(house, who)
    with attempt(house, _id(found), who) as made:
        opened = _open(house, found, passphrase)
        made.right = True
    return opened


def _open(
    house: House, found: _Found | None, passphrase: str
) -> tuple[AgencyCard, OfficerEntry, IdentityFile]:
    """Return the keys of whom was *found*; it takes one derivation, whatever is wrong."""
    typed = _typed(passphrase)
    if found is None or not typed:
        _derive_for_nobody(house)
        raise Locked("passphrase")
    card, entry, sealed = found
    try:
        opened = identity.read(decrypt(sealed, [Passphrase(typed)]))
    except NotForUs:
        raise Locked("passphrase") from None
    except Untrusted:
        raise Damaged("identity") from None
    if opened.officer != entry.id or opened.signing.public.raw != entry.signing:
        raise Damaged("identity")
    return card, entry, opened


def _id(found: _Found | None) -> str:
    return found[1].id if found else ""


def _found(house: House, who: str) -> _Found | None:
    """Return whom *who* means and his identity file; None where it does not mean just one."""
    try:
        card, entry = find_officer(house, who)
    except Misused:
        return None
    with house.store.read() as reading:
        sealed = kept(reading, house, entry.id)
    return (card, entry, sealed) if sealed else None


def _typed(passphrase: str) -> str:
    try:
        return passphrases.normalise(passphrase)
    except Misused:
        return ""


def _derive_for_nobody(house: House) -> None:
    encrypt(b"", [Passphrase("nobody", factor=factor_of(house))])


def _check_valid(house: House, card: AgencyCard, entry: OfficerEntry) -> None:
    named = card.certificate_of(entry.id)
    at = max(house.now(), entry.begins)  # our clock went back a little: he is no stranger for that
    try:
        certificate_at(card.history, named, at, revoked=card.revoked)
    except Stale:
        raise NotCompetent("certificate") from None


def _newest(card: AgencyCard, unlocked: Unlocked, desk: DeskId) -> bool:
    """Return whether *unlocked* has the newest key of *desk*, if there is such a desk."""
    entry, held = card.readers.get(desk), unlocked.desks.get(desk)
    return entry is None or (held is not None and str(held[0].recipient) == entry.reading)


def _desks(
    house: House, entry: OfficerEntry, his: tuple[HybridIdentity, ...]
) -> dict[DeskId, tuple[HybridIdentity, ...]]:
    """Return the reading keys of his desks, the newest epoch of each first.

    One that does not open keeps him from that epoch's letters, not from all others;
    ``comity verify`` says where it is.
    """
    with house.store.read() as reading:
        rows = keys.desk_keys_of(reading, entry.id)
    desks: dict[DeskId, tuple[HybridIdentity, ...]] = {}
    for row in rows:
        desk = DeskId(row.desk)
        with contextlib.suppress(Damaged, Untrusted, UnicodeDecodeError):
            sealed = house.vault.open(row.sealed, place_of_desk_key(desk, row.epoch, row.member))
            key = HybridIdentity.parse(decrypt(sealed, his).decode("ascii"))
            desks[desk] = (*desks.get(desk, ()), key)
    return desks
