# SPDX-License-Identifier: Apache-2.0
"""Where an officer is signed in: the tag by which his sessions are found, and the end of them all.

Whatever changes his keys or his passphrase ends what he has open anywhere; so does the phrase that
locks everything. It is done here, below whoever serves sessions, so that the command line does too.
"""

from typing import Final

from comity.domain.ids import OfficerId
from comity.services.house import House
from comity.storage.sessions import SessionFile

FILE: Final = "sessions.db"
ROOM: Final = "session"


def tag_of(house: House, officer: str) -> str:
    """Return what stands for *officer* in the file of sessions."""
    return house.vault.tag(officer.encode(), ROOM).hex()


def end_everywhere(house: House, officer: OfficerId) -> int:
    """End every session of *officer*; return how many there were."""
    place = house.home / FILE
    if not place.exists():
        return 0
    file = SessionFile.open(place)
    try:
        return file.discard_of(tag_of(house, officer))
    finally:
        file.close()
