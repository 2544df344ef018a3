# SPDX-License-Identifier: Apache-2.0
"""Judge: at what time a statement counts as made, and whether its signer's key was good then.

A statement is judged at the earliest cosignature on a checkpoint of our log that covers its leaf;
until there is one, at our own time of receipt, provisionally; never at its own date (design §5
*Statement*). No checkpoint is older than the leaves that it covers, so a witness whose clock is
behind, or who is asked to say so, cannot make a statement older than its arrival here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.docket import SKEW_SHOWN_SECONDS
from comity.domain.ids import AgencyId, CertificateHash, CopyId
from comity.domain.passed_on import IN_TIME_ONCE
from comity.domain.roster import NodeEntry, OfficerEntry, OtherEntry, RevocationEntry
from comity.domain.statement import Author
from comity.domain.time import from_millis
from comity.domain.trust import (
    Judged,
    author_at,
    certificate_at,
    certificate_of,
    is_doubted,
    judged,
)
from comity.errors import BadSignature, NotAdmitted, Stale
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.remembered import Remembered
from comity.storage import logs, witness
from comity.storage.copies import Copy
from comity.storage.reading import Reading
from comity.wire import docket as docket_wire
from comity.wire.docket import Released, Said

SKEW: Final = timedelta(seconds=SKEW_SHOWN_SECONDS)
"""How far two nodes' clocks may be apart before it is spoken of."""
NOT_YET: Final = f"{Stale.code}.not-yet"
IN_HONOUR: Final = frozenset(f"{Stale.code}.{why}" for why in ("ended", "expired", *IN_TIME_ONCE))
"""Why a statement is not believed of which nobody is accused: it came when its key had ended, or
when the time was over for which it could be passed on."""


def judge(reading: Reading, rows: Sequence[Copy]) -> Mapping[CopyId, Judged]:
    """Return when each of *rows* is judged to have been made."""
    origins = {each.log: each.origin for each in logs.every(reading)}
    return {CopyId(row.copy): _judge(reading, row, origins.get(row.log, "")) for row in rows}


def card_of(book: Book, agency: AgencyId) -> AgencyCard:
    """Return what is known of *agency*; raise BadSignature where nothing vouches for its keys."""
    try:
        return book.agency(agency)
    except NotAdmitted:
        raise BadSignature("unknown") from None


def signer_of(book: Book, author: Author) -> OfficerEntry:
    """Return the certificate that *author* names, if it is his, whenever it was good."""
    return certificate_of(card_of(book, author.agency).history, author)


def author_of(book: Book, author: Author, when: Judged) -> OfficerEntry:
    """Return the certificate by which *author* could sign *when*; raise BadSignature or Stale.

    As long as only our own clock says when, it may be behind that of the author's agency: whoever
    was enrolled a minute ago there and asked at once is no stranger here.
    """
    card = card_of(book, author.agency)
    at, entry = when.at, card.history.get(author.certificate)
    if (
        when.provisional
        and entry is not None
        and not isinstance(entry, RevocationEntry | OtherEntry)
    ):
        at = max(at, min(entry.begins, at + SKEW))
    try:
        return author_at(card.history, author, at, revoked=card.revoked)
    except Stale as stale:
        if stale.cause != _REVOKED or is_doubted(card.history, author.certificate):
            raise
        raise Stale("ended") from None


def check_carrier(
    released: Released[Said], card: AgencyCard, at: datetime, remembered: Remembered
) -> NodeEntry:
    """Return the node whose carrier key signed *released*; raise unless it was good at *at*.

    An agency's node may have changed its keys since then, so each that it had is tried. That one
    was not to begin yet, by our clock, is no matter: no thief has a key before its owner.
    """
    failure: BadSignature | Stale = BadSignature("unknown")
    for name, entry in card.history.items():
        if not isinstance(entry, NodeEntry):
            continue
        key = verifying_key(entry.carrier)
        try:
            remembered.once(released.dsse, key, partial(docket_wire.verify, released, key))
        except BadSignature as error:
            failure = failure if isinstance(failure, Stale) else error
            continue
        try:
            certificate_at(card.history, name, max(at, entry.begins), revoked=card.revoked)
        except Stale as error:
            failure = error  # the same key may stand in another entry that is good
            continue
        return entry
    raise failure


def officer_at(
    card: AgencyCard, certificate: str, *, said: datetime, arrived: datetime
) -> OfficerEntry:
    """Return the officer of *card* who could say with *certificate* what *arrived* here then.

    When he *said* it is his own word. That counts only where his key ended in honour: an officer
    who opened something and left before the line was back is believed. A key that others may have
    is judged by when what it signed came.
    """
    named = CertificateHash(certificate)
    entry = card.history.get(named)
    at = arrived
    if named not in card.revoked or not is_doubted(card.history, named):
        at = min(said, arrived)
    if entry is not None and not isinstance(entry, RevocationEntry | OtherEntry):
        at = max(at, min(entry.begins, arrived + SKEW))  # our clock may be behind
    entry = certificate_at(card.history, named, at, revoked=card.revoked)
    if not isinstance(entry, OfficerEntry) or entry.agency != card.id:
        raise BadSignature("not-an-officer")
    return entry


_REVOKED: Final = f"{Stale.code}.revoked"


def _judge(reading: Reading, row: Copy, origin: str) -> Judged:
    arrived = from_millis(row.stored_at)
    if not origin:
        return judged(arrived)
    lines = witness.covering(reading, origin, row.leaf + 1)
    return judged(arrived, [max(arrived, from_millis(each.at)) for each in lines])
