# SPDX-License-Identifier: Apache-2.0
"""Close a node: every copy of the house key here is destroyed but the one in escrow.

For the hour in which somebody comes to take the machine, or the people. Afterwards nothing that is
locked opens, for anybody, until enough holders, who may be abroad, have reopened it. What lies here
is what a thief of a switched-off machine has (design §2, promise 3).

(1) The escrow is there and durable: sealed anew if the house opens, else the file of the split.
(2) The home is marked closed: nothing opens it any more, and what serves ends within a second.
(3) The copies are destroyed: overwritten, then removed. Each step may be done again; a kill between
them leaves a home that does not open, and closing again goes on.

Overwriting is not believed in: a solid-state disk may keep the old block. What is wrapped (a
passphrase, a TPM) stays wrapped; a bare key on such a disk may be found by a laboratory.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.domain.ids import AgencyId, Random
from comity.domain.recovery import Arrangement
from comity.domain.time import Clock
from comity.errors import ComityError, Refused
from comity.services import arrangements, house_escrow
from comity.services.address_book import read_book
from comity.services.closed import destroy, finish, is_closed, mark
from comity.services.home import close, open_, read_settings
from comity.services.house import House
from comity.services.key_homes import CREDENTIAL

SYSTEM: Final = (Path("/etc/credstore.encrypted"), Path("/etc/credstore"))
"""Where systemd keeps credentials: gone from there, they are not given again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    escrows: int
    """Agencies whose holders can open it again."""
    fresh: bool
    """Whether the escrow was made anew from the key, or is the one of the split."""
    remains: tuple[Path, ...]
    """Copies that this user may not destroy."""


def close_node(
    path: Path,
    *,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random = os.urandom,
    without_recovery: bool = False,
    system: tuple[Path, ...] = SYSTEM,
) -> Closed:
    """Close the home at *path*; raise Refused where nobody could open it again.

    *without_recovery* closes it all the same, for good. Where the house does not open (nobody is
    there to type its passphrase) the escrow of the split is relied on.
    """
    path = path.absolute()
    settings = read_settings(path)
    certified = None if is_closed(path) else _escrow_anew(path, ask_house, clock, random)
    known = {
        each.agency
        for each in house_escrow.find(path)
        if certified is None or certified.get(each.agency) == each.number
    }
    if not known and not without_recovery:
        raise Refused("recovery.no-escrow")
    mark(path)  # (2)
    remains = finish(path, random)  # (3)
    if settings.key_home == "credential":
        theirs = [each / CREDENTIAL for each in system]
        remains += tuple(each for each in theirs if not destroy(each, random))
    return Closed(escrows=len(known), fresh=certified is not None, remains=remains)


def _escrow_anew(
    path: Path, ask_house: Callable[[], str], clock: Clock, random: Random
) -> Mapping[AgencyId, int] | None:
    """Seal the house key to the holders of every agency (1); return whose are which number.

    None if the house does not open, whatever is wrong with it: it can be closed all the same.
    """
    try:
        house = open_(path, ask_house=ask_house, clock=clock, random=random)
    except ComityError:
        return None
    try:
        return {each.agency: _sealed(house, each) for each in _arranged(house)}
    finally:
        close(house)


def _arranged(house: House) -> tuple[Arrangement, ...]:
    own = [card.id for card in read_book(house).own]
    with house.store.read() as reading:
        found = [arrangements.find(reading, house, each) for each in own]
    return tuple(each for each in found if each is not None)


def _sealed(house: House, kept: Arrangement) -> int:
    """Seal the house key to *kept*; on a full disk what the split wrote has to do."""
    with suppress(ComityError):
        house_escrow.keep(house, kept)
    return kept.number
