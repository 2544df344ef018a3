# SPDX-License-Identifier: Apache-2.0
"""The translator: says errors, labels and times in one language; what a face holds.

Errors and verdicts carry codes and values; only here do they become sentences.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from comity.domain.duty import Span
from comity.errors import ComityError
from comity.language import places, times
from comity.language.catalogue import WHOLE, choose, read_catalogue
from comity.language.sentence import Sentence
from comity.language.sentences import SENTENCES, sentence_for

_UNSPACED: Final = {"zh_Hans"}
"""Languages that put no space between sentences."""


class Translator:
    """Speaks the language of *wanted* (BCP 47 or POSIX), English where we lack it."""

    __slots__ = ("_catalogue", "_on_pages")

    def __init__(self, *wanted: str, on_pages: bool = False) -> None:
        self._catalogue = read_catalogue(choose(wanted))
        self._on_pages = on_pages

    @property
    def tag(self) -> str:
        """Return the BCP 47 tag, for ``lang=``."""
        return self._catalogue.name.replace("_", "-")

    @property
    def direction(self) -> str:
        """Return ``ltr`` or ``rtl``, for ``dir=``."""
        return "rtl" if self._catalogue.right_to_left else "ltr"

    @property
    def is_draft(self) -> bool:
        """Return whether no native reader has been through this language."""
        return self._catalogue.name not in WHOLE

    def of(self, text: str, /, **values: str | int) -> str:
        """Return the marked English *text* in this language, with *values* in their places."""
        return self._catalogue.of(text, values)

    def count(self, one: str, many: str, number: int, /, **values: str | int) -> str:
        """Return the form of a counted sentence for *number*, which is ``{count}`` in it."""
        return self._catalogue.count(one, many, number, values)

    def label(self, text: str) -> str:
        """Return a label of ``knowledge`` in this language; nothing is put into it."""
        return self._catalogue.sentences.gettext(text) if text else ""

    def coded(self, text: str, code: str) -> str:
        """Return the label of a *code*; in a draft language with the English and the code.

        A coded part binds: who doubts the draft reads what its author picked.
        """
        said = self.label(text) or code
        if not self.is_draft or said == code:
            return said
        return f"{said} ({self._catalogue.apart(f'{text}; {code}')})"

    def say(self, error: ComityError, **named: str) -> str:
        """Return what happened and what to do, in one to three sentences.

        A cause without a sentence of its own takes its nearest parent's. What is *named* stands in
        place of the error's own values: the label of a field, in this language. On pages no command
        is named: what to do there is said instead.
        """
        sentence = sentence_for(error.cause)
        values = {**error.values, **named}
        happened = self._happened(sentence, values)
        what = sentence.page if self._on_pages and sentence.page else sentence.then
        then = self._catalogue.of(what, values)
        return happened + ("" if self._catalogue.name in _UNSPACED else " ") + then

    def happened(self, cause: str) -> str:
        """Return what *cause* says that happened; nothing of one that nobody here knows.

        It may be the word of another server, which tells none of its values.
        """
        sentence = SENTENCES.get(cause)
        text = sentence.happened if sentence else ""
        return self.label(text) if isinstance(text, str) and "{" not in text else ""

    def _happened(self, sentence: Sentence, values: Mapping[str, str | int]) -> str:
        if isinstance(sentence.happened, str):
            return self._catalogue.of(sentence.happened, values)
        number = values.get(sentence.by)
        return self._catalogue.count(
            sentence.happened.one,
            sentence.happened.many,
            number if isinstance(number, int) else 2,
            values,
        )

    def span(self, time: timedelta) -> str:
        """Return a length of time: ``3 h``."""
        return times.span(self._catalogue, time)

    def due(self, at: datetime, now: datetime) -> str:
        """Return how long there is until *at*: ``due in 3 h``."""
        return times.due(self._catalogue, at, now)

    def ago(self, at: datetime, now: datetime) -> str:
        """Return how long ago *at* was: ``20 min ago``."""
        return times.ago(self._catalogue, at, now)

    def moment(self, at: datetime, zone: str = "UTC") -> str:
        """Return *at* exactly: ``24 Nov 2026, 14:10 (Nairobi, UTC+3)``."""
        return times.moment(self._catalogue, at, zone)

    def day(self, at: date) -> str:
        """Return a day: ``1 January 2027``."""
        return times.day(self._catalogue, at)

    def hours(self, spans: Iterable[Span]) -> tuple[str, ...]:
        """Return the hours of a week, days with the same ones together: ``Mon-Fri 08:00-17:00``."""
        return times.hours(self._catalogue, spans)

    def size(self, length: int) -> str:
        """Return how large a file is: ``96 kB``."""
        return times.size(self._catalogue, length)

    def country(self, code: str) -> str:
        return places.country(self._catalogue, code)

    def language(self, tag: str) -> str:
        return places.language(self._catalogue, tag)
