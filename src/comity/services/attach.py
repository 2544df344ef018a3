# SPDX-License-Identifier: Apache-2.0
"""Attach a file to what is about to be said, and get one out of what came.

A file is sealed as it is read: no clear byte of it is ever on our disk. It is durable before the
statement that names it is made; one that no docket comes to name is swept. What is inside a file
(a photograph's place and time, an author's name) is left as it is.
"""

import re
from typing import Final

from comity.crypto.age import Readable, Writable
from comity.domain.ids import mint
from comity.domain.statement import Attachment
from comity.errors import Misused, Unavailable, Untrusted
from comity.services.house import House
from comity.storage import blobs
from comity.storage.blobs import Blob
from comity.wire.blob import open_blob, seal_blob

NAME_LIMIT: Final = 200
UNKNOWN_MEDIA: Final = "application/octet-stream"
_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
"""RFC 6838 §4.2, lower case, without parameters."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069/\\:*?"<>|]')
"""What a file system takes for something else, and what makes the eye read another ending."""


def attach(house: House, source: Readable, name: str, media: str = UNKNOWN_MEDIA) -> Attachment:
    """Seal the file *source* and return what a statement says of it."""
    if not _MEDIA.fullmatch(media):
        raise Misused("media")
    folder = house.store.folder
    with folder.sealing(mint(house.random)) as (file, sink):
        sealed = seal_blob(source, sink, house.random)
        sink.flush()
        folder.adopt(file, sealed.blob)
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
    with house.store.read() as reading:
        here = [row for row in blobs.by_ids(reading, [attachment.blob]) if row.completed_at]
    if not here:
        raise Unavailable("file-arriving", file=attachment.blob)
    folder = house.store.folder
    try:
        with folder.open(attachment.blob) as source:
            open_blob(source, sink, attachment)
    except Untrusted:
        # The sender's fault or our disk's? Only bytes that still have their name are his.
        folder.check(attachment.blob)
        raise


def file_name(told: str) -> str:
    """Return *told* as a name to save under: no folder, nothing hidden, nothing that misleads."""
    name = _UNFIT.sub("_", re.split(r"[/\\]", told)[-1]).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_LIMIT and stem and len(ending) < NAME_LIMIT // 2:
        return stem[: NAME_LIMIT - len(dot + ending)] + dot + ending
    return name[:NAME_LIMIT] or "file"
