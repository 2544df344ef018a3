# SPDX-License-Identifier: Apache-2.0
"""An officer goes on: with a new certificate for the same keys, or with new keys.

A certificate of the same keys is the agency's to renew; new keys are made while he is unlocked. The
keys that open what came before stay in his file, the signing key does not: what he signed with it
stands, and for a week what was on its way is believed. Where a device with his file was stolen
nothing signed since then is, and the keys of his desks are changed with his own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, encrypt
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.domain import time
from comity.domain.ids import AgencyId, CertificateHash, DeskId, OfficerId
from comity.domain.roster import MandateEntry, OfficerEntry, RevocationEntry
from comity.domain.time import whole
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.desks import change_members
from comity.services.enrol import VALIDITY, officer_of
from comity.services.export import exchange
from comity.services.house import House
from comity.services.rosters import Change, amend
from comity.services.signed_in import end_everywhere
from comity.services.unlock import identity_of, unlock
from comity.wire import identity
from comity.wire.identity import IdentityFile

REMIND: Final = timedelta(days=60)
"""How long before its end a certificate is spoken of."""
ON_ITS_WAY: Final = timedelta(days=7)
"""For so long what was signed with the key before is believed when it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    entry: OfficerEntry
    desks: tuple[DeskId, ...] = ()
    """Desks whose key was changed with his own."""


def renew(house: House, agency: AgencyId, officer: OfficerId) -> OfficerEntry:
    """Certify *officer*'s keys for another two years from now."""

    def decide(card: AgencyCard) -> Change:
        before = officer_of(card, officer)
        entry = _again(house, before)
        return Change(add=[entry], end=[card.certificate_of(officer)])

    amend(house, agency, decide)
    return officer_of(read_book(house).agency(agency), officer)


def renew_keys(
    house: House,
    who: str,
    passphrase: str,
    *,
    new_passphrase: str = "",
    stolen_since: datetime | None = None,
) -> Renewed:
    """Give *who* new keys, under *new_passphrase* if one is given.

    With *stolen_since*, what was signed with those before since then is refused everywhere, and
    each of his desks begins its next key.
    """
    since = _since(house, stolen_since)
    chosen = passphrases.accept(new_passphrase or passphrase, practice=house.practice)
    card, before, held, file = identity_of(house, who, passphrase)
    made = _renewed(house, held, storage=bool(since))
    sealed = encrypt(identity.write(made), [Passphrase(chosen, factor=factor_of(house))])

    def decide(card: AgencyCard) -> Change:
        now = officer_of(card, before.id)
        if now.signing != held.signing.public.raw:
            raise Misused("officer-changed")
        entry = replace(
            _again(house, now),
            signing=made.signing.public.raw,
            reading=str(made.reading[0].recipient),
            epoch=now.epoch + 1,
            storage=str(made.storage.recipient),
        )
        return Change(
            add=[entry, *_withdrawn(house, card, now, since)],
            end=[card.certificate_of(now.id)],
            also=lambda w: exchange(w, house, now.agency, now.id, before=file, sealed=sealed),
        )

    amend(house, card.id, decide)
    end_everywhere(house, before.id)
    entry = officer_of(read_book(house).agency(card.id), before.id)
    if not since:
        return Renewed(entry=entry)
    unlocked = unlock(house, entry.id, chosen)
    for desk in entry.desks:
        change_members(house, unlocked, desk)
    return Renewed(entry=entry, desks=entry.desks)


def ending(house: House, card: AgencyCard) -> tuple[OfficerEntry | MandateEntry, ...]:
    """Return what in *card* ends within ``REMIND``, the first to end first."""
    found: list[OfficerEntry | MandateEntry] = [*card.officers, *card.mandates]
    limit = house.now() + REMIND
    return tuple(sorted((e for e in found if e.ends <= limit), key=lambda e: (e.ends, e.id)))


def _again(house: House, before: OfficerEntry) -> OfficerEntry:
    # A second later at least: two certificates of one second could not be told apart.
    begins = max(house.now(), before.begins + timedelta(seconds=1))
    return replace(before, begins=begins, ends=begins + VALIDITY)


def _renewed(house: House, held: IdentityFile, *, storage: bool) -> IdentityFile:
    """Return new keys beside those of *held* that open what came before."""
    reading = (HybridIdentity.generate(house.random), *held.reading)
    made = replace(held, signing=SigningKey(house.random(SEED_SIZE)), reading=reading)
    if not storage:
        return made
    # What he kept stays open to him: the storage key before is tried last.
    kept = HybridIdentity.generate(house.random)
    return replace(made, reading=(*reading, held.storage), storage=kept)


def _withdrawn(
    house: House, card: AgencyCard, now: OfficerEntry, since: str
) -> Iterator[RevocationEntry]:
    """Yield what ends every certificate of the signing key of *now*."""
    ends = house.now() if since else house.now() + ON_ITS_WAY
    for named in _of_key(card, now):
        yield RevocationEntry(
            agency=card.id,
            certificate=named,
            at=ends,
            compromised_since=since,
            reason="stolen" if since else "superseded",
        )


def _of_key(card: AgencyCard, now: OfficerEntry) -> Iterator[CertificateHash]:
    for named, each in card.history.items():
        if isinstance(each, OfficerEntry) and each.signing == now.signing and each.id == now.id:
            yield named


def _since(house: House, at: datetime | None) -> str:
    if at is None:
        return ""
    if at.utcoffset() is None or at > house.clock():
        raise Misused("compromised-since")
    return time.written(whole(at))
