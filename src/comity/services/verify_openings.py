# SPDX-License-Identifier: Apache-2.0
"""What the openings of a log tell, held against the rows that they are of.

Each docket and each receipt in the log has its row; each roster, each finding too. From the rows to
the leaves it is looked at otherwise: a copy's row names its leaf, receipts are counted by the first
byte of their digest, so that memory stays constant, and rosters and findings are few.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

from comity.domain.erasure import Erasure
from comity.domain.ids import Digest, digest
from comity.errors import Malformed
from comity.ledger.leaf import LeafType, Opening
from comity.services.verify_report import Tally, cause_of
from comity.storage import copies, receipts, removed
from comity.storage.edge import Log
from comity.storage.reading import Reading
from comity.wire import canonical

ERASURE_LIMIT: Final = 256 * 1024
BUCKET: Final = 2
"""Hexadecimal digits of a digest by which receipts are counted."""


@dataclass(frozen=True, slots=True)
class _Named:
    copy: str = ""


@dataclass(frozen=True, slots=True)
class _Finding:
    kind: str = ""
    subject: str = ""
    concerns: tuple[str, ...] = ()


_named = msgspec.json.Decoder(_Named)
_finding = msgspec.json.Decoder(_Finding)


@dataclass(slots=True)
class Openings:
    """Told every opening of every log, a page at a time."""

    reading: Reading
    tally: Tally
    complete: bool = True
    """False once a log could not be walked to its end: then what was not heard proves nothing."""
    receipts: Counter[str] = field(default_factory=Counter)
    """How many receipts are in the logs, by the beginning of their digests."""
    rosters: set[Digest] = field(default_factory=set)
    evidence: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)
    """For each finding its kind, its subject and the digests by one of which its row is known."""
    erased: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Leaves without an opening, log and index, by origin."""
    _said: dict[str, set[int]] = field(default_factory=dict)
    _copies: list[str] = field(default_factory=list)
    _receipts: list[str] = field(default_factory=list)
    _removed: list[str] = field(default_factory=list)

    def lost(self, log: Log, index: int) -> None:
        """Note that the opening at *index* was destroyed."""
        self.erased.setdefault(log.origin, []).append((log.log, index))

    def hear(self, log: Log, index: int, opening: Opening) -> None:
        match opening.type:
            case LeafType.DOCKET:
                self._hear_docket(log, index, opening.entry)
            case LeafType.RECEIPT:
                named = digest(opening.entry)
                self._receipts.append(named)
                self.receipts[named[:BUCKET]] += 1
            case LeafType.ROSTER:
                self.rosters.add(digest(opening.entry))
            case LeafType.EVIDENCE:
                self._hear_finding(log, index, opening.entry)
            case LeafType.REMOVAL:
                self._hear_removal(log, index, opening.entry)
            case LeafType.ERASURE:
                self._hear_erasure(log, index, opening.entry)
            case _:
                pass

    def turn(self) -> None:
        """Look up what the page just heard named."""
        known = copies.known(self.reading, self._copies)
        for each in self._copies:
            if each not in known:
                self.tally.fault("copies", each, "gone")
        kept = receipts.known(self.reading, self._receipts)
        for each in self._receipts:
            if each not in kept:
                self.tally.fault("receipts", each, "gone")
        gone = {each.copy for each in removed.by_copies(self.reading, self._removed)}
        for each in self._removed:
            if each not in gone:
                self.tally.fault("removed", each, "gone")
        self._removed.clear()
        self._copies.clear()
        self._receipts.clear()

    def finish(self) -> None:
        """Say which openings are gone without a leaf that says so."""
        for origin, places in self.erased.items():
            said = self._said.get(origin, set())
            for log, index in places:
                if index not in said:
                    self.tally.fault("leaves", f"{log}/{index}", "erased", column="entry")

    def _hear_docket(self, log: Log, index: int, entry: bytes) -> None:
        self._hear_named(log, index, entry, self._copies)

    def _hear_removal(self, log: Log, index: int, entry: bytes) -> None:
        self._hear_named(log, index, entry, self._removed)

    def _hear_named(self, log: Log, index: int, entry: bytes, named: list[str]) -> None:
        try:
            named.append(_named.decode(entry).copy)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.tally.fault("leaves", f"{log.log}/{index}", "malformed", column="entry")

    def _hear_finding(self, log: Log, index: int, entry: bytes) -> None:
        try:
            said = _finding.decode(entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.tally.fault("leaves", f"{log.log}/{index}", "malformed", column="entry")
            return
        known_by = frozenset({digest(entry), *said.concerns})
        self.evidence.append((said.kind, said.subject, known_by))

    def _hear_erasure(self, log: Log, index: int, entry: bytes) -> None:
        try:
            told = canonical.decode(entry, Erasure, limit=ERASURE_LIMIT)
        except Malformed as error:
            self.tally.fault("leaves", f"{log.log}/{index}", cause_of(error), column="entry")
            return
        self._said.setdefault(told.origin, set()).update(told.leaves)
