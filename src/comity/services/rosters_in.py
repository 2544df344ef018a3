# SPDX-License-Identifier: Apache-2.0
"""Take in what peers tell of their rosters.

Only the node that houses an agency tells of it. What fails is kept as evidence, by its signed heads
and its digest and never by what stands in it, and stops neither the other updates nor the parcel
that brought them. A number that we have already is refused as current, silently: parcels come late
and twice; unless it is another number of the same name, which is a fork.

(1) The agency is admitted and this node houses it. (2) The update makes a whole set of what is held
(``wire.roster.apply``). (3) Heads of old numbers are those that we saw. (4) No peer tells us to
call ourselves. (5) What it tells in a day is no more than an agency changes.

Ids and keys are the certifying agency's choice, and every peer knows those of every other. So an
update is never refused for what another agency claims: whoever copied an id would else decide what
we hear of its owner. What another agency claimed before is set aside instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.domain.ids import AgencyId, CertificateHash, NodeId, digest
from comity.domain.roster import DeskEntry, Entry, NodeEntry, OfficerEntry, Root
from comity.domain.standing import MarkCode
from comity.errors import BadSignature, Busy, Malformed, Stale, TwoBodies, Untrusted
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import replayed, suspend
from comity.services.address_book import Book, mark, newest, read_book
from comity.services.agency_card import AgencyCard
from comity.services.evidence import Finding
from comity.services.house import House
from comity.services.roster_ahead import take_echo
from comity.services.roster_pace import keep_pace
from comity.services.roster_rows import (
    Numbered,
    check_newest,
    write_aside,
    write_entries,
    write_lacking,
    write_number,
    write_root,
)
from comity.storage import agencies, peers, receipts
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import roster as roster_wire
from comity.wire.roster import RosterState, RosterUpdate
from comity.wire.soundness import is_near

_ROLLED_BACK: Final = f"{Stale.code}.rolled-back"
ROSTER: Final = "roster"
"""The kind of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEvidence:
    """What is kept of an update that failed: signed heads hold no name."""

    type: str = "comity/roster-evidence@1"
    node: NodeId
    """Who told it."""
    code: str
    update: str
    """SHA-256 of the update as it came."""
    heads: tuple[bytes, ...]


def take_updates(house: House, updates: Sequence[bytes], from_node: NodeId) -> int:
    """Take in rosters that the peer *from_node* told; return how many were newer than ours."""
    taken = 0
    for data in updates:
        try:
            taken += _take(house, data, from_node)
        except Stale as stale:
            if stale.cause == _ROLLED_BACK:
                replayed.see(house, from_node, digest(data))
        except Busy:
            continue  # another process was quicker: it is told again if we lack it
        except Untrusted as error:
            _keep_evidence(house, from_node, data, error)
    return taken


def aside_of(book: Book, state: RosterState) -> frozenset[CertificateHash]:
    """Return what in *state* claims an id that another agency claimed before.

    A node under another's id would get that other's parcels; a reader under another's id would be
    mistaken for him. What stood stands on; of an agency that is suspended nothing stands.
    """
    before = book.cards.get(state.agency)
    standing = frozenset(_claimed(before)) if before is not None else frozenset()
    others = [card for card in book.cards.values() if card.id != state.agency]
    taken = {claim for card in others if not card.suspended for claim in _claimed(card)}
    return frozenset(
        named for named, entry in state.entries.items() if _claim(entry) in taken - standing
    )


def check_addresses(house: House, entries: Iterable[Entry]) -> None:
    """Raise Malformed if a node in *entries* would have us call our own machine (4)."""
    for each in entries:
        if isinstance(each, NodeEntry) and is_near(each.address) and not house.practice:
            raise Malformed("address")


def check_same(writing: Writing, book: Book) -> None:
    """Raise Busy if something was written since that *book* does not show: decide again, then."""
    _ = writing.log  # its lock, before we look
    if newest(writing) != book.mark:
        raise Busy("roster")


def write_peer(
    writing: Writing, house: House, book: Book, update: RosterUpdate, state: RosterState
) -> None:
    """Keep the roots and the first roster, *state*, of a peer that *update* brought."""
    for number, signed in enumerate((*update.earlier, update.root), 1):
        write_root(writing, house, roster_wire.read_root(signed), signed, number)
    write_number(writing, house, _numbered(update, state, before=0, known={}))
    write_aside(writing, house, state.agency, aside_of(book, state))


def _take(house: House, data: bytes, node: NodeId) -> bool:
    update = roster_wire.read_update(data)
    book = read_book(house)
    card = book.cards.get(update.agency)
    if card is not None and card.own:
        take_echo(house, card, data)
        return False
    if card is None or not _houses(book, node, card):  # (1)
        raise BadSignature("unknown")
    try:
        state = roster_wire.apply(card.state, update, root=card.root)  # (2)
    except Stale:
        _check_old(house, roster_wire.root_of(update, card.root), update)  # (3)
        raise
    check_addresses(house, _fresh(state, card.current).values())  # (4)

    def work(writing: Writing) -> None:
        check_same(writing, book)
        keep_pace(writing, house, card.id, _fresh(state, card.current).values())  # (5)
        _write(writing, house, card, update, state)
        write_aside(writing, house, card.id, aside_of(book, state))

    house.store.write(work)
    return True


def _houses(book: Book, node: NodeId, card: AgencyCard) -> bool:
    """Return whether *node* houses the agency of *card*, by that agency's own word at least.

    Where a node's keys were stolen, its agencies certify others at once: until the last one has
    said so, they certify different keys.
    """
    said = any(each.node == node for each in card.told_nodes.values())
    return said or card.id in book.agencies_of(node)


def _check_old(house: House, root: Root, update: RosterUpdate) -> None:
    """Raise TwoBodies if *update* shows another head than we hold under one number."""
    with house.store.read() as reading:
        held = {row.number: row.head for row in agencies.rosters_since(reading, root.agency, 0)}
    for each in update.heads:
        head, named = roster_wire.read_head(each, root)
        if held.get(head.number, named) != named:
            raise TwoBodies("roster")


def _claimed(card: AgencyCard) -> Iterator[str]:
    """Yield the ids that *card*'s agency claims, but for those that are set aside."""
    for named, entry in card.current.items():
        claim = _claim(entry)
        if claim and named not in card.aside:
            yield claim


def _claim(entry: Entry) -> str:
    """Return the id that *entry* claims, empty if none: it is to be its agency's alone."""
    match entry:
        case OfficerEntry() | DeskEntry():
            return entry.id
        case NodeEntry():
            return f"node/{entry.node}"
        case _:
            return ""


def _write(
    writing: Writing, house: House, card: AgencyCard, update: RosterUpdate, state: RosterState
) -> None:
    if state.number == card.number:
        check_newest(writing, card.id, card.number)
        write_entries(writing, house, card.id, card.number, _fresh(state, card.current))
        write_lacking(writing, house, card.id, state.lacking)
        mark(writing, house)
        return
    if state.root != card.root:
        held = len([row for row in agencies.roots(writing) if row.agency == card.id])
        fresh = roster_wire.fresh_roots(update, card.root)
        told = (*update.earlier, update.root)[-len(fresh) :]
        for number, (root, signed) in enumerate(zip(fresh, told, strict=True), held + 1):
            write_root(writing, house, root, signed, number)
    known = _numbered(update, state, before=card.number, known=card.current)
    write_number(writing, house, known)
    _write_agency(writing, house, state)


def _write_agency(writing: Writing, house: House, state: RosterState) -> None:
    """Bring what stands in clear about a peer up to date; checks and admission stay."""
    row = agencies.by_ids(writing, [state.agency])[0]
    entries = [each for each in state.entries.values() if isinstance(each, NodeEntry)]
    node = max(entries, key=lambda each: (each.begins, each.carrier))
    now = replace(row, country=state.root.country, type=state.root.kind)
    if node.node != house.keys.node:  # a peer that says so is housed nowhere
        now = replace(now, node=node.node)
    if now != row:
        agencies.put(writing, [now])
        peers.add_new(writing, [peers.Peer(node=now.node, address=node.address)])


def _numbered(
    update: RosterUpdate,
    state: RosterState,
    *,
    before: int,
    known: Mapping[CertificateHash, Entry],
) -> Numbered:
    return Numbered(
        agency=state.agency,
        before=before,
        head=roster_wire.read_head(update.heads[-1], state.root)[0],
        signed=update.heads[-1],
        added=_fresh(state, known),
        ended=sorted(known.keys() - state.hashes),
        lacking=state.lacking,
    )


def _fresh(
    state: RosterState, known: Mapping[CertificateHash, Entry]
) -> dict[CertificateHash, Entry]:
    return {named: each for named, each in state.entries.items() if named not in known}


def _keep_evidence(house: House, node: NodeId, data: bytes, error: Untrusted) -> None:
    try:
        update = roster_wire.read_update(data)
        agency, heads = update.agency, update.heads
    except Malformed:
        agency, heads = AgencyId(""), ()
    kept = RosterEvidence(node=node, code=error.cause, update=digest(data), heads=heads)
    body = canonical.encode(kept)
    finding = Finding(
        kind=ROSTER,
        subject=digest(data),
        code=error.cause,
        agency=agency,
        concerns=(digest(body),),
    )

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: what comes twice is kept once
        if receipts.evidence(writing, [finding.subject]):
            return
        leaf = Opening(LeafType.EVIDENCE, house.random(SALT_SIZE), finding.entry)
        writing.append([leaf])
        row = receipts.Evidence(kind=ROSTER, subject=finding.subject, at=house.millis(), body=body)
        receipts.add_evidence(writing, [row])
        if isinstance(error, TwoBodies):
            suspend.mark(writing, house, node, MarkCode.ROSTER_FORKED, finding.subject)

    house.store.write(work)
