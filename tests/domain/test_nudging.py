# SPDX-License-Identifier: Apache-2.0
"""What a nudge may say, where it may go, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import NOW, moments

from comity.domain.nudging import (
    EVERY,
    Named,
    Quiet,
    check_address,
    check_sentence,
    check_telephone,
    may_nudge,
)
from comity.errors import Misused
from comity.language.nudges import NUDGES

NAMED = Named(
    people=["Amina Otieno", "Lê Lợi", "Comity"],
    offices=["Operations desk", "Customs, Mombasa"],
    places=["Trinidad and Tobago", "Kenya", "Việt Nam", ""],
)


@pytest.mark.parametrize("text", [*NUDGES, "Có việc đang chờ anh.", "Look and see!", "ሰላም።"[:3]])
def test_a_sentence_that_tells_nothing_is_taken(text: str) -> None:
    assert check_sentence(text, NAMED) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nudge-length"),
        ("   ", "nudge-length"),
        ("a" * 81, "nudge-length"),
        ("Case 4821 waits", "nudge-signs"),
        ("Case ٤٨٢١ waits", "nudge-signs"),
        ("Look at comity.example", "nudge-signs"),
        ("Look at https://x", "nudge-signs"),
        ("Mail a@b", "nudge-signs"),
        ("One\x00two", "nudge-signs"),
        ("One\u202etwo", "nudge-signs"),
        ("Call amina now", "nudge-names"),
        ("See otieno's note", "nudge-names"),
        ("News from MOMBASA", "nudge-names"),
        ("News from Kenya", "nudge-names"),
        ("Từ việt nam", "nudge-names"),
        ("Open Comity", "nudge-names"),
        ("Trinidad and Tobago calls", "nudge-names"),
    ],
)
def test_what_would_tell_something_is_refused(text: str, code: str) -> None:
    with pytest.raises(Misused, match=code):
        check_sentence(text, NAMED)


def test_a_sentence_is_tidied() -> None:
    assert check_sentence("  Look \n in  ", NAMED) == "Look in"


@pytest.mark.parametrize("text", ["amina@mail.example", " a.b+c@x-y.example ", "a@localhost"])
def test_an_address_is_taken(text: str) -> None:
    assert check_address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amina",
        "@mail.example",
        "amina@",
        "amina@mail..example",
        "amina@-mail.example",
        "amina@mail-.example",
        "a@b@mail.example",
        "a b@mail.example",
        "a@mail.example\r\nBcc: x@y.example",
        "a@mail.example>",
        "ámina@mail.example",
        f"{'a' * 250}@b.example",
    ],
)
def test_what_could_be_anything_else_in_a_header_is_no_address(text: str) -> None:
    with pytest.raises(Misused, match="nudge-address"):
        check_address(text)


@pytest.mark.parametrize("text", ["+254 700 000-000", "+254700000000", "+254(700)000.000"])
def test_a_telephone_number_is_made_plain(text: str) -> None:
    assert check_telephone(text) == "+254700000000"


@pytest.mark.parametrize(
    "text", ["", "0700000000", "+25", "+1234567890123456", "+25470000000x", "+٢٥٤٧٠٠٠٠"]
)
def test_a_number_without_its_country_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="nudge-telephone"):
        check_telephone(text)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("21:00", True), ("20:59", False), ("02:00", True), ("06:59", True), ("07:00", False)],
)
def test_the_night_is_that_of_his_own_wall(at: str, *, quiet: bool) -> None:
    hours = Quiet(zone="Africa/Nairobi")
    hour, minute = map(int, at.split(":"))
    now = datetime(2026, 11, 23, hour, minute, tzinfo=UTC) - timedelta(hours=3)

    assert hours.covers(now) is quiet
    assert may_nudge(now, None, hours, urgent=True)
    assert may_nudge(now, None, hours, urgent=False) is not quiet


def test_quiet_hours_by_day_and_none_at_all() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert Quiet(begins="11:00", ends="13:00").covers(noon)
    assert not Quiet(begins="13:00", ends="14:00").covers(noon)
    assert not Quiet(begins="12:00", ends="12:00").covers(noon)


@pytest.mark.parametrize("text", ["", "9:00", "24:00", "21:60", "21.00", "21:0\u0660"])
def test_an_hour_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="nudge-hours"):
        Quiet(begins=text)
    with pytest.raises(Misused, match="nudge-hours"):
        Quiet(ends=text)


def test_a_zone_that_there_is_not_is_refused() -> None:
    with pytest.raises(Misused, match="zone"):
        Quiet(zone="Nowhere")


@given(last=moments, urgent=st.booleans())
def test_nobody_is_nudged_twice_in_an_hour(last: datetime, *, urgent: bool) -> None:
    none = Quiet(begins="00:00", ends="00:00")

    assert not may_nudge(last + EVERY - timedelta(seconds=1), last, none, urgent=urgent)
    assert may_nudge(last + EVERY, last, none, urgent=urgent)
    assert may_nudge(NOW, None, none, urgent=urgent)
