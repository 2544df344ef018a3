# SPDX-License-Identifier: Apache-2.0
"""An officer's identity file: all his secret keys as one text that stock age reads (spec/keys.md).

Lines of reading keys, the newest first, then his storage key, each as age writes an identity. The
signing seed and whose file it is stand in ``#`` lines, which age passes over: it refuses any other
line that it does not know. The text is sealed to his passphrase before it lies anywhere.
"""

from dataclasses import dataclass, field
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.ids import OfficerId, check_random
from comity.errors import Malformed

LIMIT: Final = 64 * 1024
"""Some 600 reading keys: one a month for fifty years."""
_TITLE: Final = "# comity/identity@1"
_OFFICER: Final = "# officer: "
_SIGNING: Final = "# signing-ed25519-seed: "
_READING: Final = "# reading, newest first"
_STORAGE: Final = "# storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFile:
    officer: OfficerId
    signing: SigningKey = field(repr=False)
    reading: tuple[HybridIdentity, ...] = field(repr=False)
    """Newest epoch first."""
    storage: HybridIdentity = field(repr=False)


def write(keys: IdentityFile) -> bytes:
    lines = (
        _TITLE,
        f"{_OFFICER}{keys.officer}",
        f"{_SIGNING}{keys.signing.seed.hex()}",
        _READING,
        *map(str, keys.reading),
        _STORAGE,
        str(keys.storage),
        "",
    )
    return "\n".join(lines).encode("ascii")


def read(data: bytes) -> IdentityFile:
    """Return the keys that *data* writes; raise Malformed where writing them gives other bytes."""
    if len(data) > LIMIT:
        raise Malformed("size", limit=LIMIT)
    try:
        title, officer, seed, reading, *keys = data.decode("ascii").splitlines()
        at = keys.index(_STORAGE)
        check_random("officer", officer.removeprefix(_OFFICER))
        found = IdentityFile(
            officer=OfficerId(officer.removeprefix(_OFFICER)),
            signing=SigningKey(bytes.fromhex(seed.removeprefix(_SIGNING))),
            reading=tuple(map(HybridIdentity.parse, keys[:at])),
            storage=HybridIdentity.parse(keys[at + 1]),
        )
    except (ValueError, IndexError):
        # The bytes are secret: nothing of them stands in the error, nor behind it.
        raise Malformed("identity") from None
    if not found.reading or (title, reading) != (_TITLE, _READING) or write(found) != data:
        raise Malformed("identity")
    return found
