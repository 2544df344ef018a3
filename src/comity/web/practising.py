# SPDX-License-Identifier: Apache-2.0
"""Practising: the same pages over the practice world, at ``/practice/…`` beside the real ones.

A call there is answered only while the real session of who makes it lasts; for that time he has a
session in the practice world, whose secret never leaves this process. The browser's own cookie is
taken out of the call before practice sees it, and practice sets none. Between the worlds there is
nothing but the officer's label, his name and his roles.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask
from werkzeug.http import parse_cookie

from comity.domain.ids import AgencyId
from comity.errors import ComityError, Locked
from comity.node import Node
from comity.services.enrol import names
from comity.services.practice import Kept, Nowhere, Practice, kept_of, open_, sit_down
from comity.services.sessions import Session, Sessions, open_sessions
from comity.services.tutor import ask_first, go_on
from comity.web.kit import COOKIE, LANGUAGE, cookie_of, secret_of
from comity.web.visit import Desk

AT: Final = "/practice"
_OUT: Final = "/practice"
"""Where practice is begun: a page of the real desk."""

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """One open practice world and the application of its pages."""

    practice: Practice
    sessions: Sessions
    app: Flask

    def close(self) -> None:
        self.sessions.close()
        self.practice.close()


@dataclass(slots=True)
class Practising:
    """Stands before the real application and answers what is for practice."""

    real: Wsgi
    desk: Desk
    pages: Callable[[Desk], Flask]
    _worlds: dict[AgencyId, _World] = field(default_factory=dict, repr=False)
    _secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By the real session's id."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{AT}/"):
            return self.real(environ, start)
        return self._practice(environ, start, path.removeprefix(AT))

    def close(self) -> None:
        with self._lock:
            for each in self._worlds.values():
                each.close()
            self._worlds.clear()
            self._secrets.clear()

    def _practice(self, environ: Environ, start: Start, path: str) -> Iterable[bytes]:
        session = self._session(environ)
        if session is None:
            return _lead(start, "/")
        try:
            world = self._world(session.unlocked.agency)
            secret = self._secret(world, session) if world else b""
        except ComityError:  # not begun whole, or put back from a backup: he begins anew
            world, secret = None, b""
        if world is None:
            return _lead(start, _OUT)
        inner = {**environ, "PATH_INFO": path, "HTTP_COOKIE": _cookies(environ, secret)}
        _quietly(world.practice)
        return world.app(inner, _placed(start))

    def _session(self, environ: Environ) -> Session | None:
        """Return the real session of who calls; None if there is none, or none any more."""
        secret = secret_of(_read_cookies(environ).get(COOKIE, ""))
        try:
            return self.desk.sessions.resume(secret) if secret else None
        except Locked:
            return None

    def _world(self, agency: AgencyId) -> _World | None:
        """Return the practice world of *agency*, opened; None before somebody began it."""
        kept = kept_of(self.desk.house, agency)
        if kept is None:
            return None
        with self._lock:
            known = self._worlds.get(agency)
            if known is None or known.practice.kept != kept:
                if known is not None:  # somebody began anew
                    known.close()
                known = self._worlds[agency] = self._opened(agency, kept)
            return known

    def _opened(self, agency: AgencyId, kept: Kept) -> _World:
        practice = open_(self.desk.house, agency, kept)
        sessions = open_sessions(practice.ours)
        node = Node(practice.ours, practice.wires[0], Nowhere())
        desk = Desk(node=node, sessions=sessions, names=self.desk.names, own=self.desk.own, at=AT)
        return _World(practice=practice, sessions=sessions, app=self.pages(desk))

    def _secret(self, world: _World, real: Session) -> bytes:
        """Return what opens the practice session of *real*; begin one where there is none."""
        known = self._secrets.get(real.id)
        if known is not None:
            with contextlib.suppress(Locked):
                world.sessions.resume(known)
                return known
        entry = real.unlocked.entry
        name = names(self.desk.house).get(entry.id, entry.label)
        unlocked, is_new = sit_down(world.practice, entry, name)
        if is_new:
            ask_first(world.practice, next(iter(entry.languages), "en"))
        secret, _ = world.sessions.enter(unlocked, shared=real.shared)
        self._secrets[real.id] = secret
        return secret


def _quietly(practice: Practice) -> None:
    """Let the other side go on; what goes wrong there is not the officer's."""
    with contextlib.suppress(ComityError):
        go_on(practice)


def _read_cookies(environ: Environ) -> dict[str, str]:
    return dict(parse_cookie(environ.get("HTTP_COOKIE", "")).items())


def _cookies(environ: Environ, secret: bytes) -> str:
    """Return the cookies that practice sees: its own session's, and the language."""
    language = _read_cookies(environ).get(LANGUAGE, "")
    chosen = f"; {LANGUAGE}={language}" if language.replace("_", "").isalnum() else ""
    return f"{COOKIE}={cookie_of(secret)}{chosen}"


def _placed(start: Start) -> Start:
    """Return *start*, which leads on within practice, and sets and clears nothing of the real."""

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401  # WSGI's own
        told = [
            (name, f"{AT}{value}" if name.lower() == "location" else value)
            for name, value in headers
            if name.lower() not in ("set-cookie", "clear-site-data")
        ]
        return start(status, told, *rest)

    return begin


def _lead(start: Start, to: str) -> Iterable[bytes]:
    start(
        "303 See Other", [("Location", to), ("Cache-Control", "no-store"), ("Content-Length", "0")]
    )
    return ()
