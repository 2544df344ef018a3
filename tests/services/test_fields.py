# SPDX-License-Identifier: Apache-2.0
"""What is typed into one line cannot disturb a page, and no script is left out."""

import pytest

from comity.errors import Misused
from comity.services.fields import languages, line, optional_line


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn A",
        "Kenya Wildlife Service",
        "وزارة الداخلية",
        "می‌خواهم",
        "กรมอุทยานแห่งชาติ",
        "क्ष",
        "O'Brien-Łukasz",
    ],
)
def test_names_of_every_script_are_taken_as_they_are(name: str) -> None:
    assert line(f"  {name} ", "name") == name


def test_two_ways_to_type_a_name_are_one_name() -> None:
    assert line("Nguye\u0302\u0303n", "name") == line("Nguyễn", "name")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "usage.field-missing"),
        (" \t\n", "usage.field-missing"),
        ("a" * 201, "usage.field-long"),
        ("Customs\nPolice", "usage.field-value"),
        ("Customs\u2028Police", "usage.field-value"),
        ("Customs\x00", "usage.field-value"),
        ("\u202emotsuC", "usage.field-value"),
        ("\u2067Customs", "usage.field-value"),
        ("\ud800", "usage.field-value"),
        ("\ue000", "usage.field-value"),
    ],
)
def test_what_is_no_line_is_refused_by_the_name_of_its_field(text: str, cause: str) -> None:
    with pytest.raises(Misused) as refused:
        line(text, "name")

    assert refused.value.cause == cause
    assert refused.value.values["field"] == "name"


def test_nothing_stays_nothing_where_it_may() -> None:
    assert optional_line(" ", "telephone") == ""
    assert optional_line(" +254 20 ", "telephone") == "+254 20"
    with pytest.raises(Misused):
        optional_line("1" * 41, "telephone", limit=40)


def test_languages_are_tags_and_each_stands_once() -> None:
    assert languages(("sw", "en", "zh-Hans", "sw")) == ("sw", "en", "zh-Hans")


@pytest.mark.parametrize("tags", [(), ("English",), ("en", ""), ("en_GB",), ("EN",)])
def test_what_is_no_language_is_refused(tags: tuple[str, ...]) -> None:
    with pytest.raises(Misused) as refused:
        languages(tags)
    assert refused.value.values["field"] == "language"
