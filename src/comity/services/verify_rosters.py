# SPDX-License-Identifier: Apache-2.0
"""Roots, rosters and entries, verified from an agency's id down to each entry.

An agency's id follows from its first root key, the root names the roster key, the roster key signed
each head, a head commits to its entries. What holds goes into a keyring, by which the rest of the
home is judged. Of our own rosters every number is checked, of a peer's the newest: of the numbers
between we were only told the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from comity.domain.ids import CertificateHash, Digest, digest
from comity.domain.roster import (
    Audience,
    Entry,
    NodeEntry,
    OtherEntry,
    RecoveryEntry,
    RestartEntry,
    RevocationEntry,
    Root,
    RosterHead,
    SuccessorEntry,
    WitnessesEntry,
    entries_root,
)
from comity.domain.time import to_millis
from comity.errors import BadSignature, ComityError, Differs, Malformed, Stale
from comity.services.address_book import ARRIVING, root_place
from comity.services.history import entry_place
from comity.services.house import House
from comity.services.roster_rows import GAPS
from comity.services.verify_openings import Openings
from comity.services.verify_report import Tally, cause_of
from comity.storage import agencies, housed, whole
from comity.storage.reading import Reading
from comity.wire import roster as roster_wire
from comity.wire.keyring import Keyring


@dataclass(slots=True)
class _Found:
    """One agency, as far as it verified."""

    row: agencies.Agency
    roots: list[Root] = field(default_factory=list)
    heads: list[tuple[RosterHead, Digest]] = field(default_factory=list)
    under: list[int] = field(default_factory=list)
    """Of each head, how many roots lead to the key that signed it."""
    entries: list[tuple[agencies.Entry, Entry]] = field(default_factory=list)
    gaps: set[int] = field(default_factory=set)
    """Numbers before which some were lost when the home was put back."""
    lacking: frozenset[CertificateHash] = frozenset()
    """Named by a peer's newest roster, its bytes still to come."""


def check_rosters(
    reading: Reading, house: House, tally: Tally
) -> tuple[Keyring, frozenset[Digest]]:
    """Verify every agency; return the keys of all, and the digests of all heads."""
    found = {row.id: _Found(row=row) for row in whole.rows(reading, whole.AGENCIES)}
    tally.done("agencies", len(found))
    _read_roots(reading, house, found, tally)
    _read_heads(reading, found, tally)
    _read_entries(reading, house, found, tally)
    _read_lacking(reading, house, found, tally)
    for row in housed.of_room(reading, GAPS):
        if row.owner in found:
            found[row.owner].gaps.add(int(row.name.removeprefix(f"{row.owner}-")))
    keys = Keyring()
    for each in found.values():
        _check_agency(each, house, tally)
        _check_sets(each, tally)
        keys.add((CertificateHash(row.hash), entry) for row, entry in each.entries)
    return keys, frozenset(named for each in found.values() for _, named in each.heads)


def check_roster_leaves(heads: Iterable[Digest], openings: Openings, tally: Tally) -> None:
    """Say which heads are in no log, and which are in one and not here."""
    held = set(heads)
    for each in sorted(held - openings.rosters if openings.complete else ()):
        tally.fault("rosters", each, "leaf")
    for each in sorted(openings.rosters - held):
        tally.fault("rosters", each, "gone")


def _read_roots(reading: Reading, house: House, found: dict[str, _Found], tally: Tally) -> None:
    for row in whole.rows(reading, whole.ROOTS):
        tally.done("roots")
        place = f"{row.agency}/{row.number}"
        agency = found.get(row.agency)
        if agency is None:
            tally.fault("agencies", row.agency, "gone")
            continue
        try:
            opened = house.vault.open(row.body, root_place(row.agency, row.number))
            root = roster_wire.read_root(opened)
            if root.agency != row.agency:
                raise BadSignature("agency")
            if agency.roots:
                roster_wire.follows(root, agency.roots[-1])
            else:
                roster_wire.check_first(root)
        except ComityError as error:
            tally.fault("roots", place, cause_of(error), column="body")
        else:
            agency.roots.append(root)


def _read_heads(reading: Reading, found: dict[str, _Found], tally: Tally) -> None:
    for row in whole.rows(reading, whole.ROSTERS):
        tally.done("rosters")
        agency = found.get(row.agency)
        try:
            roots = agency.roots if agency else ()
            head, named, count = roster_wire.read_head_under(row.body, roots)
            if agency:
                _check_chain(head, agency.heads)
        except ComityError as error:
            tally.fault("rosters", f"{row.agency}/{row.number}", cause_of(error), column="body")
            continue
        if agency:
            agency.heads.append((head, named))
            agency.under.append(count)
        if (row.number, row.head, row.at) != (head.number, named, to_millis(head.at)):
            tally.fault("rosters", f"{row.agency}/{row.number}", "differs")


def _check_chain(head: RosterHead, before: list[tuple[RosterHead, Digest]]) -> None:
    """Raise Stale unless *head* names the one before it, where we hold that one."""
    if not before:
        return
    last, named = before[-1]
    if head.number == last.number + 1 and head.previous != named:
        raise Stale("chain", number=head.number)


def _read_entries(reading: Reading, house: House, found: dict[str, _Found], tally: Tally) -> None:
    for row in whole.rows(reading, whole.ENTRIES):
        tally.done("entries")
        try:
            opened = house.vault.open(row.body, entry_place(row.agency, row.hash))
            if digest(opened) != row.hash:
                raise Malformed("digest")
            entry = roster_wire.read_entry(opened)
            if _told(entry) != (row.agency, row.type, row.subject, row.audience):
                raise Differs("entry")
        except ComityError as error:
            place = f"{row.agency}/{row.hash}/{row.first}"
            tally.fault("entries", place, cause_of(error), column="body")
            continue
        if row.agency in found:
            found[row.agency].entries.append((row, entry))


def _read_lacking(reading: Reading, house: House, found: dict[str, _Found], tally: Tally) -> None:
    for row in housed.of_room(reading, ARRIVING):
        try:
            opened = house.vault.open(row.body, f"{ARRIVING}/{row.name}")
            lacking = roster_wire.read_hashes(opened)
        except ComityError as error:
            tally.fault("housed", f"{ARRIVING}/{row.name}", cause_of(error), column="body")
            continue
        if row.name in found:
            found[row.name].lacking = lacking


def _told(entry: Entry) -> tuple[str, str, str, str]:
    match entry:
        case NodeEntry():
            subject = str(entry.node)
        case RevocationEntry():
            subject = entry.certificate
        case SuccessorEntry():
            subject = entry.officer
        case OtherEntry() | RecoveryEntry() | WitnessesEntry() | RestartEntry():
            subject = ""
        case _:
            subject = entry.id
    return (entry.agency, entry.type, subject, roster_wire.audience_of(entry))


def _check_agency(found: _Found, house: House, tally: Tally) -> None:
    """Check what the agency's row says in clear against what was signed."""
    row = found.row
    if not found.roots:
        tally.fault("roots", f"{row.id}/1", "gone")
        return
    root = found.roots[-1]
    # Ended ones too: what stands in clear stays if a peer then says that it is housed at our node.
    nodes = {entry.node for _, entry in found.entries if isinstance(entry, NodeEntry)}
    told = (row.country, row.type, row.node in nodes, row.own)
    if told != (root.country, root.kind, True, row.node == house.keys.node):
        tally.fault("agencies", row.id, "differs")


def _has_gap(found: _Found) -> bool:
    """Return whether a number is gone: a new root may leave some out, and a backup's end."""
    numbers = [head.number for head, _ in found.heads]
    steps = zip(pairwise([0, *numbers]), pairwise([0, *found.under]), strict=True)
    return any(
        after != before + 1 and (before == 0 or late == early) and after not in found.gaps
        for (before, after), (early, late) in steps
    )


def _check_sets(found: _Found, tally: Tally) -> None:
    """Check that the entries in force at each number are those to which its head commits."""
    if not found.heads or (found.row.own and _has_gap(found)):
        tally.fault("rosters", found.row.id, "gone")
    for head, _ in found.heads if found.row.own else found.heads[-1:]:
        arriving = [] if found.row.own else list(found.lacking)
        sets: dict[Audience, list[CertificateHash]] = {Audience.PEERS: arriving, Audience.HOME: []}
        for row, _entry in found.entries:
            if row.stands_at(head.number):
                sets[Audience(row.audience)].append(CertificateHash(row.hash))
        held = (entries_root(sets[Audience.PEERS]), entries_root(sets[Audience.HOME]))
        place = f"{found.row.id}/{head.number}"
        if held[0] != head.peers_root or (found.row.own and held[1] != head.home_root):
            tally.fault("entries", place, "differs")
