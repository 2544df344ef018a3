# SPDX-License-Identifier: Apache-2.0
"""One value has one set of bytes, and every other spelling is refused by name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.time import check_instant
from comity.errors import Malformed
from comity.wire.canonical import DEPTH, INTEGER, check, decode, encode
from comity.wire.padding import padme

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INTEGERS = st.integers(-INTEGER + 1, INTEGER - 1)
VALUES = st.recursive(
    st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    at: datetime
    kilos: int
    marks: tuple[str, ...] = ()
    seed: bytes = b""

    def __post_init__(self) -> None:
        check_instant("at", self.at)


SIGHTING = Sighting(at=datetime(2026, 11, 23, 7, 40, tzinfo=UTC), kilos=312, marks=("ngà voi",))
WRITTEN = '{"at":"2026-11-23T07:40:00Z","kilos":312,"marks":["ngà voi"],"seed":""}'.encode()


@given(VALUES)
def test_our_encoding_is_that_of_rfc_8785(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(VALUES)
def test_whatever_we_encode_is_canonical(value: Any) -> None:
    check(encode(value), limit=LIMIT)


def test_a_value_is_written_as_shown_and_read_back() -> None:
    assert encode(SIGHTING) == WRITTEN
    assert decode(WRITTEN, Sighting, limit=LIMIT) == SIGHTING


@given(st.data())
def test_any_changed_byte_gives_another_value_or_is_refused(data: st.DataObject) -> None:
    changed = bytearray(WRITTEN)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= 1 << data.draw(st.integers(0, 7))

    try:
        read = decode(bytes(changed), Sighting, limit=LIMIT)
    except Malformed:
        return
    assert read != SIGHTING
    assert encode(read) == changed


def test_every_truncation_is_refused() -> None:
    for size in range(len(WRITTEN)):
        with pytest.raises(Malformed):
            decode(WRITTEN[:size], Sighting, limit=LIMIT)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (WRITTEN + b" ", "canonical"),
        (WRITTEN.replace(b'"seed":""', b'"seed":"","seed":""'), "canonical"),
        (WRITTEN.replace(b'"seed":""', b'"seed":"","zeal":1'), "canonical"),
        (WRITTEN.replace(b"312", b"312.0"), "number"),
        (WRITTEN.replace(b"312", b"3e2"), "number"),
        (WRITTEN.replace(b"312", b"9007199254740992"), "number"),
        (WRITTEN.replace(b"312", b"-9007199254740992"), "number"),
        (WRITTEN.replace(b"312", b"null"), "null"),
        (WRITTEN.replace(b"312", b'"312"'), "type"),
        (WRITTEN.replace(b'"kilos"', b'"Kilos"'), "key"),
        (WRITTEN.replace("ngà".encode(), b"ng\\u00e0"), "canonical"),
        (WRITTEN.replace("ngà".encode(), b"ng\xff"), "syntax"),
        (WRITTEN.replace(b"07:40:00Z", b"10:40:00+03:00"), "type"),
        (b'{"kilos":1,"at":"2026-11-23T07:40:00Z"}', "canonical"),
        (b"", "syntax"),
        (b"[" * 200_000, "depth"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "depth"),
    ],
)
def test_another_spelling_is_refused_by_name(data: bytes, cause: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(data, Sighting, limit=LIMIT)

    assert refused.value.cause == f"untrusted.malformed.{cause}"


def test_a_value_of_another_version_is_not_taken_for_this_one() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Seizure:
        type: str = "comity/seizure@1"
        kilos: int

    data = encode(Seizure(kilos=312))

    assert decode(data, Seizure, limit=LIMIT) == Seizure(kilos=312)
    with pytest.raises(Malformed, match="type"):
        decode(data.replace(b"@1", b"@2"), Seizure, limit=LIMIT)
    assert decode(b'{"kilos":1}', dict, limit=LIMIT) == {"kilos": 1}


def test_brackets_in_a_text_are_no_depth_and_sixteen_deep_is_allowed() -> None:
    check(encode(["[" * 100, '"{' * 20]), limit=LIMIT)
    check(b"[" * DEPTH + b"]" * DEPTH, limit=LIMIT)
    check(encode([[1]] * 20), limit=LIMIT)


def test_length_is_judged_before_anything_is_read() -> None:
    with pytest.raises(Malformed) as refused:
        decode(WRITTEN, Sighting, limit=len(WRITTEN) - 1)

    assert refused.value.values == {"limit": len(WRITTEN) - 1}


@pytest.mark.parametrize("data", [b"[1, 2]", b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"-0", b"01"])
def test_a_value_of_any_type_has_one_spelling(data: bytes) -> None:
    with pytest.raises(Malformed):
        check(data, limit=LIMIT)


def test_however_many_keys_were_met_a_bad_one_is_refused() -> None:
    many = {f"key_{number:04}": number for number in range(5000)}

    for _ in range(2):
        check(encode(many), limit=LIMIT)
        for bad in ("Key", "", "9", "a-b", "a\n", "a" * 65, "né"):
            with pytest.raises(Malformed, match="key"):
                check(encode({**many, bad: 1}), limit=LIMIT)


@pytest.mark.parametrize(("value", "cause"), [(None, "null"), (0.5, "number"), (INTEGER, "number")])
def test_what_is_not_allowed_is_found_however_deep(value: Any, cause: str) -> None:
    for wrapped in (value, [value], {"a": value}, [[{"a": [1, value]}]], {"a": {"b": [value]}}):
        with pytest.raises(Malformed) as refused:
            check(encode(wrapped), limit=LIMIT)
        assert refused.value.cause == f"untrusted.malformed.{cause}"


def test_what_has_no_json_is_refused() -> None:
    with pytest.raises(Malformed):
        encode({"a": object()})


@given(st.integers(0, 1 << 40))
def test_padding_costs_at_most_an_eighth_and_never_less_than_nothing(size: int) -> None:
    padded = padme(size)

    assert size <= padded <= size + size * 12 // 100 + 1
    assert padme(padded) == padded


@pytest.mark.parametrize(("size", "padded"), [(0, 0), (1, 1), (9, 10), (1000, 1024), (7000, 7168)])
def test_known_sizes(size: int, padded: int) -> None:
    assert padme(size) == padded
