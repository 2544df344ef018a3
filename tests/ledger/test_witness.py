# SPDX-License-Identifier: Apache-2.0
"""A witness goes forward only, and along one history only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import BadProof, LedgerFork, Stale
from comity.ledger import tile, tree
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.witness import Extension, Same, judge

ORIGIN = "comity/f6u3kbk3hzrpzvq2r3tvsc3l7e/1"
LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(300)]
REWRITTEN = [tree.leaf_hash(b"rewritten"), *LEAVES[1:]]
sizes = st.integers(1, 299)


def view(size: int, leaves: list[bytes] = LEAVES) -> tile.View:
    tiles = {(t.level, t.index): t.hashes for t in tile.append(0, leaves, lambda *_: b"")[1]}
    return tile.View(size, lambda level, index: tiles[level, index])


def said(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root(leaves[:size]))


@given(sizes, sizes)
def test_a_log_that_only_grows_is_followed(one: int, other: int) -> None:
    old, new = sorted((one, other))

    verdict = judge(said(old), said(new), view(new).consistency(old))

    assert verdict == (Same(said(old)) if old == new else Extension(said(old), said(new)))


@given(sizes, sizes)
def test_a_rewritten_log_is_a_fork(one: int, other: int) -> None:
    old, new = sorted((one, other))

    with pytest.raises(LedgerFork):
        judge(said(old), said(new, REWRITTEN), view(new, REWRITTEN).consistency(old))


@given(sizes, sizes)
def test_an_older_checkpoint_is_never_taken_for_the_newest(one: int, other: int) -> None:
    if one == other:
        return
    new, old = sorted((one, other))

    with pytest.raises(Stale):
        judge(said(old), said(new), ())


def test_a_missing_proof_is_no_evidence_of_a_fork() -> None:
    with pytest.raises(BadProof) as refused:
        judge(said(5), said(9), ())

    assert not isinstance(refused.value, LedgerFork)


def test_any_log_may_be_seen_for_the_first_time() -> None:
    assert judge(None, said(9), ()) == Extension(None, said(9))
