# SPDX-License-Identifier: Apache-2.0
"""A visit: one call of one person, with all that a page needs to answer it.

Handlers are plain functions of it. It speaks the reader's language and shows times as they stand on
the wall of his desk.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import IO, Any, Final

from comity.crypto.passkey import Door
from comity.domain.ids import AgencyId
from comity.errors import ComityError, Locked
from comity.language.translator import Translator
from comity.node import Node
from comity.services.address_book import Book, read_book
from comity.services.house import House
from comity.services.said import Names, Sayer
from comity.services.seat import Seat
from comity.services.sessions import Session, Sessions
from comity.web.forms import Form

_NAME: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?[a-z][a-z0-9-]*")
"""A host name: its last label is no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the pages of one server stand on."""

    node: Node
    sessions: Sessions
    names: frozenset[str] = frozenset()
    """Host names under which the pages may be called, besides this machine's own."""
    own: bool = False
    """Whether the officer's own machine serves this, and nobody else's."""
    at: str = ""
    """Where the pages stand: ``/practice`` of the practice world, empty of the real one."""

    @property
    def house(self) -> House:
        return self.node.house


@dataclass(frozen=True, kw_only=True)
class Visit:
    desk: Desk
    say_in: Translator
    form: Form = field(default_factory=Form)
    query: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None
    half: Session | None = None
    """Of somebody whose passkey is awaited."""
    host: str = ""
    """By which the browser calls, with its port."""
    address: str = ""
    """Where the caller calls from: for counting wrong passphrases, and never kept."""
    body: IO[bytes] | None = None
    """What is sent, of a route that reads it itself."""
    posted: str = ""
    """The address of the form that the page answers; empty where it answers none."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies to set with the answer; an empty one is taken away."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the answer, besides those of every page."""

    @property
    def house(self) -> House:
        return self.desk.house

    def door(self, challenge: bytes = b"") -> Door | None:
        """Return where a passkey is for; None where the browser calls by no name."""
        name = self.host.rpartition(":")[0] or self.host
        if not _NAME.fullmatch(name):
            return None
        local = name == "localhost" or name.endswith(".localhost")
        schemes = ("https", "http") if local else ("https",)
        origins = tuple(f"{each}://{self.host}" for each in schemes)
        return Door(host=name, origins=origins, challenge=challenge)

    @property
    def seat(self) -> Seat:
        """The signed-in officer's; raise Locked if nobody is signed in."""
        if self.session is None:
            raise Locked("session")
        return Seat(unlocked=self.session.unlocked, house=self.house)

    @cached_property
    def book(self) -> Book:
        return read_book(self.house)

    @cached_property
    def people(self) -> Names:
        return Names(self.book)

    @cached_property
    def now(self) -> datetime:
        return self.house.now()

    @cached_property
    def zone(self) -> str:
        """The time zone of his desk."""
        if self.session is None:
            return "UTC"
        entry = self.session.unlocked.entry
        card = self.book.agency(entry.agency)
        zones = [each.zone for each in card.desks if each.id in entry.desks]
        return next((each for each in zones if each != "UTC"), "UTC")

    @cached_property
    def served_by(self) -> str:
        """Who runs this machine."""
        return ", ".join(each.name for each in self.book.listed if each.own)

    def sayer(self, kind: str) -> Sayer:
        """Return what puts the acts of a thread of *kind* into words."""
        return Sayer(self, self.people, self.house.kinds.get(kind))

    def coded(self, label: str, code: str) -> str:
        """Return the marked *label* in the reader's language, as ``Translator.coded`` does."""
        return self.say_in.coded(label, code)

    def say(self, text: str, /, **values: str | int) -> str:
        return self.say_in.of(text, **values)

    def when(self, at: datetime) -> str:
        """Return a time as people say it."""
        return self.say_in.ago(at, self.now)

    def exact(self, at: datetime) -> str:
        return self.say_in.moment(at, self.zone)

    def left(self, at: datetime) -> str:
        return self.say_in.due(at, self.now)

    def agency(self, id_: str | None) -> str:
        return self.people.agency(AgencyId(id_)) if id_ else ""

    def refused(self, error: ComityError) -> "Visit":
        """Return the same visit, whose form was not taken."""
        return replace(self, form=self.form.refused(error))

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what every template may say, with *values*."""
        said = {"visit": self, "_": self.say, "ngettext": self.say_in.count}
        return {"place": "", **said, **values}
