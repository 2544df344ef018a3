# SPDX-License-Identifier: Apache-2.0
"""Witnessing: whether a peer's new checkpoint continues what we saw of its log.

The decision alone. The caller has verified the log's signature on both checkpoints, keeps both
notes and the proof as evidence when a ``LedgerFork`` is raised, and must judge and make the newest
durable in one step before it cosigns: two judgements side by side could cosign a step back
(c2sp.org/tlog-witness, add-checkpoint). A checkpoint of the next origin is ``succession``'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import BadProof, Stale
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.proof import verify_consistency


@dataclass(frozen=True, slots=True)
class Extension:
    """The log grew, provably; *old* is None at first sight."""

    old: Checkpoint | None
    new: Checkpoint


@dataclass(frozen=True, slots=True)
class Same:
    """Nothing was added since."""

    checkpoint: Checkpoint


def judge(last: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> Extension | Same:
    """Return how *new* continues *last*, the newest that we saw of this log, or raise.

    ``LedgerFork``: another root for one size, or a well-formed proof that leads elsewhere.
    ``Stale``: older than what we saw. ``BadProof``: no proof at all.
    """
    if last is None:
        if proof:
            raise BadProof("length")
        return Extension(None, new)
    if last.origin != new.origin:
        _refuse_origin(last, new)
    if new.size < last.size:
        raise Stale("checkpoint", size=new.size, held=last.size)
    verify_consistency(last.size, new.size, last.root, new.root, proof)
    return Same(last) if last == new else Extension(last, new)


def _refuse_origin(last: Checkpoint, new: Checkpoint) -> None:
    """Raise: a log that was closed stays closed, and another's is not judged here."""
    held, other = Origin.parse(last.origin), Origin.parse(new.origin)
    if other.node == held.node and other.number < held.number:
        raise Stale("origin")
    raise BadProof("origin")
