# SPDX-License-Identifier: Apache-2.0
"""Reopen a closed node: enough holders join their shares, and the house key gets a new home.

(1) The escrow is the one to which the shares belong. (2) What it holds opens this home: that is
tried before anything is written. (3) The home is held shut while the key is stored and the settings
name its new home; then it opens. A kill in the middle leaves it closed, and it is done again.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.crypto import sharing
from comity.crypto.age import decrypt
from comity.domain.ids import AgencyId, Random, digest
from comity.domain.recovery import Happened
from comity.domain.time import Clock
from comity.errors import Damaged, Misused, Refused
from comity.services import arrangements, home, house_escrow
from comity.services.closed import begin_reopening, is_closed, unmark
from comity.services.house import House
from comity.services.recover_join import joined
from comity.wire.recovery import HouseEscrow

HOMES: Final = ("prompt", "tpm", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    agency: AgencyId
    """Whose holders came."""
    shares: tuple[int, ...]


def needed(path: Path) -> int:
    """Return how many shares open the home at *path*; the most, where agencies differ."""
    return max((each.needed for each in house_escrow.find(path)), default=0)


def reopen_node(
    path: Path,
    given: Sequence[str],
    *,
    key_home: str,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random = os.urandom,
) -> Reopened:
    """Open the closed home at *path* with the shares *given*; its key then lives in *key_home*.

    *ask_house* returns the new house passphrase for ``prompt``.
    """
    path = path.absolute()
    home.read_settings(path)
    if not is_closed(path):
        raise Misused("recovery.not-closed")
    if key_home not in HOMES:
        raise Misused("key-home")
    escrow, *others = _belonging(path, given)
    recovery, numbers = joined(escrow, given)
    sealed = [each.sealed for each in (escrow, *others) if each.recipient == escrow.recipient]
    key = _opening(path, [decrypt(each, [recovery]) for each in sealed], clock, random)  # (2)
    begin_reopening(path)  # (3)
    home.rehouse(path, key, key_home=key_home, ask_house=ask_house)
    unmark(path)
    house = home.open_with(path, key, clock=clock, random=random)
    try:
        _note(house, escrow, numbers)
    finally:
        home.close(house)
    return Reopened(agency=escrow.agency, shares=numbers)


def _opening(path: Path, keys: Sequence[bytes], clock: Clock, random: Random) -> bytes:
    """Return the one of *keys* that opens the home: a change of the house key was cut short."""
    *before, last = keys
    for each in before:
        with suppress(Damaged):
            home.close(home.open_with(path, each, clock=clock, random=random))
            return each
    home.close(home.open_with(path, last, clock=clock, random=random))
    return last


def _belonging(path: Path, given: Sequence[str]) -> Sequence[HouseEscrow]:
    """Return the escrows that are there, first those of which most of *given* are shares (1)."""
    known = house_escrow.find(path)
    if not known:
        raise Refused("recovery.no-escrow")
    digests = {digest(sharing.read(each).words.encode()) for each in given}
    order = [(-len(digests & set(each.shares)), -each.number) for each in known]
    return [each for _, each in sorted(zip(order, known, strict=True), key=lambda e: e[0])]


def _note(house: House, escrow: HouseEscrow, numbers: Sequence[int]) -> None:
    happened = arrangements.event(house, Happened.REOPENED, shares=numbers)
    with house.store.read() as reading:
        kept = arrangements.find(reading, house, escrow.agency)
    if kept is not None and kept.number == escrow.number:
        house.store.write(lambda w: arrangements.note(w, house, kept, happened))
