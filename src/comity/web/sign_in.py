# SPDX-License-Identifier: Apache-2.0
"""Signing in is unlocking; leaving is locking.

The page says who runs the machine, since whoever does could read what is unlocked on it. It knows
nobody's name before the passphrase is right, and says the same whatever was wrong.
"""

from typing import Final

from comity.language.catalogue import LOCALES
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.kit import COOKIE, LANGUAGE, cookie_of
from comity.web.visit import Visit

_LEAVE: Final = '"cache", "cookies", "storage"'


def sign_in_page(visit: Visit) -> Result:
    if visit.session is not None:
        return SeeOther("/today")
    return page("sign_in.html", over=bool(visit.query.get("over")))


def sign_in(visit: Visit) -> Result:
    form = visit.form
    who, passphrase = form.need("who"), form.need("passphrase")
    shared = form.flag("shared")
    secret, _session = visit.desk.sessions.begin(who, passphrase, shared=shared)
    if visit.session is not None:  # never the session of before under another name
        visit.desk.sessions.end(visit.session.id)
    visit.cookies[COOKIE] = cookie_of(secret)
    return SeeOther("/today")


def leave(visit: Visit) -> Result:
    """End the session and let the browser forget all that it has of ours."""
    if visit.session is not None:
        visit.desk.sessions.end(visit.session.id)
    visit.cookies[COOKIE] = ""
    visit.headers["Clear-Site-Data"] = _LEAVE
    return page("left.html")


def choose_language(visit: Visit) -> Result:
    """Speak the chosen language from now on."""
    chosen = visit.form.text("language")
    if chosen in LOCALES:
        visit.cookies[LANGUAGE] = chosen
    return SeeOther("/")


ROUTES = (
    get("/", sign_in_page, open_=True),
    post("/in", sign_in, again=sign_in_page, open_=True),
    post("/leave", leave, open_=True),
    post("/language", choose_language, open_=True),
)
