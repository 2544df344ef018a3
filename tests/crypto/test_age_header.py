# SPDX-License-Identifier: Apache-2.0
"""The header: what is written is read, one text for one header, every length bounded."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.age import HybridIdentity, base64, decrypt, decrypt_stream, header, stream
from comity.crypto.age.header import Header, Stanza
from comity.crypto.age.source import Source
from comity.errors import BadSignature, Malformed

KEY = bytes(16)
INTRO = b"age-encryption.org/v1\n"
MAC = b"--- " + b"A" * 43 + b"\n"
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
STANZAS = st.builds(Stanza, WORDS, st.lists(WORDS, max_size=3).map(tuple), st.binary(max_size=200))


def read(text: bytes) -> Header:
    return header.read(Source(io.BytesIO(text).read))


@given(st.lists(STANZAS, min_size=1, max_size=4), st.binary(max_size=20))
def test_a_header_goes_round_and_leaves_the_payload(stanzas: list[Stanza], payload: bytes) -> None:
    text = header.write(stanzas, KEY)
    source = Source(io.BytesIO(text + payload).read)

    parsed = header.read(source)

    assert parsed.stanzas == tuple(stanzas)
    assert source.read(100) == payload
    header.check(parsed, KEY)


@given(st.lists(STANZAS, min_size=1, max_size=3), st.data())
def test_a_changed_header_is_malformed_or_fails_its_mac(
    stanzas: list[Stanza], data: st.DataObject
) -> None:
    text = bytearray(header.write(stanzas, KEY))
    text[data.draw(st.integers(0, len(text) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises((Malformed, BadSignature)):
        header.check(read(bytes(text)), KEY)


@given(st.binary(max_size=100))
def test_base64_goes_round_and_has_one_text(data: bytes) -> None:
    assert base64.decode(base64.encode(data)) == data
    assert not base64.encode(data).endswith(b"=")


@given(st.text("AB/w= \n", max_size=12).map(str.encode))
def test_base64_that_is_read_is_written_again_as_it_was(text: bytes) -> None:
    try:
        data = base64.decode(text)
    except Malformed:
        return

    assert base64.encode(data) == text


@pytest.mark.parametrize(
    "text", [b"A", b"AB", b"AA==", b"AAA=", b"AAB", b"A A", b"AA\n", b"-_-_", b"AAAA===="]
)
def test_base64_that_could_be_written_otherwise_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        base64.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        INTRO,
        INTRO[:-1],
        b" " + INTRO,
        b"age-encryption.org/v2\n",
        b"age-encryption.org/v1\r\n",
        INTRO + MAC,
        INTRO + b"-> x\n\n---" + MAC[4:],
        INTRO + b"-> x\n\n" + MAC[:-1],
        INTRO + b"-> x\n\n" + MAC[:-2] + b"\n",
        INTRO + b"-> x\n\n" + MAC[:-1] + b"A\n",
        INTRO + b"-> x\n\n" + MAC[:-1] + b" \n",
        INTRO + b"-> x\n" + MAC,
        INTRO + b"->\n\n" + MAC,
        INTRO + b"-> \n\n" + MAC,
        INTRO + b"-> x \n\n" + MAC,
        INTRO + b"-> x  y\n\n" + MAC,
        INTRO + b"-> \xc3\xa9\n\n" + MAC,
        INTRO + b"-> x\t\n\n" + MAC,
        INTRO + b"-> x\r\n\r\n" + MAC,
        INTRO + b"- > x\n\n" + MAC,
        INTRO + b"-> x\n" + b"A" * 65 + b"\n" + MAC,
        INTRO + b"-> x\n" + b"A" * 64 + b"\n" + MAC,
        INTRO + b"-> x\nAA\nAA\n" + MAC,
        INTRO + b"\n-> x\n\n" + MAC,
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(text)


def test_a_header_with_too_many_stanzas_is_refused() -> None:
    few, many = (INTRO + b"-> x\n\n" * count + MAC for count in (1024, 1025))

    assert len(read(few).stanzas) == 1024
    with pytest.raises(Malformed, match="size"):
        read(many)


def test_a_line_that_is_too_long_is_refused() -> None:
    fits, long = (INTRO + b"-> " + b"x" * size + b"\n\n" + MAC for size in (4092, 4093))

    assert len(read(fits).stanzas[0].type) == 4092
    with pytest.raises(Malformed):
        read(long)


def test_a_stanza_without_end_is_bounded_and_no_more_is_read() -> None:
    source = io.BytesIO(INTRO + b"-> x\n" + (b"A" * 64 + b"\n") * 100_000)

    with pytest.raises(Malformed, match="size"):
        header.read(Source(source.read))

    assert source.tell() <= header.HEADER_LIMIT + 128 * 1024


@pytest.mark.parametrize("start", [b"", INTRO, b"-----BEGIN AGE ENCRYPTED FILE-----\n"])
def test_a_source_that_never_ends_its_line_is_left_early(start: bytes) -> None:
    source = io.BytesIO(start + b"x" * (4 << 20))

    with pytest.raises(Malformed):
        decrypt_stream(source, io.BytesIO(), [HybridIdentity.from_seed(bytes(32))])

    assert source.tell() <= 256 * 1024


def test_a_passphrase_beside_another_stanza_is_refused_whoever_opens() -> None:
    amina = HybridIdentity.from_seed(bytes(32))
    payload = io.BytesIO()
    stream.seal(KEY, bytes(16), Source(io.BytesIO(b"312 kg").read), payload.write)
    opens, stands_beside = amina.recipient.wrap(KEY), Stanza("scrypt", (), b"")

    alone = header.write([opens], KEY) + payload.getvalue()
    beside = header.write([opens, stands_beside], KEY) + payload.getvalue()

    assert decrypt(alone, [amina]) == b"312 kg"
    with pytest.raises(Malformed, match=r"age\.stanza"):
        decrypt(beside, [amina])
