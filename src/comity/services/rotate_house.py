# SPDX-License-Identifier: Apache-2.0
"""A new house key: every locked row is locked again, and the key home gets the new key.

Two places change that no transaction spans: the key home and the database. So the new key is put
beside the old one first, under a name of its own; then one transaction locks every row anew; then
the new key takes the old one's place. Whoever is killed in between leaves a home with two keys, of
which one opens it: ``home.open_`` finds out which, and ends what was begun or takes it back.

A systemd credential is the operator's to write: he gives the next one beside the first.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity.crypto.vault import Vault
from comity.domain.ids import Random
from comity.domain.time import Clock
from comity.errors import Misused
from comity.services import home, home_lock, house_escrow
from comity.services.closed import check_open
from comity.services.key_homes import HOUSE_KEY_SIZE, CredentialHome, KeyHome, PromptHome
from comity.services.next_key import next_of, promote
from comity.services.relock import relock
from comity.storage.reading import Writing

Ask = Callable[[], str]


def rotate_house(path: Path, *, ask_house: Ask, ask_new: Ask, clock: Clock, random: Random) -> int:
    """Give the home at *path* a new house key; return how many rows were locked again.

    Nobody else may have it open. *ask_new* returns the new passphrase, of a home that needs one.
    """
    house = home.open_(path, ask_house=ask_house, clock=clock, random=random)
    try:
        home_lock.alone(house.store)
        following = _next(home.key_home(path, ask_new))
        new = _fresh(following, random)
        if new == house.vault.house_key:
            raise Misused("house-key.same")
        following.store(new)
        after = Vault(new, random)
        house_escrow.keep_next(house, new)

        def work(writing: Writing) -> int:
            return relock(writing, house.vault, after, house.millis())

        count = house.store.write(work)
        promote(following)
        check_open(path)  # closed meanwhile: then no copy of the key stays here
        # Killed before this: the clock's duties do it (``duties.py``).
        house_escrow.keep_up(replace(house, vault=after))
        return count
    finally:
        home.close(house)


def change_house_passphrase(
    path: Path, *, ask_house: Ask, ask_new: Ask, clock: Clock, random: Random
) -> int:
    """Keep the house key of a home that asks for a passphrase under another one.

    No row is locked again: whoever knows the key itself still has it.
    """
    kept = home.key_home(path, ask_new)
    if not isinstance(kept, PromptHome):
        raise Misused("house-key.no-passphrase")
    house = home.open_(path, ask_house=ask_house, clock=clock, random=random)
    try:
        kept.store(house.vault.house_key)
        return 0
    finally:
        home.close(house)


def _next(kept: KeyHome) -> KeyHome:
    found = next_of(kept)
    if found is None:
        raise Misused("house-key.next")
    return found


def _fresh(following: KeyHome, random: Random) -> bytes:
    return following.open() if isinstance(following, CredentialHome) else random(HOUSE_KEY_SIZE)
