# SPDX-License-Identifier: Apache-2.0
"""All that an agency ever certified: old statements are judged by it.

Of our own agencies all of it is at hand. A peer decides itself how much it certifies, and ends, and
certifies anew; so of what it has ended only its nodes, its revocations and the last of the others
are, and the rest is looked up when a statement names it. No peer makes our memory grow without end.
"""

import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.crypto.vault import Vault
from comity.domain import time
from comity.domain.ids import AgencyId, CertificateHash
from comity.domain.roster import Entry, RestartEntry, RevocationEntry
from comity.domain.trust import revocations
from comity.services.house import House
from comity.storage import agencies
from comity.storage.agencies import HELD_ALWAYS
from comity.storage.reading import Reading
from comity.storage.store import Store
from comity.wire.roster import entry_hash, read_entry

ENDED_LIMIT: Final = 10_000
"""Ended entries of one peer that are held: those of years, for an honest one."""


def entry_place(agency: str, named: str) -> str:
    """Return where an entry's body is locked: it holds names."""
    return f"entries/{agency}/{named}"


Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """Where an agency's other entries are."""

    agency: str
    store: weakref.ref[Store]
    """Weak: a book is kept as long as the store that it is of."""
    vault: Vault

    def find(self, named: CertificateHash) -> Entry | None:
        store = self.store()
        if store is None:
            return None
        with store.read() as reading:
            rows = agencies.entries_by_hash(reading, [named])
        found = (each for each in rows if each.agency == self.agency)
        return next((_open(self.vault, each) for each in found), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History(Mapping[CertificateHash, Entry]):
    """What is held is iterated; what is not is looked up when it is asked for by its digest."""

    number: int
    """Of the roster up to which it goes."""
    held: Mapping[CertificateHash, Entry] = field(repr=False)
    """The oldest first."""
    current: Mapping[CertificateHash, Entry] = field(repr=False)
    shelf: _Shelf | None = field(default=None, repr=False)
    """None if all is held."""
    spans: Mapping[CertificateHash, Span] = field(default_factory=dict, repr=False)
    """From which number each was told, and until which; 0 while it stands."""

    def __getitem__(self, named: CertificateHash) -> Entry:
        found = self.held.get(named)
        if found is None and self.shelf is not None:
            found = self.shelf.find(named)
        if found is None:
            raise KeyError(named)
        return found

    def __iter__(self) -> Iterator[CertificateHash]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def read_history(
    house: House, reading: Reading, row: agencies.Agency, number: int, before: History | None
) -> History:
    """Return the history of the agency of *row* up to *number*, on top of the one *before*."""
    limit = 0 if row.own else ENDED_LIMIT
    if before is None:
        rows = agencies.held_entries(reading, row.id, limit)
    else:
        rows = agencies.entries_since(reading, row.id, before.number)
    held = dict(before.held) if before else {}
    current = dict(before.current) if before else {}
    spans = dict(before.spans) if before else {}
    for each in rows:
        named = CertificateHash(each.hash)
        spans[named] = (each.first, each.last)
        if named not in held:
            held[named] = _open(house.vault, each)
        if each.last:
            current.pop(named, None)
        else:
            current[named] = held[named]
    held |= _void(AgencyId(row.id), held, spans)
    ended = _ended(held, current) if limit else []
    for each_ in ended[: max(0, len(ended) - limit)]:
        del held[each_]
        del spans[each_]
    whole = not limit or (len(ended) < limit and (before is None or before.shelf is None))
    shelf = _Shelf(agency=row.id, store=weakref.ref(house.store), vault=house.vault)
    return History(
        number=number,
        held=held,
        current=current,
        shelf=None if whole else shelf,
        spans=spans,
    )


def _void(
    agency: AgencyId, held: Mapping[CertificateHash, Entry], spans: Mapping[CertificateHash, Span]
) -> dict[CertificateHash, Entry]:
    """Return what withdraws all that a thief of the roster key may have certified.

    A restart names the last number before the theft. What was told after that and did not stand
    when the restart came is withdrawn from when the key was stolen, as if its agency had said so of
    each.
    """
    made: dict[CertificateHash, Entry] = {}
    for named, restart in held.items():
        if not isinstance(restart, RestartEntry):
            continue
        came = spans[named][0]
        for other, (first, last) in spans.items():
            if restart.number < first < came and 0 < last <= came and other in held:
                revocation = RevocationEntry(
                    agency=agency,
                    certificate=other,
                    at=restart.begins,
                    compromised_since=time.written(restart.begins),
                    reason="stolen",
                )
                made[entry_hash(revocation)] = revocation
    return made


def revoked_of(history: Mapping[CertificateHash, Entry]) -> Mapping[CertificateHash, datetime]:
    """Return from when each certificate in *history* that was revoked is no longer good.

    Nothing is looked up for it. What an agency says of a certificate that is not held is about one
    of its own: no other comes into its history.
    """
    if not isinstance(history, History) or history.shelf is None:
        return revocations(history)
    said = [each for each in history.held.values() if isinstance(each, RevocationEntry)]
    unheld: dict[CertificateHash, Entry] = {each.certificate: each for each in said}
    return revocations(unheld | dict(history.held))


def _ended(
    held: Mapping[CertificateHash, Entry], current: Mapping[CertificateHash, Entry]
) -> list[CertificateHash]:
    return [k for k, each in held.items() if k not in current and each.type not in HELD_ALWAYS]


def _open(vault: Vault, row: agencies.Entry) -> Entry:
    return read_entry(vault.open(row.body, entry_place(row.agency, row.hash)))
