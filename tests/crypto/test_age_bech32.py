# SPDX-License-Identifier: Apache-2.0
"""Bech32: the texts of BIP 173, and one text for one value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.age import bech32
from comity.errors import Malformed

PREFIXES = ["a", "age1pq", "age-secret-key-pq-", "split", "1"]


@given(st.binary(max_size=100), st.sampled_from(PREFIXES))
def test_bech32_goes_round(data: bytes, prefix: str) -> None:
    text = bech32.encode(prefix, data)

    assert bech32.decode(text) == (prefix, data)
    assert bech32.decode(text.upper()) == (prefix, data)


@given(st.binary(max_size=60), st.data())
def test_one_changed_character_is_refused(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age1pq", data)
    at = draw.draw(st.integers(7, len(text) - 1))
    other = draw.draw(st.sampled_from(bech32.CHARSET.decode()).filter(lambda c: c != text[at]))

    with pytest.raises(Malformed):
        bech32.decode(text[:at] + other + text[at + 1 :])


@given(st.text(max_size=30))
def test_what_decodes_encodes_to_the_same_text(text: str) -> None:
    try:
        prefix, data = bech32.decode(text)
    except Malformed:
        return

    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize(
    ("text", "prefix", "data"),
    [
        ("A12UEL5L", "a", ""),
        ("a12uel5l", "a", ""),
        ("?1ezyfcl", "?", ""),
        (
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "abcdef",
            "00443214c74254b635cf84653a56d7c675be77df",
        ),
        (
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "split",
            "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d",
        ),
    ],
)
def test_the_valid_texts_of_bip_173_decode(text: str, prefix: str, data: str) -> None:
    assert bech32.decode(text) == (prefix, bytes.fromhex(data))


@pytest.mark.parametrize(
    "text",
    [
        "\x201nwldj5",
        "\x7f1axkwrx",
        "\x801eym55h",
        "pzry9x0s0muk",
        "1pzry9x0s0muk",
        "x1b4n0q5v",
        "li1dgmt3",
        "de1lg7wt\xff",
        "A1G7SGD8",
        "10a06t8",
        "1qzzfhee",
        "a12UEL5L",
    ],
)
def test_the_invalid_texts_of_bip_173_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        bech32.decode(text)


@pytest.mark.parametrize("values", [[1], [0], [0, 1], [0, 0, 0], [31] * 6, [0, 0, 0, 0, 0, 0]])
def test_groups_that_do_not_fill_their_bytes_are_refused(values: list[int]) -> None:
    with pytest.raises(Malformed):
        bech32.decode(_written("a", values))


def test_a_letter_that_only_looks_like_one_is_refused() -> None:
    text = bech32.encode("k", b"312 kg").upper()

    with pytest.raises(Malformed):
        bech32.decode("\N{KELVIN SIGN}" + text[1:])


def test_length_is_bounded_before_any_work() -> None:
    with pytest.raises(Malformed):
        bech32.decode(bech32.encode("a", bytes(6000)))


def _written(prefix: str, values: list[int]) -> str:
    """Return groups of five bits as a text with a right checksum."""
    check = bech32._polymod([*bech32._expanded(prefix), *values, *[0] * 6]) ^ 1
    every = [*values, *[(check >> 5 * (5 - i)) & 31 for i in range(6)]]
    return f"{prefix}1" + "".join(chr(bech32.CHARSET[each]) for each in every)
