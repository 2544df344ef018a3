# SPDX-License-Identifier: Apache-2.0
"""An officer's identity file: all his secret keys as one text that stock age reads (spec/keys.md).

Lines of reading keys, the newest first, then his storage key, each as age writes an identity. The
signing seed, whose file it is and by what he signs in besides his passphrase stand in ``#`` lines,
which age passes over: it refuses any other line that it does not know. The text is sealed to his
passphrase before it lies anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.one_time import PHONE_SEED, SHEET_SEED
from comity.crypto.signing import SigningKey
from comity.domain.ids import OfficerId, check_random
from comity.errors import Malformed

LIMIT: Final = 64 * 1024
"""Some 600 reading keys: one a month for fifty years."""
PASSKEYS: Final = 8
PASSKEY_ID: Final = 1023
"""Bytes: WebAuthn Level 3 §5.8.3."""
PASSKEY_PUBLIC: Final = 2048
_TITLE: Final = "# comity/identity@1"
_OFFICER: Final = "# officer: "
_SIGNING: Final = "# signing-ed25519-seed: "
_PHONE: Final = "# totp-seed: "
_SHEET: Final = "# sheet-seed: "
_PASSKEY: Final = "# passkey: "
_READING: Final = "# reading, newest first"
_STORAGE: Final = "# storage"
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that a telephone or a stick keeps, for one host name."""

    host: str
    id: bytes
    public: bytes
    """As WebAuthn writes it (COSE, RFC 9052 §7)."""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise ValueError("a passkey is for a host name")
        if not (0 < len(self.id) <= PASSKEY_ID and 0 < len(self.public) <= PASSKEY_PUBLIC):
            raise ValueError("no passkey is so large")


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """By what an officer signs in, besides his passphrase; any one of it will do."""

    phone: bytes = field(default=b"", repr=False)
    """The seed of the codes that his telephone shows; empty if none does."""
    sheet: bytes = field(default=b"", repr=False)
    """The seed of his printed codes; empty if he has none."""
    passkeys: tuple[Passkey, ...] = ()

    def __post_init__(self) -> None:
        if len(self.phone) not in (0, PHONE_SEED) or len(self.sheet) not in (0, SHEET_SEED):
            raise ValueError("a seed has its size")
        if len(self.passkeys) > PASSKEYS:
            raise ValueError("nobody has so many passkeys")

    def __bool__(self) -> bool:
        return bool(self.phone or self.sheet or self.passkeys)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFile:
    officer: OfficerId
    signing: SigningKey = field(repr=False)
    factors: Factors = field(default_factory=Factors)
    reading: tuple[HybridIdentity, ...] = field(repr=False)
    """Newest epoch first."""
    storage: HybridIdentity = field(repr=False)


def write(keys: IdentityFile) -> bytes:
    lines = (
        _TITLE,
        f"{_OFFICER}{keys.officer}",
        f"{_SIGNING}{keys.signing.seed.hex()}",
        *_written(keys.factors),
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
        title, officer, seed, *rest = data.decode("ascii").splitlines()
        begins, at = rest.index(_READING), rest.index(_STORAGE)
        check_random("officer", officer.removeprefix(_OFFICER))
        found = IdentityFile(
            officer=OfficerId(officer.removeprefix(_OFFICER)),
            signing=SigningKey(bytes.fromhex(seed.removeprefix(_SIGNING))),
            factors=_read(rest[:begins]),
            reading=tuple(map(HybridIdentity.parse, rest[begins + 1 : at])),
            storage=HybridIdentity.parse(rest[at + 1]),
        )
    except (ValueError, IndexError):
        # The bytes are secret: nothing of them stands in the error, nor behind it.
        raise Malformed("identity") from None
    if not found.reading or title != _TITLE or write(found) != data:
        raise Malformed("identity")
    return found


def _written(factors: Factors) -> Iterator[str]:
    if factors.phone:
        yield f"{_PHONE}{factors.phone.hex()}"
    if factors.sheet:
        yield f"{_SHEET}{factors.sheet.hex()}"
    for each in factors.passkeys:
        yield f"{_PASSKEY}{each.host} {each.id.hex()} {each.public.hex()}"


def _read(lines: Sequence[str]) -> Factors:
    """Return what *lines* say; whatever is left out here is missed when they are written again."""
    passkeys = [e.removeprefix(_PASSKEY).split(" ") for e in lines if e.startswith(_PASSKEY)]
    return Factors(
        phone=_seed(lines, _PHONE),
        sheet=_seed(lines, _SHEET),
        passkeys=tuple(
            Passkey(host=host, id=bytes.fromhex(id_), public=bytes.fromhex(public))
            for host, id_, public in passkeys
        ),
    )


def _seed(lines: Sequence[str], name: str) -> bytes:
    return next((bytes.fromhex(e.removeprefix(name)) for e in lines if e.startswith(name)), b"")
