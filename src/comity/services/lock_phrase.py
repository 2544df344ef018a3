# SPDX-License-Identifier: Apache-2.0
"""Choosing a lock phrase: what an officer says when he is forced to say his passphrase.

What it does stands in ``locked.py``. It is chosen with the passphrase at hand, and is another. Who
used his is let in again here too, where that takes two people.
"""

from collections.abc import Sequence
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import Passphrase, encrypt
from comity.domain.ids import OfficerId
from comity.domain.roster import Role
from comity.errors import Misused, NotCompetent
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.enrol import find_officer, officer_of
from comity.services.house import House
from comity.services.locked import PHRASES, Phrase, lift
from comity.services.officer import Unlocked
from comity.services.unlock import identity_of
from comity.storage import housed
from comity.storage.housed import Housed
from comity.wire import canonical

PEOPLE: Final = 2


def choose_lock_phrase(
    house: House, who: str, passphrase: str, phrase: str, people: Sequence[str]
) -> None:
    """Let *phrase* lock everything of *who*, and tell the two *people* when it does."""
    chosen = passphrases.accept(phrase, practice=house.practice)
    card, entry, *_ = identity_of(house, who, passphrase)
    if chosen == passphrases.normalise(passphrase):
        raise Misused("lock-phrase-same", field="phrase")
    told = _people(house, card, entry.id, people)
    sealed = encrypt(b"", [Passphrase(chosen, factor=factor_of(house))])
    made = canonical.encode(Phrase(sealed=sealed, people=told))
    body = house.vault.lock(made, f"{PHRASES}/{entry.id}")
    row = Housed(room=PHRASES, name=entry.id, owner=card.id, body=body)
    house.store.write(lambda w: housed.put(w, [row]))


def drop_lock_phrase(house: House, who: str, passphrase: str) -> None:
    """Have no lock phrase any more."""
    _, entry, *_ = identity_of(house, who, passphrase)
    house.store.write(lambda w: housed.discard(w, PHRASES, [entry.id]))


def _people(
    house: House, card: AgencyCard, officer: OfficerId, people: Sequence[str]
) -> tuple[OfficerId, ...]:
    """Return the two others of his agency whom *people* mean."""
    found = {find_officer(house, each)[1].id for each in people if each}
    for each in found:
        officer_of(card, each)
    if len(found - {officer}) != PEOPLE or len(people) != PEOPLE:
        raise Misused("lock-phrase-people", field="people")
    return tuple(sorted(found))


def let_in(house: House, helper: Unlocked, officer: OfficerId, administrator: Unlocked) -> None:
    """Let *officer* in again, where one of his two and an administrator are both here."""
    apart = administrator.entry.id not in (helper.entry.id, officer)
    own = administrator.agency == helper.agency
    if not (apart and own and Role.ADMINISTRATOR in administrator.entry.roles):
        raise NotCompetent("administrator")
    lift(house, helper, officer)
