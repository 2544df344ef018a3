# SPDX-License-Identifier: Apache-2.0
"""Request kinds: read from ``kinds/*.yaml``, and from an agency's own folder of such files.

A file is named after its kind. Whatever is missing, unknown or does not hold together is refused
by the file's name when the kinds are loaded, so that a kind that loads can be asked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources.abc import Traversable

from comity.errors import Misused
from comity.knowledge.cites import cites_codes
from comity.knowledge.identifiers import identifier_kinds, normalise
from comity.knowledge.request_kind import (
    Choice,
    FieldType,
    KindField,
    RequestKind,
    Values,
    check_answer,
    check_fields,
    check_supplied,
)
from comity.knowledge.rows import convert, ours, read_yaml


def load_kinds(folder: Traversable | None = None) -> Mapping[str, RequestKind]:
    """Return our request kinds by id, with those of *folder*, whose ids must be new."""
    kinds = dict(_our_kinds())
    for each in _read_folder(folder) if folder else ():
        if each.id in kinds:
            raise Misused("kind-file", file=f"{each.id}.yaml")
        kinds[each.id] = each
    return kinds


def fill(kind: RequestKind, values: Values) -> Values:
    """Return *values* checked against *kind*, its identifiers made normal and empty ones left out.

    What is filled in by a person goes through here before it is signed.
    """
    kept = _normal(kind.fields, values)
    check_fields(kind, kept)
    return kept


def fill_answer(kind: RequestKind, values: Values) -> Values:
    """Return *values* made normal and checked against the answer of *kind*."""
    kept = _normal(kind.answer, values)
    check_answer(kind, kept)
    return kept


def fill_supplied(kind: RequestKind, values: Values) -> Values:
    """Return *values* that an asker supplies later, some of the question's fields, as ``fill``."""
    kept = _normal(kind.fields, values)
    check_supplied(kind, kept)
    return kept


def _normal(fields: tuple[KindField, ...], values: Values) -> Values:
    """Return *values* with identifiers made normal, and without what is empty."""
    identifiers = {each.name: each.identifier for each in fields if each.identifier}
    made = {
        name: tuple(
            normalise(identifiers[name], text) if name in identifiers else text.strip()
            for text in given
            if text.strip()
        )
        for name, given in values.items()
    }
    return {name: given for name, given in made.items() if given}


@cache
def _our_kinds() -> Mapping[str, RequestKind]:
    return {each.id: each for each in _read_folder(ours("kinds"))}


def _read_folder(folder: Traversable) -> Iterator[RequestKind]:
    for source in sorted(folder.iterdir(), key=lambda each: each.name):
        if source.name.endswith(".yaml"):
            yield _read_kind(source)


def _read_kind(source: Traversable) -> RequestKind:
    try:
        raw = convert(source.name, read_yaml(source), RequestKind)
    except Misused:
        raise Misused("kind-file", file=source.name) from None
    kind = replace(raw, fields=_chosen(raw.fields), answer=_chosen(raw.answer))
    if source.name != f"{kind.id}.yaml" or not _holds(kind):
        raise Misused("kind-file", file=source.name)
    return kind


def _chosen(fields: tuple[KindField, ...]) -> tuple[KindField, ...]:
    """Return *fields* with the choices of those that name a list of CITES codes."""
    return tuple(
        replace(each, choices=_cites_choices(each.of)) if each.of else each for each in fields
    )


@cache
def _cites_choices(code_type: str) -> tuple[Choice, ...]:
    codes = cites_codes().get(code_type.removeprefix("cites-"), {})
    return tuple(
        Choice(code=each.code, label=each.name_en)
        for each in codes.values()
        if each.status != "legacy"
    )


def _holds(kind: RequestKind) -> bool:
    needed = {each.identifier for each in kind.fields if each.identifier}
    return (
        re.fullmatch(r"[a-z][a-z0-9-]{1,40}", kind.id) is not None
        and kind.version >= 1
        and bool(kind.question and kind.line and kind.source and kind.as_of)
        and set(kind.identifiers) <= needed
        and bool(kind.letter) == kind.coercive
        and _are_distinct([each.name for each in kind.fields])
        and _are_distinct([each.name for each in kind.answer])
        and all(_field_holds(each) for each in (*kind.fields, *kind.answer))
    )


def _field_holds(field: KindField) -> bool:
    chooses = field.type in {FieldType.CHOICE, FieldType.CODES}
    identifies = field.type is FieldType.IDENTIFIER
    return (
        re.fullmatch(r"[a-z][a-z0-9_]{0,40}", field.name) is not None
        and bool(field.label)
        and 1 <= field.limit <= 4000
        and bool(field.choices) == chooses
        and _are_distinct([each.code for each in field.choices])
        and (field.identifier in identifier_kinds()) == identifies
    )


def _are_distinct(names: list[str]) -> bool:
    return len(set(names)) == len(names)
