# SPDX-License-Identifier: Apache-2.0
"""One number of a roster as rows and a leaf, whoever issued it.

Entries that a head names and whose bytes have not come yet wait by their digests in the room
``rosters-arriving``; those that claim what another agency claimed before are noted by theirs in
``rosters-aside``. Every change marks the book, so that a cached one is seen to be old.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto import dsse
from comity.domain.ids import AgencyId, CertificateHash, digest
from comity.domain.roster import (
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RevocationEntry,
    Root,
    RosterHead,
    SuccessorEntry,
)
from comity.domain.time import to_millis
from comity.errors import Busy
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import ARRIVING, ASIDE, mark, root_place
from comity.services.history import entry_place
from comity.services.house import House
from comity.storage import agencies, housed
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import roster as roster_wire
from comity.wire.roster import SIGNED_LIMIT

GAPS: Final = "roster-gaps"
"""The room of numbers of ours that were lost when the home was put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A number about to be written."""

    agency: AgencyId
    before: int
    """The number on top of which it was made; 0 for an agency's first here."""
    head: RosterHead
    signed: bytes
    added: Mapping[CertificateHash, Entry]
    ended: Sequence[CertificateHash]
    lacking: Collection[CertificateHash] = ()


def write_number(writing: Writing, house: House, made: Numbered) -> None:
    """Write *made*; raise Busy if meanwhile another process has written a newer number."""
    check_newest(writing, made.agency, made.before)
    head, payload = made.head, dsse.read(made.signed, SIGNED_LIMIT).payload
    row = agencies.Roster(
        agency=made.agency,
        number=head.number,
        head=digest(payload),
        body=made.signed,
        at=to_millis(head.at),
    )
    agencies.add_rosters(writing, [row])
    agencies.end_entries(writing, made.agency, head.number, made.ended)
    write_entries(writing, house, made.agency, head.number, made.added)
    write_lacking(writing, house, made.agency, made.lacking)
    writing.append([Opening(LeafType.ROSTER, house.random(SALT_SIZE), payload)])
    mark(writing, house)


def note_gap(writing: Writing, house: House, made: Numbered) -> None:
    """Note that the numbers between the one before and *made* were issued and are not here."""
    name = f"{made.agency}-{made.head.number}"
    locked = house.vault.lock(str(made.before).encode(), f"{GAPS}/{name}")
    row = housed.Housed(room=GAPS, name=name, owner=made.agency, body=locked, at=house.millis())
    housed.put(writing, [row])


def check_newest(writing: Writing, agency: AgencyId, number: int) -> None:
    """Raise Busy unless *number* is still the newest of *agency* that is held."""
    _ = writing.log  # its lock, before we look
    if agencies.rosters_since(writing, agency, number):
        raise Busy("roster")


def write_entries(
    writing: Writing,
    house: House,
    agency: AgencyId,
    number: int,
    added: Mapping[CertificateHash, Entry],
) -> None:
    rows = [
        agencies.Entry(
            agency=agency,
            hash=named,
            subject=_subject(entry),
            type=entry.type,
            audience=roster_wire.audience_of(entry),
            first=number,
            body=house.vault.lock(roster_wire.entry_bytes(entry), entry_place(agency, named)),
        )
        for named, entry in added.items()
    ]
    agencies.add_entries(writing, rows)


def write_lacking(
    writing: Writing, house: House, agency: AgencyId, lacking: Collection[CertificateHash]
) -> None:
    """Note by their digests which entries of *agency* are still to come."""
    _note(writing, house, ARRIVING, agency, lacking)


def write_aside(
    writing: Writing, house: House, agency: AgencyId, aside: Collection[CertificateHash]
) -> None:
    """Note by their digests which entries of *agency* claim what another claimed before."""
    _note(writing, house, ASIDE, agency, aside)


def _note(
    writing: Writing, house: House, room: str, agency: AgencyId, named: Collection[CertificateHash]
) -> None:
    if not named:
        housed.discard(writing, room, [agency])
        return
    locked = house.vault.lock(roster_wire.write_hashes(named), f"{room}/{agency}")
    row = housed.Housed(room=room, name=agency, body=locked, at=house.millis())
    housed.put(writing, [row])


def write_root(writing: Writing, house: House, root: Root, signed: bytes, number: int) -> None:
    """Write the root *number* of its agency, and a leaf that names it."""
    locked = house.vault.lock(signed, root_place(root.agency, number))
    row = agencies.Root(agency=root.agency, number=number, body=locked, at=house.millis())
    agencies.add_roots(writing, [row])
    # The leaf names the root by its digest: leaves lie in clear, and a root holds a name.
    said = canonical.encode(
        {
            "type": "comity/key@1",
            "agency": root.agency,
            "root": digest(dsse.read(signed, SIGNED_LIMIT).payload),
        }
    )
    writing.append([Opening(LeafType.KEY, house.random(SALT_SIZE), said)])


def _subject(entry: Entry) -> str:
    match entry:
        case OfficerEntry() | DeskEntry() | MandateEntry():
            return entry.id
        case NodeEntry():
            return entry.node
        case RevocationEntry():
            return entry.certificate
        case SuccessorEntry():
            return entry.officer
        case _:
            return ""
