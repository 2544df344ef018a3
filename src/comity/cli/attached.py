# SPDX-License-Identifier: Apache-2.0
"""Attachments: files sealed as they are read, and saved again only when all of them verifies."""

import mimetypes
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from comity.cli.call import Call
from comity.cli.files import free_name, open_file, sink
from comity.domain.statement import Attachment
from comity.formats.photograph import SIZE_LIMIT, cleaned, is_photograph
from comity.language.marks import marked
from comity.services.attach import UNKNOWN_MEDIA, file_name
from comity.services.seat import Seat

MEDIA: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf"}
"""Said the same on every machine, whatever its own tables are."""


_TELLS = marked("A photograph may tell place, time, device and owner. --clean takes them out.")


def attach_all(
    call: Call, seat: Seat, paths: Sequence[Path], *, clean: bool = False
) -> tuple[Attachment, ...]:
    """Seal the files at *paths* for an act that is about to name them.

    With *clean* a photograph goes without what the camera wrote beside it; else that is said.
    """
    return tuple(_attach(call, seat, each, clean=clean) for each in paths)


def save_all(seat: Seat, attachments: Sequence[Attachment], folder: Path) -> list[Path]:
    """Write *attachments* into *folder*, none over a file that is there; return where each is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    saved = []
    for each in attachments:
        place = free_name(folder, file_name(each.name))
        with sink(place) as file:
            seat.detach(each, file)
        saved.append(place)
    return saved


def _attach(call: Call, seat: Seat, path: Path, *, clean: bool) -> Attachment:
    with open_file(path) as source:
        begins = source.read(12)
        source.seek(0)
        if not is_photograph(begins):
            return seat.attach(source, path.name, _media(path))
        if not clean:
            call.out.warn(_TELLS)  # not which: a file's name is the officer's own
            return seat.attach(source, path.name, _media(path))
        picture = cleaned(source.read(SIZE_LIMIT + 1))
        return seat.attach(BytesIO(picture), path.name, _media(path))


def _media(path: Path) -> str:
    known = MEDIA.get(path.suffix.lower())
    return known or mimetypes.guess_type(path.name, strict=True)[0] or UNKNOWN_MEDIA
