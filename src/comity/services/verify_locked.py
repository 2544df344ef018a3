# SPDX-License-Identifier: Apache-2.0
"""What lies locked under the house key: every row must open in its own place.

A row that was changed, or moved to another's place, does not open. What is inside is not looked at,
but for wraps, which must be stanzas.
"""

from typing import Any, Final

from comity.crypto.age import beside
from comity.crypto.vault import Vault
from comity.errors import ComityError
from comity.services.relock import LOCKED, Locked
from comity.services.verify_report import Tally, cause_of
from comity.services.wraps import place_of_wrap
from comity.storage import envelopes, whole
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
    _check_wraps(reading, vault, tally)


def _check_wraps(reading: Reading, vault: Vault, tally: Tally) -> None:
    """Check that each wrap opens in its place, is a stanza, and lies beside an envelope.

    Whether it opens that envelope only its reader's own key can tell (``wraps.check_own``).
    """
    for page in whole.pages(reading, whole.WRAPS):
        known = envelopes.known(reading, [row.envelope for row in page])
        for row in page:
            tally.done("wraps")
            named = f"{row.envelope}/{row.reader}"
            try:
                beside.read(vault.open(row.stanza, place_of_wrap(row.envelope, row.reader)))
            except ComityError as error:
                tally.fault("wraps", named, cause_of(error), column="stanza")
                continue
            if row.envelope not in known:
                tally.fault("wraps", named, "surplus")


def _check(row: Any, locked: Locked, vault: Vault, tally: Tally) -> None:  # noqa: ANN401  # any row
    table, place = locked.shape.table.name, locked.place(row)
    try:
        vault.open(getattr(row, locked.column), place)
    except ComityError as error:
        named = place.removeprefix(f"{table.replace('_', '-')}/")
        tally.fault(table, named, cause_of(error), column=locked.column)
