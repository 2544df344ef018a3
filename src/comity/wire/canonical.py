# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON (RFC 8785), narrowed: one value has one set of bytes.

Keys are ASCII snake_case; there are no floats and no null; integers stay below 2^53; nesting is at
most 16 deep. All of it is judged on the untyped value, so it holds for types that this version does
not know. Decoding encodes again and compares: that one comparison refuses white space, duplicate
keys, unknown fields, other escapes and other spellings of a number. A dataclass whose ``type`` has
a default is of that type and no other. A time in another zone is the value's own to refuse
(``domain.time.check_instant``).
"""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from comity.errors import Malformed

DEPTH: Final = 16
INTEGER: Final = 1 << 53
"""RFC 8785 §3.2.2.3: beyond it numbers are not exact everywhere."""
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
"""A text goes to its end or to that of the data, and nothing of it is looked at twice: depth is
checked before syntax, on bytes that may be made to be slow."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONG: Final = b"0" * 16
"""2^53 has sixteen digits: without so many in a row no integer is too large."""
_DIGITS: Final = bytes(ord("0" if chr(each) in "0123456789" else " ") for each in range(256))
"""Every digit as a nought: a search for so many of them is eight times as fast as a pattern."""
_PLAIN: Final = (
    inspect.StrType,
    inspect.IntType,
    inspect.BoolType,
    inspect.BytesType,
    inspect.DateTimeType,
    inspect.EnumType,
)
KNOWN_LIMIT: Final = 4096
_KNOWN: Final[set[str]] = set()
"""Keys met before and found good: nearly all are, and asking again costs more than reading."""
_ENCODER = msgspec.json.Encoder(order="sorted")
_UNTYPED = msgspec.json.Decoder()

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Return the one encoding of *value*: a dataclass, or lists, mappings, texts and integers."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed("value") from error


def decode(data: bytes, kind: type[T], *, limit: int) -> T:
    """Return the *kind* that *data* writes, or raise Malformed saying which rule it broke."""
    if _is_closed(kind) and len(data) <= limit and _LONG not in data.translate(_DIGITS):  # type: ignore[arg-type]
        with contextlib.suppress(msgspec.ValidationError, ValueError):
            value: T = _decoder(kind).decode(data)  # type: ignore[arg-type]
            if encode(value) == data and _type_of(kind) in (None, getattr(value, "type", "")):  # type: ignore[arg-type]
                return value
        # What is wrong with it, and which rule comes first, is found the long way.
    _untyped(data, limit)
    try:
        value = msgspec.json.decode(data, type=kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed("type") from error
    stated = _type_of(kind)  # type: ignore[arg-type]  # every class can be hashed
    if stated is not None and stated != getattr(value, "type", ""):
        raise Malformed("type")
    if encode(value) != data:
        raise Malformed("canonical")
    return value


def check(data: bytes, *, limit: int) -> None:
    """Raise Malformed unless *data* is canonical, whatever its type."""
    if encode(_untyped(data, limit)) != data:
        raise Malformed("canonical")


@lru_cache(maxsize=256)
def _decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    return msgspec.json.Decoder(kind)


@lru_cache(maxsize=256)
def _is_closed(kind: type) -> bool:
    """Return whether every value of *kind* keeps the rules for untyped ones by its type alone.

    All but the bound of an integer: a type of fixed keys, without maps, floats, nulls and anything
    whose type is open. Then what encodes again to the same bytes has been checked.
    """
    return _all_closed(inspect.type_info(kind), depth=DEPTH)


def _all_closed(told: inspect.Type, depth: int) -> bool:
    match told:
        case inspect.DataclassType():
            return depth > 0 and all(_all_closed(each.type, depth - 1) for each in told.fields)
        case inspect.VarTupleType():
            return depth > 0 and _all_closed(told.item_type, depth - 1)
        case inspect.TupleType():
            return depth > 0 and all(_all_closed(each, depth - 1) for each in told.item_types)
        case _:
            return isinstance(told, _PLAIN)


@lru_cache(maxsize=256)
def _type_of(kind: type) -> str | None:
    """Return the wire type that every value of *kind* states, if it has one."""
    stated = fields(kind) if is_dataclass(kind) else ()
    told = next((each.default for each in stated if each.name == "type"), None)
    return told if isinstance(told, str) else None


def _untyped(data: bytes, limit: int) -> Any:  # noqa: ANN401  # no type is the point
    """Return what *data* writes, every rule but that of its spelling checked."""
    if len(data) > limit:
        raise Malformed("size", limit=limit)
    _check_depth(data)
    try:
        value = _UNTYPED.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("syntax") from error
    _check_value(value)
    return value


def _check_depth(data: bytes) -> None:
    # Cheap first: most texts hold fewer brackets than may be nested.
    if data.count(b"{") + data.count(b"[") <= DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(data):
        match token[0]:
            case b"{" | b"[":
                depth += 1
                if depth > DEPTH:
                    raise Malformed("depth", limit=DEPTH)
            case b"}" | b"]":
                depth -= 1
            case _:
                continue


def _check_value(value: Any) -> None:  # noqa: ANN401  # the untyped value is the point
    # One flat loop: every docket and receipt of a busy node passes here (bench/deliver.py).
    values = [value]
    for each in values:
        kind = type(each)
        if kind is dict:
            _check_keys(each)
            values += each.values()
        elif kind is list:
            values += each
        elif kind is int:
            if not -INTEGER < each < INTEGER:
                raise Malformed("number")
        elif kind is float:
            raise Malformed("number")
        elif each is None:
            raise Malformed("null")


def _check_keys(names: Mapping[str, Any]) -> None:
    if _KNOWN.issuperset(names):
        return
    for name in names:
        if not _KEY.fullmatch(name):
            raise Malformed("key")
        if len(_KNOWN) < KNOWN_LIMIT:
            _KNOWN.add(name)
