# SPDX-License-Identifier: Apache-2.0
"""Identifiers have one written form; a slip is caught; the refused text is never repeated."""

import re
import sys

import pytest
import stdnum.imei
import stdnum.imo
import stdnum.iso6346
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Misused
from comity.knowledge.identifiers import identifier_kinds, normalise


@pytest.mark.parametrize(
    ("kind", "text", "normal"),
    [
        ("phone", "+254 712 345678", "+254712345678"),
        ("phone", "00 84 24 3825.5555", "+842438255555"),
        ("phone", "+44 (0)20 7946-0018", "+442079460018"),
        ("phone", "+٢٥٤ ٧١٢ ٣٤٥٦٧٨", "+254712345678"),
        ("phone", "+254712345678", "+254712345678"),
        ("phone", "\u202a+254 712 345678\u202c", "+254712345678"),
        ("container", "csqu 305438-3", "CSQU3054383"),
        ("container", "CSQU3054383", "CSQU3054383"),
        ("imei", "49-015420-323751-8", "490154203237518"),
        ("imei", "49015420323751", "490154203237518"),
        ("imei", "4901542032375112", "490154203237518"),
        ("passport", "ak 0123-456", "AK0123456"),
        ("cites-permit", "ke / 2026 / 0042", "KE/2026/0042"),
        ("cites-permit", "26VN0417N/CT-KL", "26VN0417N/CT-KL"),
        ("air-waybill", "706-1234 5675", "70612345675"),
        ("bill-of-lading", "mscu ke 123 456", "MSCUKE123456"),
        ("company", "pvt-2026 / 0042", "PVT-2026/0042"),
        ("imo", "IMO 9074729", "9074729"),
        ("mmsi", "636 012 345", "636012345"),
        ("plate", "kbz 123a", "KBZ123A"),
        ("plate", "กข 1234", "กข1234"),
        ("plate", "粤B·12345", "粤B12345"),
        ("vin", "1m8gdm9a-xkp042788", "1M8GDM9AXKP042788"),
    ],
)
def test_an_identifier_has_one_written_form(kind: str, text: str, normal: str) -> None:
    assert normalise(kind, text) == normal
    assert normalise(kind, normal) == normal


@pytest.mark.parametrize(
    ("kind", "text", "cause"),
    [
        ("phone", "0712 345678", "usage.identifier.phone"),
        ("phone", "+0712345678", "usage.identifier.phone"),
        ("phone", "+2547123456789012", "usage.identifier.phone"),
        ("phone", "+254", "usage.identifier.phone"),
        ("phone", "+999 999 999 999", "usage.identifier.phone"),
        ("phone", "+254712345678 ext 9", "usage.identifier.phone"),
        ("container", "CSQU305438", "usage.identifier.container"),
        ("container", "CSQX3054383", "usage.identifier.container"),
        ("container", "CSQU3054384", "usage.identifier.check-digit"),
        ("container", "SCQU3054383", "usage.identifier.check-digit"),
        ("imei", "490154203237519", "usage.identifier.check-digit"),
        ("imei", "12345", "usage.identifier.imei"),
        ("passport", "NONE", "usage.identifier.passport"),
        ("passport", "A1!", "usage.identifier.passport"),
        ("cites-permit", "--", "usage.identifier.cites-permit"),
        ("cites-permit", "pending", "usage.identifier.cites-permit"),
        ("cites-permit", "1" * 81, "usage.identifier.cites-permit"),
        ("air-waybill", "706-1234567", "usage.identifier.air-waybill"),
        ("air-waybill", "706-12345676", "usage.identifier.check-digit"),
        ("bill-of-lading", "to follow", "usage.identifier.bill-of-lading"),
        ("company", "Minh Long", "usage.identifier.company"),
        ("imo", "907472", "usage.identifier.imo"),
        ("imo", "9074728", "usage.identifier.check-digit"),
        ("mmsi", "63601234", "usage.identifier.mmsi"),
        ("plate", "no plate", "usage.identifier.plate"),
        ("vin", "1M8GDM9AXKP04278O", "usage.identifier.vin"),
        ("shoe-size", "44", "usage.identifier-kind-unknown"),
    ],
)
def test_what_is_no_identifier_is_refused(kind: str, text: str, cause: str) -> None:
    with pytest.raises(Misused) as caught:
        normalise(kind, text)

    assert caught.value.cause == cause
    assert text not in str(caught.value)


@given(st.sampled_from(identifier_kinds()), st.text(max_size=90))
def test_any_text_is_normal_twice_or_refused(kind: str, text: str) -> None:
    try:
        normal = normalise(kind, text)
    except Misused:
        return

    assert normalise(kind, normal) == normal
    assert kind == "plate" or re.fullmatch(r"[A-Z0-9+/.\-]+", normal)


@given(st.from_regex(r"[A-Z]{3}[UJZ][0-9]{6}", fullmatch=True))
def test_the_check_digit_of_a_container_is_that_of_another_library(text: str) -> None:
    right = text + stdnum.iso6346.calc_check_digit(text)

    assert normalise("container", right) == right


@given(st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_the_check_digit_of_an_imei_is_that_of_another_library(text: str) -> None:
    assert stdnum.imei.is_valid(normalise("imei", text))


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_the_check_digit_of_a_vessel_is_that_of_another_library(text: str) -> None:
    right = text + stdnum.imo.calc_check_digit(text)

    assert normalise("imo", right) == right


@given(st.from_regex(r"[A-Z]{3}U[0-9]{6}", fullmatch=True), st.integers(4, 9), st.integers(1, 9))
def test_one_wrong_digit_in_a_container_is_caught(text: str, place: int, shift: int) -> None:
    right = text + stdnum.iso6346.calc_check_digit(text)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]

    if stdnum.iso6346.is_valid(wrong):  # ISO 6346 reads a remainder of 10 as 0: it has this hole
        return
    with pytest.raises(Misused):
        normalise("container", wrong)


def test_a_phone_number_is_the_same_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)

    assert normalise("phone", "+254 712 345678") == "+254712345678"
    assert normalise("phone", "+999 999 999 999") == "+999999999999"
