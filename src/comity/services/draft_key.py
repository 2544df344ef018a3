# SPDX-License-Identifier: Apache-2.0
"""The key of the drafts on an officer's device: handed to the page after he has signed in.

The page keeps what is wrapped beside the drafts and the key in memory alone. It opens again for the
same officer, after his next sign-in; a thief of the device has both and opens neither.
"""

from typing import Final

from comity.crypto import age
from comity.errors import Malformed
from comity.services.house import House
from comity.services.officer import Unlocked

SIZE: Final = 32
LIMIT: Final = 8192
_MAGIC: Final = b"comity/draft-key@1\n"


def new(unlocked: Unlocked, house: House) -> tuple[bytes, bytes]:
    """Return a new key, and it wrapped to the officer."""
    key = house.random(SIZE)
    recipients = [unlocked.storage.recipient]
    return key, age.encrypt(_MAGIC + key, recipients, random=house.random)


def opened(unlocked: Unlocked, wrapped: bytes) -> bytes:
    """Return the key that was wrapped to this officer; raise Untrusted for any other."""
    if len(wrapped) > LIMIT:
        raise Malformed("age")
    clear = age.decrypt(wrapped, [unlocked.storage])
    if not clear.startswith(_MAGIC) or len(clear) != len(_MAGIC) + SIZE:
        raise Malformed("age")
    return clear[len(_MAGIC) :]
