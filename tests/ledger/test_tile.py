# SPDX-License-Identifier: Apache-2.0
"""Tiles hold the tree of the definition, however the leaves came, and touch only the right edge."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Damaged
from comity.ledger import tile, tree
from comity.ledger.proof import verify_consistency, verify_inclusion
from comity.ledger.tile import NOTHING, Edge, Tile, View

LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(1400)]
sizes = st.integers(0, 700) | st.sampled_from([255, 256, 257, 511, 512, 513, 1400])


class Rows:
    """Tiles kept as a database keeps them: one row a tile, the widest known."""

    def __init__(self, hashes: Sequence[bytes] = ()) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        self.reads: list[tuple[int, int]] = []
        self.keep(tile.extend(NOTHING, hashes)[1])

    def keep(self, tiles: Sequence[Tile]) -> None:
        self.rows |= {(each.level, each.index): each.hashes for each in tiles}

    def read(self, level: int, index: int) -> bytes:
        self.reads.append((level, index))
        return self.rows.get((level, index), b"")


@given(st.lists(st.integers(0, 400), max_size=6))
def test_tiles_agree_with_the_definition_however_leaves_are_batched(batches: list[int]) -> None:
    rows, edge = Rows(), NOTHING

    for count in batches:
        hashes = LEAVES[edge.size % 900 :][:count]
        before = edge
        edge, tiles = tile.extend(edge, hashes)
        assert tile.append(before.size, hashes, rows.read) == (edge.size, tiles)
        rows.keep(tiles)

    leaves = b"".join(rows.rows.get((0, index), b"") for index in range(len(rows.rows)))
    hashes = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    assert len(hashes) == edge.size == sum(batches)
    assert edge.root == tile.root(edge.size, rows.read) == tree.root(hashes)
    assert tile.load(edge.size, rows.read) == edge


@given(sizes)
def test_every_tile_is_as_wide_as_the_specification_says(size: int) -> None:
    rows = Rows(LEAVES[:size])

    for level in range(3):
        nodes = size >> 8 * level
        widths = [len(hashes) // 32 for (at, _), hashes in sorted(rows.rows.items()) if at == level]
        assert widths == [256] * (nodes // 256) + [nodes % 256] * bool(nodes % 256)


@given(sizes, sizes)
def test_appending_touches_the_right_edge_alone(size: int, more: int) -> None:
    rows = Rows(LEAVES[:size])
    before = dict(rows.rows)

    _, tiles = tile.append(size, LEAVES[size:][:more], rows.read)

    for each in tiles:
        known = before.get((each.level, each.index), b"")
        assert len(known) < len(each.hashes) == each.width * 32
        assert each.hashes.startswith(known)
        assert each.index >= (size >> 8 * each.level) // 256
    assert len(rows.reads) <= 2


@given(sizes.filter(bool), st.data())
def test_an_inclusion_proof_leads_to_the_root(size: int, data: st.DataObject) -> None:
    rows, index = Rows(LEAVES), data.draw(st.integers(0, size - 1))

    proof = tile.inclusion(index, size, rows.read)

    verify_inclusion(index, size, LEAVES[index], proof, tree.root(LEAVES[:size]))


@given(st.integers(1, 600))
def test_a_tree_continues_every_one_before_it(size: int) -> None:
    view, old = View(size, Rows(LEAVES).read), NOTHING

    for leaf in LEAVES[: size + 1]:
        verify_consistency(old.size, size, old.root, view.root(), view.consistency(old.size))
        old, _ = tile.extend(old, [leaf])

    assert tile.consistency(size, size, Rows(LEAVES).read) == ()


@given(sizes.filter(bool), st.data())
def test_a_batch_of_proofs_is_the_same_as_one_by_one(size: int, data: st.DataObject) -> None:
    rows = Rows(LEAVES)
    start = data.draw(st.integers(0, size - 1))
    indexes = range(start, min(size, start + 5))

    batch = tile.inclusions(indexes, size, rows.read)

    assert len(rows.reads) == len(set(rows.reads))
    assert batch == [tile.inclusion(index, size, rows.read) for index in indexes]


@given(sizes.filter(bool), st.data())
def test_a_short_tile_is_damage_and_says_where(size: int, data: st.DataObject) -> None:
    rows = Rows(LEAVES[:size])
    level, index = data.draw(st.sampled_from(sorted(rows.rows)))
    short = data.draw(st.integers(0, len(rows.rows[level, index]) - 1))
    rows.rows[level, index] = rows.rows[level, index][:short]

    with pytest.raises(Damaged) as damage:
        View(size, rows.read).hash(8 * level, 256 * index)

    assert damage.value.cause == "unavailable.damaged.tile"
    assert damage.value.values == {"level": level, "index": index}


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        tile.inclusion(index, 5, Rows(LEAVES).read)


@pytest.mark.parametrize("old", [-1, 6])
def test_no_proof_is_made_from_a_tree_that_was_not(old: int) -> None:
    with pytest.raises(ValueError, match="no tree"):
        tile.consistency(old, 5, Rows(LEAVES).read)


def test_a_large_tree_is_appended_to_by_reading_three_tiles() -> None:
    leaf = tree.leaf_hash(b"")
    size = 1_000_000
    rows = Rows()
    for level, width in enumerate([64, 66, 15]):
        rows.rows[level, (size >> 8 * level) // 256] = leaf * width

    tile.append(size, LEAVES[:100], rows.read)

    assert len(rows.reads) == 3


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert NOTHING == Edge(0, (), ()) == tile.load(0, Rows().read)
    assert NOTHING.root == tile.root(0, Rows().read) == tree.EMPTY_ROOT
    assert tile.append(0, [], Rows().read) == (0, ())


def test_what_is_no_hash_is_not_appended() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        tile.extend(NOTHING, [LEAVES[0], LEAVES[1][:31]])
