# SPDX-License-Identifier: Apache-2.0
"""What is gone on purpose, told from what is gone: each removal is the leaf that it names.

A copy whose bytes are not here is sound if this node remembers its removal and its log says so at
the very place; without the leaf, somebody who had the database took the bytes away.
"""

from comity.errors import ComityError
from comity.ledger.leaf import LeafType
from comity.services.removal import entry_of
from comity.services.verify_report import Tally, cause_of, first_difference
from comity.storage import logs, whole
from comity.storage.edge import LeafRow
from comity.storage.reading import Reading
from comity.storage.removed import Removed


def check_removed(reading: Reading, tally: Tally) -> None:
    for page in whole.pages(reading, whole.REMOVED):
        placed = [row for row in page if row.copy]
        leaves = {
            (log, each.idx): each
            for log in sorted({row.log for row in placed})
            for each in logs.leaves(reading, log, [r.leaf for r in placed if r.log == log])
        }
        for row in placed:
            _check(row, leaves.get((row.log, row.leaf)), tally)
        tally.done("removed", len(page))


def _check(row: Removed, leaf: LeafRow | None, tally: Tally) -> None:
    if leaf is None or leaf.type != LeafType.REMOVAL:
        tally.fault("removed", row.copy, "leaf", column="leaf")
        return
    if leaf.entry is None:
        return  # erased by law, which another leaf says
    try:
        entry = entry_of(row)
    except (ComityError, ValueError) as error:
        cause = cause_of(error) if isinstance(error, ComityError) else "malformed"
        tally.fault("removed", row.copy, cause)
        return
    if entry != leaf.entry:
        position = first_difference(leaf.entry, entry)
        tally.fault("removed", row.copy, "differs", position=position)
