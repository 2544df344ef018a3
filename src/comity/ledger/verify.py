# SPDX-License-Identifier: Apache-2.0
"""Checking a whole log: every leaf, every tile, every checkpoint, in one walk from the left.

The tree is built anew from the leaves and compared with what is stored, so the first difference
has a place: a level, a tile and a position in it, or the size of a checkpoint. On level 0 the
position is that of a leaf, *tile* x 256 + *position*.
"""

from collections.abc import Iterable, Iterator

from comity.errors import Damaged
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.tile import NOTHING, TILE_SIZE, WIDTH, Edge, Read, Tile, extend
from comity.ledger.tree import HASH_SIZE

STRIDE = 16 * WIDTH
"""How many leaves are checked between two reports of progress, at most."""


def walk(
    size: int,
    leaves: Iterable[bytes | None],
    read: Read,
    checkpoints: Iterable[Checkpoint] = (),
) -> Iterator[int]:
    """Yield how many leaves were found sound so far; raise ``Damaged`` at the first that is not.

    *leaves* are the hashes of the stored openings in order, None where one was erased: there the
    tile's hash stands for it, and the checkpoints above still bind it. *checkpoints* come by
    size, the smallest first; one beyond *size* means that leaves are gone.
    """
    edge, source, due = NOTHING, iter(leaves), iter(checkpoints)
    pending = _check(edge, next(due, None), due)
    while edge.size < size:
        stop = min(size, edge.size + STRIDE, pending.size if pending else size)
        edge, tiles = extend(edge, list(_take(source, edge.size, stop, read)))
        for tile in tiles:
            if len(tile.hashes) == TILE_SIZE:
                _compare(tile, read)
        pending = _check(edge, pending, due)
        yield edge.size
    for level, hashes in enumerate(edge.partial):
        _compare(Tile(level, (size >> 8 * level) // WIDTH, hashes), read)
    if next(source, b"") != b"":
        raise Damaged("leaf", index=size)
    if pending:
        raise Damaged("checkpoint", size=pending.size)


def _take(source: Iterator[bytes | None], start: int, stop: int, read: Read) -> Iterator[bytes]:
    """Yield the leaf hashes from *start* up to *stop*."""
    for index in range(start, stop):
        try:
            leaf = next(source)
        except StopIteration:
            raise Damaged("leaf", index=index) from None
        yield _erased(index, read) if leaf is None else leaf


def _erased(index: int, read: Read) -> bytes:
    """Return the hash that the tile keeps for a leaf whose opening was erased."""
    tile, position = divmod(index, WIDTH)
    kept = read(0, tile)[position * HASH_SIZE : (position + 1) * HASH_SIZE]
    if len(kept) != HASH_SIZE:
        raise Damaged("tile", level=0, index=tile, position=position)
    return kept


def _check(edge: Edge, pending: Checkpoint | None, due: Iterator[Checkpoint]) -> Checkpoint | None:
    """Check all checkpoints of the size reached; return the first of a larger one."""
    while pending and pending.size <= edge.size:
        if pending.size < edge.size:
            raise ValueError("checkpoints come by size")
        if pending.root != edge.root:
            raise Damaged("checkpoint", size=pending.size)
        pending = next(due, None)
    return pending


def _compare(tile: Tile, read: Read) -> None:
    """Raise ``Damaged`` at the first hash of *tile* that is stored differently."""
    stored = read(tile.level, tile.index)
    if stored == tile.hashes:
        return
    places = range(0, max(len(stored), len(tile.hashes)), HASH_SIZE)
    wrong = [at for at in places if stored[at : at + HASH_SIZE] != tile.hashes[at : at + HASH_SIZE]]
    raise Damaged("tile", level=tile.level, index=tile.index, position=wrong[0] // HASH_SIZE)
