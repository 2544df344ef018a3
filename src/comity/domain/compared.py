# SPDX-License-Identifier: Apache-2.0
"""Comparing what two nodes saw of a third's ledger.

Two histories of one ledger are seen by nobody who sees only one of them. So peers compare. Whom one
knows is nobody else's business, so it goes in two steps: first salted tags, which only those
recognise who know the same ledger; then the notes, for what both know. Where the sizes differ, the
third is asked for the proof that one continues the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from comity.domain.ids import NodeId, check_random
from comity.domain.time import check_instant

SALT_SIZE: Final = 16
TAG_SIZE: Final = 16
TAGS_LIMIT: Final = 512
NOTES_LIMIT: Final = 32
"""Notes in one message: what is over comes another day."""
NOTE_LIMIT: Final = 1024
"""Characters of a checkpoint with the one signature of its log."""
ORIGIN_LIMIT: Final = 64
HASHES_LIMIT: Final = 64
"""Hashes in a proof: a tree has fewer than 2^63 leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonTags:
    """The ledgers that *node* saw, each by a tag that only who knows it recognises."""

    type: str = "comity/common@1"
    node: NodeId
    at: datetime
    salt: bytes
    tags: tuple[bytes, ...]

    def __post_init__(self) -> None:
        check_random("node", self.node)
        check_instant("at", self.at)
        if len(self.salt) != SALT_SIZE or len(self.tags) > TAGS_LIMIT:
            raise ValueError("common: no such salt, or too many tags")
        if any(len(each) != TAG_SIZE for each in self.tags):
            raise ValueError("common: not a tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNotes:
    """The newest checkpoints that *node* saw of ledgers that its peer knows too."""

    type: str = "comity/seen-notes@1"
    node: NodeId
    at: datetime
    notes: tuple[str, ...]
    """Each in the signature of its own log."""

    def __post_init__(self) -> None:
        check_random("node", self.node)
        check_instant("at", self.at)
        if len(self.notes) > NOTES_LIMIT or any(len(each) > NOTE_LIMIT for each in self.notes):
            raise ValueError("seen: too many notes, or one too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyAsked:
    """Show that your log of *new* leaves continues that of *old*."""

    type: str = "comity/consistency-asked@1"
    node: NodeId
    """Who asks."""
    at: datetime
    origin: str
    old: int
    new: int

    def __post_init__(self) -> None:
        _check_span(self.node, self.at, self.origin, self.old, self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyShown:
    """The proof that was asked for; it is right or wrong whoever says it."""

    type: str = "comity/consistency-shown@1"
    node: NodeId
    at: datetime
    origin: str
    old: int
    new: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        _check_span(self.node, self.at, self.origin, self.old, self.new)
        if len(self.hashes) > HASHES_LIMIT or any(len(each) != 32 for each in self.hashes):
            raise ValueError("consistency: not hashes")


def tag(salt: bytes, node: NodeId) -> bytes:
    """Return by what *node*'s ledgers are recognised among tags made with *salt*.

    A node's id is 128 random bits: who does not know it cannot guess it.
    """
    return sha256(b"comity/common@1\x00" + salt + node.encode()).digest()[:TAG_SIZE]


def recognised(common: CommonTags, known: Iterable[NodeId]) -> tuple[NodeId, ...]:
    """Return those of the *known* nodes whose ledgers the other saw too."""
    told = set(common.tags)
    return tuple(sorted(each for each in known if tag(common.salt, each) in told))


def _check_span(node: NodeId, at: datetime, origin: str, old: int, new: int) -> None:
    check_random("node", node)
    check_instant("at", at)
    if not (0 < old < new) or len(origin) > ORIGIN_LIMIT:
        raise ValueError("consistency: no possible span")
