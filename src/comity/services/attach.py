# SPDX-License-Identifier: Apache-2.0
"""Attach a file to what is about to be said, and get one out of what came.

A file is sealed as it is read: no clear byte of it is ever on our disk. It is durable before the
statement that names it is made; one that no docket comes to name is swept. What is inside a file
(a photograph's place and time, an author's name) is left as it is.
"""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from comity.crypto import age
from comity.crypto.age import HybridIdentity, Readable, Writable
from comity.crypto.age.stream import put
from comity.domain.ids import mint
from comity.domain.statement import Attachment
from comity.errors import Misused, Unavailable, Untrusted
from comity.services.house import House
from comity.storage import blobs
from comity.storage.blobs import Blob
from comity.storage.folder import full_disk
from comity.wire.blob import CLEAR_LIMIT, BlobSealing, Sealed, opened_blob, seal_blob

NAME_LIMIT: Final = 200
UNKNOWN_MEDIA: Final = "application/octet-stream"
_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
"""RFC 6838 §4.2, lower case, without parameters."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069/\\:*?"<>|]')
"""What a file system takes for something else, and what makes the eye read another ending."""


def attach(house: House, source: Readable, name: str, media: str = UNKNOWN_MEDIA) -> Attachment:
    """Seal the file *source* and return what a statement says of it."""
    check_media(media)
    folder = house.store.folder
    with folder.sealing(mint(house.random)) as (file, sink):
        sealed = seal_blob(source, sink, house.random)
        sink.flush()
        folder.adopt(file, sealed.blob)
    return _noted(house, sealed, name, media)


class Arriving(io.RawIOBase):
    """A file that comes piece by piece from somebody who cannot be asked for more: a browser.

    It is sealed as it is written, to a key of its own that is in memory alone; going back to its
    beginning ends the writing. It can be read then, and attached. What is closed unattached is gone
    from the disk too.
    """

    def __init__(self, house: House, *, limit: int = CLEAR_LIMIT) -> None:
        super().__init__()
        self._house = house
        self._left = ExitStack()
        """What is to be done when it is closed."""
        sealing = house.store.folder.sealing(mint(house.random))
        self._file, self._sink = self._left.enter_context(sealing)
        self._sealing = BlobSealing(self._sink, house.random, limit=limit)
        self._sealed: Sealed | None = None
        self._taken: Attachment | None = None
        self._clear: Iterator[memoryview] = iter(())
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return self._sealed is None

    def seekable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        with full_disk():
            return self._sealing.write(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go back to the beginning; there is no other place to go to."""
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("seek")
        if self._sealed is None:
            with full_disk():
                self._sealed = self._sealing.finish()
                self._sink.flush()
        self._clear, self._ahead = self._opened(self._sealed), b""
        return 0

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        if not self._ahead:
            self._ahead = bytes(next(self._clear, b""))
        piece = self._ahead[: len(buffer)]
        buffer[: len(piece)] = piece
        self._ahead = self._ahead[len(piece) :]
        return len(piece)

    def attached(self, name: str, media: str = UNKNOWN_MEDIA) -> Attachment:
        """Keep what came as a file that a statement may name; return what it says of it."""
        check_media(media)
        if self._sealed is None:
            self.seek(0)
        if self._taken is None and self._sealed is not None:
            self._house.store.folder.adopt(self._file, self._sealed.blob)
            self._taken = _noted(self._house, self._sealed, name, media)
        if self._taken is None:
            raise Unavailable("file-arriving")
        return self._taken

    def close(self) -> None:
        self._left.close()
        super().close()

    def _opened(self, sealed: Sealed) -> Iterator[memoryview]:
        """Yield what was written: we sealed it ourselves, and the seal itself is checked again."""
        place = self._house.store.folder.of(sealed.blob) if self._taken else self._file
        left = sealed.length
        with place.open("rb") as source:
            for chunk in age.opened(source, [HybridIdentity.from_seed(sealed.seed)]):
                yield chunk[:left]
                left = max(0, left - len(chunk))


def check_media(media: str) -> None:
    """Raise Misused unless *media* is written as a media type."""
    if not _MEDIA.fullmatch(media):
        raise Misused("media")


def _noted(house: House, sealed: Sealed, name: str, media: str) -> Attachment:
    """Note that a sealed file is in its place, and return what a statement says of it."""
    now = house.millis()
    row = Blob(blob=sealed.blob, size=sealed.size, have=sealed.size, completed_at=now, at=now)
    house.store.write(lambda w: blobs.register(w, [row]))
    return Attachment(
        blob=sealed.blob,
        size=sealed.size,
        seed=sealed.seed,
        clear=sealed.clear,
        length=sealed.length,
        name=file_name(name),
        media=media,
    )


def detach(house: House, attachment: Attachment, sink: Writable) -> None:
    """Write the clear bytes of *attachment* into *sink*, all of them verified before the first."""
    for piece in detached(house, attachment):
        put(piece, sink.write)


def detached(house: House, attachment: Attachment) -> Iterator[bytes]:
    """Yield the clear bytes of *attachment*, all of them verified before the first."""
    with house.store.read() as reading:
        here = [row for row in blobs.by_ids(reading, [attachment.blob]) if row.completed_at]
    if not here:
        raise Unavailable("file-arriving", file=attachment.blob)
    folder = house.store.folder
    try:
        with folder.open(attachment.blob) as source:
            # A view does not last, and whoever sends it on may hold several.
            yield from map(bytes, opened_blob(source, attachment))
    except Untrusted:
        # The sender's fault or our disk's? Only bytes that still have their name are his.
        folder.check(attachment.blob)
        raise


def clear_bytes(house: House, attachment: Attachment, limit: int) -> bytes:
    """Return all of *attachment* in memory; raise Misused if that is more than *limit* bytes."""
    if attachment.length > limit:
        raise Misused("file-long", limit=limit)
    return b"".join(detached(house, attachment))


def file_name(told: str) -> str:
    """Return *told* as a name to save under: no folder, nothing hidden, nothing that misleads."""
    name = _UNFIT.sub("_", re.split(r"[/\\]", told)[-1]).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_LIMIT and stem and len(ending) < NAME_LIMIT // 2:
        return stem[: NAME_LIMIT - len(dot + ending)] + dot + ending
    return name[:NAME_LIMIT] or "file"
