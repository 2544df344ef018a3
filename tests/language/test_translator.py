# SPDX-License-Identifier: Apache-2.0
"""A face holds one translator: times, places and labels in one language."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Misused, NoMandate
from comity.language.translator import Translator

NOW = datetime(2026, 11, 24, 11, 10, tzinfo=UTC)
EN, FR, ZH, AR = (Translator(each) for each in ("en", "fr", "zh-Hans", "ar"))


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=3, hours=5), "due in 3 days"),
        (timedelta(days=1, hours=23), "due in 47 h"),
        (timedelta(hours=3, minutes=59), "due in 3 h"),
        (timedelta(minutes=59), "due in 59 min"),
        (timedelta(seconds=59), "due now"),
        (timedelta(), "due now"),
        (timedelta(seconds=-59), "due now"),
        (timedelta(minutes=-1), "overdue by 1 min"),
        (timedelta(hours=-2, minutes=-1), "overdue by 2 h"),
        (timedelta(days=-9), "overdue by 9 days"),
    ],
)
def test_time_left_is_said_as_people_say_it(left: timedelta, told: str) -> None:
    assert EN.due(NOW + left, NOW) == told


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(minutes=20), "20 min ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(seconds=5), "now"),
        (timedelta(hours=-3), "in 3 h"),
    ],
)
def test_time_passed_is_said_as_people_say_it(passed: timedelta, told: str) -> None:
    assert EN.ago(NOW - passed, NOW) == told


def test_french_says_times_its_own_way() -> None:
    assert FR.due(NOW + timedelta(hours=3), NOW) == "à faire dans 3 h"
    assert FR.ago(NOW - timedelta(days=2), NOW) == "il y a 2 jours"
    assert FR.span(timedelta(minutes=1)) == "1 min"


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_nobody_is_told_of_more_time_than_there_is(left: timedelta) -> None:
    told = EN.span(left).split()
    unit = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}.get(told[1], timedelta(days=1))

    assert int(told[0]) * unit <= left < (int(told[0]) + 1) * unit


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Africa/Nairobi", "24 Nov 2026, 14:10 (Nairobi, UTC+3)"),
        ("Asia/Kolkata", "24 Nov 2026, 16:40 (Kolkata, UTC+5:30)"),
        ("America/New_York", "24 Nov 2026, 06:10 (New York, UTC-5)"),
        ("UTC", "24 Nov 2026, 11:10 (UTC)"),
        ("", "24 Nov 2026, 11:10 (UTC)"),
        ("Nowhere/At_All", "24 Nov 2026, 11:10 (UTC)"),
        ("../../etc/passwd", "24 Nov 2026, 11:10 (UTC)"),
    ],
)
def test_a_moment_is_shown_exactly_with_its_zone(zone: str, told: str) -> None:
    assert EN.moment(NOW, zone) == told


def test_a_moment_in_french_names_the_month_in_french() -> None:
    assert FR.moment(NOW, "Asia/Ho_Chi_Minh") == "24 nov. 2026, 18:10 (Ho Chi Minh, UTC+7)"


def test_countries_and_languages_have_names() -> None:
    assert EN.country("VN") == "Vietnam"
    assert FR.country("KE") == "Kenya"
    assert FR.country("XX") == "un pays inconnu"
    assert EN.country("QQ") == "QQ"
    assert EN.language("vi") == "Vietnamese"
    assert FR.language("zh-Hans") == "chinois (simplifié)"
    assert EN.language("not a tag") == "not a tag"


def test_a_page_knows_its_language_and_direction() -> None:
    assert (ZH.tag, ZH.direction) == ("zh-Hans", "ltr")
    assert (AR.tag, AR.direction) == ("ar", "rtl")


def test_a_label_is_said_and_never_filled() -> None:
    assert FR.label("Who uses this phone?") == "Qui utilise ce téléphone\u00a0?"
    assert FR.label("{count} h") == "{count} h"
    assert FR.label("not in any catalogue") == "not in any catalogue"
    assert FR.label("") == ""


def test_marked_text_and_counts_are_said() -> None:
    assert FR.of("due in {time}", time="3 h") == "à faire dans 3 h"
    assert FR.count("{count} day", "{count} days", 1) == "1 jour"
    assert FR.count("{count} day", "{count} days", 2) == "2 jours"


def test_an_error_is_said_in_french() -> None:
    told = FR.say(NoMandate())

    assert told.startswith("Aucun mandat de votre service")
    assert told.endswith("en prolonger un.")


def test_chinese_puts_no_space_between_sentences() -> None:
    assert "。 " not in ZH.say(Misused())
