# SPDX-License-Identifier: Apache-2.0
"""The kit: the only place that sees a request. It makes a visit of it, and a response of an answer.

For each call, in this order:

(1) The host is ours, and a call that changes something comes from our own page (``guard``).
(2) The body is bounded before it is read; a slow one loses its place (``serving``).
(3) The cookie's secret opens the session; without one only the open routes are answered.
(4) The handler is called. What the rules refuse is said in the reader's language: on the form that
    was filled, with what was typed, where the route has one; else on a page of its own.
(5) A page that answers a form is kept in the session and shown by an address of its own.
(6) Every answer carries the guard's headers, and is kept by no cache.
"""

import base64
import binascii
import gzip
import logging
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Final
from urllib.parse import quote

import flask
import msgspec
from flask import Flask, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from comity.carriers.server import CALLER, Caller
from comity.domain.ids import Random
from comity.errors import ComityError, Locked, Misused, Refused, Unavailable, Untrusted
from comity.language import words
from comity.language.catalogue import LOCALES
from comity.language.translator import Translator
from comity.services.address_book import read_book
from comity.services.sessions import SECRET_SIZE, Session
from comity.web import guard
from comity.web.answers import Bytes, Made, Page, Result, Route, SeeOther, Told
from comity.web.forms import Form, Upload, check_size
from comity.web.visit import Desk, Visit

COOKIE: Final = "__Host-s"
LANGUAGE: Final = "__Host-l"
STATIC: Final = "/static/"
SIGN_IN: Final = "/sign-in"
"""Where an officer sets up by what he signs in."""
SHOWN: Final = "/shown"
"""Where a page that answered a form is shown."""
STREAMED: Final = 64 * 1024 * 1024
"""For how many bytes an answer whose length nobody knows gets time."""
_LINK: Final = re.compile(
    r'(?<!data-real )(?<![\w-])(href|action|formaction|src|data-[a-z]+)="/(?!static/|leave")'
)
_YEAR: Final = 31_536_000
_WORTH_PACKING: Final = 600
_HASH: Final = 12
_MEDIA: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_OURS: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of ours: no second slash or its mirror, which a browser takes for a host, no space."""
_STATUS: Final[tuple[tuple[type[ComityError], int], ...]] = (
    (Locked, 403),
    (Misused, 422),
    (Refused, 409),
    (Untrusted, 409),
    (Unavailable, 503),
)
_log = logging.getLogger("comity.web")


class Shelf:
    """Our own few files, read once; each address names its content, so it may be kept for ever."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, bytes, str]] = {}
        self._places: dict[str, str] = {}
        for each in sorted(files("comity.web").joinpath("static").iterdir(), key=lambda e: e.name):
            stem, _, kind = each.name.rpartition(".")
            if kind not in _MEDIA:
                continue
            content = each.read_bytes()
            named = f"{stem}.{sha256(content).hexdigest()[:_HASH]}.{kind}"
            self._files[named] = (content, gzip.compress(content, mtime=0), _MEDIA[kind])
            self._places[each.name] = STATIC + named

    def place(self, name: str) -> str:
        return self._places[name]

    def answer(self, named: str, *, packed: bool) -> Response:
        found = self._files.get(named)
        if found is None:
            flask.abort(404)
        content, small, media = found
        response = Response(small if packed else content, mimetype=media.partition(";")[0])
        response.headers["Content-Type"] = media
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return response


class Kit:
    """Turns requests into visits and answers into responses, for one desk."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self.desk = desk
        self._random = random
        self.shelf = Shelf()
        self._templates = Environment(
            loader=PackageLoader("comity.web", "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.globals |= {
            "static": self.shelf.place,
            "words": words,
            "place": "",
            "locales": LOCALES,
            "translators": {each: Translator(each) for each in LOCALES},
        }

    def attach(self, app: Flask, route: Route) -> None:
        """Let *app* call the handler of *route*."""

        def view(**named: str) -> Response:
            return self._called(route, named)

        endpoint = f"{route.method} {route.path}"
        app.add_url_rule(route.path, endpoint, view, methods=[route.method])

    def _called(self, route: Route, named: Mapping[str, str]) -> Response:
        request = flask.request
        request.max_content_length = route.limit
        request.max_form_memory_size = route.limit
        try:
            found = self._session(request)
        except Locked as error:
            return self._out_of_session(request, error)
        half = found if found and found.is_half else None
        session = None if half else found
        if session is None and not route.open:
            return _redirect("/")
        if session is not None and self._is_shut(session, route):
            return _redirect("/guest")
        if session and session.bare and not (route.open or route.path.startswith((SIGN_IN, SHOWN))):
            return _redirect(SIGN_IN)
        self._let_in(request, session, route)
        visit = Visit(
            desk=self.desk,
            say_in=self._translator(request),
            form=Form() if route.streams else _form(request),
            query={key: value for key, value in request.args.items() if len(value) <= 200},
            session=session,
            body=request.stream if route.streams else None,
            half=half,
            host=request.host.lower(),
            address="" if self.desk.own else _from(request),
            posted=request.path if _is_form(request, route) else "",
        )
        result, seen = self._result(route, visit, named)
        if session is not None and visit.posted:
            result = self._aside(session, result, seen)
        return self._response(result, seen)

    def _aside(self, session: Session, result: Result, visit: Visit) -> Result:
        """Keep a page that answers a posted form, and return the way there.

        A browser writes into its history, in clear, what was posted for a page that it shows.
        """
        if not isinstance(result, Page):
            return result
        if visit.cookies.get(COOKIE):  # what he did began another session
            session = self.desk.sessions.resume(secret_of(visit.cookies[COOKIE]))
        html = self.render(result, visit).encode("utf-8")
        kept = self.desk.sessions.keep_page(session, result.status, html)
        return SeeOther(f"{SHOWN}/{kept}")

    def _is_shut(self, session: Session, route: Route) -> bool:
        """Return whether *route* is not for the guest who calls it."""
        if route.guest or route.open:
            return False
        return session.unlocked.agency in read_book(self.desk.house).guests

    def _result(self, route: Route, visit: Visit, named: Mapping[str, str]) -> tuple[Result, Visit]:
        """Return the answer of *route*, and the visit as its page shows it: refused, if it was."""
        try:
            check_size(visit.form.values, route.text)
            return route.handler(visit, **named), visit
        except ComityError as error:
            if route.again is not None and isinstance(error, Refused | Unavailable):
                refused = visit.refused(error)
                return self._again(route.again, refused, named, error), refused
            return _said(error), visit

    def _again(
        self,
        again: Callable[..., Result],
        visit: Visit,
        named: Mapping[str, str],
        error: ComityError,
    ) -> Result:
        try:
            shown = again(visit, **named)
        except ComityError as other:
            return _said(other)
        if isinstance(shown, Page):
            # It is the refused form that is shown: what was typed, and what is wrong with it.
            told = {**shown.values, "visit": visit}
            return Page(template=shown.template, values=told, status=status_of(error))
        return shown

    def _response(self, result: Result, visit: Visit) -> Response:
        response = self._made(result, visit)
        for name, value in visit.cookies.items():
            _set_cookie(response, name, value)
        response.headers.update(visit.headers)
        return response

    def _made(self, result: Result, visit: Visit) -> Response:
        match result:
            case Page():
                html = self.render(result, visit)
                response = _packed(html.encode("utf-8"), "text/html; charset=utf-8")
                response.status_code = result.status
                return response
            case Made():
                response = _packed(result.html, "text/html; charset=utf-8")
                response.status_code = result.status
                return response
            case SeeOther(to):
                return _redirect(to)
            case Told():
                told = msgspec.json.encode(result.values)
                return Response(told, status=result.status, mimetype="application/json")
            case Bytes():
                if result.length is not None:
                    self._give_time(result.length)
                return _file(result)

    def _give_time(self, size: int) -> None:
        """Let an answer of *size* bytes go out over a poor link."""
        caller = flask.request.environ.get(CALLER)
        if isinstance(caller, Caller):
            caller.answered(size)

    def render(self, shown: Page, visit: Visit) -> str:
        """Return the page as HTML.

        A browser writes what is typed into the files of its session, in clear, field by field,
        unless the form forbids it.
        """
        html = self._templates.get_template(shown.template).render(visit.shown(shown.values))
        closed = html.replace("<form ", '<form autocomplete="off" ')
        return placed(closed, self.desk.at)

    def _session(self, request: Request) -> Session | None:
        secret = secret_of(request.cookies.get(COOKIE, ""))
        return self.desk.sessions.resume(secret) if secret else None

    def _out_of_session(self, request: Request, error: Locked) -> Response:
        """Say that the session is over, on the page where one signs in again."""
        visit = Visit(desk=self.desk, say_in=self._translator(request), form=Form(error=error))
        if request.method == "GET" and request.path != "/":
            response = _redirect("/?over=1")
        else:
            response = self._response(
                Page(template="sign_in.html", values={"over": True}, status=403), visit
            )
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    def _translator(self, request: Request) -> Translator:
        chosen = request.cookies.get(LANGUAGE, "")
        told = [tag for tag, _ in request.accept_languages]
        return Translator(*([chosen] if chosen in LOCALES else []), *told, on_pages=True)

    def _let_in(self, request: Request, session: Session | None, route: Route) -> None:
        """Give a signed-in officer a place of his own at the server, and time for his body."""
        caller = request.environ.get(CALLER)
        if not isinstance(caller, Caller):
            return
        size = min(route.limit, request.content_length or 0)
        if session is None:
            caller.heard(size)
        elif not caller.known(session.id, size):
            raise Refused("too-many")


def placed(html: str, at: str) -> str:
    """Return *html* with its links to pages below *at*; our own files and leaving stay the same.

    What anybody typed is escaped in it, so no link is one that we did not write.
    """
    return _LINK.sub(rf'\1="{at}/', html) if at else html


def status_of(error: ComityError) -> int:
    """Return the HTTP status that fits *error*."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_page(error: ComityError) -> Page:
    """Return the page that says *error* and nothing else."""
    return Page(template="error.html", values={"error": error}, status=status_of(error))


_said = error_page


def _is_form(request: Request, route: Route) -> bool:
    """Return whether the browser would show the answer as a page, and not hand it to a script."""
    if request.method in guard.SAFE or route.open or route.streams:
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _from(request: Request) -> str:
    """Return where somebody calls from; what a proxy on this machine says of it is believed.

    A proxy adds who called it at the end: what stands before that is the caller's own word.
    """
    address = request.remote_addr or ""
    if address in guard.LOOPBACK:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return told[:64] or address
    return address


def secret_of(cookie: str) -> bytes:
    try:
        secret = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    except (ValueError, binascii.Error):
        return b""
    return secret if len(secret) == SECRET_SIZE else b""


def cookie_of(secret: bytes) -> str:
    """Return *secret* as it stands in the cookie."""
    return base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=")


def _form(request: Request) -> Form:
    if request.method in guard.SAFE:
        return Form()
    uploads = {
        name: [
            Upload(name=each.filename or "", media=each.mimetype or "", stream=each.stream)
            for each in request.files.getlist(name)
        ]
        for name in request.files
    }
    return Form(values={k: request.form.getlist(k) for k in request.form}, files=uploads)


def _set_cookie(response: Response, name: str, value: str) -> None:
    if value:
        response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="Strict")
    else:
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="Strict")


def _redirect(to: str) -> Response:
    """Return a response that leads to *to*, which is always a place of ours."""
    if not _OURS.fullmatch(to):
        raise ValueError("we lead nobody elsewhere")
    response = Response(status=303)
    response.headers["Location"] = to
    return response


def _packed(content: bytes, media: str) -> Response:
    """Return *content*, packed: on a poor link a page costs a quarter.

    Nothing secret stands on a page beside what a stranger could make it say (BREACH).
    """
    wanted = "gzip" in flask.request.headers.get("Accept-Encoding", "")
    small = wanted and len(content) >= _WORTH_PACKING
    response = Response(gzip.compress(content, 6, mtime=0) if small else content)
    response.headers["Content-Type"] = media
    response.headers["Vary"] = "Accept-Encoding"
    if small:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _file(told: Bytes) -> Response:
    response = Response(told.content, mimetype=told.media)
    disposition = f"attachment; filename*=UTF-8''{quote(told.name, safe='')}" if told.name else ""
    response.headers["Content-Disposition"] = disposition or "inline"
    # Whatever it holds, it is no page of ours: nothing in it runs.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    if told.length is not None:
        response.headers["Content-Length"] = str(told.length)
    return response


def prepare(app: Flask, kit: Kit) -> None:
    """Let *app* check every call, serve our own files and say every mistake."""

    def check() -> None:
        guard.check_host(flask.request.host, kit.desk.names)
        guard.check_source(flask.request.method, flask.request.headers)

    def finish(response: Response) -> Response:
        for name, value in guard.HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", guard.NO_STORE)
        del response.headers["Server"]
        caller = flask.request.environ.get(CALLER)
        if isinstance(caller, Caller):
            caller.answered(response.content_length or STREAMED)
        return response

    def static(name: str) -> Response:
        packed = "gzip" in flask.request.headers.get("Accept-Encoding", "")
        return kit.shelf.answer(name, packed=packed)

    def refused(error: Exception) -> Response:
        return _mistake(kit, error)

    app.before_request(check)
    app.after_request(finish)
    app.add_url_rule(STATIC + "<name>", "static-file", static)
    app.register_error_handler(Exception, refused)


def _mistake(kit: Kit, error: Exception) -> Response:
    """Say what went wrong outside of a handler; what nobody foresaw is logged by its type alone."""
    if isinstance(error, RequestEntityTooLarge):
        return _bare(kit, Misused("form-large"), 413)
    if isinstance(error, HTTPException):
        return _bare(kit, Misused("page-unknown"), error.code or 500)
    if isinstance(error, ComityError):
        return _bare(kit, error, status_of(error))
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else ""
    # Its text may hold what an officer typed.
    _log.error("a page failed: %s in %s", type(error).__name__, where)
    return _bare(kit, Unavailable("page"), 500)


def _bare(kit: Kit, error: ComityError, status: int) -> Response:
    told = (tag for tag, _ in flask.request.accept_languages)
    visit = Visit(desk=kit.desk, say_in=Translator(*told, on_pages=True))
    html = kit.render(Page(template="error.html", values={"error": error}), visit)
    response = _packed(html.encode("utf-8"), "text/html; charset=utf-8")
    response.status_code = status
    return response
