# SPDX-License-Identifier: Apache-2.0
"""Passphrases: the same on every machine, offered without bias, refused when trivial."""

import json
import os
import unicodedata
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import passphrase
from comity.errors import ComityError, Misused

SPEC = Path(__file__).parents[2] / "spec" / "vectors" / "passphrase"
WORDS = files("comity.crypto").joinpath("words.txt").read_text("ascii").split()


def cases() -> list[Any]:
    loaded = [(path.stem, json.loads(path.read_text("utf-8"))) for path in SPEC.iterdir()]
    return [pytest.param(case, id=name) for name, case in sorted(loaded)]


def outcome_of(text: str) -> str:
    try:
        return "= " + passphrase.normalise(text)
    except ComityError as error:
        return error.cause


@pytest.mark.parametrize("case", cases())
def test_every_passphrase_vector_has_its_outcome(case: dict[str, str]) -> None:
    expected = "= " + case["normal"] if case["outcome"] == "accepted" else case["outcome"]

    assert outcome_of(case["text"]) == expected


@given(st.text(max_size=40))
def test_making_normal_twice_changes_nothing(text: str) -> None:
    outcome = outcome_of(text)

    if outcome.startswith("= "):
        assert outcome_of(outcome[2:]) == outcome


@given(st.text(max_size=40))
def test_composed_and_decomposed_are_the_same_passphrase(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    together = unicodedata.normalize("NFC", text)

    # The errors name a position, the causes agree.
    assert outcome_of(apart) == outcome_of(together)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_every_printable_ascii_text_stays_as_it_is(text: str) -> None:
    assert outcome_of(text) == ("= " + text if len(text) <= 256 else "usage.passphrase.long")


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xFFFE, 0x10FFFF])
def test_controls_and_what_is_no_character_are_refused(code: int) -> None:
    with pytest.raises(Misused):
        passphrase.normalise(f"abc{chr(code)}def")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("\u0375\u03b1", True),  # RFC 5892 §A.4: before a Greek letter
        ("\u0375a", False),
        ("\u0375", False),
        ("\u05d0\u05f3", True),  # §A.5: after a Hebrew letter
        ("\u05d0\u05f4", True),  # §A.6
        ("a\u05f3", False),
        ("\u05f4", False),
        ("\u30fb\u4e2d", True),  # §A.7: with Japanese or Chinese letters
        ("\u3042\u30fb", True),
        ("a\u30fbb", False),
        ("\u0661\u0662", True),  # §A.8
        ("\u06f1\u06f2", True),  # §A.9
        ("\u06f1\u0661", False),
        ("\u094d\u200d", True),  # §A.2
        ("\u200d", False),
        ("\u0915\u094d\u200c", True),  # §A.1
        ("\u0645\u200c", False),
        ("\u200c\u0645", False),
    ],
)
def test_contextual_characters_need_their_context(text: str, *, allowed: bool) -> None:
    assert outcome_of(text).startswith("= ") == allowed


def test_the_list_is_2048_words_of_a_to_z_told_apart_by_four_letters() -> None:
    assert len(WORDS) == len({word[:4] for word in WORDS}) == 2048
    assert all(word.isascii() and word.isalpha() and word.islower() for word in WORDS)
    assert sorted(WORDS) == WORDS


def test_an_offer_is_six_words_that_the_rules_accept() -> None:
    offered = passphrase.offer(os.urandom)

    assert len(offered.split(" ")) == 6
    assert set(offered.split(" ")) <= set(WORDS)
    assert passphrase.accept(offered) == offered
    assert passphrase.offer(os.urandom) != offered


def test_no_word_is_likelier_than_another() -> None:
    everything = (number.to_bytes(2, "big") for number in range(2**16))

    counted = Counter(passphrase.offer(lambda _: next(everything), words=2**16).split(" "))

    assert set(counted.values()) == {32}
    assert len(counted) == 2048


@pytest.mark.parametrize("text", ["short", "elevenchars", "a" * 11])
def test_fewer_than_twelve_characters_are_refused(text: str) -> None:
    with pytest.raises(Misused) as caught:
        passphrase.accept(text)

    assert caught.value.cause == "usage.passphrase.short"


@pytest.mark.parametrize(
    "text",
    [
        "aaaaaaaaaaaa",
        "abababababababab",
        "secretsecret",
        "Secret secret",
        "abcdefghijklm",
        "zyxwvutsrqpon",
        "123456789012",
        "1234567890 1234567890",
        "qwertyuiop12",
        "azertyuiop123",
        "poiuytrewq09",
        "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439\u043a\u043b",
        " " * 12,
    ],
)
def test_a_trivial_passphrase_is_refused(text: str) -> None:
    with pytest.raises(Misused) as caught:
        passphrase.accept(text)

    assert caught.value.cause == "usage.passphrase.trivial"
    assert passphrase.accept(text, practice=True) == text


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery",
        "ndovu wawili mlimani",
        "\u8c61\u7259\u5c0f\u9547\u5927\u6cb3\u516c\u8def\u5317\u4eac\u5f88\u8fdc",
        "tr\u00e8s long chemin",
    ],
)
def test_an_ordinary_sentence_is_accepted(text: str) -> None:
    assert passphrase.accept(text) == text


def test_a_practice_passphrase_is_made_normal_all_the_same() -> None:
    assert passphrase.accept("e\u0301", practice=True) == "\u00e9"
    with pytest.raises(Misused):
        passphrase.accept("", practice=True)
