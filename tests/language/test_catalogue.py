# SPDX-License-Identifier: Apache-2.0
"""Catalogues are whole, agree with the source, and let no value do harm."""

import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from comity.language.catalogue import LOCALES, SOURCE, WHOLE, choose, read_catalogue

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "src" / "comity" / "locale"
DRAFTS = tuple(each for each in LOCALES if each not in WHOLE)

Message = str | tuple[str, ...]


@cache
def _catalogue(name: str) -> Catalog:
    with (LOCALE / f"{name}.po").open("rb") as source:
        return read_po(source, locale=name)


@cache
def _in_the_source() -> frozenset[Message]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel's own
    found = extract_from_dir(
        ROOT / "src" / "comity",
        methods,
        options,
        keywords={"marked": None, "counted": (1, 2), "_": None, "ngettext": (1, 2)},
    )
    return frozenset(message for _, _, message, _, _ in found)


def _ids(catalogue: Catalog) -> set[Message]:
    return {
        each.id if isinstance(each.id, str) else tuple(each.id) for each in catalogue if each.id
    }


def _told(message: BabelMessage) -> list[str]:
    if message.string is None or isinstance(message.string, str):
        return [message.string or ""]
    return list(message.string)


def _places(text: str) -> list[str]:
    return sorted(re.findall(r"\{[a-z_]+\}", text))


def test_the_template_holds_every_marked_text_and_no_other() -> None:
    with (LOCALE / "comity.pot").open("rb") as source:
        template = read_po(source)

    assert _ids(template) == _in_the_source()


@pytest.mark.parametrize("name", [each for each in LOCALES if each != SOURCE])
def test_a_catalogue_holds_what_the_source_holds(name: str) -> None:
    assert _ids(_catalogue(name)) == _in_the_source()


@pytest.mark.parametrize("name", sorted(WHOLE - {SOURCE}))
def test_a_catalogue_is_whole(name: str) -> None:
    empty = [each.id for each in _catalogue(name) if each.id and not all(_told(each))]

    assert empty == []


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_says_that_it_is_one(name: str) -> None:
    assert "draft: awaits native review" in _catalogue(name).header_comment


@pytest.mark.parametrize("name", [each for each in LOCALES if each != SOURCE])
def test_a_translation_fills_the_same_places(name: str) -> None:
    wrong = []
    for each in _catalogue(name):
        many = each.id if isinstance(each.id, str) else each.id[1]
        wrong += [
            text for text in _told(each) if text and each.id and _places(text) != _places(many)
        ]

    assert wrong == []


@pytest.mark.parametrize("name", [each for each in LOCALES if each != SOURCE])
def test_nothing_is_fuzzy_since_fuzzy_entries_are_not_used(name: str) -> None:
    assert [each.id for each in _catalogue(name) if each.fuzzy] == []


def test_french_puts_a_fixed_space_before_high_punctuation() -> None:
    loose = re.compile("(?<!\\u00a0)[;:?!»](?:\\s|$)|«(?!\\u00a0)")
    told = [text for each in _catalogue("fr") if each.id for text in _told(each)]

    assert [text for text in told if loose.search(text)] == []


@pytest.mark.parametrize(
    ("wanted", "ours"),
    [
        (["fr"], "fr"),
        (["fr_FR.UTF-8"], "fr"),
        (["pt-BR"], "pt"),
        (["zh-Hans-CN"], "zh_Hans"),
        (["zh"], "zh_Hans"),
        (["zh-CN"], "zh_Hans"),
        (["zh-Hant"], "zh_Hans"),
        (["sr@latin", "ar"], "ar"),
        (["xx", "VI"], "vi"),
        (["C"], "en"),
        ([""], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_we_have_is_chosen(wanted: list[str], ours: str) -> None:
    assert choose(wanted) == ours


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_wish_ends_in_a_language_that_we_have(wanted: list[str]) -> None:
    assert choose(wanted) in LOCALES


@pytest.mark.parametrize("name", LOCALES)
def test_every_language_opens_and_is_kept(name: str) -> None:
    assert read_catalogue(name) is read_catalogue(name)
    assert read_catalogue(name).right_to_left == (name == "ar")


@given(st.text(max_size=400))
def test_a_value_brings_no_control_sign_and_no_length(value: str) -> None:
    told = read_catalogue("en").of("<{field}>", {"field": value})

    assert len(told) <= 242
    assert not any(sign in told for sign in "\n\r\x1b\u202e\u2066")


@given(st.text(alphabet=string.printable, max_size=40))
def test_a_value_is_never_filled_again(value: str) -> None:
    told = read_catalogue("en").of("{field}{limit}", {"field": "{limit}", "limit": 7})

    assert told == "{limit}7"
    assert read_catalogue("en").of("{field!r}{field.__class__}", {"field": value}) == (
        "{field!r}{field.__class__}"
    )


def test_a_latin_value_keeps_its_place_in_arabic() -> None:
    assert read_catalogue("ar").of("{field}", {"field": "KV-4821"}) == "\u2068KV-4821\u2069"


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert read_catalogue("en").of("{n}", {"n": 1234567}) == "1,234,567"
    assert read_catalogue("fr").of("{n}", {"n": 1234567}) == "1\u202f234\u202f567"
