# SPDX-License-Identifier: Apache-2.0
"""Armour: one text for one file, strict inside, forgiving around."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.age.armour import BEGIN, END, ROWS, SPACE_LIMIT, armour, opened
from comity.crypto.age.source import Source
from comity.errors import Malformed

BLOCK = 48 * ROWS


def unarmoured(text: bytes) -> bytes:
    return opened(Source(io.BytesIO(text).read)).read(len(text) + 1)


@given(st.binary(min_size=1, max_size=300))
def test_armour_goes_round_in_both_line_ends(sealed: bytes) -> None:
    text = armour(sealed)

    assert unarmoured(text) == sealed
    assert unarmoured(text.replace(b"\n", b"\r\n")) == sealed
    assert unarmoured(text.rstrip()) == sealed
    assert max(map(len, text.splitlines()[1:-1])) <= 64


@pytest.mark.parametrize("blocks", [1, 2])
@pytest.mark.parametrize("more", [-49, -48, -47, -2, -1, 0, 1, 2, 47, 48, 49])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_length_around_a_block_of_lines_survives(blocks: int, more: int, end: bytes) -> None:
    sealed = random.Random(more).randbytes(blocks * BLOCK + more)

    assert unarmoured(armour(sealed).replace(b"\n", end)) == sealed


@given(st.integers(1, 200), st.integers(0, 400), st.integers(1, 255))
@settings(max_examples=200)
def test_a_changed_byte_is_refused_or_changes_what_is_inside(
    size: int, at: int, change: int
) -> None:
    sealed = bytes(range(size))
    text = bytearray(armour(sealed))
    text[at % len(text)] ^= change

    try:
        read = unarmoured(bytes(text))
    except Malformed:
        return

    # A first line that is no longer one leaves the text as it is: no age file starts so. White
    # space at the very end is free.
    assert read != sealed or text.rstrip() == armour(sealed).rstrip()


def test_every_truncation_but_the_last_line_end_is_refused() -> None:
    text = armour(bytes(100))

    for size in range(len(BEGIN) + 1, len(text) - 1):
        with pytest.raises(Malformed):
            unarmoured(text[:size])
    assert unarmoured(text[:-1]) == bytes(100)


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_a_long_text_without_its_last_line_is_refused(size: int) -> None:
    text = armour(bytes(size)).removesuffix(END + b"\n")

    with pytest.raises(Malformed):
        unarmoured(text)


def test_white_space_around_is_allowed_to_its_bound_and_no_further() -> None:
    text = armour(b"312 kg").rstrip()
    free = b" \t\r\n" * (SPACE_LIMIT // 4)

    assert unarmoured(free + text + free) == b"312 kg"
    assert unarmoured(b"\n" + free + text) == b"\n" + free + text
    with pytest.raises(Malformed):
        unarmoured(text + free + b"\n")
    with pytest.raises(Malformed):
        unarmoured(text + free * 200)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_what_follows_is_refused_however_far_away(size: int) -> None:
    text = armour(bytes(size))

    for gap in (b"", b"\n" * 900, b"\n" * 2000, b"\n" * 200_000):
        with pytest.raises(Malformed):
            unarmoured(text + gap + b"x")


def test_padding_stands_in_the_last_line_alone() -> None:
    padded = armour(bytes(BLOCK - 1)).removesuffix(END + b"\n")
    more = armour(b"more").split(b"\n", 1)[1]

    with pytest.raises(Malformed):
        unarmoured(padded + more)


def test_line_ends_are_not_mixed() -> None:
    text = armour(bytes(200))

    with pytest.raises(Malformed):
        unarmoured(text.replace(b"\n", b"\r\n", 2))
    with pytest.raises(Malformed):
        unarmoured(text.replace(b"\n", b"\r\n").replace(b"\r\n", b"\n", 1))


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"\n",
        b"AAAA\n\n",
        b"AAA\n",
        b"AAB=\n",
        b"AA==AA==\n",
        b"A===\n",
        b"AAA*\n",
        b"AA AA\n",
        b"A" * 60 + b"\n" + b"A" * 64 + b"\n",
        b"A" * 68 + b"\n",
        b"Version: 1\n\nAAAA\n",
        b"AAAA\n=AAAA\n",
    ],
)
def test_what_could_be_written_in_two_ways_is_refused(inside: bytes) -> None:
    with pytest.raises(Malformed):
        unarmoured(BEGIN + b"\n" + inside + END + b"\n")


@pytest.mark.parametrize("after", [b"x\n", b" \n", b"\r", b""])
def test_the_first_line_stands_alone(after: bytes) -> None:
    with pytest.raises(Malformed):
        unarmoured(BEGIN + after + b"AAAA\n" + END)


def test_what_is_not_armoured_is_left_as_it_is() -> None:
    assert unarmoured(b"age-encryption.org/v1\n") == b"age-encryption.org/v1\n"
    assert unarmoured(b"") == b""
