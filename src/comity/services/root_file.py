# SPDX-License-Identifier: Apache-2.0
"""The root file: an agency's root and the key that succeeds it, under a passphrase of its own.

It is made once, taken off the machine, and brought back for minutes when a roster key is changed
or the root succeeded. What it holds is never locked in the home: who steals the home with its
house key has everything but this.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import Passphrase, decrypt, encrypt
from comity.crypto.signing import SigningKey
from comity.errors import Damaged, DiskFull, Locked, Misused, NotForUs, Untrusted

_LIMIT: Final = 16 * 1024
_ROOT: Final = re.compile(rb"^# root-ed25519-seed: ([0-9a-f]{64})$", re.MULTILINE)
_NEXT: Final = re.compile(rb"^# next-root-ed25519-seed: ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKeys:
    root: SigningKey = field(repr=False)
    following: SigningKey = field(repr=False)


def write(path: Path, roots: RootKeys, passphrase: str, *, practice: bool, factor: int) -> None:
    """Write *roots* to *path*, where nothing may be, under *passphrase*, which is judged first."""
    chosen = passphrases.accept(passphrase, practice=practice)
    text = (
        "# Root of a Comity agency. Keep this off every machine that is switched on.\n"
        f"# root-ed25519-seed: {roots.root.seed.hex()}\n"
        f"# next-root-ed25519-seed: {roots.following.seed.hex()}\n"
    )
    _keep(path, encrypt(text.encode(), [Passphrase(chosen, factor=factor)]))


def read(path: Path, passphrase: str) -> RootKeys:
    """Return what is in the file at *path*; raise Locked at a wrong passphrase."""
    try:
        with path.open("rb") as file:
            sealed = file.read(_LIMIT + 1)
    except OSError:
        raise Misused("root-file-missing") from None
    if len(sealed) > _LIMIT:
        raise Damaged("root-file")
    try:
        text = decrypt(sealed, [Passphrase(passphrases.normalise(passphrase))])
    except (NotForUs, Misused):
        raise Locked("passphrase") from None
    except Untrusted:
        raise Damaged("root-file") from None
    root, following = _ROOT.search(text), _NEXT.search(text)
    if root is None or following is None:
        raise Damaged("root-file")
    return RootKeys(root=_key(root[1]), following=_key(following[1]))


def _key(seed: bytes) -> SigningKey:
    return SigningKey(bytes.fromhex(seed.decode()))


def _keep(path: Path, sealed: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misused("root-file-exists") from None
    except OSError:
        raise DiskFull("root-file") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise DiskFull("root-file") from None
