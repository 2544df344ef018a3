# SPDX-License-Identifier: Apache-2.0
"""Verify what is kept here for others: each deposit has the bytes that its name says."""

from comity.domain.ids import digest
from comity.errors import Damaged
from comity.services.verify_report import Tally
from comity.storage import mailbox, whole
from comity.storage.reading import Reading


def check_deposits(reading: Reading, tally: Tally) -> None:
    for row in whole.rows(reading, whole.DEPOSITS, limit=16):
        try:
            file = row.sealed or mailbox.folder(reading).read(row.deposit)
        except Damaged:
            tally.fault("deposits", row.id, "gone", column="sealed")
        else:
            if (digest(file), len(file)) != (row.deposit, row.size):
                tally.fault("deposits", row.id, "digest", column="sealed")
        tally.done("deposits")
