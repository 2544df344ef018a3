# SPDX-License-Identifier: Apache-2.0
"""No changed proof is ever accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import BadProof
from comity.ledger import tile, tree
from comity.ledger.proof import verify_consistency, verify_inclusion

LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(600)]
TILES = {(each.level, each.index): each.hashes for each in tile.extend(tile.NOTHING, LEAVES)[1]}
sizes = st.integers(1, len(LEAVES))


def read(level: int, index: int) -> bytes:
    return TILES[level, index]


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


@given(sizes, st.data())
def test_a_flipped_bit_of_an_inclusion_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = [LEAVES[index], tile.root(size, read), *tile.inclusion(index, size, read)]
    at = data.draw(st.integers(0, len(hashes) - 1))
    hashes[at] = flipped(hashes[at], data.draw(st.integers(0, 255)))

    with pytest.raises(BadProof):
        verify_inclusion(index, size, hashes[0], hashes[2:], hashes[1])


@given(sizes, st.data())
def test_a_proof_of_one_index_proves_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size + 5).filter(lambda drawn: drawn != index))
    proof = tile.inclusion(index, size, read)

    with pytest.raises(BadProof):
        verify_inclusion(other, size, LEAVES[index], proof, tile.root(size, read))


@given(sizes, st.data())
def test_an_inclusion_of_another_length_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = list(tile.inclusion(index, size, read))
    at = data.draw(st.integers(0, len(proof)))
    changed = [[*proof[:at], tree.leaf_hash(b""), *proof[at:]], *([proof[:-1]] if proof else [])]

    for each in changed:
        with pytest.raises(BadProof) as refused:
            verify_inclusion(index, size, LEAVES[index], each, tile.root(size, read))
        assert refused.value.cause == "untrusted.proof.length"


@given(st.integers(2, len(LEAVES)), st.data())
def test_a_flipped_bit_of_a_consistency_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    view = tile.View(new, read)
    hashes = [tile.root(old, read), view.root(), *view.consistency(old)]
    at = data.draw(st.integers(0, len(hashes) - 1))
    hashes[at] = flipped(hashes[at], data.draw(st.integers(0, 255)))

    with pytest.raises(BadProof):
        verify_consistency(old, new, hashes[0], hashes[1], hashes[2:])


@given(st.integers(2, len(LEAVES)), st.data())
def test_a_consistency_of_another_length_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = tile.consistency(old, new, read)
    roots = tile.root(old, read), tile.root(new, read)

    for each in [proof[:-1], (*proof, tree.leaf_hash(b""))]:
        with pytest.raises(BadProof) as refused:
            verify_consistency(old, new, *roots, each)
        assert refused.value.cause == "untrusted.proof.length"


@given(st.data())
def test_a_log_that_changed_a_leaf_proves_no_consistency(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    changed = list(LEAVES[:new])
    changed[data.draw(st.integers(0, old - 1))] = tree.leaf_hash(b"rewritten")
    tiles = {
        (each.level, each.index): each.hashes for each in tile.extend(tile.NOTHING, changed)[1]
    }
    view = tile.View(new, lambda level, index: tiles[level, index])

    with pytest.raises(BadProof) as refused:
        verify_consistency(old, new, tile.root(old, read), view.root(), view.consistency(old))

    assert refused.value.cause == "untrusted.fork.proof"
