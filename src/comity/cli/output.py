# SPDX-License-Identifier: Apache-2.0
"""What a command says: plain sentences and tables for people, or one JSON object for programs.

In one mode the methods of the other do nothing, so that a command is written once. What peers wrote
is shown without control signs: a text cannot move the cursor, colour or reorder what stands beside
it. Warnings go to standard error in both modes.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from comity.domain.time import Clock, written
from comity.language.translator import Translator

Json = str | int | bool | Sequence["Json"] | Mapping[str, "Json"]

DONE: Final = "done"
_REORDERS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Unicode UAX 9 §2: marks that make the eye read signs in another order than they stand."""


class Output:
    """Speaks to whoever called: a person in his language, or a program."""

    def __init__(self, lang: str, *, as_json: bool, clock: Clock) -> None:
        self.as_json: Final = as_json
        self.say_in: Final = Translator(*wanted(lang))
        self.zone = os.environ.get("TZ", "").removeprefix(":") or "UTC"
        """In which exact times are shown: that of the acting person's desk, once it is known."""
        self._clock = clock
        self._console = _console(sys.stdout)

    def give(
        self,
        *,
        ok: bool = True,
        code: str = DONE,
        id: str = "",  # noqa: A002  # the name that stands in the object
        thread: str = "",
        stage: str = "",
        next: Sequence[str] = (),  # noqa: A002
        **more: Json,
    ) -> None:
        """Print the one object of this call; lists stand under ``items``."""
        if self.as_json:
            told = {"ok": ok, "code": code, "id": id, "thread": thread, "stage": stage}
            sys.stdout.write(json.dumps({**told, "next": list(next), **more}) + "\n")
            sys.stdout.flush()

    def say(self, text: str, /, **values: str | int) -> None:
        """Say one marked sentence, with *values* in their places."""
        self.line(self.say_in.of(text, **values))

    def line(self, text: str, style: str = "") -> None:
        """Print *text*, which is in the caller's language already."""
        if not self.as_json:
            self._console.print(Text(shown(text), style=style), soft_wrap=True)

    def heading(self, text: str, /, **values: str | int) -> None:
        if not self.as_json:
            self._console.print()
            self.line(self.say_in.of(text, **values), style="bold")

    def block(self, text: str) -> None:
        """Print free text of several lines, set in."""
        if not self.as_json:
            self._console.print(Padding(Text(shown(text)), (0, 0, 0, 2)))

    def raw(self, text: str) -> None:
        """Print *text* to the byte: what is meant to be copied."""
        if not self.as_json:
            sys.stdout.write(text)

    def warn(self, text: str, /, **values: str | int) -> None:
        """Say one marked sentence on standard error."""
        _aside(self.say_in.of(text, **values), style="yellow")

    def hint(self, text: str) -> None:
        """Print *text*, which is in the caller's language already, beside a prompt."""
        _aside(text, style="dim")

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print *rows* under marked *headings*; what is too long goes on in the next line."""
        if self.as_json:
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for each in headings:
            table.add_column(self.say_in.of(each) if each else "", overflow="fold")
        for row in rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        self._console.print(table)

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print labels, which are in the caller's language already, and what stands beside each."""
        if self.as_json:
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(style="dim", overflow="fold")
        table.add_column(overflow="fold")
        for label, value in rows:
            if value:
                table.add_row(Text(shown(label)), Text(shown(value)))
        self._console.print(Padding(table, (0, 0, 0, 2)))

    def when(self, at: datetime) -> str:
        """Return a time as people say it, then exactly."""
        said = self.say_in.ago(at, self._clock())
        return f"{said} · {self.say_in.moment(at, self.zone)}"

    def exact(self, at: datetime) -> str:
        """Return a time exactly, for lists."""
        return self.say_in.moment(at, self.zone)

    def left(self, at: datetime) -> str:
        """Return how long there is until a time, for lists."""
        return self.say_in.due(at, self._clock())

    def due(self, at: datetime) -> str:
        said = self.say_in.due(at, self._clock())
        return f"{said} · {self.say_in.moment(at, self.zone)}"

    def coded(self, label: str, code: str) -> str:
        """Return the marked *label* in the caller's language, and the code after it."""
        said = self.say_in.label(label) or code
        return said if said == code else f"{said} [{code}]"


def wanted(lang: str) -> tuple[str, ...]:
    """Return the languages that the caller asked for, by option or by the system's settings."""
    settings = (os.environ.get(each, "") for each in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return (lang,) if lang else tuple(each for each in settings if each)[:1]


def shown(text: str) -> str:
    """Return *text* without any sign that does more than stand in its place."""
    return "".join(
        each if each == "\n" or not _acts(each) else " " if each == "\t" else "" for each in text
    )


def time(at: datetime) -> str:
    """Return a time as it stands in JSON."""
    return written(at)


def _acts(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _REORDERS


def _aside(text: str, *, style: str) -> None:
    _console(sys.stderr).print(Text(shown(text), style=style), soft_wrap=True)


class _Console(Console):
    """A console whose reader may leave early: what was done is done, and the rest is not said."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _console(file: object) -> Console:
    return _Console(file=file, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]  # a text stream
