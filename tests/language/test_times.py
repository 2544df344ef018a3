# SPDX-License-Identifier: Apache-2.0
"""Days, hours of a week and sizes, as each language writes them."""

from datetime import date

import pytest

from comity.domain.duty import read_plan
from comity.errors import Misused
from comity.language.translator import Translator

WORKING = ("mon", "tue", "wed", "thu", "fri")
TO = "\u2013"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([f"{d} 08:00-17:00" for d in WORKING], [f"Mon{TO}Fri 08:00{TO}17:00"]),
        (["sat 09:00-24:00"], [f"Sat 09:00{TO}24:00"]),
        (["fri 22:00-06:00"], [f"Fri 22:00{TO}06:00"]),
        (
            ["mon 13:30-17:00", "mon 08:00-11:30", "wed 08:00-11:30"],
            [f"Mon 08:00{TO}11:30, 13:30{TO}17:00", f"Wed 08:00{TO}11:30"],
        ),
    ],
)
def test_days_with_the_same_hours_stand_together(texts: list[str], said: list[str]) -> None:
    spans = read_plan("UTC", tuple(texts), ()).spans

    assert list(Translator("en").hours(spans)) == said


def test_days_have_their_names_in_the_readers_language() -> None:
    spans = read_plan("UTC", ("mon 08:00-17:00",), ()).spans

    assert Translator("fr").hours(spans) == (f"lun. 08:00{TO}17:00",)
    assert Translator("sw").hours(spans) == (f"Jumatatu 08:00{TO}17:00",)


def test_a_day_is_written_out() -> None:
    assert Translator("en").day(date(2027, 1, 1)) == "1 January 2027"
    assert Translator("sw").day(date(2026, 11, 12)) == "12 Novemba 2026"


@pytest.mark.parametrize(
    ("length", "said"), [(1, "1 kB"), (96_400, "96 kB"), (4_100_000, "4.1 MB")]
)
def test_a_size_is_rounded_as_people_say_it(length: int, said: str) -> None:
    assert Translator("en").size(length) == said


def test_what_is_named_stands_in_place_of_an_errors_own_value() -> None:
    error = Misused("field-missing", field="why_you")

    assert "“Why you”" in Translator("en").say(error, field="Why you")
    assert "why_you" in Translator("en").say(error)
