# SPDX-License-Identifier: Apache-2.0
"""Rows: reading this room's CSV and YAML into frozen values, strictly.

A column too many, a key unknown, twice or missing, a value of the wrong form: the file is refused
by name. An empty cell means *not known*, never *no*; ``;`` separates a list within a cell.
"""

import csv
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import yaml

from comity.errors import Misused

FILE_LIMIT: Final = 512 * 1024
"""No file of this room comes near; an agency's own kinds are held to it."""
DEPTH_LIMIT: Final = 32
"""Of YAML: one parser of it would end in a fault, the other in an error that is not ours."""

Row = TypeVar("Row")


class Confidence(StrEnum):
    """How sure a row is: a low one must be confirmed by a person before any legal use."""

    HIGH = "high"
    """Seen in the cited source, or a stable, well-known fact."""
    MEDIUM = "medium"
    """Likely right, from general knowledge."""
    LOW = "low"


def ours(*names: str) -> Traversable:
    """Return a file or folder of this room."""
    return files("comity.knowledge").joinpath(*names)


def read_table(source: Traversable, row: type[Row]) -> tuple[Row, ...]:
    """Return the rows of a CSV *source*, whose columns are the fields of *row* in any order."""
    hints = get_type_hints(row)
    table = csv.reader(StringIO(_text(source), newline=""), strict=True)
    try:
        head = next(table, [])
        cells = [dict(_cells(head, each, hints)) for each in table if each]
    except (csv.Error, ValueError):
        raise Misused("data-file", file=source.name) from None
    if set(head) != set(hints) or len(head) != len(hints):
        raise Misused("data-file", file=source.name)
    return tuple(convert(source.name, each, row) for each in cells)


def read_yaml(source: Traversable) -> Any:  # noqa: ANN401 - whatever YAML holds; convert() types it
    """Return what *source* holds, refusing a key that stands twice in one mapping."""
    text = _text(source)
    try:
        _check_plain(text)
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        raise Misused("data-file", file=source.name) from None


def convert(name: str, value: object, row: type[Row]) -> Row:
    """Return *value*, read from the file called *name*, as a *row*, strictly."""
    if not _known(value, row):
        raise Misused("data-file", file=name)
    try:
        return msgspec.convert(value, row)
    except (msgspec.ValidationError, ValueError):
        raise Misused("data-file", file=name) from None


def _text(source: Traversable) -> str:
    with source.open("rb") as file:
        data: bytes = file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise Misused("data-file", file=source.name)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Misused("data-file", file=source.name) from None


def _cells(
    head: list[str], cells: list[str], hints: Mapping[str, Any]
) -> Iterator[tuple[str, object]]:
    for name, cell in zip(head, cells, strict=True):
        hint = hints.get(name)
        if get_origin(hint) is tuple:
            yield name, tuple(each.strip() for each in cell.split(";") if each.strip())
        elif float in get_args(hint):
            yield name, float(cell) if cell else None
        else:
            yield name, cell


def _known(value: object, kind: Any) -> bool:  # noqa: ANN401 - a type, or tuple[type, ...]
    """Return whether *value* has no key that *kind* lacks; msgspec would ignore it."""
    if isinstance(value, list | tuple) and get_origin(kind) is tuple:
        return all(_known(each, get_args(kind)[0]) for each in value)
    if not (is_dataclass(kind) and isinstance(value, Mapping)):
        return True
    hints = get_type_hints(kind)
    known = {each.name for each in fields(kind)}
    return value.keys() <= known and all(_known(value[name], hints[name]) for name in value)


def _check_plain(text: str) -> None:
    """Raise YAMLError if *text* says one thing in two places by a reference, or is a tunnel."""
    depth = 0
    for each in yaml.parse(text, Loader=_SafeLoader):
        depth += isinstance(each, yaml.CollectionStartEvent)
        depth -= isinstance(each, yaml.CollectionEndEvent)
        if isinstance(each, yaml.AliasEvent) or depth > DEPTH_LIMIT:
            raise yaml.YAMLError


# The one in C, where PyYAML was built with it, reads the same ten times as fast.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_SafeLoader):  # type: ignore[misc]  # one of two
    """YAML 1.1 as PyYAML reads it, without doubled keys."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(made) != len(node.value):
            raise yaml.YAMLError
        return made
