# SPDX-License-Identifier: Apache-2.0
"""A ticket: a file that is sealed already, on its way through the pages of a form.

It says what a statement says of the file, locked under the house key for one officer and one
thread: nobody changes it, and on another's form it is worth nothing.
"""

import base64
import binascii
from typing import Final

from comity.domain.ids import ThreadId
from comity.domain.statement import Attachment
from comity.errors import Damaged, Misused
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.wire import canonical

ROOM: Final = "tickets"
_LIMIT: Final = 8192


def ticket_of(unlocked: Unlocked, house: House, thread: ThreadId, file: Attachment) -> str:
    """Return *file* as a form of *thread* carries it."""
    locked = house.vault.lock(canonical.encode(file), _place(unlocked, thread))
    return base64.urlsafe_b64encode(locked).decode("ascii")


def redeemed(unlocked: Unlocked, house: House, thread: ThreadId, ticket: str) -> Attachment:
    """Return the file of *ticket*; raise Misused if it was not given to him for this thread."""
    try:
        locked = base64.urlsafe_b64decode(ticket.encode("ascii"))
        opened = house.vault.open(locked, _place(unlocked, thread))
    except (ValueError, binascii.Error, Damaged):
        raise Misused("file-missing") from None
    return canonical.decode(opened, Attachment, limit=_LIMIT)


def _place(unlocked: Unlocked, thread: ThreadId) -> str:
    return f"{ROOM}/{unlocked.entry.id}/{thread}"
