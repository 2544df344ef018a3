# SPDX-License-Identifier: Apache-2.0
"""The house key in escrow: a file of the home, sealed to an agency's recovery identity.

Before the house key changes the next one lies beside it, in a file of its own (``.next``): whoever
closes the node in the middle of it cannot know which of them the records are locked under.

It lies beside the database and not in it, as the house key does, so that a copy of the database and
every share open nothing. It must be readable where nothing else is, in a closed home; so it says
itself which shares open it. One file for each agency and each change of its holders; the older ones
go when the newer is certified.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from comity.crypto.age import HybridRecipient, encrypt
from comity.domain.ids import AgencyId
from comity.domain.recovery import Arrangement
from comity.errors import Damaged, DiskFull, Malformed
from comity.services import arrangements
from comity.services.address_book import read_book
from comity.services.house import House
from comity.storage import housed
from comity.storage.folder import settle_folder
from comity.storage.housed import Housed
from comity.wire import recovery
from comity.wire.recovery import SEALED_LIMIT, HouseEscrow

ROOM: Final = "house-escrow"
"""Which key was sealed to whom: a digest, that tells a key that was changed since."""
NEXT: Final = ".next"
_NAME: Final = re.compile(r"house\.escrow\.[a-z2-7]{26}\.[1-9][0-9]{0,8}(\.next)?")


def keep(house: House, kept: Arrangement, *, following: bytes = b"") -> Path:
    """Seal the house key, or the *following* one, to *kept*, durably; return the file, reread."""
    key, suffix = (following, NEXT) if following else (house.vault.house_key, "")
    escrow = HouseEscrow(
        agency=kept.agency,
        number=kept.number,
        needed=kept.needed,
        recipient=kept.recipient,
        shares=kept.shares,
        sealed=encrypt(key, [HybridRecipient.parse(kept.recipient)]),
    )
    path = house.home / f"{_name(kept.agency, kept.number)}{suffix}"
    beside = path.with_name(f".{path.name}")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(recovery.write_house(escrow))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        settle_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise DiskFull("house-escrow") from None
    if _read(path) != escrow:
        raise Damaged("house-escrow")
    return path


@contextlib.contextmanager
def held(house: House, kept: Arrangement) -> Iterator[None]:
    """Keep the escrow to *kept*; if the block fails it goes again, else those before it go."""
    path = keep(house, kept)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _drop_others(house.home, kept)


def keep_up(house: House) -> int:
    """Seal the house key anew to the holders of each agency to whom another was sealed.

    After a change of the house key what they could open would be one that opens nothing.
    """
    known = _arranged(house)
    with house.store.read() as reading:
        rows = {row.name: row for row in housed.get(reading, ROOM, [k.agency for k in known])}
    stale = [k for k in known if _sealed_of(house, rows.get(k.agency)) != _mark(house, k)]
    for each in stale:
        keep(house, each)
        note(house, each)
    for path in _files(house.home):
        if path.name.endswith(NEXT):
            path.unlink(missing_ok=True)
    return len(stale)


def keep_next(house: House, key: bytes) -> None:
    """Seal *key*, which the records are about to be locked under, beside the one that they are."""
    for each in _arranged(house):
        keep(house, each, following=key)


def _arranged(house: House) -> list[Arrangement]:
    own = [card.id for card in read_book(house).own]
    with house.store.read() as reading:
        found = [arrangements.find(reading, house, each) for each in own]
    return [each for each in found if each is not None]


def note(house: House, kept: Arrangement) -> None:
    """Remember which key was sealed to which holders."""
    locked = house.vault.lock(_mark(house, kept), f"{ROOM}/{kept.agency}")
    row = Housed(room=ROOM, name=kept.agency, owner=kept.agency, body=locked, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def _mark(house: House, kept: Arrangement) -> bytes:
    """Return what tells this key, these holders and this very file from all others.

    A home that was put back from a backup has the file of another day, or none.
    """
    file = _bytes(house.home / _name(kept.agency, kept.number))
    return b"".join(
        sha256(e).digest() for e in (house.vault.house_key, file, kept.recipient.encode())
    )


def _sealed_of(house: House, row: Housed | None) -> bytes:
    return house.vault.open(row.body, f"{ROOM}/{row.name}") if row is not None else b""


def find(home: Path) -> tuple[HouseEscrow, ...]:
    """Return what is escrowed in *home*, the newest of each agency first; damaged ones are not."""
    found = (_read(each) for each in _files(home))
    known = [each for each in found if each is not None]
    return tuple(sorted(known, key=lambda each: (each.agency, -each.number)))


def _drop_others(home: Path, kept: Arrangement) -> None:
    """Remove what former holders of the agency could open, and what a killed split left."""
    for path in _files(home):
        whose, told = path.name.split(".")[2:4]
        if whose == kept.agency and int(told) != kept.number:
            path.unlink(missing_ok=True)
    settle_folder(home)


def _files(home: Path) -> list[Path]:
    return sorted(each for each in home.iterdir() if _NAME.fullmatch(each.name))


def _read(path: Path) -> HouseEscrow | None:
    try:
        told = recovery.read_house(_bytes(path))
    except Malformed:
        return None
    return told if path.name.removesuffix(NEXT) == _name(told.agency, told.number) else None


def _bytes(path: Path) -> bytes:
    """Return what is in *path*, as far as an escrow may be long; nothing if it is not there."""
    try:
        with path.open("rb") as file:
            return file.read(SEALED_LIMIT + 1)
    except FileNotFoundError:
        return b""


def _name(agency: AgencyId, number: int) -> str:
    return f"house.escrow.{agency}.{number}"
