# SPDX-License-Identifier: Apache-2.0
"""Proofs checked: a leaf is in a tree, a tree continues another (RFC 6962 §2.1.1, §2.1.2).

Both walk from a node to the root. Up to the level where the node's path leaves that of the last
leaf there is one sibling a level, on either side (*inner*); above it there are only left siblings,
one for each bit set (*border*). So the sizes alone say how long a proof must be, and every other
length is refused before anything is hashed. Each hash must be of 32 bytes, or two siblings could
share their 64 in another way and lead to the same root.
"""

from collections.abc import Sequence
from hashlib import sha256

from comity.errors import BadProof, LedgerFork
from comity.ledger.tree import EMPTY_ROOT, HASH_SIZE, SIZE_LIMIT


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise ``BadProof`` unless *leaf_hash* stands at *index* of the tree of *size* and *root*."""
    if not 0 <= index < size < SIZE_LIMIT:
        raise BadProof("size")
    inner, border = _lengths(index, size - 1)
    if len(proof) != inner + border:
        raise BadProof("length")
    _check_hashes((leaf_hash, root, *proof))
    # RFC 9162 §2.1.3.2. Hashed in place, not by ``tree.node``: receipts run this by thousands.
    reached, here = leaf_hash, index
    for sibling in proof[:inner]:
        pair = sibling + reached if here & 1 else reached + sibling
        reached = sha256(b"\x01" + pair).digest()
        here >>= 1
    for sibling in proof[inner:]:
        reached = sha256(b"\x01" + sibling + reached).digest()
    if reached != root:
        raise BadProof("root")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ``BadProof`` unless the tree of size *new* begins with the tree of size *old*.

    It is a ``LedgerFork`` when everything is well formed and the roots still do not meet: only
    that speaks of two histories.
    """
    if not 0 <= old <= new < SIZE_LIMIT:
        raise BadProof("size")
    _check_hashes((old_root, new_root, *proof))
    if old in (0, new):
        _check_without_proof(old, new, old_root, new_root, proof)
    elif _roots(old, new, old_root, proof) != (old_root, new_root):
        raise LedgerFork("proof", old=old, new=new)


def _check_without_proof(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check what needs no hashing: every tree begins with the empty one and with itself."""
    if proof:
        raise BadProof("length")
    if old == 0 and old_root != EMPTY_ROOT:
        raise BadProof("root")
    if old == new and old_root != new_root:
        raise LedgerFork("root", size=new)


def _roots(old: int, new: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of both sizes to which *proof* leads (RFC 9162 §2.1.4.2)."""
    level = (old & -old).bit_length() - 1
    # An old tree that is one perfect subtree is the start; the proof leaves it out.
    path = (old_root, *proof) if old == 1 << level else tuple(proof)
    index = (old - 1) >> level
    inner, border = _lengths(index, (new - 1) >> level)
    if len(path) != 1 + inner + border:
        raise BadProof("length")
    was = now = path[0]
    for sibling in path[1 : 1 + inner]:
        if index & 1:
            was = sha256(b"\x01" + sibling + was).digest()
            now = sha256(b"\x01" + sibling + now).digest()
        else:
            now = sha256(b"\x01" + now + sibling).digest()
        index >>= 1
    for sibling in path[1 + inner :]:
        was = sha256(b"\x01" + sibling + was).digest()
        now = sha256(b"\x01" + sibling + now).digest()
    return was, now


def _lengths(index: int, last: int) -> tuple[int, int]:
    """Return how many siblings the path from node *index* meets below and above its fork.

    *last* is the index, on the same level, of the node that holds the last leaf.
    """
    inner = (index ^ last).bit_length()
    return inner, (index >> inner).bit_count()


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if set(map(len, hashes)) - {HASH_SIZE}:
        raise BadProof("hash")
