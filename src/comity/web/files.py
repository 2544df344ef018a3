# SPDX-License-Identifier: Apache-2.0
"""Files on the pages: what comes with a form and goes with an act, and what is shown or saved.

Nothing of a file is run or shown as a page. A picture is drawn anew, apart from our keys, before it
is shown; a voice is played under a type that we give it; anything else can be saved and no more.
What is saved lies in clear on the device: the page says so, and it is noted.
"""

from collections.abc import Iterator
from typing import Final

from comity.domain.ids import BlobId
from comity.domain.statement import Attachment
from comity.errors import Malformed, Misused
from comity.formats import apart, photograph
from comity.services.attach import UNKNOWN_MEDIA, Arriving, file_name
from comity.services.compose import attachments_of
from comity.services.said import is_shown
from comity.services.thread import OpenThread
from comity.web.answers import Bytes, Result, get, page, post
from comity.web.forms import Upload
from comity.web.visit import Visit
from comity.web.watermark import mark_of, marked, marked_name

FIELDS: Final = ("photo", "photograph", "voice", "file", "document")
"""Fields of a form in which files come."""
LIMIT: Final = 1 << 30
"""Bytes of a form with files, at most: what a route that takes files sets as its limit."""
_BEGINS: Final = 16
_VOICES: Final = (
    (b"OggS", 0, "audio/ogg"),
    (b"\x1aE\xdf\xa3", 0, "audio/webm"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"ftypM4A", 4, "audio/mp4"),
    (b"WAVE", 8, "audio/wav"),
    (b"#!AMR", 0, "audio/amr"),
)
"""How a voice note begins, and what it is played as."""


def attached(visit: Visit) -> tuple[Attachment, ...]:
    """Seal what came with the form and return what travels of it, for the act that will name it.

    Files in any of ``FIELDS``; ids of finished uploads in ``upload``; in ``kept`` what was sent
    small before, whose untouched original is to go now. Photographs and documents travel without
    what they tell besides; with ``original`` ticked, what he chose travels too, untouched.
    """
    as_it_is = visit.form.flag("original")
    chosen = [_taken(visit, each) for each in _uploads(visit)]
    chosen += [visit.seat.uploaded(each) for each in visit.form.all("upload")]
    travelling: dict[BlobId, Attachment] = {}
    for each in chosen:
        for one in visit.seat.travelling(each, as_it_is=as_it_is):
            travelling[one.blob] = one
    for blob in visit.form.all("kept"):
        original = visit.seat.original_of(BlobId(blob))
        if original is None:
            raise Misused("file-missing")
        travelling[original.blob] = original
    return tuple(travelling.values())


def _uploads(visit: Visit) -> Iterator[Upload]:
    for name in FIELDS:
        yield from (each for each in visit.form.files.get(name, ()) if each.name)


def _taken(visit: Visit, upload: Upload) -> Attachment:
    media = upload.media.lower() or UNKNOWN_MEDIA
    if isinstance(upload.stream, Arriving):
        return upload.stream.attached(upload.name, media)
    return visit.seat.attach(upload.stream, upload.name, media)


def file_page(visit: Visit, thread: str, file: str) -> Result:
    opened, attachment = _found(visit, thread, file)
    begins = next(visit.seat.detached(attachment), b"")[:_BEGINS]
    return page(
        "file.html",
        opened=opened,
        file=attachment,
        name=file_name(attachment.name),
        mark=mark_of(visit, opened).text,
        seen=photograph.is_photograph(begins) and apart.can("mark-picture"),
        heard=voice_of(begins),
        original=visit.seat.original_of(attachment.blob),
    )


def shown(visit: Visit, thread: str, file: str) -> Result:
    """Show a picture with its mark: drawn anew, so that nothing else in its bytes arrives."""
    opened, attachment = _found(visit, thread, file)
    data = visit.seat.clear_bytes(attachment, photograph.SIZE_LIMIT)
    if not photograph.is_photograph(data):
        raise Malformed("document")
    drawn, media = marked(data, mark_of(visit, opened))
    if not drawn:
        raise Malformed("document")
    return Bytes(content=drawn, media=media, length=len(drawn))


def heard(visit: Visit, thread: str, file: str) -> Result:
    """Let a voice be heard."""
    _, attachment = _found(visit, thread, file)
    data = visit.seat.clear_bytes(attachment, photograph.SIZE_LIMIT)
    media = voice_of(data[:_BEGINS])
    if not media:
        raise Malformed("document")
    return Bytes(content=data, media=media, length=len(data))


def save(visit: Visit, thread: str, file: str) -> Result:
    """Hand a file out to be kept on the device, marked, and note that."""
    opened, attachment = _found(visit, thread, file)
    mark, name = mark_of(visit, opened), file_name(attachment.name)
    drawn, media = b"", ""
    if attachment.length <= photograph.SIZE_LIMIT:
        drawn, media = marked(visit.seat.clear_bytes(attachment, photograph.SIZE_LIMIT), mark)
    visit.seat.note_saved(opened.id, attachment.blob)
    if drawn:
        return Bytes(
            content=drawn,
            media=media,
            name=marked_name(name, mark, media),
            length=len(drawn),
        )
    return _whole(visit, attachment, marked_name(name, mark))


def save_original(visit: Visit, thread: str, file: str) -> Result:
    """Hand the officer the untouched file of which he sent this one."""
    opened, attachment = _found(visit, thread, file)
    original = visit.seat.original_of(attachment.blob)
    if original is None:
        raise Misused("file-missing")
    visit.seat.note_saved(opened.id, original.blob)
    return _whole(visit, original, file_name(original.name))


def _whole(visit: Visit, attachment: Attachment, name: str) -> Bytes:
    return Bytes(
        content=visit.seat.detached(attachment),
        media=UNKNOWN_MEDIA,
        name=name,
        length=attachment.length,
    )


def voice_of(begins: bytes) -> str:
    """Return what a file that begins so is played as; empty if it is no voice."""
    return next((media for e, at, media in _VOICES if begins[at : at + len(e)] == e), "")


def _found(visit: Visit, thread: str, file: str) -> tuple[OpenThread, Attachment]:
    """Return the file of that name in a thread that he may read; raise Misused if there is none."""
    opened = visit.seat.thread(thread)
    for act in opened.thread.acts:
        for each in attachments_of(act.body) if is_shown(act) else ():
            if each.blob == file:
                return opened, each
    raise Misused("file-missing")


ROUTES = (
    get("/t/<thread>/file/<file>", file_page),
    post("/t/<thread>/file/<file>", save),
    get("/t/<thread>/file/<file>/shown", shown),
    get("/t/<thread>/file/<file>/heard", heard),
    post("/t/<thread>/file/<file>/original", save_original),
)
