# SPDX-License-Identifier: Apache-2.0
"""Signing in is unlocking; leaving is locking.

The page says who runs the machine, since whoever does could read what is unlocked on it. It knows
nobody's name before the passphrase is right, and says the same whatever was wrong.
"""

from typing import Final

from comity.crypto import passkey
from comity.errors import Locked
from comity.language.catalogue import LOCALES
from comity.services.sessions import Caller, Session
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.forms import Form
from comity.web.kit import COOKIE, LANGUAGE, SIGN_IN, cookie_of
from comity.web.visit import Visit

_LEAVE: Final = '"cache", "cookies"'
_FORGET: Final = '"cache", "cookies", "storage"'
_PASSKEY: Final = "/in/passkey"
_WRONG: Final = f"{Locked.code}.passphrase"


def sign_in_page(visit: Visit) -> Result:
    if visit.session is not None:
        return SeeOther("/today")
    return page("sign_in.html", over=bool(visit.query.get("over")))


def sign_in(visit: Visit) -> Result:
    form, door = visit.form, visit.door()
    who, passphrase = form.need("who"), secret_of(form, "passphrase")
    caller = Caller(
        code=form.text("code"),
        host=door.host if door else "",
        address=visit.address,
        shared=form.flag("shared"),
    )
    try:
        secret, session = visit.desk.sessions.begin(who, passphrase, caller)
    except Locked as error:
        raise _unsaid(error) from None
    return _let_in(visit, secret, session)


def passkey_page(visit: Visit) -> Result:
    """Ask the browser for a passkey, once the passphrase was right."""
    half = visit.half
    door = visit.door(half.challenge) if half else None
    if half is None or door is None:
        return SeeOther("/")
    known = tuple(each.id for each in half.unlocked.factors.passkeys)
    return page("passkey_shown.html", options=passkey.to_show(door, known))


def show_passkey(visit: Visit) -> Result:
    half = visit.half
    door = visit.door(half.challenge) if half else None
    if half is None or door is None:
        return SeeOther("/")
    visit.cookies[COOKIE] = ""
    try:
        secret, session = visit.desk.sessions.finish(half, visit.form.text("said"), door)
    except Locked as error:
        raise _unsaid(error) from None
    return _let_in(visit, secret, session)


def leave(visit: Visit) -> Result:
    """End the session and let the browser forget what it has of ours.

    On his own phone his drafts stay, sealed to a key that only signing in opens again.
    """
    own = visit.session is not None and not visit.session.shared
    for each in (visit.session, visit.half):
        if each is not None:
            visit.desk.sessions.end(each.id)
    visit.cookies[COOKIE] = ""
    visit.headers["Clear-Site-Data"] = _LEAVE if own else _FORGET
    return page("left.html")


def choose_language(visit: Visit) -> Result:
    """Speak the chosen language from now on."""
    chosen = visit.form.text("language")
    if chosen in LOCALES:
        visit.cookies[LANGUAGE] = chosen
    return SeeOther("/")


def secret_of(form: Form, name: str) -> str:
    """Return what was typed in a field for a passphrase: spaces belong to it."""
    form.need(name)
    return form.values[name][0]


def _let_in(visit: Visit, secret: bytes, session: Session) -> Result:
    # Never the session of before under another name.
    for each in (visit.session, visit.half):
        if each is not None:
            visit.desk.sessions.end(each.id)
    visit.cookies[COOKIE] = cookie_of(secret)
    if session.is_half:
        return SeeOther(_PASSKEY)
    return SeeOther(SIGN_IN if session.bare else "/today")


def _unsaid(error: Locked) -> Locked:
    """Return what is said at the door: not which of name, passphrase and code is wrong."""
    return Locked("sign-in") if error.cause == _WRONG else error


ROUTES = (
    get("/", sign_in_page, open_=True),
    post("/in", sign_in, again=sign_in_page, open_=True),
    get(_PASSKEY, passkey_page, open_=True),
    post(_PASSKEY, show_passkey, again=sign_in_page, open_=True),
    post("/leave", leave, open_=True),
    post("/language", choose_language, open_=True),
)
