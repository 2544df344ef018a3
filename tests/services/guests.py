# SPDX-License-Identifier: Apache-2.0
"""A house with one agency, and peers made by hand that it has admitted.

What a peer signs is its own choice, so attacks need peers who sign whatever a test wants:
``tests.wire.bureau`` certifies, ``admitted`` lets it in, ``tell`` hands its update over.
"""

import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.services.settle import ADMISSION, PASSPHRASE
from tests.wire.bureau import AT, Bureau

from comity.domain.ids import NodeId
from comity.domain.roster import AgencyType
from comity.services import admit, agencies, home
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.rosters_in import take_updates
from comity.storage import receipts
from comity.storage.receipts import Evidence
from comity.wire import invite as invite_wire
from comity.wire import roster as roster_wire
from comity.wire.invite import Invitation
from comity.wire.roster import RosterUpdate

_BEGUN = time.monotonic()


def housed(path: Path, *, url: str = "", clock: Callable[[], datetime] | None = None) -> House:
    """Return a practice node with one agency, Kenya's."""
    house = home.create(
        path / "home",
        key_home="file",
        ask_house=lambda: "",
        clock=clock or _days_later,
        random=os.urandom,
        url="" if url.startswith("sqlite") else url,
        practice=True,
    )
    found(house, path, "Kenya Wildlife Service")
    return house


def _days_later() -> datetime:
    """Return a moment when everything stands that ``tests.wire.bureau`` certifies, and goes on."""
    return AT + timedelta(days=2, seconds=time.monotonic() - _BEGUN)


def copied(house: House, path: Path) -> House:
    """Return a copy in *path* of *house*, which must be closed."""
    there = shutil.copytree(house.home, path / house.home.name)
    return home.open_(there, ask_house=str, clock=house.clock)


def found(
    house: House,
    path: Path,
    name: str,
    country: str = "KE",
    kind: AgencyType = AgencyType.AGENCY,
) -> AgencyCard:
    return agencies.found_agency(
        house,
        name=name,
        country=country,
        kind=kind,
        address="",
        root_file=path / f"{name}.root",
        root_passphrase=PASSPHRASE,
    )


def invitation(bureau: Bureau, update: RosterUpdate | None = None, *, practice: bool = True) -> str:
    said = Invitation(roster=update or bureau.full(), practice=practice)
    return invite_wire.write(said, bureau.roster_key)


def admitted(house: House, bureau: Bureau, update: RosterUpdate | None = None) -> AgencyCard:
    return admit.accept(house, invitation(bureau, update), ADMISSION)


def tell(house: House, bureau: Bureau, *updates: RosterUpdate, node: NodeId | None = None) -> int:
    """Hand *updates* over as *bureau*'s node would; return how many were taken in."""
    said = [roster_wire.write_update(each) for each in updates]
    return take_updates(house, said, node or bureau.node.node)


def card(house: House, bureau: Bureau) -> AgencyCard:
    return read_book(house).agency(bureau.id)


def evidence(house: House) -> tuple[Evidence, ...]:
    with house.store.read() as reading:
        return receipts.evidence(reading)
