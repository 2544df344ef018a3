# SPDX-License-Identifier: Apache-2.0
"""The payload: every chunk in its place, the last one marked, nothing after it."""

import io
import random
from itertools import permutations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.age import stream
from comity.crypto.age.header import derived
from comity.crypto.age.source import Source
from comity.crypto.age.stream import CHUNK, SALT, TAG
from comity.errors import Untrusted

KEY = bytes(range(16))
SALTED = bytes(range(16))
TEXT = random.Random(0).randbytes(2 * CHUNK + 5)


def sealed(text: bytes) -> bytes:
    sink = io.BytesIO()
    stream.seal(KEY, SALTED, Source(io.BytesIO(text).read), sink.write)
    return sink.getvalue()


def opened(payload: bytes) -> bytes:
    sink = io.BytesIO()
    stream.open_(KEY, Source(io.BytesIO(payload).read), sink.write)
    return sink.getvalue()


def refused(payload: bytes, text: bytes = TEXT) -> None:
    """Assert that *payload* fails, and that what came before was a beginning of *text*."""
    sink = io.BytesIO()
    with pytest.raises(Untrusted):
        stream.open_(KEY, Source(io.BytesIO(payload).read), sink.write)
    assert text.startswith(sink.getvalue())


@settings(max_examples=40)
@given(
    size=st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]),
    pieces=st.lists(st.integers(1, 2 * CHUNK), max_size=6),
)
def test_what_is_written_in_pieces_is_sealed_as_what_is_read(size: int, pieces: list[int]) -> None:
    sink, rest = io.BytesIO(), TEXT[:size]
    sealing = stream.Sealing(KEY, SALTED, sink.write)

    for piece in pieces:
        sealing.write(rest[:piece])
        rest = rest[piece:]
    sealing.write(memoryview(rest))
    sealing.finish()

    assert sink.getvalue() == sealed(TEXT[:size])


def chunks(payload: bytes) -> list[bytes]:
    body = payload[SALT:]
    return [body[at : at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]


def forged(*parts: tuple[bytes, int, int]) -> bytes:
    """Return a payload of chunks of which each has its text, number and mark."""
    aead = ChaCha20Poly1305(derived(KEY, b"payload", SALTED))
    made = [aead.encrypt(n.to_bytes(11, "big") + bytes([m]), text, None) for text, n, m in parts]
    return SALTED + b"".join(made)


@given(st.integers(0, 3), st.integers(-2, 2))
@settings(deadline=None, max_examples=20)
def test_a_payload_goes_round_and_is_as_long_as_it_must_be(count: int, more: int) -> None:
    text = TEXT[: max(0, count * CHUNK + more)]
    size = len(text) + SALT + TAG * max(1, -(-len(text) // CHUNK))

    payload = sealed(text)

    assert opened(payload) == text
    assert len(payload) == size


def test_chunks_are_numbered_and_the_last_is_marked() -> None:
    assert sealed(TEXT) == forged(
        (TEXT[:CHUNK], 0, 0), (TEXT[CHUNK : 2 * CHUNK], 1, 0), (TEXT[2 * CHUNK :], 2, 1)
    )
    assert sealed(TEXT[: 2 * CHUNK]) == forged(
        (TEXT[:CHUNK], 0, 0), (TEXT[CHUNK : 2 * CHUNK], 1, 1)
    )
    assert sealed(b"") == forged((b"", 0, 1))


def test_a_truncation_near_every_boundary_is_refused() -> None:
    payload = sealed(TEXT)
    boundaries = [0, SALT, *(SALT + n * (CHUNK + TAG) for n in (1, 2)), len(payload)]
    sizes = {b + more for b in boundaries for more in range(-2 * TAG - 2, 2 * TAG + 3)}

    for size in sorted(sizes & set(range(len(payload)))):
        refused(payload[:size])


@given(st.integers(0, len(TEXT) + SALT + 3 * TAG - 1), st.integers(0, 7))
@settings(deadline=None, max_examples=60)
def test_a_flipped_bit_is_refused(at: int, bit: int) -> None:
    payload = bytearray(sealed(TEXT))
    payload[at] ^= 1 << bit

    refused(bytes(payload))


def test_chunks_in_another_order_or_number_are_refused() -> None:
    first, second, third = chunks(sealed(TEXT))
    orders = [*permutations([first, second, third]), *permutations([first, second, third], 2)]
    orders += [(first,), (second,), (third,), (first, first, second, third)]
    orders += [(first, second, third, third), (first, second, third, first), ()]
    orders.remove((first, second, third))

    for order in orders:
        refused(SALTED + b"".join(order))


@pytest.mark.parametrize("more", [b"\0", bytes(TAG), bytes(TAG + 1), bytes(CHUNK + TAG)])
@pytest.mark.parametrize("size", [0, 5, CHUNK, 2 * CHUNK])
def test_nothing_follows_the_last_chunk(size: int, more: bytes) -> None:
    refused(sealed(TEXT[:size]) + more)


def test_marks_and_numbers_are_held_to() -> None:
    full, rest = TEXT[:CHUNK], TEXT[CHUNK : CHUNK + 5]

    refused(forged((full, 0, 1), (rest, 1, 1)))
    refused(forged((full, 0, 0), (rest, 1, 0)))
    refused(forged((full, 0, 0)))
    refused(forged((rest, 0, 0)), rest)
    refused(forged((rest, 0, 1), (rest, 1, 1)), rest)
    refused(forged((full, 0, 0), (rest, 2, 1)))
    refused(forged((full, 1, 0), (rest, 2, 1)))
    refused(forged((full, 0, 2), (rest, 1, 1)))
    refused(forged((rest, 0, 0), (rest, 1, 1)), rest)


def test_an_empty_last_chunk_stands_only_where_all_is_empty() -> None:
    assert opened(forged((b"", 0, 1))) == b""
    refused(forged((TEXT[:CHUNK], 0, 0), (b"", 1, 1)))
    refused(forged((b"", 0, 0)), b"")


def test_another_file_key_or_salt_opens_nothing() -> None:
    sink = io.BytesIO()

    with pytest.raises(Untrusted):
        stream.open_(bytes(16), Source(io.BytesIO(sealed(TEXT)).read), sink.write)
    refused(bytes(16) + sealed(TEXT)[SALT:])

    assert sink.getvalue() == b""
