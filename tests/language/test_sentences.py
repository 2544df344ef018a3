# SPDX-License-Identifier: Apache-2.0
"""Every error has a sentence, in the officers' words, and says no more than it was given."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import errors
from comity.errors import ComityError, Malformed, Misused, NeedsReason, TooLate
from comity.language.errors_page import page
from comity.language.marks import Counted
from comity.language.sentence import Sentence
from comity.language.sentences import SENTENCES, sentence_for
from comity.language.translator import Translator

ROOT = Path(__file__).parents[2]
CLASSES = {
    name: each
    for name, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, ComityError)
}


def _texts(sentence: Sentence) -> Iterator[str]:
    if isinstance(sentence.happened, Counted):
        yield sentence.happened.one
        yield sentence.happened.many
    else:
        yield sentence.happened
    yield sentence.then


def _raised() -> Iterator[tuple[Path, str, frozenset[str]]]:
    """Yield where an error is made in our code, its cause and the names of its values."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            made = CLASSES.get(node.func.id)
            if made is None:
                continue
            sub = node.args[0] if node.args else None
            told = sub.value if isinstance(sub, ast.Constant) else ""
            narrow = f".{told}" if isinstance(told, str) and told else ""
            named = frozenset(each.arg for each in node.keywords if each.arg)
            yield path.relative_to(ROOT), made.code + narrow, named


@pytest.mark.parametrize("code", sorted({each.code for each in CLASSES.values()}))
def test_every_class_of_error_has_a_sentence_that_says_what_to_do(code: str) -> None:
    assert code in SENTENCES
    assert SENTENCES[code].then


def test_every_sentence_belongs_to_an_error() -> None:
    codes = {each.code for each in CLASSES.values()}

    assert [
        c for c in SENTENCES if not any(c == code or c.startswith(f"{code}.") for code in codes)
    ] == []


def test_every_error_that_our_code_makes_fills_its_sentence() -> None:
    unfilled = [
        f"{path}: {cause} needs {needed - named}"
        for path, cause, named in _raised()
        if (needed := set(re.findall(r"\{([a-z_]+)\}", " ".join(_texts(sentence_for(cause))))))
        - named
    ]

    assert unfilled == []


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_is_whole(code: str) -> None:
    for text in _texts(SENTENCES[code]):
        assert text
        assert text[0].isupper()
        assert re.search(r"[.…]$|: \S+( \S+)*$", text)
        assert text == " ".join(text.split())


def test_a_cause_without_a_sentence_is_told_as_its_parent() -> None:
    say = Translator("en").say

    assert say(Malformed("depth")) == say(Malformed())
    assert say(Misused("no-such-cause.at-all")) == say(Misused())


def test_a_code_from_nowhere_is_still_told() -> None:
    assert sentence_for("from.nowhere") == SENTENCES["error"]
    assert sentence_for("nowhere") == SENTENCES["error"]


def test_an_error_says_what_happened_and_what_to_do() -> None:
    assert Translator("en").say(TooLate()) == (
        "It is too late for this: the moment has passed. Open the thread and see where it stands now."
    )


def test_values_stand_in_their_places() -> None:
    told = Translator("en").say(Misused("field-long", field="facts", limit=4000))

    assert told.startswith("The field “facts” holds more than 4,000 characters.")


def test_a_value_that_is_missing_leaves_a_gap_and_no_braces() -> None:
    assert "{" not in Translator("en").say(Misused("field-missing"))


def test_a_number_decides_the_form() -> None:
    say = Translator("en").say

    assert "is 1 day old" in say(NeedsReason("roster", days=1))
    assert "is 31 days old" in say(NeedsReason("roster", days=31))
    assert "days old" in say(NeedsReason("roster"))


def test_the_page_of_errors_is_written_from_the_sentences() -> None:
    assert (ROOT / "docs" / "errors.md").read_text() == page()
