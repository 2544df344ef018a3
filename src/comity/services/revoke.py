# SPDX-License-Identifier: Apache-2.0
"""Revoke an officer: his certificate ends, now or from when it was stolen.

What he signed is judged by it everywhere once the next roster has come. What was sealed to his
desks before stays readable to who keeps a copy of their key: the desk's next epoch is for a member
to begin (``desks.change_members``), and until then the desk is named here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import time
from comity.domain.ids import DeskId, OfficerId
from comity.domain.roster import RevocationEntry
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.rosters import issue
from comity.storage import keys

REASONS: Final = ("left", "lost", "stolen", "misuse", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    entry: RevocationEntry
    desks: tuple[DeskId, ...]
    """Desks whose key he knows: each needs a new epoch."""


def revoke(
    house: House, officer: OfficerId, *, reason: str, compromised_since: datetime | None = None
) -> Revoked:
    """Revoke *officer*; his identity file is destroyed here."""
    if reason not in REASONS:
        raise Misused("revocation-reason")
    found = [
        (card, entry)
        for card in read_book(house).own
        for entry in card.officers
        if entry.id == officer
    ]
    if not found:
        raise Misused("officer-unknown")
    card, entry = found[0]
    certificate = card.certificate_of(officer)
    revocation = RevocationEntry(
        agency=card.id,
        certificate=certificate,
        at=house.now(),
        compromised_since=time.written(compromised_since) if compromised_since else "",
        reason=reason,
    )
    issue(house, card.id, add=[revocation], end=[certificate])
    house.store.write(lambda w: keys.delete_identities(w, [officer]))
    return Revoked(entry=revocation, desks=entry.desks)
