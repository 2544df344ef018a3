# SPDX-License-Identifier: Apache-2.0
"""What is read aloud is there in every language of the catalogues, and tells nothing of a case."""

import re

import pytest

from comity.knowledge.rows import Confidence
from comity.knowledge.spoken import ENGLISH, spoken, spoken_in
from comity.language.catalogue import LOCALES

OCCASIONS = ("open", "answer", "about")


def test_every_language_of_a_catalogue_is_there() -> None:
    assert set(spoken()) == {each.replace("_", "-") for each in LOCALES}


@pytest.mark.parametrize("language", spoken())
def test_a_sentence_has_the_country_and_the_number_once_and_nothing_else(language: str) -> None:
    row = spoken()[language]

    for occasion in OCCASIONS:
        said = row.say(occasion, country="LAND", number="KV-4821")  # type: ignore[arg-type]  # one of three
        assert (said.count("LAND"), said.count("KV-4821"), said.count("Comity")) == (1, 1, 1)
        assert not re.search(r"[{}<>]", said)
    assert row.source
    assert re.fullmatch(r"20[0-9]{2}-[0-9]{2}", row.as_of)


def test_what_nobody_has_read_is_marked_as_a_draft() -> None:
    assert [name for name, each in spoken().items() if each.confidence is Confidence.HIGH] == [
        ENGLISH
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["km", "vi"], "vi"),
        (["vi-VN"], "vi"),
        (["zh_Hans"], "zh-Hans"),
        (["PT-br"], "pt"),
        (["km"], None),
        ([], None),
    ],
)
def test_the_first_language_that_we_have_is_spoken(wanted: list[str], found: str | None) -> None:
    row = spoken_in(wanted)

    assert (row.language if row else None) == found
