# SPDX-License-Identifier: Apache-2.0
"""Revoke: a certificate ends, now, or from when its key was stolen.

An officer has had a certificate for each set of desks, all with one signing key, and an ended entry
still judges old statements. So whoever is revoked is revoked in all of them. What he signed is
judged by it everywhere once the next roster has come. What was sealed to his desks before stays
readable to who kept a copy of their key: the desk's next epoch is for a member to begin
(``desks.change_members``), and whoever revokes is told of which desks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import time
from comity.domain.ids import AgencyId, CertificateHash, DeskId, OfficerId
from comity.domain.roster import DeskEntry, Entry, MandateEntry, OfficerEntry, RevocationEntry
from comity.errors import Misused, Refused
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.rosters import Change, amend
from comity.storage import keys, wraps
from comity.storage.reading import Writing

REASONS: Final = ("left", "lost", "stolen", "misuse", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    entries: tuple[RevocationEntry, ...]
    """One for each certificate."""
    desks: tuple[DeskId, ...] = ()
    """Desks whose key he knows: each needs a new epoch."""


def revoke(
    house: House, subject: str, *, reason: str, compromised_since: datetime | None = None
) -> Revoked:
    """Revoke an officer, a desk or a mandate: by id, or by the hash of one of its certificates.

    An officer's identity file is destroyed here. Who was revoked before can be revoked again, when
    it turns out that his key was stolen earlier than was thought.
    """
    if reason not in REASONS:
        raise Misused("revocation-reason")
    since = _since(house, compromised_since)
    holder = _holder(read_book(house).own, subject)
    made: list[RevocationEntry] = []

    def decide(card: AgencyCard) -> Change:
        found = _certificates(card, subject)
        _check_new(card, found, since)
        made[:] = withdrawals(house, card, found, reason=reason, since=since)
        officers = [each.id for each in found.values() if isinstance(each, OfficerEntry)]
        return Change(
            add=tuple(made),
            end=[named for named in found if named in card.current],
            also=lambda w: _forget(w, officers[:1]),
        )

    amend(house, holder.id, decide)
    return Revoked(entries=tuple(made), desks=_known_to(house, holder.id, subject))


def _forget(writing: Writing, officers: Sequence[OfficerId]) -> None:
    """Destroy the keys of *officers* here, and what lies beside envelopes for them."""
    keys.delete_identities(writing, officers)
    wraps.discard_of(writing, officers)


def withdrawals(
    house: House,
    card: AgencyCard,
    certificates: Iterable[CertificateHash],
    *,
    reason: str,
    since: str = "",
) -> tuple[RevocationEntry, ...]:
    """Return what withdraws each of *certificates* from now, or from *since* on."""
    return tuple(
        RevocationEntry(
            agency=card.id,
            certificate=each,
            at=house.now(),
            compromised_since=since,
            reason=reason,
        )
        for each in certificates
    )


def _known_to(house: House, agency: AgencyId, subject: str) -> tuple[DeskId, ...]:
    """Return the desks of which *subject*, if an officer, knows the newest key."""
    card = read_book(house).agency(agency)
    officers = {e.id for e in _certificates(card, subject).values() if isinstance(e, OfficerEntry)}
    with house.store.read() as reading:
        held = [row for each in officers for row in keys.desk_keys_of(reading, each)]
    epochs = {(row.desk, row.epoch) for row in held}
    return tuple(each.id for each in card.desks if (each.id, each.epoch) in epochs)


def _since(house: House, at: datetime | None) -> str:
    if at is None:
        return ""
    if at.utcoffset() is None or at > house.clock():
        raise Misused("compromised-since")
    return time.written(time.whole(at))


def _holder(own: Sequence[AgencyCard], subject: str) -> AgencyCard:
    for card in own:
        if _certificates(card, subject):
            return card
    raise Misused("certificate-unknown")


def _certificates(card: AgencyCard, subject: str) -> Mapping[CertificateHash, Entry]:
    """Return every certificate that *subject* has had."""
    one = card.history.get(CertificateHash(subject))
    id_ = one.id if isinstance(one, OfficerEntry | DeskEntry | MandateEntry) else subject
    return {
        named: each
        for named, each in card.history.items()
        if isinstance(each, OfficerEntry | DeskEntry | MandateEntry) and each.id == id_
    }


def _check_new(card: AgencyCard, certificates: Mapping[CertificateHash, Entry], since: str) -> None:
    """Raise Refused if this would say nothing that the roster does not say already."""
    if any(named in card.current for named in certificates):
        return
    ends = [card.revoked.get(named) for named in certificates]
    if not since or all(end is not None and end <= time.read(since) for end in ends):
        raise Refused("revoked-already")
