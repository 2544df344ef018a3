# SPDX-License-Identifier: Apache-2.0
"""Names of countries and languages, from CLDR."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from comity.language.catalogue import LOCALES, Catalogue, locale_of
from comity.language.marks import marked

OTHER_PLACES: Final[Mapping[str, str]] = {
    "XX": marked("an unknown country"),
    "ZZ": marked("the sea, outside any State"),
}
"""Codes of the CITES trade database that ISO 3166-1 leaves to its users (guide v8, annex 4)."""


def country(catalogue: Catalogue, code: str) -> str:
    """Return the name of the country with ISO 3166-1 alpha-2 *code*; the code if it has none."""
    if code in OTHER_PLACES:
        return catalogue.of(OTHER_PLACES[code])
    return str(catalogue.cldr.territories.get(code, code))


@cache
def country_names() -> frozenset[str]:
    """Return what every country is called in each of our languages."""
    found: set[str] = set()
    for name in LOCALES:
        named = locale_of(name)
        territories = named.territories if named else {}
        found.update(str(each) for code, each in territories.items() if code.isalpha())
    return frozenset(found)


def language(catalogue: Catalogue, tag: str) -> str:
    """Return the name of the language with BCP 47 *tag*; the tag if it has none."""
    known = locale_of(tag)
    name = known.get_display_name(catalogue.cldr) if known else None
    return name or tag
