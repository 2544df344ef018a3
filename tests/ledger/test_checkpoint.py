# SPDX-License-Identifier: Apache-2.0
"""A checkpoint has one text, one origin and the log's own signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.signing import SigningKey
from comity.domain.ids import NodeId
from comity.errors import BadSignature, Malformed
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin, read_text
from comity.ledger.note import Note, Signature
from comity.ledger.tree import EMPTY_ROOT

NODE = NodeId("f6u3kbk3hzrpzvq2r3tvsc3l7e")
KEY = SigningKey.from_seed(bytes(32))
origins = st.builds(Origin, st.just(NODE), st.integers(1, 999_999_999))
checkpoints = st.builds(
    Checkpoint,
    origins.map(str),
    st.integers(1, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
)


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_was_written(written: Checkpoint) -> None:
    assert read_text(written.text) == written


@given(checkpoints)
def test_a_signed_checkpoint_is_verified_from_its_bytes(signed: Checkpoint) -> None:
    data = note.write(checkpoint.sign(signed, KEY))

    assert checkpoint.verify(note.read(data), signed.origin, KEY.public) == signed


@given(checkpoints, st.data())
def test_a_flipped_bit_of_the_signature_is_refused(signed: Checkpoint, data: st.DataObject) -> None:
    written = checkpoint.sign(signed, KEY)
    (line,) = written.signatures
    at, bit = data.draw(st.integers(0, 63)), data.draw(st.integers(0, 7))
    value = bytearray(line.value)
    value[at] ^= 1 << bit

    changed = Note(written.text, (Signature(line.name, line.key_hash, bytes(value)),))

    with pytest.raises(BadSignature):
        checkpoint.verify(changed, signed.origin, KEY.public)


@given(checkpoints, checkpoints)
def test_a_signature_holds_for_one_checkpoint_alone(one: Checkpoint, other: Checkpoint) -> None:
    if one == other:
        return
    moved = Note(other.text, checkpoint.sign(one, KEY).signatures)

    with pytest.raises(BadSignature):
        checkpoint.verify(moved, other.origin, KEY.public)


@given(origins)
def test_an_origin_is_read_as_it_was_written(origin: Origin) -> None:
    assert Origin.parse(str(origin)) == origin


@pytest.mark.parametrize(
    "text",
    [
        f"comity/{NODE}/0",
        f"comity/{NODE}/01",
        f"comity/{NODE}/1 ",
        f"comity/{NODE}/-1",
        f"comity/{NODE}/\uff11",
        f"comity/{NODE}/1000000000",
        f"comity/{NODE.upper()}/1",
        f"comity/{NODE[:-1]}/1",
        f"{NODE}/1",
        "example.com/log",
    ],
)
def test_an_origin_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Origin.parse(text)


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_logs_are_numbered_from_one(number: int) -> None:
    with pytest.raises(Malformed):
        Origin(NODE, number)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("an origin", 1, bytes(32)),
        ("origin", -1, bytes(32)),
        ("origin", 2**53, bytes(32)),
        ("origin", 1, bytes(31)),
        ("origin", 0, bytes(32)),
    ],
)
def test_no_checkpoint_exists_that_could_not_be_true(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(Malformed):
        Checkpoint(origin, size, root)


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert read_text(Checkpoint("origin", 0, EMPTY_ROOT).text).root == EMPTY_ROOT
