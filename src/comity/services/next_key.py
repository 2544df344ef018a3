# SPDX-License-Identifier: Apache-2.0
"""The key that a home is about to have: beside the one it has, until every row is locked under it.

As long as both are there the database says which of them it is locked under.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from comity.crypto.vault import Vault
from comity.errors import ComityError, Damaged, Locked
from comity.services.key_homes import (
    CREDENTIAL,
    CredentialHome,
    FileHome,
    KeyHome,
    PromptHome,
    TpmHome,
)
from comity.services.node_keys import read
from comity.storage.folder import settle_folder
from comity.storage.store import Store

NEXT: Final = ".next"
NEXT_CREDENTIAL: Final = f"{CREDENTIAL}-next"


def next_of(kept: KeyHome) -> KeyHome | None:
    """Return the home of the key after the one in *kept*; None if nobody gave a credential."""
    match kept:
        case FileHome() | PromptHome() | TpmHome():
            return replace(kept, path=kept.path.with_name(kept.path.name + NEXT))
        case CredentialHome(directory=Path() as folder) if (folder / NEXT_CREDENTIAL).exists():
            return replace(kept, name=NEXT_CREDENTIAL)
        case _:
            return None


def promote(following: KeyHome) -> None:
    """Let the key in *following* take the place of the one before it."""
    path = _path(following)
    if path is not None:
        path.replace(path.with_name(path.name.removesuffix(NEXT)))
        settle_folder(path.parent)


def opening_key(kept: KeyHome, store: Store) -> bytes:
    """Return the key under which *store* is locked, of the one or two that there are.

    What was left half done is ended, or taken back.
    """
    following = next_of(kept)
    path = _path(following) if following is not None else None
    if following is None or (path is not None and not path.exists()):
        return kept.open()
    failures: list[ComityError] = []
    for candidate in (kept, following):
        try:
            key = candidate.open()
        except ComityError as error:
            failures.append(error)
            continue
        if _opens(key, store):
            if path is not None:
                _settle(candidate, following, path)
            return key
    locked = [each for each in failures if isinstance(each, Locked)]
    raise locked[0] if locked else Damaged("node-keys")


def _settle(found: KeyHome, following: KeyHome, path: Path) -> None:
    with suppress(OSError):  # a folder that cannot be written to is settled another time
        if found is following:
            promote(following)
        else:
            path.unlink()


def _opens(key: bytes, store: Store) -> bool:
    try:
        with store.read() as reading:
            read(reading, Vault(key))
    except Damaged:
        return False
    return True


def _path(kept: KeyHome) -> Path | None:
    return kept.path if isinstance(kept, FileHome | PromptHome | TpmHome) else None
