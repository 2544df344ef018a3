# SPDX-License-Identifier: Apache-2.0
"""A walk over a whole log finds the first thing wrong and says where it is."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Damaged
from comity.ledger import tile, tree
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.verify import STRIDE, walk

LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(1100)]
sizes = st.sampled_from([0, 1, 255, 256, 257, 512, 700, 1100])


@dataclass
class Kept:
    """A log as its store holds it."""

    size: int
    leaves: list[bytes | None] = field(init=False)
    rows: dict[tuple[int, int], bytes] = field(init=False)
    checkpoints: list[Checkpoint] = field(init=False)

    def __post_init__(self) -> None:
        hashes = LEAVES[: self.size]
        tiles = tile.append(0, hashes, lambda *_: b"")[1]
        self.leaves = list(hashes)
        self.rows = {(each.level, each.index): each.hashes for each in tiles}
        marks = sorted({0, self.size // 3, self.size // 2, self.size})
        self.checkpoints = [Checkpoint("log", at, tree.root(hashes[:at])) for at in marks]

    def read(self, level: int, index: int) -> bytes:
        return self.rows.get((level, index), b"")

    def walk(self) -> list[int]:
        return list(walk(self.size, self.leaves, self.read, self.checkpoints))

    def fault(self) -> tuple[str, dict[str, str | int]]:
        with pytest.raises(Damaged) as damage:
            self.walk()
        return damage.value.cause.removeprefix("unavailable.damaged."), dict(damage.value.values)


@given(sizes)
def test_a_sound_log_is_walked_to_its_end(size: int) -> None:
    done = Kept(size).walk()

    assert done == sorted(set(done))
    assert done[-1:] == ([size] if size else [])


@settings(max_examples=40)
@given(sizes.filter(bool), st.data())
def test_a_changed_tile_is_named_to_the_position(size: int, data: st.DataObject) -> None:
    log = Kept(size)
    place = data.draw(st.sampled_from(sorted(log.rows)))
    at = data.draw(st.integers(0, len(log.rows[place]) - 1))
    changed = bytearray(log.rows[place])
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    log.rows[place] = bytes(changed)

    assert log.fault() == (
        "tile",
        {"level": place[0], "index": place[1], "position": at // 32},
    )


@settings(max_examples=40)
@given(sizes.filter(bool), st.data())
def test_a_tile_of_another_width_is_named(size: int, data: st.DataObject) -> None:
    log = Kept(size)
    place = data.draw(st.sampled_from(sorted(log.rows)))
    width = len(log.rows[place]) // 32
    change = data.draw(st.sampled_from([-1, 1]))
    log.rows[place] = (log.rows[place] + bytes(32))[: 32 * (width + change)]

    _, where = log.fault()

    assert where == {"level": place[0], "index": place[1], "position": width - (change < 0)}


@settings(max_examples=40)
@given(sizes.filter(bool), st.data())
def test_a_changed_leaf_is_found_where_it_stands_or_by_a_checkpoint(
    size: int, data: st.DataObject
) -> None:
    log = Kept(size)
    at = data.draw(st.integers(0, size - 1))
    log.leaves[at] = tree.leaf_hash(b"rewritten")

    cause, where = log.fault()

    if cause == "tile":
        assert where == {"level": 0, "index": at // 256, "position": at % 256}
    else:
        assert cause == "checkpoint"
        assert where["size"] == min(each.size for each in log.checkpoints if each.size > at)


def test_a_log_rewritten_throughout_is_found_by_its_checkpoint() -> None:
    log, other = Kept(700), Kept(700)
    log.leaves[3] = other.leaves[3] = tree.leaf_hash(b"rewritten")
    hashes = [each for each in log.leaves if each]
    log.rows = {(t.level, t.index): t.hashes for t in tile.append(0, hashes, log.read)[1]}

    assert log.fault() == ("checkpoint", {"size": 233})


def test_an_erased_opening_is_sound() -> None:
    log = Kept(700)
    log.leaves[3] = log.leaves[255] = log.leaves[699] = None

    assert log.walk()[-1] == 700


def test_an_erased_opening_whose_hash_is_gone_too_is_not() -> None:
    log = Kept(300)
    log.leaves[299] = None
    log.rows[0, 1] = log.rows[0, 1][:-1]

    assert log.fault() == ("tile", {"level": 0, "index": 1, "position": 43})


@pytest.mark.parametrize("size", [300, 512])
def test_missing_and_surplus_leaves_are_named(size: int) -> None:
    short, long, torn = Kept(size), Kept(size), Kept(size)
    short.leaves.pop()
    long.leaves.append(LEAVES[0])
    torn.leaves.append(None)

    assert short.fault() == ("leaf", {"index": size - 1})
    assert long.fault() == torn.fault() == ("leaf", {"index": size})


def test_a_log_cut_short_is_found_by_the_checkpoint_it_once_signed() -> None:
    log = Kept(300)
    log.checkpoints.append(Checkpoint("log", 301, bytes(32)))

    assert log.fault() == ("checkpoint", {"size": 301})


def test_checkpoints_come_by_size() -> None:
    log = Kept(300)
    log.checkpoints.reverse()

    with pytest.raises(ValueError, match="by size"):
        log.walk()


def test_progress_is_told_often_enough() -> None:
    size = 2 * STRIDE + 5
    hashes = [tree.leaf_hash(b"")] * size
    rows = {(t.level, t.index): t.hashes for t in tile.append(0, hashes, lambda *_: b"")[1]}

    done = list(walk(size, hashes, lambda level, index: rows.get((level, index), b"")))

    assert done == [STRIDE, 2 * STRIDE, size]
