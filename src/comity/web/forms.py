# SPDX-License-Identifier: Apache-2.0
"""A filled form: what was typed, by the names of its fields, and what is wrong with it.

A form remembers what was typed, so that a page that refuses it shows it again as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from comity.crypto.age import Readable
from comity.errors import ComityError, Misused

TEXT_LIMIT: Final = 32 * 1024
"""Characters of one field: what is longer belongs in a file."""
FIELDS_LIMIT: Final = 300
_TRUE: Final = frozenset({"1", "on", "yes", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a form."""

    name: str
    media: str
    stream: Readable

    def read(self, limit: int) -> bytes:
        """Return all of it; raise Misused if that is more than *limit* bytes."""
        content = bytearray()
        while piece := self.stream.read(limit + 1 - len(content)):  # a stream may give less
            content += piece
            if len(content) > limit:
                raise Misused("form-large")
        return bytes(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Upload]] = field(default_factory=dict)
    error: ComityError | None = None

    def text(self, name: str, default: str = "") -> str:
        """Return what was typed in the field *name*, without spaces around it."""
        given = self.values.get(name, ())
        return given[0].strip() if given else default

    def all(self, name: str) -> tuple[str, ...]:
        """Return everything that was typed or picked under *name*, each once, nothing empty."""
        return tuple(dict.fromkeys(e.strip() for e in self.values.get(name, ()) if e.strip()))

    def lines(self, name: str) -> tuple[str, ...]:
        """Return the lines of a field that takes several values, one a line."""
        return tuple(e for each in self.all(name) for e in map(str.strip, each.splitlines()) if e)

    def flag(self, name: str) -> bool:
        return self.text(name) in _TRUE

    def need(self, name: str) -> str:
        """Return what was typed in *name*; raise Misused naming the field where nothing was."""
        typed = self.text(name)
        if not typed:
            raise Misused("field-missing", field=name)
        return typed

    def under(self, prefix: str) -> Mapping[str, tuple[str, ...]]:
        """Return what was typed under names that begin with *prefix*, by the rest of each name."""
        found = {e.removeprefix(prefix): self.lines(e) for e in self.values if e.startswith(prefix)}
        return {name: given for name, given in found.items() if given}

    def upload(self, name: str) -> Upload | None:
        given = [each for each in self.files.get(name, ()) if each.name]
        return given[0] if given else None

    def refused(self, error: ComityError) -> "Form":
        """Return the form as it was filled, with why it was not taken."""
        return replace(self, error=error)

    @property
    def at_fault(self) -> str:
        """The field that *error* speaks of; empty where it speaks of none."""
        return str(self.error.values.get("field", "")) if self.error else ""


def check_size(values: Mapping[str, Sequence[Any]], limit: int = TEXT_LIMIT) -> None:
    """Raise Misused for a form with more fields than any of ours has, or longer ones."""
    if sum(map(len, values.values())) > FIELDS_LIMIT:
        raise Misused("form-large")
    if any(len(each) > limit for given in values.values() for each in given):
        raise Misused("form-large")


def end_of_day(text: str, field: str) -> datetime | None:
    """Return the end of the day *text*, in Universal Time; None where none was given."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):  # the last day that there is has no end
        raise Misused("field-value", field=field) from None
