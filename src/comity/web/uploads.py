# SPDX-License-Identifier: Apache-2.0
"""What comes from a browser: never a clear byte of it on our disk, however large it is.

A small body is held in memory. Of a large one each file is sealed to a key of its own while it is
read; what no handler takes is gone when the call has been answered. Over a poor link our script
sends a file in pieces instead, and goes on where it broke off (``services.uploads``).
"""

import contextlib
from io import BytesIO
from typing import IO, Final, cast

from flask import Request

from comity.errors import Misused
from comity.services.attach import Arriving
from comity.services.house import House
from comity.services.uploads import PIECE, About, Upload
from comity.web.answers import Result, Told, get, post
from comity.web.visit import Visit

_DIGITS: Final = 12
IN_MEMORY: Final = 256 * 1024
"""Bytes of a body whose files are not written anywhere before they are taken."""


class SealingRequest(Request):
    """A request whose files are sealed as they arrive."""

    house: House

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del content_type, filename, content_length
        if total_content_length is not None and total_content_length <= IN_MEMORY:
            return BytesIO()
        arriving = Arriving(self.house)
        self._left.callback(arriving.close)
        return cast("IO[bytes]", arriving)

    @property
    def _left(self) -> contextlib.ExitStack:
        """What is to be done once the call has been answered, whatever became of it."""
        left: contextlib.ExitStack = self.environ.setdefault("comity.left", contextlib.ExitStack())
        return left

    def close(self) -> None:
        super().close()
        self._left.close()


def sealing(house: House) -> type[Request]:
    """Return the requests of the pages of *house*."""
    return type("RequestOfHouse", (SealingRequest,), {"house": house})


def begin(visit: Visit) -> Result:
    """Make a place for a file that our script is about to send in pieces."""
    form = visit.form
    size = form.need("size")
    if not size.isascii() or not size.isdigit() or len(size) > _DIGITS:
        raise Misused("field-value", field="size")
    media = form.text("media").partition(";")[0].strip().lower()
    upload = visit.seat.begin_upload(About(name=form.need("name"), media=media, size=int(size)))
    return _told(upload, status=201)


def look(visit: Visit, upload: str) -> Result:
    """Say how much of an upload is here."""
    return _told(visit.seat.upload(upload))


def put(visit: Visit, upload: str) -> Result:
    """Take the piece that begins at ``at``; say where to go on, whatever became of it."""
    at = visit.query.get("at", "")
    if not at.isascii() or not at.isdigit() or len(at) > _DIGITS or visit.body is None:
        raise Misused("field-value", field="at")
    standing = visit.seat.upload(upload)
    if int(at) != standing.have:  # its sender is told before we read what we have
        return _told(standing, status=409)
    return _told(visit.seat.put_upload(upload, int(at), visit.body.read(PIECE + 1)))


def drop(visit: Visit, upload: str) -> Result:
    visit.seat.drop_upload(upload)
    return Told(values={})


def _told(upload: Upload, *, status: int = 200) -> Told:
    return Told(
        values={
            "id": upload.id,
            "at": upload.have,
            "size": upload.about.size,
            "piece": PIECE,
            "done": upload.attachment is not None,
        },
        status=status,
    )


ROUTES = (
    post("/up", begin),
    get("/up/<upload>", look),
    post("/up/<upload>", put, streams=True, limit=PIECE),
    post("/up/<upload>/drop", drop),
)
