# SPDX-License-Identifier: Apache-2.0
"""What a browser needs besides pages: the worker that keeps our own files, the key of drafts."""

import base64
import binascii
from importlib.resources import files
from typing import Final

from comity.errors import Malformed
from comity.services import draft_key
from comity.web import guard
from comity.web.answers import Bytes, Result, Told, get, post
from comity.web.visit import Visit

_STATIC: Final = files("comity.web").joinpath("static")
_WORKER: Final = _STATIC.joinpath("worker.js").read_bytes()
_ICON: Final = _STATIC.joinpath("icon.svg").read_bytes()


def worker(visit: Visit) -> Result:
    """Hand out the worker from the place whose pages it may see."""
    visit.headers["Content-Security-Policy"] = guard.CSP
    visit.headers["Cache-Control"] = "no-cache"
    return Bytes(content=_WORKER, media="text/javascript")


def icon(_visit: Visit) -> Result:
    """Hand out our picture from an address that a manifest can name for ever."""
    return Bytes(content=_ICON, media="image/svg+xml")


def new_key(visit: Visit) -> Result:
    """Hand out a key for drafts on this device; on a shared one no draft is kept."""
    if visit.session is None or visit.session.shared:
        return Told(values={})
    key, wrapped = draft_key.new(visit.seat.unlocked, visit.house)
    return Told(values={"key": _text(key), "wrapped": _text(wrapped)})


def open_key(visit: Visit) -> Result:
    """Hand out the key that was wrapped to this officer before."""
    if visit.session is None or visit.session.shared:
        return Told(values={})
    wrapped = visit.form.need("wrapped")
    try:
        sealed = base64.b64decode(wrapped, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("age") from None
    key = draft_key.opened(visit.seat.unlocked, sealed)
    return Told(values={"key": _text(key), "wrapped": wrapped})


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


ROUTES = (
    get("/worker.js", worker, open_=True),
    get("/icon.svg", icon, open_=True),
    get("/draft-key", new_key),
    post("/draft-key/open", open_key),
)
