# SPDX-License-Identifier: Apache-2.0
"""Nudging: what may be said to an officer outside Comity, and when.

One sentence that he chose himself: no name, country, number, case or link, so that whoever reads
his mail or his telephone learns that a sentence came, at what time, and from which sender. At most
one an hour, and none in his night unless something is urgent.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from comity.domain.duty import zone_of
from comity.errors import Misused

EVERY: Final = timedelta(hours=1)
SENTENCE_MOST: Final = 80
ADDRESS_MOST: Final = 254
"""RFC 5321 §4.5.3.1.3, without the angle brackets."""
_MARKS: Final = frozenset(" ,!?'-\u2019\u2026\u3002\uff0c\uff01\uff1f\u061f\u060c")
"""What stands between words and ends a sentence, in the scripts of our languages."""
_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_STOP: Final = "."
_LOCAL: Final = frozenset("!#$%&'*+-/=?^_`{|}~.")
_OF_PERSON: Final = 3
"""Letters of a word of a name that is looked for: shorter ones are in every second sentence."""
_OF_OFFICE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours of somebody's night, by the clock on his wall; none if both are the same."""

    begins: str = "21:00"
    ends: str = "07:00"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        _hour(self.begins)
        _hour(self.ends)
        zone_of(self.zone)

    def covers(self, now: datetime) -> bool:
        """Return whether *now* is in them."""
        here: ZoneInfo = zone_of(self.zone)
        at = now.astimezone(here).time()
        begins, ends = _hour(self.begins), _hour(self.ends)
        if begins <= ends:
            return begins <= at < ends
        return at >= begins or at < ends


def may_nudge(now: datetime, last: datetime | None, quiet: Quiet, *, urgent: bool) -> bool:
    """Return whether somebody may be nudged at *now*, who was *last* nudged then."""
    if last is not None and now - last < EVERY:
        return False
    return urgent or not quiet.covers(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What must not be named to whoever reads somebody's mail."""

    people: Collection[str] = ()
    offices: Collection[str] = ()
    """Agencies and desks."""
    places: Collection[str] = ()

    def stands_in(self, text: str) -> bool:
        """Return whether *text* names any of them.

        Of people every word counts, of offices the longer ones, of places the whole name: else no
        sentence could have *and* in it.
        """
        said = _words(text)
        words = {w for each in self.people for w in _words(each) if len(w) >= _OF_PERSON}
        words |= {w for each in self.offices for w in _words(each) if len(w) >= _OF_OFFICE}
        spaced = f" {' '.join(said)} "
        places = (" ".join(_words(each)) for each in self.places)
        return not words.isdisjoint(said) or any(f" {each} " in spaced for each in places if each)


def check_sentence(text: str, named: Named) -> str:
    """Return *text*, tidied, if it is one sentence that tells nothing; raise Misused.

    No sign but letters, spaces and what stands between them: so no number, address or link.
    """
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if not tidy or len(tidy) > SENTENCE_MOST:
        raise Misused("nudge-length", limit=SENTENCE_MOST)
    if not all(_is_word(each) or each in _MARKS for each in tidy.removesuffix(_STOP)):
        raise Misused("nudge-signs")
    if named.stands_in(tidy):
        raise Misused("nudge-names")
    return tidy


def check_address(text: str) -> str:
    """Return the mail address *text*; raise Misused for what could be anything else in a header."""
    address = text.strip()
    local, at, host = address.rpartition("@")
    fits = (
        at
        and local
        and len(address) <= ADDRESS_MOST
        and address.isascii()
        and all(each.isalnum() or each in _LOCAL for each in local)
        and all(_is_label(each) for each in host.split("."))
    )
    if not fits:
        raise Misused("nudge-address")
    return address


def check_telephone(text: str) -> str:
    """Return the telephone number *text* as ``+`` and digits; raise Misused."""
    plain = "".join(each for each in text if each not in " -()./\t")
    digits = plain.removeprefix("+")
    if not (plain.startswith("+") and digits.isascii() and digits.isdigit()):
        raise Misused("nudge-telephone")
    if not 7 <= len(digits) <= 15:  # ITU-T E.164 §6.1
        raise Misused("nudge-telephone")
    return plain


def _is_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text)
    spaced = "".join(each if _is_word(each) else " " for each in plain)
    return spaced.casefold().split()


def _is_label(text: str) -> bool:
    plain = text.replace("-", "")
    return plain.isalnum() and not text.startswith("-") and not text.endswith("-")


def _hour(text: str) -> time:
    if not _HOUR.fullmatch(text):
        raise Misused("nudge-hours")
    return time.fromisoformat(text)
