# SPDX-License-Identifier: Apache-2.0
"""The tree is that of RFC 6962; its public vectors are read by ``test_vectors``."""

from comity.ledger.tree import leaf_hash, node, root


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")

    assert node(left, right) != leaf_hash(left + right)


def test_the_order_of_leaves_matters() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")

    assert root([left, right]) != root([right, left])


def test_a_tree_of_one_is_its_leaf() -> None:
    assert root([leaf_hash(b"alone")]) == leaf_hash(b"alone")
