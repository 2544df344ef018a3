# SPDX-License-Identifier: Apache-2.0
"""A request kind as a value, and what its fields may hold.

A kind is data (``kinds/*.yaml``); adding one needs no code. Field values are always tuples of
text, in one written form a type, so that both sides read the same. Identifiers are made normal
before they come here (``kinds.fill``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from comity.domain.statement import Urgency
from comity.errors import Misused

Values = Mapping[str, tuple[str, ...]]
"""Coded values by field name."""

MANY_LIMIT: Final = 50
"""Values in one field; beyond that a list belongs in a file."""


class FieldType(StrEnum):
    TEXT = "text"
    IDENTIFIER = "identifier"
    DATE = "date"
    """A year, a month or a day: ``2026``, ``2026-11``, ``2026-11-20``."""
    PERIOD = "period"
    """``2026-11-01/2026-11-20``; an unknown end is ``..`` (ISO 8601-2)."""
    COUNTRY = "country"
    """ISO 3166-1 alpha-2, or the CITES codes XX and ZZ."""
    CHOICE = "choice"
    QUANTITY = "quantity"
    """A number and a CITES unit: ``312.5 KGM``."""
    SPECIES = "species"
    """A scientific name, down to where it is known: ``Loxodonta africana``, ``Manis spp.``."""
    CODES = "codes"
    """Several choices."""
    LIST = "list"
    """Several short texts."""


class Limb(StrEnum):
    """The limb of UNTOC art. 27(1) under which a kind falls."""

    CHANNELS = "a"
    PERSONS = "b-i"
    PROCEEDS = "b-ii"
    PROPERTY = "b-iii"
    SAMPLES = "c"
    COORDINATION = "d"
    METHODS = "e"
    EARLY = "f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindField:
    name: str
    label: str
    type: FieldType
    hint: str = ""
    required: bool = False
    nominal: bool = False
    """Holds a name, or identifies a person: then the other side's key must have been checked."""
    many: bool = False
    limit: int = 200
    """Characters in one value."""
    identifier: str = ""
    """The identifier kind, with ``identifier``."""
    of: str = ""
    """A list of CITES codes, instead of ``choices``."""
    choices: tuple[Choice, ...] = ()

    @property
    def takes_many(self) -> bool:
        return self.many or self.type in {FieldType.CODES, FieldType.LIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKind:
    id: str
    version: int
    question: str
    """As the officer would say it."""
    line: str
    """One line under the question."""
    identifiers: tuple[str, ...]
    """Identifier kinds: a question of this kind names at least one, unless there are none."""
    coercive: bool
    letter: str = ""
    """The purpose of a letter (UNTOC art. 18(3)) to which a coercive kind points."""
    limb: Limb
    clock: Urgency
    fields: tuple[KindField, ...]
    answer: tuple[KindField, ...]
    source: str
    as_of: str
    confidence: str


def check_fields(kind: RequestKind, values: Values) -> None:
    """Raise Misused unless *values* are what *kind* asks for."""
    _check(kind.fields, values)


def check_answer(kind: RequestKind, values: Values) -> None:
    """Raise Misused unless *values* fit the answer of *kind*; an answer may leave any out."""
    _check(kind.answer, values, whole=False)


def check_supplied(kind: RequestKind, values: Values) -> None:
    """Raise Misused unless *values* are some of the fields of a question of *kind*."""
    _check(kind.fields, values, whole=False)


def is_nominal(kind: RequestKind, values: Values) -> bool:
    """Return whether *values* name or identify a person."""
    return any(values.get(each.name) for each in kind.fields if each.nominal)


def _check(fields: tuple[KindField, ...], values: Values, *, whole: bool = True) -> None:
    known = {each.name: each for each in fields}
    for name in values:
        if name not in known:
            raise Misused("field-unknown")
    for name, field in known.items():
        given = values.get(name, ())
        if whole and field.required and not given:
            raise Misused("field-missing", field=name)
        if len(given) > (MANY_LIMIT if field.takes_many else 1):
            raise Misused("field-many", field=name)
        for text in given:
            _check_value(field, text)


def _check_value(field: KindField, text: str) -> None:
    if len(text) > field.limit:
        raise Misused("field-long", field=field.name, limit=field.limit)
    if not text.strip() or not _fits(field, text):
        raise Misused("field-value", field=field.name)


def _fits(field: KindField, text: str) -> bool:
    match field.type:
        case FieldType.CHOICE | FieldType.CODES:
            return any(each.code == text for each in field.choices)
        case FieldType.DATE:
            return _is_date(text)
        case FieldType.PERIOD:
            return _is_period(text)
        case FieldType.COUNTRY | FieldType.QUANTITY | FieldType.SPECIES:
            return bool(_FORMS[field.type].fullmatch(text))
        case FieldType.TEXT | FieldType.LIST | FieldType.IDENTIFIER:
            return True


_FORMS: Final = {
    FieldType.COUNTRY: re.compile(r"[A-Z]{2}"),
    FieldType.QUANTITY: re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})? [A-Z]{3}"),
    FieldType.SPECIES: re.compile(r"[A-Z][a-z]+( x)?( [a-z][a-z-]+){0,2}( spp\.)?"),
}


_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError:
        return False
    return True


def _is_period(text: str) -> bool:
    begins, slash, ends = text.partition("/")
    if not slash or (begins == ends == ".."):
        return False
    if not all(each == ".." or _is_date(each) for each in (begins, ends)):
        return False
    return ".." in {begins, ends} or begins <= ends or begins.startswith(ends)
