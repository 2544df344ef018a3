# SPDX-License-Identifier: Apache-2.0
"""Rosters for a peer that cannot say what it still lacks: all of it, parcel by parcel.

By the line a peer is told as much as a parcel holds, and asks for the rest. Here the rest goes
along unasked, from the first entry on that did not fit.
"""

from collections.abc import Iterator, Mapping, Sequence

from comity.domain.ids import AgencyId, CertificateHash, digest
from comity.services.address_book import Book
from comity.services.house import House
from comity.services.rosters import updates_for
from comity.wire import roster as roster_wire
from comity.wire.parcel import Known


def updates_ahead(
    house: House, book: Book, known: Mapping[AgencyId, Known], *, bare: bool = False
) -> Iterator[tuple[bytes, ...]]:
    """Yield, a parcel's share at a time, what a peer that holds *known* lacks of our rosters."""
    left: dict[AgencyId, set[CertificateHash]] = {}
    while updates := updates_for(house, book, known, bare=bare):
        yield updates
        known = {**known, **_then_known(book, left, updates)}


def _then_known(
    book: Book, left: dict[AgencyId, set[CertificateHash]], updates: Sequence[bytes]
) -> Mapping[AgencyId, Known]:
    """Return what the peer holds after *updates*; *left* is what was named and is still to come."""
    held = {}
    for each in map(roster_wire.read_update, updates):
        lacking = left.setdefault(each.agency, set())
        before = len(lacking)
        lacking |= roster_wire.read_hashes(each.added)
        lacking -= {CertificateHash(digest(entry)) for entry in each.entries}
        # One entry that never fits must not be offered for ever.
        stuck = not each.heads and len(lacking) == before
        lacks = "" if stuck else min(lacking, default="")
        number = book.agency(each.agency).number
        held[each.agency] = Known(agency=each.agency, number=number, lacks=lacks)
    return held
