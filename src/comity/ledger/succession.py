# SPDX-License-Identifier: Apache-2.0
"""Successions: a node restored from an old backup opens its next log and says so in the first leaf.

A restored node no longer has what it signed last, and going on under the same origin would show
two histories. So origins are numbered: the log is closed where the backup ends, the next is opened,
and its first leaf names both. Peers then see *restored, gap of n* and not a fork
(spec/ledger.md, Origins).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import BadProof, Malformed, Stale
from comity.ledger.checkpoint import Checkpoint, Origin, read_text
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.proof import verify_consistency, verify_inclusion

_HEADER = "comity/opening@1"
_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Succession:
    """What the first leaf of a log says."""

    origin: Origin
    previous: Checkpoint | None = None
    """The log before, as far as this node still has it; none for a node's first log."""

    def __post_init__(self) -> None:
        if self.previous is None:
            if self.origin.number != 1:
                raise Malformed("succession")
            return
        before = Origin.parse(self.previous.origin)
        if before.node != self.origin.node or before.number >= self.origin.number:
            raise Malformed("succession")

    @property
    def entry(self) -> bytes:
        """The entry of the opening leaf."""
        before = self.previous.text if self.previous else ""
        return f"{_HEADER}\n{self.origin}\n{before}".encode()


@dataclass(frozen=True, slots=True)
class Restored:
    """A peer's log goes on under its next origin; *gap* leaves that it had signed are gone."""

    last: Checkpoint
    new: Checkpoint
    gap: int


def read_entry(entry: bytes) -> Succession:
    """Return what the *entry* of an opening leaf says."""
    if len(entry) > _LIMIT:
        raise Malformed("size", limit=_LIMIT)
    try:
        header, origin, before = entry.decode("ascii").split("\n", 2)
    except ValueError:
        raise Malformed("succession") from None
    if header != _HEADER:
        raise Malformed("succession")
    return Succession(Origin.parse(origin), read_text(before) if before else None)


def succeed(
    last: Checkpoint,
    new: Checkpoint,
    opening: Opening,
    inclusion: Sequence[bytes],
    consistency: Sequence[bytes],
) -> Restored:
    """Return the gap between *last*, the newest we saw of a peer's log, and its next log *new*.

    *inclusion* shows the opening at index 0 of *new*; *consistency* leads from *last* to the size
    at which the old log was closed, and is empty where leaves were lost. Both checkpoints are
    verified by the caller.
    """
    if opening.type is not LeafType.OPENING:  # (1)
        raise BadProof("opening")
    succession = read_entry(opening.entry)  # (2)
    if str(succession.origin) != new.origin:  # (3)
        raise BadProof("origin")
    verify_inclusion(0, new.size, opening.hash, inclusion, new.root)  # (4)
    held, previous = Origin.parse(last.origin), succession.previous
    if succession.origin.node != held.node:  # (5)
        raise BadProof("origin")
    if previous is None or succession.origin.number <= held.number:  # (6)
        raise Stale("origin")
    return Restored(last, new, _gap(last, held, previous, consistency))  # (7)


def _gap(last: Checkpoint, held: Origin, previous: Checkpoint, consistency: Sequence[bytes]) -> int:
    """Return how many leaves we know of that the restored node no longer has."""
    number = Origin.parse(previous.origin).number
    # A log that we never saw lies between: its own opening comes first.
    if number > held.number:
        raise BadProof("origin")
    # A backup from before the log that we saw last was opened has nothing of it.
    kept = previous.size if number == held.number else 0
    if number == held.number and kept >= last.size:
        verify_consistency(last.size, kept, last.root, previous.root, consistency)
        return 0
    if consistency:
        raise BadProof("length")
    return last.size - kept
