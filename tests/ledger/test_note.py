# SPDX-License-Identifier: Apache-2.0
"""A note is exactly its bytes; what is not of the form is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.ledger import note
from comity.ledger.note import Note, Signature, SignatureType

characters = st.characters(min_codepoint=0x20, exclude_categories=["Cs"])
names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="+"), min_size=1)
signatures = st.builds(
    Signature, names.filter(lambda name: len(name.encode()) < 256), st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)  # fmt: skip
texts = st.lists(st.text(characters)).map(lambda lines: "".join(f"{line}\n" for line in lines))
notes = st.builds(Note, texts.filter(bool), st.lists(signatures, min_size=1, max_size=5).map(tuple))


@given(notes)
def test_a_note_is_read_as_it_was_written(written: Note) -> None:
    assert note.read(note.write(written)) == written


@given(st.binary() | notes.map(note.write), st.data())
def test_whatever_is_read_is_written_the_same(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data)))
    changed = data[:at] + draw.draw(st.binary(max_size=2)) + data[at + 1 :]

    try:
        read = note.read(changed)
    except Malformed:
        return

    assert note.write(read) == changed


@given(notes)
def test_a_truncated_note_is_refused(written: Note) -> None:
    lines = note.write(written).rpartition(b"\n\n")[2]
    whole = note.write(Note(written.text, written.signatures[:1]))

    for length in range(len(whole)):
        with pytest.raises(Malformed):
            note.read(whole[:length])
    assert lines.startswith("\N{EM DASH} ".encode())


@given(signatures)
def test_a_line_is_read_as_it_was_written(signature: Signature) -> None:
    line = note.write_line(signature)

    assert note.read_line(line) == signature
    with pytest.raises(Malformed):
        note.read_line(line[:-1])
    with pytest.raises(Malformed):
        note.read_line(line + line)


def test_a_size_is_checked_before_anything_else() -> None:
    with pytest.raises(Malformed) as refused:
        note.read(b"\xff" * 11, limit=10)

    assert refused.value.cause == "untrusted.malformed.size"
    with pytest.raises(Malformed):
        note.read(bytes(note.NOTE_LIMIT + 1))


def test_adding_a_line_twice_adds_it_once() -> None:
    first, second = Signature("one", b"hash", b"value"), Signature("two", b"hash", b"value")

    joined = Note("text\n", (first,)).add(second, first, second)

    assert joined.signatures == (first, second)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "\ud800\n"])
def test_no_note_exists_of_a_text_that_cannot_be_signed(text: str) -> None:
    with pytest.raises(Malformed):
        Note(text, (Signature("one", b"hash", b"value"),))


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "\ud800", "é" * 128]
)
def test_no_signature_exists_under_a_name_that_cannot_stand_in_a_line(name: str) -> None:
    with pytest.raises(Malformed):
        Signature(name, b"hash", b"value")


@pytest.mark.parametrize("count", [0, 65])
def test_a_note_has_1_to_64_signatures(count: int) -> None:
    with pytest.raises(Malformed):
        Note("text\n", (Signature("one", b"hash", b"value"),) * count)


def test_a_key_hash_is_that_of_the_specification() -> None:
    # The verifier key remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2.
    public = note.decode64("BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")[1:]

    named = note.key_hash("remora.n621.de", SignatureType.COSIGNATURE_ED25519, public)

    assert named.hex() == "da77ade7"


def test_base64_of_other_letters_is_refused() -> None:
    with pytest.raises(Malformed):
        note.decode64("éé==")
