# SPDX-License-Identifier: Apache-2.0
"""What was passed on to us, verified before anything of it is shown; every failing is a lie.

(1) Who passes it on may, and this copy is for whom the statement names, or for who looks on.
(2) Each signature in it is verified: by what we know of its agency, else by what the statement
    shows of that agency's keys. Of an agency that we have admitted nothing is taken on another's
    word: what we cannot verify we refuse. Of one that we do not know it is shown as *vouched for*.
(3) The chain holds: what was told, consents, recipients, handling (``domain/passed_on.py``).

What fails by time alone accuses nobody: it may have been right when it left.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.crypto.signing import verifying_key
from comity.domain.handling import See
from comity.domain.ids import AgencyId, CertificateHash
from comity.domain.passed_on import IN_TIME_ONCE, Chain, why_not
from comity.domain.release import looks_on
from comity.domain.roster import AgencyType, Entry
from comity.domain.statement import PassOn, Statement
from comity.domain.trust import Judged, certificate_of
from comity.errors import BadSignature, Differs, Refused, Stale
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.judge import officer_at
from comity.services.rules import STATES, same_state
from comity.wire import canonical, proof
from comity.wire import statement as statement_wire
from comity.wire.passed_on import CERTIFIED_LIMIT, unpack
from comity.wire.proof import Certified
from comity.wire.statement import SignedCopy

Entries = Mapping[CertificateHash, Entry]


class Backing(StrEnum):
    """What stands behind a signature, surest first."""

    VERIFIED = "verified"
    """By an agency that we have admitted."""
    VOUCHED = "vouched"
    """By keys that its agency certified, of which we know nothing else."""
    CLAIMED = "claimed"
    """By nobody but who passed it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What was passed on, for showing."""

    chain: Chain
    backing: Backing
    """Of the least sure of all signatures in it."""


def check_passed_on(said: Statement, book: Book, when: Judged) -> None:
    """Raise Untrusted unless what *said* passes on may be believed to be passed on rightly."""
    if isinstance(said.body, PassOn):
        passed(said, book, when.at)


def passed(said: Statement, book: Book, at: datetime) -> Passed:
    """Return what *said* passes on, verified; raise Untrusted."""
    _check_passer(said, book)  # (1)
    found = unpack(said)
    backings = backings_of(found.signed, found.certified, book, at)  # (2)
    why = why_not(found.chain, nearest_of(found.chain, book), at)  # (3)
    if why in IN_TIME_ONCE:
        raise Stale(why)
    if why:
        raise Differs("consent" if "consent" in why else "passed-on")
    return Passed(chain=found.chain, backing=max(backings, key=tuple(Backing).index))


def backings_of(
    signed: Iterable[SignedCopy], certified: Iterable[bytes], book: Book, at: datetime
) -> list[Backing]:
    """Return what stands behind each of *signed*; raise Untrusted."""
    shown = shown_entries(certified)
    return [_backing(each, book, shown, at) for each in signed]


def check_leave(said: Statement, book: Book, at: datetime) -> None:
    """Raise Refused if what *said* passes on, which has not left yet, may not be passed on now."""
    if not isinstance(said.body, PassOn):
        return
    chain = unpack(said).chain
    if why_not(chain, nearest_of(chain, book), at):
        raise Refused("consent-over")


def nearest_of(chain: Chain, book: Book) -> Sequence[See | None]:
    """Return how near the recipient of each hand of *chain* stands to it."""
    return [nearest(book, each.said.author.agency, each.body.recipient) for each in chain.hands]


def nearest(book: Book, holder: AgencyId, recipient: AgencyId) -> See | None:
    """Return by which tie *recipient* may see what *holder* has, if handling reaches so far."""
    one, other = book.cards.get(holder), book.cards.get(recipient)
    if one is None or other is None or other.kind not in STATES:
        return None
    return See.STATE if same_state(one, other) else See.COMMUNITY


def _check_passer(said: Statement, book: Book) -> None:
    body, agency = said.body, said.author.agency
    if book.agency(agency).kind is AgencyType.NGO:
        raise Differs("passed-on")  # what an NGO was told goes no further
    for_it = isinstance(body, PassOn) and said.to in (agency, body.recipient)
    if not (for_it or looks_on(said)):
        raise Differs("recipient")


def shown_entries(told: Iterable[bytes]) -> Entries:
    """Return the certificates that are shown, each verified down from its agency's root."""
    entries: dict[CertificateHash, Entry] = {}
    for each in told:
        certified = canonical.decode(each, Certified, limit=CERTIFIED_LIMIT)
        entries |= dict(proof.check_agency(certified)[1])
    return entries


def _backing(signed: SignedCopy, book: Book, shown: Entries, at: datetime) -> Backing:
    """Return what stands behind the signature of *signed*; raise BadSignature or Stale."""
    author = signed.statement.author
    card = book.cards.get(author.agency)
    known = card.history if card is not None else {}
    entries = known if author.certificate in known else shown
    if author.certificate not in entries:
        if card is not None:
            raise BadSignature("unknown")
        return Backing.CLAIMED
    entry = certificate_of(entries, author)
    statement_wire.verify(signed.dsse, verifying_key(entry.signing))
    if card is None:
        return Backing.VOUCHED
    if entries is known:
        _check_time(card, signed.statement, at)
    return Backing.VERIFIED


def _check_time(card: AgencyCard, said: Statement, at: datetime) -> None:
    """Raise Stale where the key was not good then; who passed it on need not have known that."""
    try:
        officer_at(card, said.author.certificate, said=said.at, arrived=at)
    except Stale:
        raise Stale("ended") from None
