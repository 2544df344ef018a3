# SPDX-License-Identifier: Apache-2.0
"""Values: given on the command line, or kept off it: ``@file``, ``-`` or a prompt (``?``).

A command line stands in every process list of the machine and in the shell's history, so a number
or a name need never be on it. ``@@`` begins a value that itself begins with ``@``.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import click

from comity.cli.call import Call
from comity.cli.files import read_all, read_bytes
from comity.errors import Malformed, Misused
from comity.knowledge.request_kind import FieldType, KindField
from comity.language.marks import marked

TEXT_LIMIT: Final = 1 << 20
"""Bytes of one value: a list of identifiers may be long, anything longer is an attachment."""
STDIN: Final = "-"
PROMPT: Final = "?"

_ON_COMMAND_LINE = marked(
    "The field “{field}” stood on the command line, where others on this machine can read it. "
    "Better: {field}=-, {field}=@file or {field}=?"
)
_CHOICES = marked("One of: {choices}")


class Value(click.ParamType[str]):
    """A text, wherever it comes from."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        call = ctx.find_object(Call) if ctx else None
        text = str(value)
        if call is None:
            return text
        return resolve(call, text, (param.name or "") if param else "")


VALUE: Final = Value()


DAY: Final = click.DateTime(["%Y-%m-%d"])
MOMENT: Final = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"])
"""Exactly, in UTC, or a day."""


def utc(at: datetime) -> datetime:
    """Return *at*, as an option gives it, in UTC."""
    return at.replace(tzinfo=UTC)


def resolve(call: Call, text: str, label: str) -> str:
    """Return what *text* stands for; *label* is what a prompt asks for."""
    if text == STDIN:
        return _read_stdin(call)
    if text == PROMPT:
        return ask(call, label.replace("_", " "))
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        return _text(read_bytes(Path(text[1:]), TEXT_LIMIT))
    return text


def fields(
    call: Call, known: Sequence[KindField], given: Sequence[str], *, required: bool = True
) -> dict[str, tuple[str, ...]]:
    """Return the coded values that ``--set`` gives, asking for required ones that are missing.

    What came from a file, standard input or a prompt is one value a line where a field takes
    several.
    """
    by_name = {each.name: each for each in known}
    values: dict[str, tuple[str, ...]] = {}
    for each in given:
        name, equals, text = each.partition("=")
        field = by_name.get(name)
        if not equals:
            text = PROMPT
        if field is not None and field.nominal and text[:1] not in ("-", "?", "@"):
            call.out.warn(_ON_COMMAND_LINE, field=name)
        values[name] = (*values.get(name, ()), *_of_field(call, field, name, text))
    if required and _can_ask():
        for field in known:
            if field.required and field.name not in values:
                values[field.name] = _of_field(call, field, field.name, PROMPT)
    return values


def ask(call: Call, label: str) -> str:
    """Return what somebody types for *label*; raise Misused where nobody can."""
    if not _can_ask():
        raise Misused("field-missing", field=label)
    call.stdin_taken = True
    return str(click.prompt(label, default="", show_default=False, err=True))


def need(call: Call, value: str, label: str) -> str:
    """Return *value*, asking for it if it is empty and somebody is there to be asked."""
    return value or (ask(call, call.out.say_in.of(label)) if _can_ask() else "")


def _of_field(call: Call, field: KindField | None, name: str, text: str) -> tuple[str, ...]:
    if field is None:
        return (resolve(call, text, name),)
    label = call.out.say_in.label(field.label)
    if text == PROMPT:
        _explain(call, field)
    told = resolve(call, text, label)
    elsewhere = text in (STDIN, PROMPT) or (text.startswith("@") and not text.startswith("@@"))
    if not (elsewhere and field.takes_many):
        return (told,)
    lines = told.splitlines()
    if field.type is FieldType.CODES or text == PROMPT:
        lines = [part for line in lines for part in line.split(",")]
    return tuple(part.strip() for part in lines if part.strip())


def _explain(call: Call, field: KindField) -> None:
    """Say the hint of a field, and what it may be, before it is asked for."""
    if field.hint:
        call.out.hint(call.out.say_in.label(field.hint))
    if field.choices:
        told = ", ".join(call.out.coded(each.label, each.code) for each in field.choices[:20])
        call.out.hint(call.out.say_in.of(_CHOICES, choices="") + told)


def _can_ask() -> bool:
    stdin: TextIO | None = sys.stdin
    return stdin is not None and stdin.isatty()


def _read_stdin(call: Call) -> str:
    if call.stdin_taken:
        raise Misused("stdin-twice")
    call.stdin_taken = True
    return _text(read_all(sys.stdin.buffer, TEXT_LIMIT))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Malformed("text") from None
