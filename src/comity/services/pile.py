# SPDX-License-Identifier: Apache-2.0
"""A pile: one thread while it is being opened, what verified and what failed, before it is folded.

``thread.py`` opens it, step by step.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from comity.domain.docket import Docket, Proven, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, ThreadId
from comity.domain.time import from_millis
from comity.errors import ComityError, TwoBodies
from comity.services.unseal import Opened
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.wire.statement import body_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistrusted:
    """What failed verification: who released it, when it came, and why it is not shown."""

    act: ActId
    copy: CopyId
    agency: AgencyId
    at: datetime
    code: str
    """The error's; ``language`` has its sentence."""


@dataclass(slots=True, kw_only=True)
class Pile:
    """One thread while it is being opened."""

    id: ThreadId
    rows: dict[str, Copy] = field(default_factory=dict)
    dockets: dict[str, Docket] = field(default_factory=dict)
    sound: set[str] = field(default_factory=set)
    """Copies whose dockets verify, and those of ours that have none yet."""
    givers: frozenset[str] = frozenset()
    """Colleagues who handed on to him what was sealed to them."""
    named: dict[str, tuple[CopyReader, ...]] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    conflicting: list[Opened] = field(default_factory=list)
    mistrusted: list[Mistrusted] = field(default_factory=list)
    wrong: list[Copy] = field(default_factory=list)
    """What is not what it says, whoever reads it."""
    shut: list[Copy] = field(default_factory=list)
    """What his keys do not open."""
    receipts: list[Receipt] = field(default_factory=list)
    proven: tuple[Proven, ...] = ()
    more: int = 0
    retired: list[ActId] = field(default_factory=list)

    @property
    def lost(self) -> list[Copy]:
        """Return what nobody here has opened well; that one key does not fit says little alone."""
        read = {each.copy for each in self.receipts if each.stage is ReceiptStage.OPENED}
        return [*self.wrong, *(row for row in self.shut if row.copy not in read)]

    @property
    def held(self) -> frozenset[ActId]:
        return frozenset(
            ActId(row.act) for row in self.rows.values() if row.state == CopyState.HELD
        )

    def void(self, ids: Collection[str]) -> None:
        """Take out the copies *ids* of one act; where both bodies are here, say that they clash."""
        gone = [each for each in self.opened if each.copy in ids]
        self.opened = [each for each in self.opened if each.copy not in ids]
        self.mistrusted += [mistrusted_of(each.row, TwoBodies()) for each in gone]
        self.wrong += [each.row for each in gone]
        if len({body_of(each) for each in gone}) > 1:
            self.conflicting += gone


def body_of(found: Opened) -> tuple[str, str]:
    """Return what every copy of one act shares: two types may write their bodies alike."""
    return (found.statement.type, body_digest(found.statement))


def mistrusted_of(row: Copy, error: ComityError) -> Mistrusted:
    return Mistrusted(
        act=ActId(row.act),
        copy=CopyId(row.copy),
        agency=AgencyId(row.agency),
        at=from_millis(row.stored_at),
        code=error.cause,
    )
