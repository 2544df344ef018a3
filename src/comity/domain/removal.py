# SPDX-License-Identifier: Apache-2.0
"""A removal: the sealed bytes of one copy are gone from a node, and why.

It is the entry of a leaf of its own, so that bytes that are not there are either said here or a
fault (spec/ledger.md, *Removal*). Whoever recalled the copy can make the same entry from the
receipt, and so verify that the leaf is in the holder's ledger.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.domain.docket import Receipt
from comity.domain.ids import (
    ActId,
    AgencyId,
    CopyId,
    EnvelopeId,
    ThreadId,
    check_digest,
    check_random,
)
from comity.domain.time import check_instant


class Why(StrEnum):
    RECALL = "recall"
    EXPIRED = "expired"
    """Its originator let it be used until then."""
    RETENTION = "retention"
    """The agency's own rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    type: str = "comity/removal@1"
    agency: AgencyId
    """Whose act it was."""
    to: AgencyId
    """Whose copy."""
    act: ActId
    copy: CopyId
    envelope: EnvelopeId
    thread: ThreadId
    why: Why
    at: datetime

    def __post_init__(self) -> None:
        check_random("act", self.act)
        check_random("thread", self.thread)
        check_digest("copy", self.copy)
        check_digest("envelope", self.envelope)
        check_instant("at", self.at)


def told_by(receipt: Receipt) -> Removal:
    """Return the removal of which a *removed* receipt tells."""
    return Removal(
        agency=receipt.to,
        to=receipt.agency,
        act=receipt.act,
        copy=receipt.copy,
        envelope=receipt.envelope,
        thread=receipt.thread,
        why=Why.RECALL,
        at=receipt.at,
    )
