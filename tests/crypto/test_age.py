# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening: what goes in comes out, to whom it was sealed, and to nobody else."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.age import (
    HybridIdentity,
    HybridRecipient,
    Passphrase,
    armour,
    bech32,
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


class Dribble(io.BytesIO):
    """A slow link: hands out a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000) if size and size > 0 else size)


@given(st.binary(max_size=3000))
@settings(deadline=None, max_examples=25)
def test_what_is_sealed_to_two_opens_for_each(text: bytes) -> None:
    sealed = encrypt(text, [AMINA.recipient, BINH.recipient])

    assert decrypt(sealed, [AMINA]) == text
    assert decrypt(armour(sealed), [STRANGER, BINH]) == text


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_every_length_around_a_chunk_survives(size: int) -> None:
    text = random.Random(size).randbytes(size)

    sealed = encrypt(text, [AMINA.recipient])

    assert decrypt(sealed, [AMINA]) == text


def test_a_slow_source_gives_the_same_bytes() -> None:
    text = random.Random(1).randbytes(2 * CHUNK + 5)
    sealed, opened = io.BytesIO(), io.BytesIO()

    encrypt_stream(Dribble(text), sealed, [AMINA.recipient])
    decrypt_stream(Dribble(sealed.getvalue()), opened, [AMINA])

    assert opened.getvalue() == text


def test_a_stranger_opens_nothing() -> None:
    sealed = encrypt(b"the informant's name", [AMINA.recipient])
    sink = io.BytesIO()

    with pytest.raises(NotForUs):
        decrypt_stream(io.BytesIO(sealed), sink, [STRANGER, Passphrase("guess", factor=LIGHT)])

    assert sink.getvalue() == b""


def test_the_right_passphrase_opens_and_a_wrong_one_does_not() -> None:
    sealed = encrypt(b"keys", [Passphrase("ivory coast line", factor=LIGHT)])

    assert decrypt(sealed, [Passphrase("ivory coast line")]) == b"keys"
    with pytest.raises(NotForUs):
        decrypt(sealed, [Passphrase("ivory coast lime")])


def test_a_passphrase_stands_alone() -> None:
    with pytest.raises(Misused):
        encrypt(b"", [Passphrase("a", factor=LIGHT), AMINA.recipient])


def test_sealing_to_nobody_is_refused() -> None:
    with pytest.raises(Misused):
        encrypt(b"", [])


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_flipped_bit_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(encrypt(b"312 kg", [AMINA.recipient]))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Untrusted):
        decrypt(bytes(sealed), [AMINA])


def test_every_truncation_is_refused() -> None:
    sealed = encrypt(b"312 kg", [AMINA.recipient])

    for size in range(len(sealed)):
        with pytest.raises(Untrusted):
            decrypt(sealed[:size], [AMINA])


def test_only_authenticated_chunks_are_written_before_the_failure() -> None:
    text = random.Random(2).randbytes(2 * CHUNK)
    sealed = bytearray(encrypt(text, [AMINA.recipient]))
    sealed[-1] ^= 1
    sink = io.BytesIO()

    with pytest.raises(BadSignature):
        decrypt_stream(io.BytesIO(bytes(sealed)), sink, [AMINA])

    assert sink.getvalue() == text[:CHUNK]


def test_identities_and_recipients_are_their_age_lines() -> None:
    assert str(AMINA).startswith("AGE-SECRET-KEY-PQ-1")
    assert str(AMINA.recipient).startswith("age1pq1")
    assert HybridIdentity.parse(str(AMINA)) == AMINA
    assert HybridRecipient.parse(str(AMINA.recipient)) == AMINA.recipient
    assert HybridIdentity.generate() != HybridIdentity.generate()


def test_no_representation_shows_a_secret() -> None:
    shown = repr([AMINA, Passphrase("ivory coast line")])

    assert "ivory" not in shown
    assert str(AMINA) not in shown
    assert repr(AMINA.seed) not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1pq1",
        str(AMINA.recipient)[:-1],
        str(AMINA.recipient).upper(),
        str(AMINA).lower(),
        str(AMINA),
        "1" + "q" * 10,
        "a1" + "b" * 10,
        "A1qqqqqq",
        "x" * 9000,
        bech32.encode("age1pq", b"short"),
        bech32.encode("age1pq", b"\xff" * 1216),
    ],
)
def test_a_line_that_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        HybridRecipient.parse(text)


@pytest.mark.parametrize("text", ["", str(AMINA.recipient), str(AMINA).lower(), "AGE1"])
def test_a_line_that_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        HybridIdentity.parse(text)


def test_a_seed_has_thirty_two_bytes() -> None:
    with pytest.raises(Malformed):
        HybridIdentity.from_seed(bytes(31))


@given(st.binary(max_size=100), st.sampled_from(["a", "age1pq", "age-secret-key-pq-"]))
def test_bech32_goes_round(data: bytes, prefix: str) -> None:
    assert bech32.decode(bech32.encode(prefix, data)) == (prefix, data)


@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l", "?1ezyfcl"])
def test_bip_173_valid_texts_decode(text: str) -> None:
    assert bech32.decode(text)[1] == b""


@pytest.mark.parametrize(
    "text", ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "a12UEL5L"]
)
def test_bip_173_invalid_texts_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        bech32.decode(text)


def test_bech32_data_that_does_not_fill_its_bytes_is_refused() -> None:
    values = [1]
    check = bech32._polymod([*bech32._expanded("a"), *values, *[0] * 6]) ^ 1
    text = "a1" + "".join(
        bech32.CHARSET[each] for each in [*values, *[(check >> 5 * (5 - i)) & 31 for i in range(6)]]
    )

    with pytest.raises(Malformed):
        bech32.decode(text)


def test_a_header_with_too_many_stanzas_is_refused() -> None:
    sealed = encrypt(b"", [AMINA.recipient])
    intro, rest = sealed.split(b"\n", 1)

    with pytest.raises(Malformed):
        decrypt(intro + b"\n" + b"-> x\n\n" * 1025 + rest, [AMINA])


def test_a_header_without_end_is_bounded() -> None:
    with pytest.raises(Malformed):
        decrypt(b"age-encryption.org/v1\n" + b"-> x\n\n" * 1_000_000, [AMINA])


def test_a_header_without_a_stanza_is_refused() -> None:
    with pytest.raises(Malformed):
        decrypt(b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n", [AMINA])


def test_a_file_key_of_another_length_is_refused() -> None:
    class Odd:
        def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
            return b"short" if stanzas else None

    with pytest.raises(Malformed):
        decrypt(encrypt(b"", [AMINA.recipient]), [Odd()])


def test_a_stanza_body_of_sixty_four_columns_is_followed_by_an_empty_line() -> None:
    class Full:
        def wrap(self, file_key: bytes) -> Stanza:
            return Stanza("grease", ("one", "two"), bytes(48) if file_key else b"")

    sealed = encrypt(b"kept", [Full(), AMINA.recipient])

    assert decrypt(sealed, [AMINA]) == b"kept"


@pytest.mark.parametrize("factor", ["19", "0", "+4", "x"])
def test_a_work_factor_out_of_bounds_is_refused_without_work(factor: str) -> None:
    sealed = encrypt(b"", [Passphrase("p", factor=LIGHT)])
    changed = sealed.replace(b" 4\n", b" " + factor.encode() + b"\n", 1)

    with pytest.raises(Malformed):
        decrypt(changed, [Passphrase("p")])
