# SPDX-License-Identifier: Apache-2.0
"""What lies locked under the house key: every row must open in its own place.

A row that was changed, or moved to another's place, does not open. What is inside is not looked at,
but for wraps, which must be stanzas.
"""

from collections.abc import Callable
from typing import TypeVar

from comity.crypto.age import beside
from comity.crypto.vault import Vault
from comity.errors import ComityError
from comity.services.desks import place_of_desk_key
from comity.services.verify_report import Tally, cause_of
from comity.services.wraps import place_of_wrap
from comity.storage import envelopes, whole
from comity.storage.housed import Housed
from comity.storage.keys import DeskKey, Identity, Secret
from comity.storage.reading import Reading
from comity.storage.shape import Kept, Shape

R = TypeVar("R", bound=Kept)


def check_locked(reading: Reading, vault: Vault, tally: Tally) -> None:
    def look(
        shape: Shape[R],
        place: Callable[[R], str],
        body: Callable[[R], bytes],
        *,
        column: str = "body",
    ) -> None:
        table = shape.table.name
        for row in whole.rows(reading, shape):
            tally.done(table)
            try:
                vault.open(body(row), place(row))
            except ComityError as error:
                named = place(row).removeprefix(f"{table.replace('_', '-')}/")
                tally.fault(table, named, cause_of(error), column=column)

    look(whole.SECRETS, _place_of_secret, lambda row: row.body)
    look(whole.IDENTITIES, _place_of_identity, lambda row: row.body)
    look(whole.HOUSED, _place_of_housed, lambda row: row.body)
    look(whole.DESK_KEYS, _place_of_desk_key, lambda row: row.sealed, column="sealed")
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


def _place_of_secret(row: Secret) -> str:
    owner = f"{row.agency}/" if row.agency else ""
    return f"secrets/{row.name}/{owner}{row.version}"


def _place_of_identity(row: Identity) -> str:
    return f"identities/{row.officer}"


def _place_of_desk_key(row: DeskKey) -> str:
    return place_of_desk_key(row.desk, row.epoch, row.member)


def _place_of_housed(row: Housed) -> str:
    return f"{row.room}/{row.name}"
