# SPDX-License-Identifier: Apache-2.0
"""Tiles: the tree as it is stored, 256 hashes to a row of the database (c2sp.org/tlog-tiles).

    level 1   [ H0 . . . H255 ][ H256 H257 )          one hash for each full tile below
    level 0   [ 256 leaves ][ 256 leaves ] … [ 41 )   the right edge is partial

A tile holds every eighth level of the tree; the seven between are hashed again when needed. Tiles
only ever grow to the right, so a row read for a later tree serves every earlier one, and appending
touches the last tile of each level and new ones.

Nothing here does I/O. ``Read`` fetches one tile, ``b""`` where there is none; it may return more
hashes than the tree in question has. Too few is ``Damaged``: this is our own store, not a peer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from comity.errors import Damaged
from comity.ledger.tree import EMPTY_ROOT, HASH_SIZE, node

HEIGHT = 8  # c2sp.org/tlog-tiles, Merkle Tree
WIDTH = 1 << HEIGHT
TILE_SIZE = WIDTH * HASH_SIZE

Read = Callable[[int, int], bytes]
"""Return the hashes of the tile at this level and index."""
Proof = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is to be stored, in place of any narrower one."""

    level: int
    index: int
    hashes: bytes = field(repr=False)

    @property
    def width(self) -> int:
        return len(self.hashes) // HASH_SIZE


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: all that appending and the root need, a few kilobytes.

    A store keeps it between groups, and loads it anew when another process may have appended.
    """

    size: int
    peaks: tuple[bytes, ...] = field(repr=False)
    """The roots of the perfect subtrees that make up the tree, largest first: one a bit of size."""
    partial: tuple[bytes, ...] = field(repr=False)
    """For each level, the hashes of the tile that is not yet full."""

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        if not self.peaks:
            return EMPTY_ROOT
        reached = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            reached = node(peak, reached)
        return reached


NOTHING = Edge(0, (), ())


def load(size: int, read: Read) -> Edge:
    """Return the edge of the tree of *size*, reading at most one tile a level."""
    view = View(size, read)
    levels = range(size.bit_length() - 1, -1, -1)
    return Edge(
        size,
        tuple(view.hash(level, (size >> level) - 1) for level in levels if size >> level & 1),
        tuple(view.partial(level) for level in range(-(-size.bit_length() // HEIGHT))),
    )


def extend(edge: Edge, hashes: Sequence[bytes]) -> tuple[Edge, tuple[Tile, ...]]:
    """Return the edge after appending leaf *hashes*, and every tile that this touched.

    Level by level: the row of new nodes is joined by the peak it completes, and paired; what has
    no partner becomes the peak of its level.
    """
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ValueError("a leaf hash has 32 bytes")
    left, low = list(edge.peaks), list[bytes]()
    partial, tiles = list(edge.partial), list[Tile]()
    row, start, level = list(hashes), edge.size, 0
    while row:
        if level % HEIGHT == 0:
            tiles += _grow(partial, level // HEIGHT, start, row)
        if start & 1:
            row.insert(0, left.pop())
        if len(row) & 1:
            low.append(row.pop())
        row = _pair(row)
        start >>= 1
        level += 1
    grown = Edge(edge.size + len(hashes), (*left, *reversed(low)), tuple(partial))
    return grown, tuple(tiles)


def append(size: int, hashes: Sequence[bytes], read: Read) -> tuple[int, tuple[Tile, ...]]:
    """Return the new size and every tile to store after appending leaf *hashes*."""
    edge, tiles = extend(load(size, read), hashes)
    return edge.size, tiles


class View:
    """The tree of one size as its tiles show it; each tile is read and hashed once.

    Take one for each batch: a hundred neighbouring proofs share nearly all they need.
    """

    __slots__ = ("_read", "_rest", "_rows", "size")

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._rows: dict[tuple[int, int], list[list[bytes]]] = {}
        self._rest: dict[int, bytes] = {}

    def hash(self, level: int, index: int) -> bytes:
        """Return the root of the perfect subtree of 2^*level* leaves, the *index*-th from left."""
        height, within = divmod(level, HEIGHT)
        span = HEIGHT - within
        rows = self._tile(height, index >> span)
        return rows[within][index & (1 << span) - 1]

    def partial(self, height: int) -> bytes:
        """Return the hashes of the last tile of a level, empty if all its tiles are full."""
        nodes = self.size >> height * HEIGHT
        return b"".join(self._tile(height, nodes // WIDTH)[0]) if nodes % WIDTH else b""

    def root(self) -> bytes:
        return self._from(0) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> Proof:
        """Return the inclusion proof of the leaf at *index* (RFC 6962 §2.1.1)."""
        if not 0 <= index < self.size:
            raise ValueError("no leaf at this index")
        return self._path(0, index)

    def consistency(self, old: int) -> Proof:
        """Return the proof that this tree begins with that of size *old* (RFC 6962 §2.1.2)."""
        if not 0 <= old <= self.size:
            raise ValueError("no tree of this size")
        if old in (0, self.size):
            return ()
        level = (old & -old).bit_length() - 1
        index = (old - 1) >> level
        path = self._path(level, index)
        return path if index == 0 else (self.hash(level, index), *path)

    def _path(self, level: int, index: int) -> Proof:
        """Return the siblings from a node up to the root: ``proof`` tells of inner and border."""
        inner = (index ^ (self.size - 1) >> level).bit_length()
        siblings = [self.hash(level + up, index >> up ^ 1) for up in range(inner - 1)]
        if inner:
            # The one sibling that holds the last leaf, and so may be no perfect subtree.
            siblings.append(self._from((index >> inner - 1 ^ 1) << level + inner - 1))
        above = [up for up in range(inner, index.bit_length()) if index >> up & 1]
        siblings += [self.hash(level + up, index >> up ^ 1) for up in above]
        return tuple(siblings)

    def _from(self, start: int) -> bytes:
        """Return the root over the leaves from *start* to the last; *start* is where a peak is."""
        if start in self._rest:
            return self._rest[start]
        width = self.size - start
        levels = [level for level in range(width.bit_length()) if width >> level & 1]
        peaks = [self.hash(level, (self.size >> level) - 1) for level in levels]
        reached = peaks[0]
        for peak in peaks[1:]:
            reached = node(peak, reached)
        self._rest[start] = reached
        return reached

    def _tile(self, height: int, index: int) -> list[list[bytes]]:
        """Return a tile's hashes, then the rows of the seven levels above them."""
        if (rows := self._rows.get((height, index))) is not None:
            return rows
        width = min(WIDTH, (self.size >> height * HEIGHT) - index * WIDTH)
        data = self._read(height, index)
        if len(data) < width * HASH_SIZE:
            raise Damaged("tile", level=height, index=index)
        rows = [[data[at : at + HASH_SIZE] for at in range(0, width * HASH_SIZE, HASH_SIZE)]]
        for _ in range(1, HEIGHT):
            rows.append(_pair(rows[-1]))
        self._rows[height, index] = rows
        return rows


def root(size: int, read: Read) -> bytes:
    """Return the root of the tree of *size*."""
    return View(size, read).root()


def inclusion(index: int, size: int, read: Read) -> Proof:
    """Return the proof that the leaf at *index* is in the tree of *size*."""
    return View(size, read).inclusion(index)


def inclusions(indexes: Iterable[int], size: int, read: Read) -> list[Proof]:
    """Return one inclusion proof for each of *indexes*, reading each tile once."""
    view = View(size, read)
    return [view.inclusion(index) for index in indexes]


def consistency(old: int, new: int, read: Read) -> Proof:
    """Return the proof that the tree of size *new* begins with the tree of size *old*."""
    return View(new, read).consistency(old)


def _grow(partial: list[bytes], height: int, start: int, row: Sequence[bytes]) -> list[Tile]:
    """Put *row* behind the partial tile of its level; return the tiles that this touched."""
    if height == len(partial):
        partial.append(b"")
    data = b"".join((partial[height], *row))
    first, rest = start // WIDTH, len(data) % TILE_SIZE
    partial[height] = data[len(data) - rest :]
    return [
        Tile(height, first + step, data[at : at + TILE_SIZE])
        for step, at in enumerate(range(0, len(data), TILE_SIZE))
    ]


def _pair(row: Sequence[bytes]) -> list[bytes]:
    """Return the parents of neighbours in *row*; a last one without partner has none."""
    nodes = iter(row)
    # Hashed in place: a node a call would double the cost of the tree.
    return [
        sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)
    ]
