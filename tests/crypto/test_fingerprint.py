# SPDX-License-Identifier: Apache-2.0
"""Fingerprints: what is read aloud in any script is recognised, one wrong digit is caught."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import fingerprint
from comity.errors import ComityError, Misused, Untrusted

SPEC = Path(__file__).parents[2] / "spec" / "vectors" / "fingerprint"
KEY = bytes(range(32))
ZEROS = [chr(code) for code in range(0x11000) if unicodedata.decimal(chr(code), None) == 0]


def cases() -> list[Any]:
    loaded = [(path.stem, json.loads(path.read_text("utf-8"))) for path in SPEC.iterdir()]
    return [pytest.param(case, id=name) for name, case in sorted(loaded)]


@pytest.mark.parametrize("case", cases())
def test_every_fingerprint_vector_has_its_outcome(case: dict[str, str]) -> None:
    public = bytes.fromhex(case["public"])

    outcome = "accepted"
    try:
        fingerprint.matches(case["spoken"], public)
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]
    assert fingerprint.digits(public) == case["digits"]


@given(st.binary(max_size=100))
def test_a_fingerprint_is_eight_groups_of_five_digits(public: bytes) -> None:
    shown = fingerprint.digits(public)

    assert [len(group) for group in shown.split(" ")] == [5] * 8
    assert shown.replace(" ", "").isdecimal()


@given(
    st.binary(max_size=100), st.sampled_from(ZEROS), st.sampled_from(" -\u2010\u2013\u00a0\n\u200f")
)
def test_it_is_recognised_in_every_script_and_with_any_separator(
    public: bytes, zero: str, separator: str
) -> None:
    shown = fingerprint.digits(public)
    spoken = "".join(chr(ord(zero) + int(each)) if each != " " else separator for each in shown)

    fingerprint.matches(spoken, public)


@given(st.integers(0, 39), st.integers(1, 9))
def test_one_wrong_digit_is_caught(position: int, change: int) -> None:
    spoken = list(fingerprint.digits(KEY).replace(" ", ""))
    spoken[position] = str((int(spoken[position]) + change) % 10)

    with pytest.raises(Untrusted):
        fingerprint.matches("".join(spoken), KEY)


@given(st.text(max_size=60))
def test_any_other_text_is_a_slip_of_the_hand(text: str) -> None:
    with pytest.raises((Misused, Untrusted)):
        fingerprint.matches(text, KEY)


def test_no_digit_stands_in_an_error() -> None:
    with pytest.raises(Untrusted) as caught:
        fingerprint.matches("1" * 40, KEY)

    assert str(caught.value) == "untrusted.fingerprint"
