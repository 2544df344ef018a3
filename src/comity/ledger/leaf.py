# SPDX-License-Identifier: Apache-2.0
"""Leaves: what the log commits to, and the opening that shows it to whom it concerns.

The log holds SHA-256(salt ‖ entry) and never the entry, so that a neighbour's hash in a proof
tells nothing, and erasing by law destroys the opening while the leaf stands (spec/ledger.md).
"""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from comity.errors import BadProof, Malformed
from comity.ledger.tree import leaf_hash

SALT_SIZE = 16
ENTRY_LIMIT = 1 << 20  # spec/ledger.md: no entry is larger than a parcel


class LeafType(IntEnum):
    DOCKET = 1
    RECEIPT = 2
    ROSTER = 3
    KEY = 4
    ERASURE = 5
    """An opening was destroyed by law: which leaf, on what ground."""
    REMOVAL = 6
    """An act was removed after its author recalled it."""
    OPENING = 7
    """The first leaf of every log and no other: names the log before it."""
    EVIDENCE = 8
    """What was refused and kept: a fork, two bodies of one act."""
    STANDING = 9
    """How we stand to another agency: introduced, suspended, taken back; never who decided."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One leaf, opened: its type, the salt and the entry that were committed to."""

    type: LeafType
    salt: bytes = field(repr=False)
    entry: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_SIZE:
            raise Malformed("salt", size=len(self.salt))
        if len(self.entry) > ENTRY_LIMIT:
            raise Malformed("size", limit=ENTRY_LIMIT)

    @property
    def data(self) -> bytes:
        """The 33 bytes that are hashed into the tree."""
        return bytes([self.type]) + sha256(self.salt + self.entry).digest()

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.data)

    def check(self, leaf: bytes) -> None:
        """Raise ``BadProof`` unless this opens the leaf whose hash is *leaf*."""
        if self.hash != leaf:
            raise BadProof("opening")
