# SPDX-License-Identifier: Apache-2.0
"""What was saved of a thread's files: by whom, when. Kept at home, for those who oversee.

Locked under the house key. It binds honest programs, as everything that is said of reading does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.ids import AgencyId, BlobId, OfficerId, ThreadId, mint
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed
from comity.storage.housed import Housed
from comity.wire import canonical

ROOM: Final = "saved"
_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One file that lies in clear on somebody's device since."""

    officer: OfficerId
    thread: ThreadId
    file: BlobId
    at: datetime


def note(unlocked: Unlocked, house: House, thread: ThreadId, file: BlobId) -> None:
    """Note that he saves *file* of *thread* now."""
    saved = Saved(officer=unlocked.entry.id, thread=thread, file=file, at=house.now())
    name = mint(house.random)
    body = house.vault.lock(canonical.encode(saved), f"{ROOM}/{name}")
    row = Housed(room=ROOM, name=name, owner=unlocked.agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.add(w, [row]))


def saved(house: House, agency: AgencyId) -> tuple[Saved, ...]:
    """Return what officers of *agency* saved, the newest first."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, owner=agency)
    told = [
        canonical.decode(house.vault.open(row.body, f"{ROOM}/{row.name}"), Saved, limit=_LIMIT)
        for row in rows
    ]
    return tuple(sorted(told, key=lambda each: each.at, reverse=True))
