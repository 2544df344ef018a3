# SPDX-License-Identifier: Apache-2.0
"""Send by USB: a file out, a file in, and what others keep for us, fetched now.

Whoever finds a file sees from which server it is, for which, its size and its date. All of it is
sealed already, so a large one may lie beside the home while it is written.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from typing import IO, Final

from comity.domain.time import from_millis
from comity.errors import Misused
from comity.services import postman
from comity.services.carry_in import CarriedIn, carry_in
from comity.services.carry_out import carry_out
from comity.web.answers import Bytes, Result, get, page, post
from comity.web.people import find
from comity.web.visit import Visit

LIMIT: Final = 1 << 30
"""Bytes of a file that comes in by a page; a larger one comes in at the server itself."""
_IN_MEMORY: Final = 4 << 20
_CHUNK: Final = 64 * 1024
_MEDIA: Final = "application/octet-stream"


def stick_page(visit: Visit, **_named: str) -> Result:
    return _page(visit)


def out(visit: Visit) -> Result:
    """Write all that waits for an agency to a file, and hand it out."""
    card = find(visit, visit.form.need("agency"))
    if card.own:
        raise Misused("agency-own")
    home = str(visit.house.home)
    # Closed when it is sent.
    written: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=home)  # noqa: SIM115
    try:
        done = carry_out(visit.house, card.node.node, lambda: contextlib.nullcontext(written))
    except BaseException:
        written.close()
        raise
    if done is None:
        written.close()
        return _page(visit, nothing=card.name)
    size = written.tell()
    written.seek(0)
    day = visit.now.date().isoformat()
    return Bytes(content=_sent(written), media=_MEDIA, name=f"carry-{day}.comity", length=size)


def take_in(visit: Visit) -> Result:
    """Take in a file that another agency wrote for this server, and say what came of it."""
    upload = visit.form.upload("file")
    if upload is None:
        raise Misused("field-missing", field="file")
    return _page(visit, came=carry_in(visit.house, upload.stream.read))


def fetch(visit: Visit) -> Result:
    """Visit every mailbox that is used, now."""
    visit.desk.node.postman.round()
    return _page(visit, fetched=True)


def _page(
    visit: Visit, *, nothing: str = "", came: CarriedIn | None = None, fetched: bool = False
) -> Result:
    uses = [(each, postman.last_visit(visit.house, each.at)) for each in postman.uses(visit.house)]
    told = [
        (
            ", ".join(visit.agency(e) for e in visit.book.agencies_of(use.at)) or use.at[:8],
            visit.exact(from_millis(last.at)) if last.at else "",
            last.code,
            last.spoiled,
        )
        for use, last in uses
    ]
    sender = visit.book.agencies_of(came.cover.from_node) if came else ()
    return page(
        "stick.html",
        agencies=[(e.id, e.name) for e in visit.book.peers if not e.suspended],
        mailboxes=told,
        nothing=nothing,
        came=came,
        sender=", ".join(map(visit.agency, sender)),
        sender_id=sender[0] if sender else "",
        fetched=fetched,
    )


def _sent(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while chunk := written.read(_CHUNK):
            yield chunk


ROUTES = (
    get("/usb", stick_page),
    post("/usb/out", out, again=stick_page),
    post("/usb/in", take_in, again=stick_page, limit=LIMIT),
    post("/usb/fetch", fetch, again=stick_page),
)
