# SPDX-License-Identifier: Apache-2.0
"""The hash tree: two hashes that cannot be mistaken for one another (RFC 6962 §2.1).

This is the definition, short enough to be checked by eye. ``tile`` computes the same roots from
what is stored, and the tests hold it against this.
"""

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE = 32
SIZE_LIMIT = 2**53  # a size or an index is a whole number that JSON carries exactly (RFC 7493 §2.2)
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree over leaf *hashes*."""
    match len(hashes):
        case 0:
            return EMPTY_ROOT
        case 1:
            return hashes[0]
        case size:
            split = 1 << (size - 1).bit_length() - 1
            return node(root(hashes[:split]), root(hashes[split:]))
