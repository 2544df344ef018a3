# SPDX-License-Identifier: Apache-2.0
"""Join: enough shares make the recovery identity again, for as long as one act lasts.

What it serves: an officer who lost his passphrase reads again. His reading and storage keys come
out of escrow; his signing key is never in it, so he gets a new one, and every certificate of the
old one ends. He stays who he was: his threads, his desks and what is sealed to him go on. It is a
number of the roster, so it is in the ledger and every peer is told.

(1) Every share is compared with what was noted at the split, so that a wrong one is named. (2) The
identity is the one that the roster names. (3) What comes out of escrow is what the officer's
certificate says. (4) Everything is written at once, or nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from comity.crypto import passphrase as passphrases
from comity.crypto import sharing
from comity.crypto.age import HybridIdentity, Passphrase, encrypt
from comity.crypto.sharing import Share
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.domain.ids import CertificateHash, OfficerId, digest
from comity.domain.recovery import Arrangement, Happened, KeyKind, wrong
from comity.domain.roster import OfficerEntry, RevocationEntry
from comity.errors import Differs, Refused
from comity.services import arrangements, escrow
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.enrol import VALIDITY, find_officer, officer_of
from comity.services.escrow import Escrowed
from comity.services.export import keep
from comity.services.house import House
from comity.services.locked import forget_lock
from comity.services.revoke import withdrawals
from comity.services.rosters import Change, amend
from comity.services.second_factor import forget_factors
from comity.services.signed_in import end_everywhere
from comity.storage.reading import Writing
from comity.wire import identity
from comity.wire.identity import IdentityFile
from comity.wire.recovery import HouseEscrow


def shares_of(digests: Sequence[str], given: Sequence[str]) -> tuple[Share, ...]:
    """Return the shares that *given* spell, each compared with its digest (1)."""
    read = tuple(sharing.read(each) for each in given)
    sharing.check_set(read)
    place = wrong(digests, [(each.number, digest(each.words.encode())) for each in read])
    if place:
        raise Refused("recovery.wrong-share", place=place)
    return read


def joined(
    kept: Arrangement | HouseEscrow, given: Sequence[str]
) -> tuple[HybridIdentity, tuple[int, ...]]:
    """Return the recovery identity of *kept* that the shares *given* make, and their numbers."""
    read = shares_of(kept.shares, given)
    identity_ = HybridIdentity.from_seed(sharing.join(read))
    if str(identity_.recipient) != kept.recipient:  # (2)
        raise Differs("shares")
    return identity_, tuple(each.number for each in read)


def recover(
    house: House,
    who: str,
    passphrase: str,
    given: Sequence[str],
    *,
    decided_by: Sequence[str],
) -> OfficerEntry:
    """Give the officer whom *who* means his keys again, with a new *passphrase* and signing key."""
    card, before = find_officer(house, who)
    kept = arrangements.arrangement_of(house, card.id)
    people = arrangements.deciders(decided_by)
    chosen = passphrases.accept(passphrase, practice=house.practice)
    recovery, numbers = joined(kept, given)
    made = _again(house, card, before, escrow.opened(house, card, recovery)[0])
    sealed = encrypt(identity.write(made), [Passphrase(chosen, factor=factor_of(house))])
    happened = arrangements.event(
        house, Happened.RECOVERED, subject=before.id, shares=numbers, decided_by=people
    )

    def also(writing: Writing) -> None:
        arrangements.note(writing, house, kept, happened)
        keep(writing, house, card.id, before.id, sealed)
        # What he tried in vain makes him wait no longer; what he signed in by is set up anew.
        forget_lock(writing, before.id)
        forget_factors(writing, before.id)

    def decide(now: AgencyCard) -> Change:
        entry = officer_of(now, before.id)
        if (entry.reading, entry.storage) != (before.reading, before.storage):
            raise Refused("recovery.moved")
        former = _certificates(now, before.id)
        return Change(
            add=[_certified(house, entry, made), *_withdrawn(house, now, former)],
            end=[each for each in former if each in now.current],
            also=also,
        )

    amend(house, card.id, decide)
    end_everywhere(house, before.id)
    return officer_of(read_book(house).agency(card.id), before.id)


def _again(
    house: House, card: AgencyCard, entry: OfficerEntry, found: Sequence[Escrowed]
) -> IdentityFile:
    """Return the keys of *entry* from what was escrowed, with a new signing key (3)."""
    mine = sorted((e for e in found if e.owner == entry.id), key=lambda each: -each.epoch)
    reading = tuple(each.key for each in mine if each.kind is KeyKind.READING)
    storage = [e.key for e in mine if str(e.key.recipient) == entry.storage]
    known = escrow.known_keys(card)
    if not (reading and storage and str(reading[0].recipient) == entry.reading):
        raise Refused("recovery.not-escrowed")
    if any(known.get(str(each.recipient), ("",))[0] != entry.id for each in reading):
        raise Differs("escrow")
    return IdentityFile(
        officer=OfficerId(entry.id),
        signing=SigningKey(house.random(SEED_SIZE)),
        reading=reading,
        storage=storage[0],
    )


def _certified(house: House, entry: OfficerEntry, made: IdentityFile) -> OfficerEntry:
    now = house.now()
    return replace(entry, signing=made.signing.public.raw, begins=now, ends=now + VALIDITY)


def _certificates(card: AgencyCard, officer: str) -> list[CertificateHash]:
    """Return every certificate that names the officer's former signing keys."""
    return [
        named
        for named, each in card.history.items()
        if isinstance(each, OfficerEntry) and each.id == officer
    ]


def _withdrawn(
    house: House, card: AgencyCard, former: Sequence[CertificateHash]
) -> tuple[RevocationEntry, ...]:
    """Return what ends those of *former* that were not withdrawn before; nobody stole them."""
    return withdrawals(
        house, card, [each for each in former if each not in card.revoked], reason="superseded"
    )
