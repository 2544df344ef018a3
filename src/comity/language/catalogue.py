# SPDX-License-Identifier: Apache-2.0
"""Catalogues: the sentences of one language, read from its ``.po`` file.

English is the source and has no file. A ``.po`` is compiled in memory, once a process, so that no
binary catalogue is ever kept beside its text. Fuzzy entries are not used. What a catalogue lacks
is said in English. Values are put in by our own small rule and never by ``str.format``, which
would let a catalogue reach into objects.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE: Final = "en"
LOCALES: Final = ("en", "fr", "pt", "sw", "vi", "zh_Hans", "th", "ar")

WHOLE: Final = frozenset({"en", "fr", "sw", "vi"})
"""Languages in which every sentence is there; where a code is said in another, the code and the
English stand beside it, until a native reader has been through it."""

VALUE_LIMIT: Final = 240
"""A value in a sentence is an id, a size, a field or a command: longer is a mistake."""

_FIRST_STRONG_ISOLATE = "\u2068"  # Unicode UAX 9 §2.4.2: keeps a Latin id in its place in Arabic
_POP_ISOLATE = "\u2069"
_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: its sentences, and its CLDR data for numbers, dates and names."""

    name: str
    """As its file is called: ``zh_Hans``."""
    sentences: NullTranslations
    cldr: Locale

    @property
    def right_to_left(self) -> bool:
        return self.cldr.text_direction == "rtl"

    def of(self, text: str, values: Mapping[str, str | int] = {}) -> str:
        """Return *text* in this language, with *values* in their places."""
        return self._fill(self.sentences.gettext(text), values)

    def count(self, one: str, many: str, number: int, values: Mapping[str, str | int] = {}) -> str:
        """Return the form that *number* asks for; ``{count}`` is the number."""
        text = self.sentences.ngettext(one, many, number)
        return self._fill(text, {"count": number, **values})

    def _fill(self, text: str, values: Mapping[str, str | int]) -> str:
        return _PLACE.sub(lambda place: self._written(values.get(place[1], "…")), text)

    def _written(self, value: str | int) -> str:
        if isinstance(value, int):
            return str(format_decimal(value, locale=self.cldr))
        plain = "".join(each for each in value if not unicodedata.category(each).startswith("C"))
        short = plain if len(plain) <= VALUE_LIMIT else plain[: VALUE_LIMIT - 1] + "…"
        return self.apart(short)

    def apart(self, text: str) -> str:
        """Return *text* of whatever direction so that what stands around it keeps its own."""
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if self.right_to_left else text


def choose(wanted: Sequence[str]) -> str:
    """Return the first of *wanted* that we have, English if none.

    Each may be a BCP 47 tag (``zh-Hans-CN``) or a POSIX locale (``fr_FR.UTF-8``).
    """
    for each in wanted:
        parts = re.split(r"[-_]", re.split(r"[.@]", each, maxsplit=1)[0])
        for length in range(len(parts), 0, -1):
            name = "_".join(parts[:length]).lower()
            for ours in LOCALES:
                if name in {ours.lower(), *_ALSO.get(ours, ())}:
                    return ours
    return SOURCE


_ALSO: Final[Mapping[str, tuple[str, ...]]] = {"zh_Hans": ("zh", "zh_cn", "zh_sg")}
"""CLDR likely subtags: Chinese without a script is written in simplified characters there."""


@lru_cache(maxsize=len(LOCALES))
def read_catalogue(name: str) -> Catalogue:
    """Return the catalogue called *name*, one of ``LOCALES``."""
    if name == SOURCE:
        # British order and 24 hours: an officer's English, not the United States'.
        return Catalogue(name, NullTranslations(), Locale.parse("en_GB"))
    compiled = BytesIO()
    with (files("comity") / "locale" / f"{name}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return Catalogue(name, GNUTranslations(compiled), Locale.parse(name))


def locale_of(tag: str) -> Locale | None:
    """Return what CLDR knows of the BCP 47 *tag*, or nothing."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
