# SPDX-License-Identifier: Apache-2.0
"""Share: a holder opens his own, with his own keys and on his own machine."""

from comity.crypto.age import decrypt
from comity.services.officer import Unlocked
from comity.wire.recovery import HeldShare, read_share


def open_share(unlocked: Unlocked, sealed: bytes) -> HeldShare:
    """Return the share in *sealed*; raise NotForUs where it is somebody else's."""
    return read_share(decrypt(sealed, unlocked.identities))
