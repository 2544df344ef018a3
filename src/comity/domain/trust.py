# SPDX-License-Identifier: Apache-2.0
"""Trust: whether a certificate was good when its statement is judged to have been made.

A statement is judged at the earliest cosignature on a checkpoint that covers it; until there is
one, at our own time of receipt, provisionally; never at its own date (design §5 *Statement*). A
revocation ends a certificate at its time; one that names ``compromised_since`` ends it there, so
that what a thief signed before he was noticed is refused too.

Some keys end in honour: their time is over, or their officer left. What such a key signed in its
last hours may come when it has ended; it is not believed, and nobody is accused of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import time
from comity.domain.ids import CertificateHash
from comity.domain.roster import Entry, OfficerEntry, OtherEntry, RevocationEntry
from comity.domain.statement import Author
from comity.errors import BadSignature, Stale

HONEST_ENDS: Final = frozenset({"left", "superseded"})
"""Reasons for which a key is withdrawn that nobody else is thought to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    at: datetime
    provisional: bool


def judged(received: datetime, cosigned: Iterable[datetime] = ()) -> Judged:
    """Return when a statement is judged to have been made."""
    earliest = min(cosigned, default=None)
    if earliest is None:
        return Judged(at=received, provisional=True)
    return Judged(at=earliest, provisional=False)


def certificate_at(
    history: Mapping[CertificateHash, Entry],
    certificate: CertificateHash,
    at: datetime,
    *,
    revoked: Mapping[CertificateHash, datetime] | None = None,
) -> Entry:
    """Return the entry of *certificate* if it was good at *at*; raise BadSignature or Stale.

    *history* are all entries that the agency ever certified, its revocations among them;
    *revoked* is ``revocations(history)``, where the caller has it at hand.
    """
    entry = history.get(certificate)
    if entry is None or isinstance(entry, RevocationEntry | OtherEntry):
        raise BadSignature("unknown")
    if at < entry.begins:
        raise Stale("not-yet")
    if at >= entry.ends:
        raise Stale("expired")
    ended = (revocations(history) if revoked is None else revoked).get(certificate)
    if ended is not None and at >= ended:
        raise Stale("revoked")
    return entry


def revocations(history: Mapping[CertificateHash, Entry]) -> dict[CertificateHash, datetime]:
    """Return from when each revoked certificate is no longer good; the earliest word stands."""
    ends: dict[CertificateHash, datetime] = {}
    for each in history.values():
        if isinstance(each, RevocationEntry) and _is_own(each, history.get(each.certificate)):
            at = _from(each)
            ends[each.certificate] = min(at, ends.get(each.certificate, at))
    return ends


def is_doubted(history: Mapping[CertificateHash, Entry], certificate: str) -> bool:
    """Return whether *certificate* was revoked because its key may be in other hands."""
    return any(
        isinstance(each, RevocationEntry)
        and each.certificate == certificate
        and _is_own(each, history.get(each.certificate))
        and (each.compromised_since != "" or each.reason not in HONEST_ENDS)
        for each in history.values()
    )


def author_at(
    history: Mapping[CertificateHash, Entry],
    author: Author,
    at: datetime,
    *,
    revoked: Mapping[CertificateHash, datetime] | None = None,
) -> OfficerEntry:
    """Return the certificate by which *author* could sign at *at*, for the desk if he names one."""
    certificate_at(history, author.certificate, at, revoked=revoked)
    return certificate_of(history, author)


def certificate_of(history: Mapping[CertificateHash, Entry], author: Author) -> OfficerEntry:
    """Return the certificate that *author* names and that is his, whenever it was good."""
    entry = history.get(author.certificate)
    if entry is None or isinstance(entry, RevocationEntry | OtherEntry):
        raise BadSignature("unknown")
    if not isinstance(entry, OfficerEntry):
        raise BadSignature("not-an-officer")
    if (entry.agency, entry.id) != (author.agency, author.officer):
        raise BadSignature("not-his")
    if author.desk and author.desk not in entry.desks:
        raise BadSignature("not-his-desk")
    return entry


def _is_own(revocation: RevocationEntry, entry: Entry | None) -> bool:
    """Return whether an agency revokes what it certified itself: nobody revokes another's."""
    return entry is not None and entry.agency == revocation.agency


def _from(revocation: RevocationEntry) -> datetime:
    if not revocation.compromised_since:
        return revocation.at
    try:
        return min(revocation.at, time.read(revocation.compromised_since))
    except ValueError:
        # Stolen, and nobody can read since when: nothing it signed can be relied on.
        return time.from_millis(0)
