# SPDX-License-Identifier: Apache-2.0
"""Export: an officer's own age file, so that nobody is locked in.

At home the file lies wrapped once more under the house key. What is handed out is the inner file:
``age -d`` and his passphrase open it, and then it opens what is sealed to his keys of that day, and
whatever letters ``exported.py`` hands out.
"""

from comity.domain.ids import OfficerId
from comity.errors import Misused, TooLate
from comity.services.house import House
from comity.storage import keys
from comity.storage.reading import Reading, Writing


def export(house: House, officer: OfficerId) -> bytes:
    """Return the identity file of *officer*, still under his passphrase."""
    with house.store.read() as reading:
        sealed = kept(reading, house, officer)
    if sealed is None:
        raise Misused("officer-unknown")
    return sealed


def kept(reading: Reading, house: House, officer: str) -> bytes | None:
    """Return the identity file of *officer*, None if there is none (any more)."""
    rows = keys.identities(reading, [officer])
    return house.vault.open(rows[0].body, _place(officer)) if rows else None


def keep(writing: Writing, house: House, agency: str, officer: str, sealed: bytes) -> None:
    """Keep *sealed* as the identity file of *officer*, in place of the one before."""
    locked = house.vault.lock(sealed, _place(officer))
    row = keys.Identity(officer=officer, agency=agency, body=locked, at=house.millis())
    keys.put_identities(writing, [row])


def exchange(
    writing: Writing, house: House, agency: str, officer: str, *, before: bytes, sealed: bytes
) -> None:
    """Keep *sealed* in the place of *before*, of which it was made; raise TooLate if that is gone.

    Another session, a new passphrase or a lock phrase may have been first.
    """
    _ = writing.log  # its lock, before we look
    if kept(writing, house, officer) != before:
        raise TooLate("moved")
    keep(writing, house, agency, officer, sealed)


def _place(officer: str) -> str:
    return f"identities/{officer}"
