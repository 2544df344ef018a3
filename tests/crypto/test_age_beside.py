# SPDX-License-Identifier: Apache-2.0
"""A stanza beside a file opens that file and no other, and the file's own bytes stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.age import HybridIdentity, armour, beside, decrypt, encrypt, header
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import TYPE
from comity.errors import BadSignature, Malformed, NotForUs, Untrusted

READING = HybridIdentity.from_seed(bytes(32))
STORAGE = HybridIdentity.from_seed(bytes([1]) * 32)
SEALED = encrypt(b"a statement", [READING.recipient])


def kept() -> bytes:
    return beside.wrap(beside.key_of(SEALED, [READING]), STORAGE.recipient)


def test_the_stanza_beside_it_opens_the_file_for_the_new_reader() -> None:
    key = beside.unwrap(kept(), STORAGE)

    assert decrypt(SEALED, [key]) == b"a statement"
    with pytest.raises(NotForUs):
        decrypt(SEALED, [STORAGE])


def test_written_for_its_new_reader_the_file_has_one_stanza_and_the_same_payload() -> None:
    stanza = kept()

    again = beside.addressed_again(SEALED, beside.unwrap(stanza, STORAGE), stanza)

    assert decrypt(again, [STORAGE]) == b"a statement"
    with pytest.raises(NotForUs):
        decrypt(again, [READING])
    assert again.count(b"-> ") == 1
    assert again[-27 - 16 :] == SEALED[-27 - 16 :]


def test_it_opens_for_nobody_else() -> None:
    with pytest.raises(NotForUs):
        beside.unwrap(kept(), READING)


def test_the_key_of_another_file_is_refused_by_the_header() -> None:
    other = beside.key_of(encrypt(b"another", [READING.recipient]), [READING])

    for use in (
        lambda: decrypt(SEALED, [other]),
        lambda: beside.key_of(SEALED, [other]),
        lambda: beside.addressed_again(SEALED, other, kept()),
    ):
        with pytest.raises(BadSignature):
            use()


def test_a_stranger_gets_no_key_of_it() -> None:
    with pytest.raises(NotForUs):
        beside.key_of(SEALED, [STORAGE])
    with pytest.raises(Malformed):
        beside.key_of(armour(SEALED), [READING])


def test_a_key_of_another_length_is_refused() -> None:
    short = header.written(STORAGE.recipient.wrap(bytes(15)))
    with pytest.raises(Malformed):
        beside.unwrap(short, STORAGE)
    long = Stanza(TYPE, ("A" * 100,), bytes(2048))
    with pytest.raises(Malformed) as refused:
        beside.read(header.written(long))
    assert refused.value.cause == "untrusted.malformed.size"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_change_to_the_stanza_opens_anything(data: st.DataObject) -> None:
    stanza = bytearray(kept())
    stanza[data.draw(st.integers(0, len(stanza) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Untrusted):
        beside.unwrap(bytes(stanza), STORAGE)


def test_what_follows_the_stanza_is_refused() -> None:
    stanza = kept()

    assert header.written(beside.read(stanza)) == stanza
    for more in (b"\n", b"x", kept()):
        with pytest.raises(Malformed):
            beside.read(stanza + more)


def test_its_key_shows_in_no_repr() -> None:
    key = beside.key_of(SEALED, [READING])
    assert repr(key) == "FileKey()"
