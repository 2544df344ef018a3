# SPDX-License-Identifier: Apache-2.0
"""Codes of a telephone are those of RFC 6238; codes of a sheet are read by people."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import one_time
from comity.crypto.one_time import CODES, LETTERS, SIGNS

SEED = b"12345678901234567890"  # RFC 6238 appendix B
AT = datetime.fromtimestamp(1_111_111_111, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        # RFC 6238 appendix B, SHA-1, the last six of eight digits.
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_a_telephone_shows_what_the_standard_says(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert one_time.shown_at(SEED, at) == code
    assert one_time.step_of(SEED, code, at, after=0) == seconds // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    for off in (-30, 0, 30):
        code = one_time.shown_at(SEED, AT + timedelta(seconds=off))
        assert one_time.step_of(SEED, code, AT, after=0)
    for off in (-60, 60):
        code = one_time.shown_at(SEED, AT + timedelta(seconds=off))
        assert one_time.step_of(SEED, code, AT, after=0) is None


def test_a_code_counts_once() -> None:
    code = one_time.shown_at(SEED, AT)
    step = one_time.step_of(SEED, code, AT, after=0)

    assert step is not None
    assert one_time.step_of(SEED, code, AT, after=step) is None


@pytest.mark.parametrize("code", ["050 471", " 050471 ", "050-471", "٠٥٠٤٧١", "๐๕๐๔๗๑"])
def test_a_code_is_typed_as_people_type(code: str) -> None:
    assert one_time.step_of(SEED, code, AT, after=0)


@pytest.mark.parametrize("code", ["", "05047", "0504710", "x" * 10_000, "\ud800", "½²"])
def test_what_is_no_code_opens_nothing(code: str) -> None:
    assert one_time.step_of(SEED, code, AT, after=0) is None
    assert one_time.number_of(bytes(32), code) is None


def test_the_picture_names_nobody_and_nothing() -> None:
    address = one_time.address(SEED, "k7sq", "Desk")

    assert address == (
        "otpauth://totp/Desk:k7sq?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Desk"
    )


@given(st.binary(min_size=32, max_size=32))
def test_a_sheet_has_twenty_codes_that_are_told_apart(seed: bytes) -> None:
    sheet = one_time.sheet(seed)

    assert len(set(sheet)) == CODES
    assert all(len(each) == LETTERS and set(each) <= set(SIGNS) for each in sheet)
    assert not set(SIGNS) & set("ilo01")
    assert [one_time.number_of(seed, each) for each in sheet] == list(range(CODES))


def test_a_sheet_is_always_the_same() -> None:
    assert one_time.sheet(bytes(32))[:2] == ("nmqxhn2b", "vbhbtw6c")


def test_another_sheet_has_other_codes() -> None:
    one, other = os.urandom(32), os.urandom(32)

    assert one_time.number_of(one, one_time.sheet(other)[0]) is None


def test_a_code_of_a_sheet_is_read_however_it_is_written() -> None:
    code = one_time.sheet(bytes(32))[7]

    assert one_time.number_of(bytes(32), f" {code[:4].upper()} {code[4:]}") == 7
