# SPDX-License-Identifier: Apache-2.0
"""What lies locked under the house key: every row must open in its own place.

A row that was changed, or moved to another's place, does not open. What is inside is not looked at.
"""

from typing import Any, Final

from comity.crypto.vault import Vault
from comity.errors import ComityError
from comity.services.relock import LOCKED, Locked
from comity.services.verify_report import Tally, cause_of
from comity.storage import whole
from comity.storage.reading import Reading

OWN: Final = frozenset({"secrets", "identities", "housed", "desk_keys"})
"""Roots and entries are opened where rosters are verified."""


def check_locked(reading: Reading, vault: Vault, tally: Tally) -> None:
    for locked in LOCKED:
        table = locked.shape.table.name
        if table in OWN:
            for row in whole.rows(reading, locked.shape):
                tally.done(table)
                _check(row, locked, vault, tally)


def _check(row: Any, locked: Locked, vault: Vault, tally: Tally) -> None:  # noqa: ANN401  # any row
    table, place = locked.shape.table.name, locked.place(row)
    try:
        vault.open(getattr(row, locked.column), place)
    except ComityError as error:
        named = place.removeprefix(f"{table.replace('_', '-')}/")
        tally.fault(table, named, cause_of(error), column=locked.column)
