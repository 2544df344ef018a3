# SPDX-License-Identifier: Apache-2.0
"""Uploads over a poor link: a file comes in pieces and goes on where it broke off.

(1) Each piece is sealed to the storage key of the officer who sends it, with its place inside, and
    durable before it is answered for. He alone can go on with it, see it or name it.
(2) Pieces come one after the other and all but the last are of one size, so that how much is here
    is how many there are. One that comes twice changes nothing.
(3) The last one joins them: hashed on the way, sealed as any attached file (``attach``), and the
    pieces go. What it became is kept, sealed to him, until it is old.
(4) Uploads have limits: in size, in number, in bytes of one officer, and seven days.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from comity.crypto import age
from comity.domain.ids import Random, mint
from comity.domain.statement import Attachment
from comity.domain.time import to_millis
from comity.errors import Malformed, Misused, Refused, Untrusted
from comity.services.attach import UNKNOWN_MEDIA, Arriving, check_media, file_name
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import blobs, meta
from comity.storage.uploads import ABOUT, DONE, UploadFolder
from comity.wire import canonical

PIECE: Final = 128 * 1024
"""Bytes of a piece: a quarter of a minute at 64 kbit/s."""
LIMIT: Final = 256 << 20
"""Bytes of one file."""
MOST: Final = 24
"""Uploads of one officer."""
TOTAL: Final = 1 << 30
"""Bytes of them together."""
KEPT: Final = timedelta(days=7)
UNSENT_KEPT: Final = timedelta(days=90)
"""Of a sealed file that no act names."""
EVERY: Final = timedelta(days=1)
PLACE: Final = "uploads"
_SWEPT: Final = "unsent-swept-at"
_ABOUT_LIMIT: Final = 4096
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an officer says of a file before he sends it."""

    name: str
    media: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload as it stands."""

    id: str
    about: About
    have: int
    """Bytes that are here: where to go on."""
    attachment: Attachment | None = None
    """What it became, once all of it has come."""


def begin(unlocked: Unlocked, house: House, about: About) -> Upload:
    """Make a place for a file that is about to come."""
    media = about.media or UNKNOWN_MEDIA
    check_media(media)
    if not 0 < about.size <= LIMIT:
        raise Misused("file-large", limit=LIMIT)
    running = uploads(unlocked, house)
    if len(running) >= MOST or sum(e.about.size for e in running) + about.size > TOTAL:
        raise Refused("uploads-full")
    told = About(name=file_name(about.name), media=media, size=about.size)
    id_ = mint(house.random)
    sealed = _seal(unlocked, house, f"{id_}/{ABOUT}", canonical.encode(told))
    _folder(house).begin(unlocked.entry.id, id_, house.millis(), sealed)
    return Upload(id=id_, about=told, have=0)


def uploads(unlocked: Unlocked, house: House) -> tuple[Upload, ...]:
    """Return what he has sent, whole or in part, and not let go."""
    found = []
    for each in _folder(house).of(unlocked.entry.id):
        try:
            found.append(look(unlocked, house, each))
        except (Misused, Untrusted):  # dropped meanwhile, or sealed to a key that he has no more
            continue
    return tuple(found)


def look(unlocked: Unlocked, house: House, id_: str) -> Upload:
    """Return his upload *id_* as it stands; raise Misused if he has none of that name."""
    folder, owner = _folder(house), unlocked.entry.id
    if not folder.has(owner, id_):
        raise Misused("upload-unknown")
    about = _read(unlocked, house, id_, ABOUT, About)
    done = folder.read(owner, id_, DONE)
    if done is not None:
        attachment = _read(unlocked, house, id_, DONE, Attachment)
        return Upload(id=id_, about=about, have=about.size, attachment=attachment)
    have = min(about.size, folder.pieces(owner, id_) * PIECE)
    return Upload(id=id_, about=about, have=have)


def put(unlocked: Unlocked, house: House, id_: str, offset: int, data: bytes) -> Upload:
    """Keep the piece that begins at *offset*; return how the upload stands now.

    What is here already is passed over, and so is what begins after the end: the answer says where
    to go on. The last piece makes a file of it.
    """
    upload = look(unlocked, house, id_)
    if offset == upload.have < upload.about.size:
        if len(data) != min(PIECE, upload.about.size - offset):
            raise Malformed("upload")
        number = offset // PIECE
        sealed = _seal(unlocked, house, f"{id_}/{number}", data)
        _folder(house).put(unlocked.entry.id, id_, number, sealed)
        upload = look(unlocked, house, id_)
    if upload.attachment is None and upload.have == upload.about.size:
        return _joined(unlocked, house, upload)
    return upload


def taken(unlocked: Unlocked, house: House, id_: str) -> Attachment:
    """Return the file that his upload *id_* became; raise Misused unless all of it has come."""
    attachment = look(unlocked, house, id_).attachment
    if attachment is None:
        raise Misused("upload-unfinished")
    return attachment


def drop(unlocked: Unlocked, house: House, id_: str) -> None:
    """Let go of an upload."""
    look(unlocked, house, id_)
    _folder(house).drop(unlocked.entry.id, id_)


def sweep(house: House) -> int:
    """Remove what nobody finished or used in time; return how many uploads that were.

    And files that were sealed for an act that nobody sent, once no draft can name them any more.
    """
    _sweep_unsent(house)
    return _folder(house).drop_before(to_millis(house.now() - KEPT))


def _sweep_unsent(house: House) -> None:
    """Do it once a day: every file here is looked at."""
    now = house.millis()
    with house.store.read() as reading:
        last = int(meta.get(reading, [_SWEPT]).get(_SWEPT, b"0"))
    if now - last < EVERY // timedelta(milliseconds=1):
        return
    before = to_millis(house.now() - UNSENT_KEPT)
    row = meta.Meta(name=_SWEPT, value=str(now).encode())
    house.store.write(lambda w: (blobs.discard_unnamed(w, before), meta.put(w, [row])))


def _joined(unlocked: Unlocked, house: House, upload: Upload) -> Upload:
    folder, owner = _folder(house), unlocked.entry.id
    arriving = Arriving(house)
    try:
        for number in range(-(-upload.about.size // PIECE)):
            sealed = folder.piece(owner, upload.id, number)
            arriving.write(_open(unlocked, f"{upload.id}/{number}", sealed))
        attachment = arriving.attached(upload.about.name, upload.about.media)
    except FileNotFoundError:  # another call has just finished it
        return look(unlocked, house, upload.id)
    finally:
        arriving.close()
    sealed = _seal(unlocked, house, f"{upload.id}/{DONE}", canonical.encode(attachment))
    folder.finish(owner, upload.id, sealed)
    return look(unlocked, house, upload.id)


def _folder(house: House) -> UploadFolder:
    return UploadFolder(house.home / PLACE)


def _seal(unlocked: Unlocked, house: House, place: str, data: bytes) -> bytes:
    random: Random = house.random
    return age.encrypt(place.encode() + b"\n" + data, [unlocked.storage.recipient], random=random)


def _open(unlocked: Unlocked, place: str, sealed: bytes) -> bytes:
    """Return what was sealed for *place* and no other."""
    told, _, data = age.decrypt(sealed, [unlocked.storage]).partition(b"\n")
    if told != place.encode():
        raise Malformed("upload")
    return data


def _read(unlocked: Unlocked, house: House, id_: str, name: str, kind: type[T]) -> T:
    sealed = _folder(house).read(unlocked.entry.id, id_, name)
    if sealed is None:
        raise Misused("upload-unknown")
    return canonical.decode(_open(unlocked, f"{id_}/{name}", sealed), kind, limit=_ABOUT_LIMIT)
