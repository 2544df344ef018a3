# SPDX-License-Identifier: Apache-2.0
"""On a page nobody is told a command: what is refused says what to do there."""

import re

import pytest
from tests.language.test_sentences import CLASSES

from comity.errors import ComityError
from comity.language.catalogue import LOCALES
from comity.language.sentences import SENTENCES
from comity.language.translator import Translator

COMMAND = re.compile(r"\bcomity\b|(?<![\w-])--?[a-z]|[A-Z]=|`")
OWN = {each.code: each for each in CLASSES.values()}


def made(cause: str) -> ComityError:
    """Return an error of *cause*, with every value that its sentence may want."""
    code = cause
    while code not in OWN:
        code = code.rpartition(".")[0]
    sentence = SENTENCES[cause]
    texts = [sentence.page or sentence.then, str(sentence.happened)]
    named = {each: "X" for text in texts for each in re.findall(r"\{([a-z_]+)\}", text)}
    return OWN[code](cause[len(code) + 1 :], **named)


@pytest.mark.parametrize("language", LOCALES)
def test_no_refusal_names_a_command_or_an_option_on_a_page(language: str) -> None:
    say = Translator(language, on_pages=True).say

    told = {cause: say(made(cause)) for cause in SENTENCES}

    assert {cause: text for cause, text in told.items() if COMMAND.search(text)} == {}


def test_the_command_line_goes_on_to_name_its_commands() -> None:
    error = made("usage.act-which")

    assert "--list" in Translator("en").say(error)
    assert "Open the thread" in Translator("en", on_pages=True).say(error)


def test_what_is_said_on_pages_is_said_nowhere_twice() -> None:
    assert [cause for cause, each in SENTENCES.items() if each.page == each.then] == []
