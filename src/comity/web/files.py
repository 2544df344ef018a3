# SPDX-License-Identifier: Apache-2.0
"""Files on the pages: what comes with a form and goes with an act, and what is saved of it."""

from collections.abc import Iterator
from typing import Final

from comity.domain.statement import Attachment
from comity.services.attach import UNKNOWN_MEDIA, Arriving
from comity.web.forms import Upload
from comity.web.visit import Visit

FIELDS: Final = ("photo", "voice", "file")
"""Fields of a form in which files come."""
LIMIT: Final = 1 << 30
"""Bytes of a form with files, at most: what a route that takes files sets as its limit."""


def attached(visit: Visit) -> tuple[Attachment, ...]:
    """Seal what came with the form, for the act that is about to name it.

    Files in the fields ``photo``, ``voice`` and ``file``, any number of each.
    """
    return tuple(_taken(visit, each) for each in _uploads(visit))


def _uploads(visit: Visit) -> Iterator[Upload]:
    for name in FIELDS:
        yield from (each for each in visit.form.files.get(name, ()) if each.name)


def _taken(visit: Visit, upload: Upload) -> Attachment:
    media = upload.media.lower() or UNKNOWN_MEDIA
    if isinstance(upload.stream, Arriving):
        return upload.stream.attached(upload.name, media)
    return visit.seat.attach(upload.stream, upload.name, media)
