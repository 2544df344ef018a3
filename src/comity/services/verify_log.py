# SPDX-License-Identifier: Apache-2.0
"""One of this node's logs, verified whole: openings, tiles, checkpoints and their signatures.

The mathematics is ``ledger.verify.walk``; here its pages come from the store, every note's
signature is verified on the way, and the place where the walk stopped is narrowed down: when a leaf
and its tile differ, the newest signed checkpoint says which of the two is the wrong one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.crypto.signing import VerifyingKey
from comity.errors import BadProof, BadSignature, Damaged, Malformed, Untrusted
from comity.ledger import checkpoint, note, succession, tile
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.note import Note
from comity.ledger.proof import verify_inclusion
from comity.ledger.tile import WIDTH
from comity.ledger.tree import EMPTY_ROOT, HASH_SIZE
from comity.ledger.verify import walk
from comity.services.verify_openings import Openings
from comity.services.verify_report import LogFound, Tally, cause_of
from comity.storage import logs
from comity.storage.edge import CheckpointRow, LeafRow, Log
from comity.storage.reading import Reading

PAGE: Final = 1000


def check_log(
    reading: Reading,
    log: Log,
    *,
    before: LogFound | None,
    keys: Sequence[VerifyingKey],
    openings: Openings,
    tally: Tally,
) -> LogFound:
    """Verify *log*, signed with one of *keys*; *before* is the log that it follows, as found."""
    return _Walk(reading, log, before, keys, openings, tally).run()


def verified(signed: Note, origin: str, keys: Sequence[VerifyingKey]) -> Checkpoint:
    """Return the checkpoint that the log *origin* signed with one of *keys*, or raise."""
    failure = BadSignature("unknown")
    for key in keys:
        try:
            return checkpoint.verify(signed, origin, key)
        except BadSignature as error:
            failure = error
    raise failure


@dataclass(slots=True)
class _Walk:
    reading: Reading
    log: Log
    before: LogFound | None
    keys: Sequence[VerifyingKey]
    openings: Openings
    tally: Tally
    newest: Checkpoint = field(init=False)
    """The largest checkpoint, if its signature verifies: faults are judged by it."""

    def run(self) -> LogFound:
        self.newest = self._newest()
        read, reached = logs.tile_reader(self.reading, self.log.log), 0
        try:
            for size in walk(self.log.size, self._leaves(), read, self._checkpoints()):
                reached = size
        except Damaged as damage:
            self.openings.complete = False
            self._place(damage, reached, read)
        else:
            if self.newest.size < self.log.size:
                self._fault("checkpoints", self.log.size, "gone")
        self._count_tiles()
        return LogFound(
            origin=self.log.origin,
            size=self.log.size,
            root=self.newest.root,
            erased=len(self.openings.erased.get(self.log.origin, ())),
        )

    def _newest(self) -> Checkpoint:
        head = self.reading.head(self.log.log)
        try:
            return self._verified(head.note if head else b"")
        except Untrusted:
            return Checkpoint(self.log.origin, 0, EMPTY_ROOT)

    def _leaves(self) -> Iterator[bytes | None]:
        start = 0
        while page := logs.leaves_from(self.reading, self.log.log, start, PAGE):
            for index, row in enumerate(page, start):
                yield self._leaf(index, row)
            self.openings.turn()
            self.tally.done("leaves", len(page))
            start += len(page)

    def _leaf(self, index: int, row: LeafRow) -> bytes | None:
        if row.idx != index:
            raise Damaged("leaf", index=index)
        if row.salt is None and row.entry is None:
            self.openings.lost(self.log, index)
            return None
        try:
            opening = Opening(LeafType(row.type), row.salt or b"", row.entry or b"")
        except (Malformed, ValueError):
            raise Damaged("leaf", index=index) from None
        if (opening.type is LeafType.OPENING) != (index == 0):
            self._fault("leaves", index, "type", column="type")
        if opening.type is LeafType.OPENING:
            self._check_opening(index, opening.entry)
        self.openings.hear(self.log, index, opening)
        return opening.hash

    def _check_opening(self, index: int, entry: bytes) -> None:
        """Check that the first leaf names this log, and of the one before what it still has."""
        try:
            told = succession.read_entry(entry)
        except Untrusted as error:
            self._fault("leaves", index, cause_of(error), column="entry")
            return
        if str(told.origin) != self.log.origin or not self._follows(told.previous):
            self._fault("leaves", index, "opening", column="entry")

    def _follows(self, named: Checkpoint | None) -> bool:
        """Return whether *named* is of the log before: all of it, or what peers saw of it."""
        before = self.before
        if named is None or before is None:
            return named is None and before is None
        if (named.size, named.root) == (before.size, before.root):
            return named.origin == before.origin
        log = next(each.log for each in logs.every(self.reading) if each.origin == before.origin)
        row = logs.checkpoint(self.reading, log, named.size)
        return named.origin == before.origin and row is not None and row.root == named.root

    def _checkpoints(self) -> Iterator[Checkpoint]:
        start = 0
        while page := logs.checkpoints_from(self.reading, self.log.log, start, PAGE):
            for row in page:
                yield self._checkpoint(row)
            self.tally.done("checkpoints", len(page))
            start = page[-1].size + 1

    def _checkpoint(self, row: CheckpointRow) -> Checkpoint:
        """Return what the note of *row* signs; where it signs nothing, what the row says."""
        try:
            signed = self._verified(row.note)
        except Untrusted as error:
            self._fault("checkpoints", row.size, cause_of(error), column="note")
        else:
            if (signed.size, signed.root) == (row.size, row.root):
                return signed
            column = "size" if signed.size != row.size else "root"
            self._fault("checkpoints", row.size, "differs", column=column)
            if signed.size == row.size:
                return signed
        try:
            return Checkpoint(self.log.origin, row.size, row.root)
        except Malformed:
            raise Damaged("checkpoint", size=row.size) from None

    def _verified(self, data: bytes) -> Checkpoint:
        """Return the checkpoint in *data*; raise unless this log, and nobody else, signed it."""
        signed = note.read(data)
        if len(signed.signatures) > 1:
            raise Malformed("signatures")
        return verified(signed, self.log.origin, self.keys)

    def _place(self, damage: Damaged, reached: int, read: tile.Read) -> None:
        """Say what was wrong at *damage*; *reached* leaves were found sound before it."""
        values = {name: int(value) for name, value in damage.values.items()}
        match cause_of(damage):
            case "damaged.leaf":
                index = values["index"]
                self._fault("leaves", index, "gone" if index < self.log.size else "surplus")
            case "damaged.tile":
                self._place_tile(values["level"], values["index"], values.get("position", 0), read)
            case _:
                self._place_checkpoint(values["size"], reached, read)

    def _place_tile(self, level: int, index: int, position: int, read: tile.Read) -> None:
        leaf = index * WIDTH + position
        if level == 0 and self._stands(leaf, read):
            self._fault("leaves", leaf, "differs")
            return
        self._fault("tiles", f"{level}/{index}", "differs", column="hashes", position=position)

    def _place_checkpoint(self, size: int, reached: int, read: tile.Read) -> None:
        """Say which leaf below *size* is not what its tile has; if none is, name the size."""
        if size > self.log.size:
            self._fault("leaves", self.log.size, "gone")
            return
        for row in logs.leaves_from(self.reading, self.log.log, reached, size - reached):
            if row.salt is None or row.entry is None:
                continue
            if Opening(LeafType(row.type), row.salt, row.entry).hash != _hash_at(row.idx, read):
                self._place_tile(0, row.idx // WIDTH, row.idx % WIDTH, read)
                return
        self._fault("checkpoints", size, "root")

    def _stands(self, index: int, read: tile.Read) -> bool:
        """Return whether the newest checkpoint holds the hash that its tile has at *index*."""
        try:
            proof = tile.inclusion(index, self.newest.size, read)
            hashed = _hash_at(index, read)
            verify_inclusion(index, self.newest.size, hashed, proof, self.newest.root)
        except (ValueError, Damaged, BadProof):
            return False
        return True

    def _count_tiles(self) -> None:
        """Check that there are no more tiles than the tree has; the walk saw to the others."""
        expected, nodes = 0, self.log.size
        while nodes:
            expected += -(-nodes // WIDTH)
            nodes //= WIDTH
        found = logs.count_tiles(self.reading, self.log.log)
        if found > expected:
            self._fault("tiles", self.log.size, "surplus")
        self.tally.done("tiles", found)

    def _fault(
        self,
        table: str,
        place: int | str,
        cause: str,
        *,
        column: str = "",
        position: int | None = None,
    ) -> None:
        row = f"{self.log.log}/{place}"
        self.tally.fault(table, row, cause, column=column, position=position)


def _hash_at(index: int, read: tile.Read) -> bytes:
    position = index % WIDTH * HASH_SIZE
    return read(0, index // WIDTH)[position : position + HASH_SIZE]
