# SPDX-License-Identifier: Apache-2.0
"""Catch up: a home that was put back goes on after the newest number that peers hold of it.

Peers returned that roster, which our own key signed (``roster_ahead``). The next number of ours
follows it, and is made of both. What was withdrawn since the backup stays withdrawn, mandates and
successors are as peers have them. Officers and desks are those of this home, for it has their keys
and no others: whoever was enrolled or given new keys since then is to be enrolled again. The node
is certified anew.

Only an operator who knows that he put the home back may ask for it: where somebody else has the
roster key, that roster is a thief's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from comity.domain.ids import AgencyId, CertificateHash, OfficerId
from comity.domain.roster import (
    DeskEntry,
    Entry,
    NodeEntry,
    OfficerEntry,
    OtherEntry,
    RevocationEntry,
)
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.agencies import node_entry
from comity.services.agency_card import AgencyCard
from comity.services.enrol import own_card
from comity.services.house import House
from comity.services.roster_ahead import echo_of
from comity.services.roster_rows import Numbered, note_gap, write_number
from comity.services.rosters import ECHO, next_number, roster_key
from comity.storage import housed, keys
from comity.storage.reading import Writing
from comity.wire.roster import RosterState

Entries = Mapping[CertificateHash, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    number: int
    gone: tuple[OfficerId, ...]
    """Officers who were withdrawn since the backup."""
    unknown: tuple[str, ...]
    """Labels of officers and names of desks that were new since: their keys are lost."""


def catch_up(house: House, agency: AgencyId) -> CaughtUp:
    """Issue the number after the newest that peers hold of *agency*; raise Misused if none do."""
    card = own_card(house, agency)
    echo = echo_of(house, card)
    if echo is None:
        raise Misused("roster-newest")
    if echo.root.roster != card.root.roster:
        raise Misused("roster-key-lost")
    made, gone = _merged(house, card, echo)
    house.store.write(partial(_write, house=house, made=made, gone=gone))
    fresh = read_book(house).agency(agency)
    return CaughtUp(number=fresh.number, gone=gone, unknown=tuple(_unknown(card, echo)))


def _merged(
    house: House, card: AgencyCard, echo: RosterState
) -> tuple[Numbered, tuple[OfficerId, ...]]:
    said = {k: v for k, v in echo.entries.items() if _is_said(v)}
    withdrawn = {e.certificate for e in said.values() if isinstance(e, RevocationEntry)}
    ended = [k for k, each in card.current.items() if k in withdrawn or _is_over(k, each, said)]
    gone = tuple(
        each.id
        for named, each in card.current.items()
        if named in withdrawn and isinstance(each, OfficerEntry)
    )
    nodes = [e.begins for e in echo.entries.values() if isinstance(e, NodeEntry)]
    entry = node_entry(house, card.id, card.node.address)
    begins = max([entry.begins, *(each + timedelta(seconds=1) for each in nodes)])
    before = replace(card.state, number=echo.number, head=echo.head)
    made = next_number(
        house,
        card.root,
        before,
        roster_key(house, card.id),
        add=[*said.values(), replace(entry, begins=begins)],
        end=ended,
    )
    return replace(made, before=card.number), gone


def _is_said(entry: Entry) -> bool:
    """Return whether *entry* counts as peers have it; of the others this home has the keys."""
    return not isinstance(entry, OfficerEntry | DeskEntry | NodeEntry | OtherEntry)


def _is_over(named: CertificateHash, entry: Entry, said: Entries) -> bool:
    """Return whether *entry* of ours was ended, or is to be certified anew."""
    return isinstance(entry, NodeEntry) or (_is_said(entry) and named not in said)


def _unknown(card: AgencyCard, echo: RosterState) -> list[str]:
    told = [
        each.label if isinstance(each, OfficerEntry) else each.name
        for named, each in echo.entries.items()
        if isinstance(each, OfficerEntry | DeskEntry) and named not in card.history
    ]
    return sorted(told)


def _write(writing: Writing, *, house: House, made: Numbered, gone: tuple[OfficerId, ...]) -> None:
    write_number(writing, house, made)
    note_gap(writing, house, made)
    keys.delete_identities(writing, gone)
    housed.discard(writing, ECHO, [made.agency])
