# SPDX-License-Identifier: Apache-2.0
"""Rosters: issue the next number, tell peers what they lack, and take in what they tell.

Every number that is issued or taken in is a leaf, so that nobody can later say that another roster
was in force. A peer gets the entries that are for peers and no others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from comity.crypto import dsse
from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId, CertificateHash, Digest, NodeId, digest
from comity.domain.roster import (
    REISSUE_DAYS,
    Audience,
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    Root,
    RosterHead,
    entries_root,
)
from comity.domain.time import to_millis
from comity.errors import Busy, Refused, Stale, Untrusted
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import (
    AgencyCard,
    Book,
    entry_place,
    read_book,
    root_place,
)
from comity.services.house import House
from comity.storage import agencies, keys, receipts
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import roster as roster_wire
from comity.wire.roster import HEADS_LIMIT, SIGNED_LIMIT, RosterState, RosterUpdate

ROSTER_KEY: Final = "roster-key"
TAKEN: Final = "refused.exists"
"""What storage says of a number that somebody else has issued."""
PARCEL_SHARE: Final = 300 * 1024
"""Bytes of rosters in one parcel, so that there is room for what is urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    """A number about to be issued."""

    head: RosterHead
    signed: bytes
    added: Mapping[CertificateHash, Entry]
    ended: Sequence[CertificateHash]

    @property
    def digest(self) -> Digest:
        return digest(dsse.read(self.signed, SIGNED_LIMIT).payload)


def found(
    house: House, root: Root, signed: bytes, key: SigningKey, entries: Sequence[Entry]
) -> None:
    """Make *root*, signed, an agency of this house with its first roster of *entries*."""
    made = _next(house, root, None, key, add=entries, end=())
    node = next(each for each in entries if isinstance(each, NodeEntry))

    def work(writing: Writing) -> None:
        row = agencies.Agency(
            id=root.agency, country=root.country, type=root.kind, own=True, node=node.node
        )
        agencies.put(writing, [row])
        _write_root(writing, house, root, signed)
        _write(writing, house, root.agency, made)
        store_key(writing, house, root.agency, key)

    house.store.write(work)


def _nothing(_writing: Writing) -> None:
    """Write no more than the roster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the next number changes, as decided on the one before."""

    add: Sequence[Entry] = ()
    end: Sequence[CertificateHash] = ()
    also: Callable[[Writing], object] = _nothing
    """Writes what belongs to it, in the same transaction."""


def amend(house: House, agency: AgencyId, decide: Callable[[AgencyCard], Change]) -> RosterState:
    """Issue the next number of *agency*'s roster with what *decide* makes of the present one.

    Another process may issue that number first: then *decide* is asked again, on top of it, so that
    what it looked at is what it changes.
    """
    for _ in range(8):
        card = read_book(house).agency(agency)
        key = roster_key(house, agency)
        change = decide(card)
        made = _next(house, card.root, card.state, key, add=change.add, end=change.end)
        try:
            house.store.write(partial(_issue, house=house, agency=agency, made=made, change=change))
        except Refused as error:
            if error.cause != TAKEN:
                raise
            continue
        return read_book(house).agency(agency).state
    raise Busy("roster")


def issue(
    house: House,
    agency: AgencyId,
    *,
    add: Sequence[Entry] = (),
    end: Sequence[CertificateHash] = (),
) -> RosterState:
    """Issue the next number of *agency*'s roster, with *add* in it and *end* out of it."""
    return amend(house, agency, lambda _: Change(add=add, end=end))


def reissue_if_due(house: House) -> tuple[AgencyId, ...]:
    """Issue anew the rosters of this house's agencies that are a week old; return whose."""
    due = timedelta(days=REISSUE_DAYS)
    ids = [card.id for card in read_book(house).own if house.now() - card.issued >= due]
    for each in ids:
        issue(house, each)
    return tuple(ids)


def roster_key(house: House, agency: AgencyId) -> SigningKey:
    with house.store.read() as reading:
        row = keys.secret(reading, ROSTER_KEY, agency)
    if row is None:
        raise Refused("not-ours", agency=agency)
    return SigningKey(house.vault.open(row.body, _place(agency, row.version)))


def store_key(writing: Writing, house: House, agency: AgencyId, key: SigningKey) -> None:
    """Keep the online roster key of *agency*, locked."""
    locked = house.vault.lock(key.seed, _place(agency, 1))
    row = keys.Secret(name=ROSTER_KEY, agency=agency, version=1, body=locked, at=house.millis())
    keys.put_secrets(writing, [row])


def full_update(house: House, card: AgencyCard) -> RosterUpdate:
    """Return *card*'s whole roster as peers see it: for invitations."""
    with house.store.read() as reading:
        head = agencies.rosters_since(reading, card.id, card.number - 1)[-1]
        root = [row for row in agencies.roots(reading) if row.agency == card.id][-1]
    signed = house.vault.open(root.body, root_place(card.id, root.number))
    seen = [each for each in card.current.values() if _for_peers(each)]
    return RosterUpdate(
        agency=card.id,
        root=signed,
        heads=(head.body,),
        base=0,
        added=tuple(sorted(roster_wire.entry_bytes(each) for each in seen)),
    )


def updates_for(
    house: House, book: Book, node: NodeId, known: Mapping[AgencyId, int]
) -> tuple[bytes, ...]:
    """Return what the peer *node*, which holds the numbers *known*, lacks of our rosters."""
    del node  # every peer sees the same part
    told: list[bytes] = []
    left = PARCEL_SHARE
    for card in book.own:
        if known.get(card.id, 0) >= card.number or card.id not in known:
            continue
        update = roster_wire.write_update(_update(house, card, known[card.id]))
        if len(update) <= left:
            told.append(update)
            left -= len(update)
    return tuple(told)


def take_updates(house: House, updates: Sequence[bytes], node: NodeId) -> int:
    """Take in rosters that the peer *node* told; return how many were newer than what we held.

    One that fails is kept as evidence and stops neither the others nor the parcel. A number that we
    have already is refused as current, silently: parcels come late and twice.
    """
    taken = 0
    for data in updates:
        try:
            taken += _take(house, data, node)
        except Stale:
            continue
        except Untrusted:
            _keep_evidence(house, node, data)
    return taken


def _update(house: House, card: AgencyCard, base: int) -> RosterUpdate:
    with house.store.read() as reading:
        heads = agencies.rosters_since(reading, card.id, base)
        rows = agencies.entries(reading, [card.id])
    if base == 0 or len(heads) > HEADS_LIMIT:
        return full_update(house, card)
    peers = [row for row in rows if row.audience == Audience.PEERS]
    return RosterUpdate(
        agency=card.id,
        root=b"",
        heads=tuple(each.body for each in heads),
        base=base,
        added=tuple(
            sorted(_opened(house, row) for row in peers if row.first > base and not row.last)
        ),
        removed=tuple(CertificateHash(row.hash) for row in peers if row.first <= base < row.last),
    )


def _take(house: House, data: bytes, node: NodeId) -> bool:
    update = roster_wire.read_update(data)
    card = read_book(house).agency(update.agency)
    if card.own or card.node.node != node:
        raise Untrusted("roster")
    state = roster_wire.apply(card.state, update, root=card.root)
    head, _ = roster_wire.read_head(update.heads[-1], card.root)
    added = {named: entry for named, entry in state.entries.items() if named not in card.current}
    made = _Next(
        head=head,
        signed=update.heads[-1],
        added=added,
        ended=sorted(card.current.keys() - state.entries.keys()),
    )
    try:
        house.store.write(lambda w: _write(w, house, update.agency, made))
    except Refused:
        return False  # another process took it in first
    return True


def _next(
    house: House,
    root: Root,
    state: RosterState | None,
    key: SigningKey,
    *,
    add: Sequence[Entry],
    end: Sequence[CertificateHash],
) -> _Next:
    added = {roster_wire.entry_hash(each): each for each in add}
    kept = dict(state.entries) if state else {}
    ended = [each for each in end if kept.pop(each, None) is not None]
    kept |= added
    peers = {named for named, each in kept.items() if _for_peers(each)}
    head = RosterHead(
        agency=root.agency,
        number=state.number + 1 if state else 1,
        previous=state.head if state else "",
        at=house.now(),
        peers_root=entries_root(peers),
        home_root=entries_root(kept.keys() - peers),
    )
    return _Next(head=head, signed=roster_wire.sign_head(head, key), added=added, ended=ended)


def _issue(
    writing: Writing, *, house: House, agency: AgencyId, made: _Next, change: Change
) -> None:
    _write(writing, house, agency, made)
    change.also(writing)


def _write(writing: Writing, house: House, agency: AgencyId, made: _Next) -> None:
    head = made.head
    row = agencies.Roster(
        agency=agency,
        number=head.number,
        head=made.digest,
        body=made.signed,
        at=to_millis(head.at),
    )
    agencies.add_rosters(writing, [row])
    agencies.end_entries(writing, agency, head.number, made.ended)
    agencies.add_entries(
        writing,
        [_entry_row(house, agency, named, each, head) for named, each in made.added.items()],
    )
    payload = dsse.read(made.signed, SIGNED_LIMIT).payload
    writing.append([Opening(LeafType.ROSTER, house.random(SALT_SIZE), payload)])


def write_peer(writing: Writing, house: House, update: RosterUpdate, state: RosterState) -> None:
    """Keep the root and the first roster, *state*, of a peer that *update* brought."""
    made = _Next(
        head=roster_wire.read_head(update.heads[-1], state.root)[0],
        signed=update.heads[-1],
        added=state.entries,
        ended=(),
    )
    _write_root(writing, house, state.root, update.root)
    _write(writing, house, state.agency, made)


def _write_root(writing: Writing, house: House, root: Root, signed: bytes) -> None:
    locked = house.vault.lock(signed, root_place(root.agency, 1))
    row = agencies.Root(agency=root.agency, number=1, body=locked, at=house.millis())
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


def _entry_row(
    house: House, agency: AgencyId, named: CertificateHash, entry: Entry, head: RosterHead
) -> agencies.Entry:
    return agencies.Entry(
        agency=agency,
        hash=named,
        subject=_subject(entry),
        type=entry.type,
        audience=roster_wire.audience_of(entry),
        first=head.number,
        body=house.vault.lock(roster_wire.entry_bytes(entry), entry_place(agency, named)),
    )


def _subject(entry: Entry) -> str:
    match entry:
        case OfficerEntry() | DeskEntry() | MandateEntry():
            return entry.id
        case NodeEntry():
            return entry.node
        case _:
            return entry.certificate


def _opened(house: House, row: agencies.Entry) -> bytes:
    return house.vault.open(row.body, entry_place(row.agency, row.hash))


def _for_peers(entry: Entry) -> bool:
    return roster_wire.audience_of(entry) is Audience.PEERS


def _keep_evidence(house: House, node: NodeId, data: bytes) -> None:
    row = receipts.Evidence(kind="roster", subject=node, at=house.millis(), body=data)
    house.store.write(lambda w: receipts.add_evidence(w, [row]))


def _place(agency: AgencyId, version: int) -> str:
    return f"secrets/{ROSTER_KEY}/{agency}/{version}"
