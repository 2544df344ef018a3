# SPDX-License-Identifier: Apache-2.0
"""What travels of a file: a photograph small and bare, a document without its author's traces.

(1) What the officer chose is sealed and kept untouched. It stays at home as long as what was sent
    of it does, and is his alone: what is noted of it is sealed to his storage key.
(2) What travels is made of it: of a photograph a copy of at most 100 kB, of a PDF or an Office file
    one without what its program wrote of who made it. Any other file goes as it is.
(3) Where that cannot be done nothing goes, unless he said that the original may go too.
(4) Nothing is decoded in this process (``formats.apart``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from comity.crypto import age
from comity.domain.ids import BlobId
from comity.domain.statement import Attachment
from comity.errors import Malformed, Refused, Untrusted
from comity.formats import apart, photograph
from comity.formats.metadata import is_office
from comity.services.attach import attach, clear_bytes, detached
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed
from comity.storage.blobs import ORIGINAL
from comity.storage.housed import Housed
from comity.wire import canonical

LIGHT: Final = 100_000
"""Bytes of a photograph that travels first: a quarter of a minute at 64 kbit/s."""
ROOM: Final = ORIGINAL
_BEGINS: Final = 64
_NOTE_LIMIT: Final = 4096
_HEIC: Final = (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1", b"ftypavif")
JPEG: Final = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What travels in the place of a file."""

    content: bytes
    name: str
    media: str


def travelling(
    unlocked: Unlocked, house: House, original: Attachment, *, as_it_is: bool = False
) -> tuple[Attachment, ...]:
    """Return what travels of *original*, which is sealed already: one file, or both if *as_it_is*.

    Raise Refused where its traces cannot be taken out and it may not go as it is.
    """
    try:
        made = _made(house, original)
    except (Malformed, Refused):
        if as_it_is:
            return (original,)
        raise Refused("not-cleaned", field="file") from None
    if made is None:
        return (original,)
    sent = attach(house, BytesIO(made.content), made.name, made.media)
    _keep(unlocked, house, original, sent.blob)
    return (sent, original) if as_it_is else (sent,)


def original_of(unlocked: Unlocked, house: House, sent: BlobId) -> Attachment | None:
    """Return the untouched file of which he sent *sent*, if he did and it is still here."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, owner=sent)
    for row in rows:
        try:
            sealed = house.vault.open(row.body, f"{ROOM}/{row.name}")
            clear = age.decrypt(sealed, [unlocked.storage])
        except Untrusted:  # another's
            continue
        return canonical.decode(clear, Attachment, limit=_NOTE_LIMIT)
    return None


def _keep(unlocked: Unlocked, house: House, original: Attachment, sent: BlobId) -> None:
    told = canonical.encode(original)
    sealed = age.encrypt(told, [unlocked.storage.recipient], random=house.random)
    body = house.vault.lock(sealed, f"{ROOM}/{original.blob}")
    row = Housed(room=ROOM, name=original.blob, owner=sent, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def _made(house: House, original: Attachment) -> Made | None:
    """Return what travels in the place of *original*; None if it goes as it is."""
    small = original.length <= photograph.SIZE_LIMIT
    if small:
        data = clear_bytes(house, original, photograph.SIZE_LIMIT)
    else:
        data = next(detached(house, original), b"")
    make = _maker(data[:_BEGINS])
    if make is None:
        return None
    if not small:
        raise Refused("not-cleaned")
    made = make(data, original)
    return None if made is None or made.content == data else made


def _maker(begins: bytes) -> Callable[[bytes, Attachment], Made | None] | None:
    if photograph.is_photograph(begins):
        return _photograph
    if begins[4:].startswith(_HEIC):
        raise Refused("not-cleaned")
    if begins.lstrip()[:5] == b"%PDF-":
        return _pdf
    return _office if begins.startswith(b"PK\x03\x04") else None


def _photograph(data: bytes, original: Attachment) -> Made:
    clean = photograph.cleaned(data)
    if len(clean) <= LIGHT or not apart.can("light"):
        return Made(content=clean, name=original.name, media=original.media)
    small = apart.done("light", data, limit=LIGHT)
    return Made(content=small, name=_named(original.name, "jpg"), media=JPEG)


def _pdf(data: bytes, original: Attachment) -> Made:
    if not apart.can("clean-pdf"):
        raise Refused("not-cleaned")
    clean = apart.done("clean-pdf", data)
    return Made(content=clean, name=original.name, media=original.media)


def _office(data: bytes, original: Attachment) -> Made | None:
    if not is_office(data):
        return None
    clean = apart.done("clean-office", data)
    return Made(content=clean, name=original.name, media=original.media)


def _named(name: str, ending: str) -> str:
    stem, dot, old = name.rpartition(".")
    return name if old.lower() in {ending, "jpeg"} else f"{stem if dot else name}.{ending}"
