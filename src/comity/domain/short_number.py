# SPDX-License-Identifier: Apache-2.0
"""Short numbers, to be said by telephone: ``KV-4821``.

The first letters of the asker's and the asked country, and four digits, unique among the pair's
open threads; longer once they are all taken. The asker's node gives it (design §6).
"""

import re
import unicodedata
from collections.abc import Container
from typing import Final

from comity.domain.ids import Random
from comity.errors import Misused

DIGITS: Final = 4
DIGITS_MOST: Final = 9
PROBES: Final = 32
"""Tries before we count: with nine tenths taken, one call in thirty comes to that."""
TEXT_LIMIT: Final = 40
_WORDS: Final = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike "
    "November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)
LETTERS: Final = {word[0]: word for word in _WORDS.split()}
"""ICAO Annex 10, volume II, 5.2.1.3: police and customs use it too."""
_COUNTRY = re.compile(r"[A-Z]{2}")


def choose(pair: tuple[str, str], taken: Container[str], random: Random) -> str:
    """Return a number for *pair* (the asker's country, then the asked) that is not *taken*."""
    prefix = "".join(_letter(country) for country in pair)
    for digits in range(DIGITS, DIGITS_MOST):
        for _ in range(PROBES):
            number = _written(prefix, _draw(random, digits), digits)
            if number not in taken:
                return number
        start, size = _draw(random, digits), 10**digits
        # So many probes in vain: nearly full. Walk on from somewhere to what is free, if any is.
        for step in range(size):
            number = _written(prefix, (start + step) % size, digits)
            if number not in taken:
                return number
    raise Misused("short-numbers-full")


def parse(text: str) -> str:
    """Return the number that *text* means: spaces, hyphens and case do not matter."""
    if len(text) > TEXT_LIMIT:
        raise Misused("short-number")
    plain = re.sub(r"[\s.\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", text)).upper()
    found = re.fullmatch(rf"([A-Z]{{2}})(\d{{{DIGITS},{DIGITS_MOST}}})", plain)
    if found is None:
        raise Misused("short-number")
    # A digit of any script counts; int() reads them all.
    digits = "".join(str(int(each)) for each in found[2])
    return f"{found[1]}-{digits}"


def spelled(number: str) -> str:
    """Return *number* as it is said on a bad line: ``K (Kilo) V (Victor) 4 8 2 1``."""
    plain = parse(number).replace("-", "")
    return " ".join(f"{each} ({LETTERS[each]})" if each in LETTERS else each for each in plain)


def fits(number: str, pair: tuple[str, str]) -> bool:
    """Return whether *number* is one that the first country of *pair* gives for the second."""
    try:
        return parse(number) == number and number[:2] == "".join(_letter(each) for each in pair)
    except Misused:
        return False


def _letter(country: str) -> str:
    if not _COUNTRY.fullmatch(country):
        raise Misused("country")
    return country[0]


def _draw(random: Random, digits: int) -> int:
    size: int = 10**digits
    return int.from_bytes(random(8), "big") % size


def _written(prefix: str, number: int, digits: int) -> str:
    return f"{prefix}-{number:0{digits}d}"
