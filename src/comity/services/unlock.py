# SPDX-License-Identifier: Apache-2.0
"""Unlock: an officer's passphrase opens his keys, for as long as what is returned lives.

Attempts are slowed and bounded before the key derivation is paid for (``attempts.py``). Every one
that fails takes two derivations and says the same: a name that nobody has, so that nobody learns
here who works here; a code that is wrong, so that nobody learns that the passphrase was right; and
a lock phrase, whose derivation is the second (``locked.py``).
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

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
from comity.services.attempts import LONGEST_WAIT, attempt
from comity.services.desks import place_of_desk_key
from comity.services.enrol import find_officer, officer_of
from comity.services.export import exchange, kept
from comity.services.house import House
from comity.services.locked import derive_for_nobody, is_locked, is_phrase, lock, phrase_of
from comity.services.officer import Unlocked
from comity.services.signed_in import end_everywhere
from comity.storage import keys
from comity.storage.reading import Writing
from comity.wire import identity
from comity.wire.identity import IdentityFile

_Found = tuple[AgencyCard, OfficerEntry, bytes]
"""Somebody, with his identity file."""


class Second(StrEnum):
    """Whether what was shown besides the passphrase is enough."""

    GOOD = "good"
    AWAITED = "awaited"
    """A passkey, which the browser is asked for next; until then the attempt counts as made."""
    WRONG = "wrong"


Judge = Callable[[IdentityFile], Second]


def passphrase_alone(_opened: IdentityFile) -> Second:
    """Ask for nothing else: where the machine itself is in one's hands."""
    return Second.GOOD


def unlock(
    house: House,
    who: str,
    passphrase: str,
    *,
    address: str = "",
    second: Judge = passphrase_alone,
) -> Unlocked:
    """Return the officer whom *who* means, unlocked; raise Locked if that fails, however it did.

    *address* is where he calls from, where that is elsewhere.
    """
    found = _found(house, who)
    with attempt(house, _id(found), who, address=address) as made:
        (card, entry, _), opened, shown = _open(house, found, passphrase, second)
        made.right = shown is Second.GOOD
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
    _check_open(house, entry)
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
        factors=opened.factors,
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
    _check_open(house, entry)
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
    """Seal the keys of *who* under *new* from now on; a file exported before keeps the old one.

    Wherever he is signed in, that is over.
    """
    chosen = passphrases.accept(new, practice=house.practice)
    found = _found(house, who)
    with attempt(house, _id(found), who) as made:
        (_, entry, before), opened, _ = _open(house, found, passphrase)
        made.right = True
        with house.store.read() as reading:
            has_phrase = phrase_of(reading, house, entry.id) is not None
        if has_phrase and is_phrase(house, entry.id, chosen):
            raise Misused("lock-phrase-same", field="new")
        sealed = encrypt(identity.write(opened), [Passphrase(chosen, factor=factor_of(house))])

    house.store.write(lambda w: put_anew(w, house, entry, before=before, sealed=sealed))
    end_everywhere(house, entry.id)


def put_anew(
    writing: Writing, house: House, entry: OfficerEntry, *, before: bytes, sealed: bytes
) -> None:
    """Keep *sealed* as the identity file in the place of *before*; raise TooLate if that is gone.

    Raise NotCompetent where he was revoked at this moment: he gets no file back.
    """
    _ = writing.log  # its lock, before we look
    if kept(writing, house, entry.id) is None:
        raise NotCompetent("certificate")
    exchange(writing, house, entry.agency, entry.id, before=before, sealed=sealed)


def identity_of(
    house: House, who: str, passphrase: str
) -> tuple[AgencyCard, OfficerEntry, IdentityFile, bytes]:
    """Return all keys of *who*, to be written anew, and the file in which they lay.

    Raise Locked if he cannot be unlocked.
    """
    found = _found(house, who)
    with attempt(house, _id(found), who) as made:
        (card, entry, file), opened, _ = _open(house, found, passphrase)
        made.right = True
    return card, entry, opened, file


def _open(
    house: House, found: _Found | None, passphrase: str, second: Judge = passphrase_alone
) -> tuple[_Found, IdentityFile, Second]:
    """Return whom was *found* with his keys; it takes two derivations, whatever is wrong."""
    typed = _typed(passphrase)
    opened = _by_passphrase(house, found, typed)
    if found is not None and opened is not None:
        shown = second(opened)
        if shown is not Second.WRONG:
            return found, opened, shown
        derive_for_nobody(house)
    elif is_phrase(house, _id(found), typed) and found is not None:
        lock(house, found[0], found[1].id)
        raise Locked("throttled", seconds=LONGEST_WAIT // 1000)
    raise Locked("passphrase")


def _by_passphrase(house: House, found: _Found | None, typed: str) -> IdentityFile | None:
    """Return what *typed* opens, None if nothing; it takes one derivation."""
    if found is None or not typed or _is_locked(house, found[1]):
        derive_for_nobody(house)
        return None
    _, entry, sealed = found
    try:
        opened = identity.read(decrypt(sealed, [Passphrase(typed)]))
    except NotForUs:
        return None
    except Untrusted:
        raise Damaged("identity") from None
    if opened.officer != entry.id or opened.signing.public.raw != entry.signing:
        raise Damaged("identity")
    return opened


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


def _is_locked(house: House, entry: OfficerEntry) -> bool:
    with house.store.read() as reading:
        return is_locked(reading, entry.id)


def _check_open(house: House, entry: OfficerEntry) -> None:
    """Raise Locked where he locked everything of his, in another session or in this one."""
    if _is_locked(house, entry):
        raise Locked("session")


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
