# SPDX-License-Identifier: Apache-2.0
"""The fields of a kind of question as fields of a form, and what was typed in them as values.

What was typed is kept as it was typed, by the names of the inputs, so that a form that was not
taken shows it again. Only here does it become the one written form of its type; whatever does not
fit is refused by the name of its input.
"""

import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.errors import Misused
from comity.knowledge.cites import cites_codes
from comity.knowledge.countries import countries
from comity.knowledge.identifiers import normalise
from comity.knowledge.kinds import fill, fill_supplied
from comity.knowledge.request_kind import FieldType, KindField, RequestKind, Values
from comity.knowledge.species import species
from comity.language.places import OTHER_PLACES
from comity.web.visit import Visit

Typed = Mapping[str, Sequence[str]]
"""What was typed, by the names of the inputs."""

PREFIX: Final = "f_"
PLACES: Final = 3
"""Inputs of a field that takes several species, quantities, or choices of a long list."""
COUNTRIES: Final = 4
"""Inputs of a field that takes several countries: a route has some."""
TICKS: Final = 12
"""Choices that are ticked; a longer list is chosen from."""
LONG: Final = 400
"""Characters from which a text has room to be written in."""
_CURRENT: Final = "current"
_KEYBOARDS: Final = {
    "phone": "tel",
    "imei": "numeric",
    "mmsi": "numeric",
    "air-waybill": "numeric",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field as a form shows it."""

    name: str
    label: str
    hint: str
    shape: str
    """``line``, ``lines``, ``area``, ``date``, ``period``, ``choice``, ``ticks``, ``picks``,
    ``quantity`` or ``species``."""
    required: bool
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    places: int = 1
    keyboard: str = ""
    limit: int = 0


def inputs(visit: Visit, fields: Sequence[KindField], typed: Typed) -> tuple[Input, ...]:
    """Return *fields* as inputs that show what was *typed*."""
    return tuple(_input(visit, each, typed) for each in fields)


def names(fields: Sequence[KindField]) -> tuple[str, ...]:
    """Return the names of every input of *fields*."""
    return tuple(each for field in fields for each in _names(field))


def fields_of(typed: Typed) -> frozenset[str]:
    """Return the names in *typed* that belong to a field of some kind."""
    return frozenset(each for each in typed if each.startswith(PREFIX))


def filled(kind: RequestKind, typed: Typed) -> Values:
    """Return what was *typed* as values of *kind*; raise Misused by the name of the input."""
    return _checked(fill, kind, typed)


def supplied(kind: RequestKind, typed: Typed) -> Values:
    """Return what was *typed* as some of the values of *kind*: nothing has to be there."""
    return _checked(fill_supplied, kind, typed)


def _checked(
    check: Callable[[RequestKind, Values], Values], kind: RequestKind, typed: Typed
) -> Values:
    values = {each.name: _told(each, _READ[each.type](each, typed)) for each in kind.fields}
    given = {name: found for name, found in values.items() if found}
    try:
        return check(kind, given)
    except Misused as error:
        raise _at(str(error.values.get("field", "")), error) from None


def readable(kind: RequestKind, typed: Typed) -> Values:
    """Return as much of what was *typed* as can be read, for a text that somebody looks over."""
    found: dict[str, tuple[str, ...]] = {}
    for each in kind.fields:
        with contextlib.suppress(Misused):
            found[each.name] = _told(each, _READ[each.type](each, typed))
    return {name: given for name, given in found.items() if given}


def _told(field: KindField, given: tuple[str, ...]) -> tuple[str, ...]:
    if field.type is not FieldType.IDENTIFIER:
        return given
    try:
        return tuple(normalise(field.identifier, each) for each in given)
    except Misused as error:
        raise _at(field.name, error) from None


def _at(field: str, error: Misused) -> Misused:
    """Return *error* as one of the input of *field*."""
    values = {**error.values, "field": PREFIX + field} if field else dict(error.values)
    return Misused(error.cause.removeprefix(f"{Misused.code}."), **values)


def _input(visit: Visit, field: KindField, typed: Typed) -> Input:
    shape = _shape(field)
    name = PREFIX + field.name
    several = field.takes_many and shape in {"picks", "quantity", "species"}
    many = COUNTRIES if field.type is FieldType.COUNTRY else PLACES
    places = many if several else 1
    return Input(
        name=name,
        label=visit.say_in.label(field.label),
        hint=visit.say_in.label(field.hint),
        shape=shape,
        required=field.required,
        values=tuple(value for each in _names(field) for value in _shown(typed, each, places)),
        choices=_choices(visit, field),
        places=places,
        keyboard=_KEYBOARDS.get(field.identifier, ""),
        limit=field.limit,
    )


def _shown(typed: Typed, name: str, places: int) -> tuple[str, ...]:
    """Return what stands in each input called *name*: as many as there are."""
    given = tuple(typed.get(name, ()))
    return given if places == 1 and given else (*given, *("",) * places)[: max(places, len(given))]


def _shape(field: KindField) -> str:
    match field.type:
        case FieldType.CHOICE:
            return "choice"
        case FieldType.CODES:
            return "ticks" if len(field.choices) <= TICKS else "picks"
        case FieldType.COUNTRY:
            return "picks"
        case FieldType.DATE | FieldType.PERIOD | FieldType.QUANTITY | FieldType.SPECIES:
            return field.type.value
        case FieldType.TEXT | FieldType.LIST | FieldType.IDENTIFIER:
            if field.takes_many:
                return "lines"
            return "area" if field.limit >= LONG else "line"


def _names(field: KindField) -> tuple[str, ...]:
    name = PREFIX + field.name
    match field.type:
        case FieldType.PERIOD:
            return (f"{name}_from", f"{name}_to")
        case FieldType.QUANTITY:
            return (name, f"{name}_unit")
        case _:
            return (name,)


def _choices(visit: Visit, field: KindField) -> tuple[tuple[str, str], ...]:
    match field.type:
        case FieldType.COUNTRY:
            return country_choices(visit)
        case FieldType.QUANTITY:
            units = cites_codes()["unit"].values()
            return tuple(
                (each.code, visit.coded(each.name_en, each.code))
                for each in units
                if each.status.startswith(_CURRENT)
            )
        case FieldType.SPECIES:
            tag = visit.say_in.tag
            return tuple((each.scientific_name, each.name(tag)) for each in species().values())
        case _:
            return tuple((each.code, visit.coded(each.label, each.code)) for each in field.choices)


def country_choices(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Return every country by what the reader calls it, and the places that are none."""
    named = [(each, visit.say_in.country(each)) for each in countries()]
    others = [(each, visit.say_in.country(each)) for each in OTHER_PLACES]
    return (*sorted(named, key=lambda each: _folded(each[1])), *others)


def _folded(name: str) -> str:
    """Return *name* as it is put in order: without the marks on its letters."""
    plain = unicodedata.normalize("NFD", name)
    return "".join(e for e in plain if not unicodedata.combining(e)).casefold()


def _given(field: KindField, typed: Typed) -> tuple[str, ...]:
    return _each(typed.get(PREFIX + field.name, ()))


def _lines(field: KindField, typed: Typed) -> tuple[str, ...]:
    given = typed.get(PREFIX + field.name, ())
    if not field.takes_many:
        return _each(given)
    return _each(line for text in given for line in text.splitlines())


def _dates(field: KindField, typed: Typed) -> tuple[str, ...]:
    return tuple(written_date(each) for each in _given(field, typed))


def _period(field: KindField, typed: Typed) -> tuple[str, ...]:
    begins, ends = (next(iter(_each(typed.get(name, ()))), "") for name in _names(field))
    if not (begins or ends):
        return ()
    return (f"{written_date(begins) or '..'}/{written_date(ends) or '..'}",)


def _quantity(field: KindField, typed: Typed) -> tuple[str, ...]:
    number, unit = _names(field)
    numbers, units = typed.get(number, ()), typed.get(unit, ())
    both = zip(numbers, (*units, *("",) * len(numbers)), strict=False)
    return tuple(f"{_number(n)} {u.strip()}" for n, u in both if n.strip())


def _number(text: str) -> str:
    """Return a number as it is written on the wire; a comma may stand before its fraction."""
    plain = _digits(text).replace(" ", "").replace("\u00a0", "").replace(",", ".")
    whole, _, part = plain.partition(".")
    return f"{whole.lstrip('0') or '0'}.{part}" if part else whole.lstrip("0") or "0"


def written_date(text: str) -> str:
    """Return a date as it is written on the wire: a day may come first, as many write it."""
    plain = _digits(text.strip())
    found = re.fullmatch(r"(?:([0-9]{1,2})[./ -])?([0-9]{1,2})[./ -]([0-9]{4})", plain)
    if found is None:
        return re.sub(r"[./]", "-", plain)
    parts = [found[3], found[2].zfill(2), (found[1] or "").zfill(2) if found[1] else ""]
    return "-".join(filter(None, parts))


def _digits(text: str) -> str:
    return "".join(
        each if (digit := unicodedata.decimal(each, None)) is None else str(digit) for each in text
    )


def _species(field: KindField, typed: Typed) -> tuple[str, ...]:
    """Return scientific names; what it is called in any of our languages will do."""
    return tuple(_scientific(each) for each in _given(field, typed))


def _scientific(text: str) -> str:
    wanted = _folded(text)
    for each in species().values():
        tags = ("en", "fr", "pt", "sw", "zh", "vi", "th", "ar", "ms", "id")
        called = (name for tag in tags for name in each.name(tag).split(";"))
        if wanted in {_folded(each.scientific_name), *(_folded(e.strip()) for e in called)}:
            return each.scientific_name
    return text


def _each(given: Iterable[str]) -> tuple[str, ...]:
    told = (each.strip() for each in given)
    return tuple(dict.fromkeys(each for each in told if each))


_READ: Final[Mapping[FieldType, Callable[[KindField, Typed], tuple[str, ...]]]] = {
    FieldType.TEXT: _lines,
    FieldType.LIST: _lines,
    FieldType.IDENTIFIER: _lines,
    FieldType.DATE: _dates,
    FieldType.PERIOD: _period,
    FieldType.COUNTRY: _given,
    FieldType.CHOICE: _given,
    FieldType.CODES: _given,
    FieldType.QUANTITY: _quantity,
    FieldType.SPECIES: _species,
}
