# SPDX-License-Identifier: Apache-2.0
"""A proof that leaves the house is one text; its vectors say what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.ledger import tlog_proof
from comity.ledger.note import Note, Signature
from comity.ledger.tlog_proof import TlogProof

NOTE = Note("text\n", (Signature("one", b"hash", b"value"),))
proofs = st.builds(
    TlogProof,
    st.integers(0, 2**53 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=53).map(tuple),
    st.just(NOTE),
    st.binary(max_size=99),
)


@given(proofs)
def test_a_proof_is_read_as_it_was_written(proof: TlogProof) -> None:
    assert tlog_proof.read(tlog_proof.write(proof)) == proof


@given(proofs, st.data())
def test_whatever_is_read_is_written_the_same(proof: TlogProof, data: st.DataObject) -> None:
    written = tlog_proof.write(proof)
    at = data.draw(st.integers(0, len(written) - 1))
    changed = written[:at] + data.draw(st.binary(max_size=2)) + written[at + 1 :]

    try:
        read = tlog_proof.read(changed)
    except Malformed:
        return

    assert tlog_proof.write(read) == changed


def test_a_size_is_checked_before_anything_else() -> None:
    with pytest.raises(Malformed) as refused:
        tlog_proof.read(b"\xff" * (1 << 19))

    assert refused.value.cause == "untrusted.malformed.size"
