# SPDX-License-Identifier: Apache-2.0
"""The mark on what an officer is shown or saves: who, of where, when, of which thread.

It is drawn into pictures and documents, so it holds no word that would have to be translated, and
no letter that the fonts at hand lack. It deters and hinders nobody: who wants to cuts it off.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from comity.errors import Malformed, Unavailable
from comity.formats import apart, photograph
from comity.services.thread import OpenThread
from comity.web.visit import Visit

JPEG: Final = "image/jpeg"
PDF: Final = "application/pdf"
_PLAIN: Final = str.maketrans({"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    who: str
    of: str
    at: str
    thread: str

    @property
    def text(self) -> str:
        """As it stands below a picture."""
        return " · ".join(each for each in (self.who, self.of, self.at, self.thread) if each)

    @property
    def name(self) -> str:
        """As it stands in the name of a file."""
        return f"({self.who}, {self.at.replace(':', '')})"


def mark_of(visit: Visit, opened: OpenThread) -> Mark:
    """Return the mark of this officer at this moment."""
    entry = visit.seat.unlocked.entry
    card = visit.book.agency(entry.agency)
    return Mark(
        who=plain(entry.name) or plain(entry.label) or entry.id[:8],
        of=", ".join(each for each in (plain(card.name), card.country) if each),
        at=visit.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        thread=plain(opened.thread.short),
    )


def plain(text: str) -> str:
    """Return *text* in letters that every font has; empty if it cannot be written in them."""
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(each for each in folded if not unicodedata.combining(each))
    return bare if bare.isascii() else ""


def marked(data: bytes, mark: Mark) -> tuple[bytes, str]:
    """Return *data* with *mark* drawn into it and its media type; empty where it cannot be."""
    for fits, verb, media in (
        (photograph.is_photograph(data), "mark-picture", JPEG),
        (data.lstrip()[:5] == b"%PDF-", "mark-pdf", PDF),
    ):
        if fits and apart.can(verb):
            try:
                return apart.done(verb, data, text=mark.text), media
            except (Malformed, Unavailable):
                break
    return b"", ""


def marked_name(name: str, mark: Mark, media: str = "") -> str:
    """Return the *name* under which a marked file is saved."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, ending) if stem else (name, "")
    if media == JPEG:
        dot, ending = ".", "jpg"
    return f"{stem} {mark.name}{dot if ending else ''}{ending}"
