# SPDX-License-Identifier: Apache-2.0
"""A leaf commits to its type and entry, and shows neither."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import BadProof, Malformed
from comity.ledger.leaf import ENTRY_LIMIT, LeafType, Opening

openings = st.builds(
    Opening, st.sampled_from(LeafType), st.binary(min_size=16, max_size=16), st.binary(max_size=99)
)


@given(openings)
def test_an_opening_opens_its_own_leaf(opening: Opening) -> None:
    opening.check(opening.hash)


@given(openings, openings)
def test_an_opening_opens_no_other_leaf(one: Opening, other: Opening) -> None:
    if one == other:
        return

    with pytest.raises(BadProof):
        one.check(other.hash)


def test_leaf_data_is_type_and_commitment() -> None:
    opening = Opening(LeafType.ROSTER, bytes(16), b"entry")

    assert opening.data == b"\x03" + sha256(bytes(16) + b"entry").digest()
    assert opening.hash == sha256(b"\x00" + opening.data).digest()


def test_an_opening_is_not_shown_in_a_log() -> None:
    assert "secret" not in repr(Opening(LeafType.DOCKET, b"secretsecretsecr", b"secret"))


def test_an_entry_has_a_limit() -> None:
    Opening(LeafType.DOCKET, bytes(16), bytes(ENTRY_LIMIT))

    with pytest.raises(Malformed) as refused:
        Opening(LeafType.DOCKET, bytes(16), bytes(ENTRY_LIMIT + 1))

    assert refused.value.cause == "untrusted.malformed.size"
