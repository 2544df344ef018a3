# SPDX-License-Identifier: Apache-2.0
"""A node restored from a backup is seen as restored, and a rewritten one is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.ids import NodeId
from comity.errors import LedgerFork, Malformed
from comity.ledger import tile, tree
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.succession import Restored, Succession, read_entry, succeed

NODE = NodeId("f6u3kbk3hzrpzvq2r3tvsc3l7e")
FIRST, NEXT = Origin(NODE, 1), Origin(NODE, 2)
LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(300)]
TILES = {(t.level, t.index): t.hashes for t in tile.append(0, LEAVES, lambda *_: b"")[1]}
sizes = st.integers(1, len(LEAVES))


def said(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(str(FIRST), size, tree.root(leaves[:size]))


def restored(last: Checkpoint, kept: Checkpoint, proof: tile.Proof) -> Restored:
    opening = Opening(LeafType.OPENING, bytes(16), Succession(NEXT, kept).entry)
    return succeed(last, Checkpoint(str(NEXT), 1, opening.hash), opening, (), proof)


@given(sizes, sizes)
def test_the_gap_is_what_the_backup_lacks(seen: int, kept: int) -> None:
    view = tile.View(kept, lambda level, index: TILES[level, index])
    proof = view.consistency(seen) if seen <= kept else ()

    verdict = restored(said(seen), said(kept), proof)

    assert verdict.gap == max(0, seen - kept)
    assert (verdict.last, verdict.new.origin) == (said(seen), str(NEXT))


@given(sizes)
def test_closing_a_log_hides_no_rewriting(size: int) -> None:
    rewritten = [tree.leaf_hash(b"rewritten"), *LEAVES[1:]]

    with pytest.raises(LedgerFork):
        restored(said(size), said(size, rewritten), ())


@given(st.integers(2, 999), sizes)
def test_an_opening_is_read_as_it_was_written(number: int, size: int) -> None:
    succession = Succession(Origin(NODE, number), said(size))

    assert read_entry(succession.entry) == succession


def test_a_first_log_has_none_before_it() -> None:
    assert read_entry(Succession(FIRST).entry) == Succession(FIRST)
    with pytest.raises(Malformed):
        Succession(NEXT)
    with pytest.raises(Malformed):
        Succession(FIRST, said(1))
