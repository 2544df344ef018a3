# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening: what goes in comes out, to whom it was sealed, and to nobody else."""

import io
import random
import tracemalloc
from dataclasses import dataclass, field
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.age import (
    HybridIdentity,
    Passphrase,
    armour,
    decrypt,
    decrypt_stream,
    encrypt,
    encrypt_stream,
)
from comity.crypto.age.header import Stanza
from comity.crypto.age.stream import CHUNK
from comity.errors import BadSignature, Malformed, Misused, NotForUs, Untrusted

AMINA = HybridIdentity.from_seed(bytes(range(32)))
BINH = HybridIdentity.from_seed(bytes(range(1, 33)))
STRANGER = HybridIdentity.from_seed(bytes(range(2, 34)))
LIGHT = 4
"""A work factor for tests."""
SEALED = encrypt(b"312 kg", [AMINA.recipient])


class Dribble(io.BytesIO):
    """A slow link: hands out a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 1000) if size and size > 0 else size)


class Reluctant(io.BytesIO):
    """An unbuffered sink: takes a few bytes at a time."""

    def write(self, data: object, /) -> int:
        return super().write(cast(memoryview, data)[:1000])


class Endless(io.RawIOBase):
    """A source of so many bytes, none of them held."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        taken = min(size, self._left)
        self._left -= taken
        return bytes(taken)


class Counting(io.RawIOBase):
    """A sink that keeps nothing but a number."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: object, /) -> int:
        self.size += len(cast(bytes, data))
        return len(cast(bytes, data))


@dataclass(frozen=True)
class Grease:
    """A recipient of a kind that nobody knows."""

    labels: frozenset[str]
    body: bytes = b"nothing"
    arguments: tuple[str, ...] = field(default=("one", "two"))

    def wrap(self, file_key: bytes) -> Stanza:
        return Stanza("grease", self.arguments if file_key else (), self.body)


@given(st.binary(max_size=3000))
@settings(deadline=None, max_examples=25)
def test_what_is_sealed_to_two_opens_for_each(text: bytes) -> None:
    sealed = encrypt(text, [AMINA.recipient, BINH.recipient])

    assert decrypt(sealed, [AMINA]) == text
    assert decrypt(armour(sealed), [STRANGER, BINH]) == text


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1])
def test_every_length_around_a_chunk_survives(size: int) -> None:
    text = random.Random(size).randbytes(size)

    sealed = encrypt(text, [AMINA.recipient])

    assert decrypt(sealed, [AMINA]) == text
    assert decrypt(armour(sealed), [AMINA]) == text


@pytest.mark.parametrize("size", [0, 7, 2 * CHUNK + 5])
def test_a_slow_source_and_a_reluctant_sink_lose_nothing(size: int) -> None:
    text = random.Random(1).randbytes(size)
    sealed, opened, from_text = Reluctant(), Reluctant(), Reluctant()

    encrypt_stream(Dribble(text), sealed, iter([AMINA.recipient]))
    decrypt_stream(Dribble(sealed.getvalue()), opened, iter([AMINA]))
    decrypt_stream(Dribble(armour(sealed.getvalue())), from_text, [AMINA])

    assert opened.getvalue() == text
    assert from_text.getvalue() == text


def test_memory_does_not_grow_with_the_file() -> None:
    size = 8 << 20
    sealed = encrypt(bytes(size), [AMINA.recipient])
    sources = [io.BytesIO(sealed), io.BytesIO(armour(sealed))]
    counted = [Counting() for _ in range(3)]

    tracemalloc.start()
    try:
        encrypt_stream(cast(BinaryIO, Endless(size)), cast(BinaryIO, counted[0]), [AMINA.recipient])
        for source, sink in zip(sources, counted[1:], strict=True):
            decrypt_stream(source, cast(BinaryIO, sink), [AMINA])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [each.size for each in counted] == [len(sealed), size, size]
    assert most < 1 << 20


def test_a_stranger_opens_nothing() -> None:
    sealed = encrypt(b"the informant's name", [AMINA.recipient])
    sink = io.BytesIO()

    with pytest.raises(NotForUs):
        decrypt_stream(io.BytesIO(sealed), sink, [STRANGER, Passphrase("guess", factor=LIGHT)])
    with pytest.raises(NotForUs):
        decrypt_stream(io.BytesIO(sealed), sink, [])

    assert sink.getvalue() == b""


def test_a_passphrase_stands_alone() -> None:
    for other in (AMINA.recipient, Passphrase("b", factor=LIGHT)):
        with pytest.raises(Misused, match="passphrase-alone"):
            encrypt(b"", [Passphrase("a", factor=LIGHT), other])


def test_sealing_to_nobody_is_refused() -> None:
    with pytest.raises(Misused, match="no-recipient"):
        encrypt(b"", [])


def test_a_weaker_recipient_is_not_put_beside_a_hybrid_one() -> None:
    weaker = Grease(labels=frozenset())

    with pytest.raises(Misused, match="recipients-mixed"):
        encrypt(b"", [AMINA.recipient, weaker])


@pytest.mark.parametrize("size", [0, 47, 48, 49, 96])
def test_a_stanza_of_a_kind_that_nobody_knows_is_passed_over(size: int) -> None:
    grease = Grease(labels=AMINA.recipient.labels, body=bytes(size))

    sealed = encrypt(b"kept", [grease, AMINA.recipient])

    assert decrypt(sealed, [AMINA]) == b"kept"


def test_no_two_files_are_alike() -> None:
    assert encrypt(b"", [AMINA.recipient]) != encrypt(b"", [AMINA.recipient])


def test_a_given_source_of_chance_is_the_only_one_of_file_key_and_salt() -> None:
    asked: list[int] = []

    def chance(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    sealed = encrypt(b"", [Passphrase("p", factor=LIGHT, random=chance)], random=chance)

    assert sealed == encrypt(b"", [Passphrase("p", factor=LIGHT, random=bytes)], random=bytes)
    assert asked == [16, 16, 16]


def test_one_flipped_bit_in_any_byte_is_refused() -> None:
    for at in range(len(SEALED)):
        changed = bytearray(SEALED)
        changed[at] ^= 1 << at % 8

        with pytest.raises(Untrusted):
            decrypt(bytes(changed), [AMINA])


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
@settings(deadline=None, max_examples=60)
def test_any_changed_byte_is_refused(at: int, change: int) -> None:
    changed = bytearray(SEALED)
    changed[at] ^= change

    with pytest.raises(Untrusted):
        decrypt(bytes(changed), [AMINA])


def test_every_truncation_is_refused() -> None:
    for size in range(len(SEALED)):
        with pytest.raises(Untrusted):
            decrypt(SEALED[:size], [AMINA])


@given(st.binary(min_size=1, max_size=40))
def test_what_follows_the_last_chunk_is_refused(more: bytes) -> None:
    with pytest.raises(Untrusted):
        decrypt(SEALED + more, [AMINA])


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Untrusted):
        decrypt(noise, [AMINA])
    with pytest.raises(Untrusted):
        decrypt(b"age-encryption.org/v1\n-> " + noise, [AMINA])


def test_only_authenticated_chunks_are_written_before_the_failure() -> None:
    text = random.Random(2).randbytes(2 * CHUNK)
    sealed = bytearray(encrypt(text, [AMINA.recipient]))
    sealed[-1] ^= 1
    sink = io.BytesIO()

    with pytest.raises(BadSignature):
        decrypt_stream(io.BytesIO(bytes(sealed)), sink, [AMINA])

    assert sink.getvalue() == text[:CHUNK]


def test_a_file_key_of_another_length_is_refused() -> None:
    class Odd:
        def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
            return b"short" if stanzas else None

    with pytest.raises(Malformed):
        decrypt(SEALED, [Odd()])


def test_a_reader_who_knows_the_file_key_cannot_change_the_header() -> None:
    sealed = encrypt(b"", [Grease(labels=AMINA.recipient.labels), AMINA.recipient])
    changed = sealed.replace(b"-> grease one two\n", b"-> grease one owt\n", 1)

    with pytest.raises(BadSignature, match=r"age\.header"):
        decrypt(changed, [AMINA])
