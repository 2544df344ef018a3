# SPDX-License-Identifier: Apache-2.0
"""A short number can be said by telephone, and means one open thread between two countries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.short_number import LETTERS, choose, fits, parse, spelled
from comity.errors import Misused

PAIR = ("KE", "VN")


def fixed(number: int) -> bytes:
    return number.to_bytes(8, "big")


@given(st.binary(min_size=8, max_size=8))
def test_a_number_has_the_two_letters_and_four_digits(raw: bytes) -> None:
    number = choose(PAIR, set(), lambda size: raw[:size])

    assert number[:3] == "KV-"
    assert len(number) == 7
    assert number[3:].isdigit()


@given(st.sets(st.integers(0, 9999).map(lambda n: f"KV-{n:04}"), max_size=50), st.integers(0, 9999))
def test_a_number_that_is_taken_is_not_given_again(taken: set[str], drawn: int) -> None:
    number = choose(PAIR, taken, lambda _: fixed(drawn))

    assert number not in taken
    assert parse(number) == number


def test_the_last_free_number_is_found() -> None:
    taken = {f"KV-{number:04}" for number in range(10_000)} - {"KV-4821"}

    assert choose(PAIR, taken, lambda _: fixed(4822)) == "KV-4821"


def test_when_all_are_taken_the_next_is_longer() -> None:
    taken = {f"KV-{number:04}" for number in range(10_000)}

    assert choose(PAIR, taken, lambda _: fixed(4821)) == "KV-04821"


class Everything(set[str]):
    def __contains__(self, number: object) -> bool:
        return True


def test_numbers_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.domain.short_number.DIGITS_MOST", 5)

    with pytest.raises(Misused, match="full"):
        choose(PAIR, Everything(), lambda _: fixed(1))


@pytest.mark.parametrize(
    "text",
    [
        "KV-4821",
        "kv-4821",
        "kv4821",
        " K V 48 21 ",
        "KV\u20134821",
        "KV. 4821",
        "\uff2b\uff36\uff14\uff18\uff12\uff11",
        "kv ٤٨٢١",
    ],
)
def test_a_number_is_understood_as_people_write_it(text: str) -> None:
    assert parse(text) == "KV-4821"


@pytest.mark.parametrize("text", ["", "KV", "4821", "KV-482", "KVX-4821", "KV-4821x", "K" * 41])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="short-number"):
        parse(text)


@pytest.mark.parametrize("country", ["", "ke", "KEN"])
def test_a_country_is_two_letters(country: str) -> None:
    with pytest.raises(Misused, match="country"):
        choose((country, "VN"), set(), lambda _: fixed(1))


def test_a_number_fits_only_the_pair_whose_letters_it_bears() -> None:
    assert fits("KV-4821", ("KE", "VN"))
    assert not fits("KV-4821", ("VN", "KE"))
    assert not fits("kv 4821", ("KE", "VN"))
    assert not fits("nonsense", ("KE", "VN"))


def test_a_number_is_spelled_with_the_words_for_letters() -> None:
    assert spelled("KV-4821") == "K (Kilo) V (Victor) 4 8 2 1"
    assert sorted(LETTERS) == [chr(each) for each in range(ord("A"), ord("Z") + 1)]
