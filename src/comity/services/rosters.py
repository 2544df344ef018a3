# SPDX-License-Identifier: Apache-2.0
"""Rosters of our own agencies: issue the next number, and tell peers what they lack.

Every number that is issued is a leaf, so that nobody can later say that another roster was in
force. A peer gets the entries that are for peers and no others: the digests of all of them at once,
the entries as far as a parcel holds them, its node and its desks before its officers. What peers
tell of theirs is taken in by ``rosters_in``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId, CertificateHash
from comity.domain.roster import (
    REISSUE_DAYS,
    Audience,
    DeskEntry,
    Entry,
    NodeEntry,
    RevocationEntry,
    Root,
    RosterHead,
    WitnessesEntry,
    entries_root,
)
from comity.errors import BadSignature, Busy, Malformed, Misused, Refused
from comity.services.address_book import Book, read_book, root_place
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.roster_rows import Numbered, write_number, write_root
from comity.storage import agencies, housed, keys
from comity.storage.reading import Reading, Writing
from comity.wire import roster as roster_wire
from comity.wire.parcel import Known
from comity.wire.roster import HEADS_LIMIT, PEERS_LIMIT, RosterState, RosterUpdate
from comity.wire.soundness import check_entry

ROSTER_KEY: Final = "roster-key"
ECHO: Final = "rosters-echo"
"""The room of what peers returned of rosters of ours that we do not have (``roster_ahead``)."""
PARCEL_SHARE: Final = 300 * 1024
"""Bytes of rosters in one parcel, so that there is room for what is urgent."""
_TRIES: Final = 8
_FRAME: Final = 512
"""What an update says beside its lists, about."""


def found(
    house: House, root: Root, signed: bytes, key: SigningKey, entries: Sequence[Entry]
) -> None:
    """Make *root*, signed, an agency of this house with its first roster of *entries*."""
    made = next_number(house, root, None, key, add=entries)
    node = next(each for each in entries if isinstance(each, NodeEntry))

    def work(writing: Writing) -> None:
        row = agencies.Agency(
            id=root.agency, country=root.country, type=root.kind, own=True, node=node.node
        )
        agencies.put(writing, [row])
        write_root(writing, house, root, signed, 1)
        write_number(writing, house, made)
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
    what it looked at is what it changes. People, desks, mandates and revocations come by here.
    """
    for _ in range(_TRIES):
        card = read_book(house).agency(agency)
        _check_not_behind(house, agency)
        key = roster_key(house, agency)
        change = decide(card)
        made = next_number(house, card.root, card.state, key, add=change.add, end=change.end)
        try:
            house.store.write(partial(_issue, house=house, made=made, change=change))
        except Busy:
            continue  # another process issued a number first: on top of that one, then
        return read_book(house).agency(agency).state
    raise Busy("roster")


def _check_not_behind(house: House, agency: AgencyId) -> None:
    """Raise Refused where peers hold a later number with our signature: ours would be a second."""
    with house.store.read() as reading:
        if housed.get(reading, ECHO, [agency]):
            raise Refused("roster-behind")


def _issue(writing: Writing, *, house: House, made: Numbered, change: Change) -> None:
    write_number(writing, house, made)
    change.also(writing)


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
    with house.store.read() as reading:
        behind = {row.name for row in housed.of_room(reading, ECHO)}
    own = [card for card in read_book(house).own if card.id not in behind]
    ids = [card.id for card in own if house.now() - card.issued >= due]
    for each in ids:
        issue(house, each)
    return tuple(ids)


def roster_key(house: House, agency: AgencyId) -> SigningKey:
    with house.store.read() as reading:
        row = keys.secret(reading, ROSTER_KEY, agency)
    if row is None:
        raise Misused("agency-not-ours")
    return SigningKey(house.vault.open(row.body, _place(agency, row.version)))


def store_key(writing: Writing, house: House, agency: AgencyId, key: SigningKey) -> None:
    """Keep the online roster key of *agency*, locked; the one before is destroyed."""
    before = keys.secret(writing, ROSTER_KEY, agency)
    version = before.version + 1 if before else 1
    locked = house.vault.lock(key.seed, _place(agency, version))
    row = keys.Secret(
        name=ROSTER_KEY, agency=agency, version=version, body=locked, at=house.millis()
    )
    keys.put_secrets(writing, [row])
    keys.delete_secrets(writing, ROSTER_KEY, agency, below=version)


def full_update(
    house: House, card: AgencyCard, room: int = PARCEL_SHARE, *, bare: bool = False
) -> RosterUpdate:
    """Return *card*'s roster as peers see it, with as many entries as fit into *room* bytes.

    *bare* is as one that only vouches for our record sees it: nobody is in it but the server.
    """
    with house.store.read() as reading:
        full = _full(reading, house, card, room)
    return _bared(full, card) if bare else full


def updates_for(
    house: House,
    book: Book,
    known: Mapping[AgencyId, Known],
    room: int = PARCEL_SHARE,
    *,
    bare: bool = False,
) -> tuple[bytes, ...]:
    """Return what a peer that holds what it says in *known* lacks of our rosters, *bare* if so."""
    told: list[bytes] = []
    left = min(room, PARCEL_SHARE)
    for card in book.own:
        if card.id not in known or _has_all(known[card.id], card, bare=bare):
            continue
        with house.store.read() as reading:
            made = _update(reading, house, card, known[card.id], left)
        made = _bared(made, card) if bare else made
        if told and not made.entries:
            continue  # what says nothing is refused; the next parcel has room
        update = roster_wire.write_update(made)
        if len(update) <= left:
            told.append(update)
            left -= len(update)
    return tuple(told)


def is_behind(book: Book, known: Mapping[AgencyId, Known], *, bare: bool = False) -> bool:
    """Return whether a peer that says *known* lacks something that it gets of our rosters."""
    return any(
        card.id in known and not _has_all(known[card.id], card, bare=bare) for card in book.own
    )


def _has_all(known: Known, card: AgencyCard, *, bare: bool) -> bool:
    """Return whether *known* is all of it; one that gets it bare says for ever what it lacks."""
    same = known.number == card.number and (bare or not known.lacks)
    return known.number > card.number or same


def _bared(update: RosterUpdate, card: AgencyCard) -> RosterUpdate:
    """Return *update* without anybody: what is left is the server, its keys and its witnesses.

    The others stay digests, which commit to them and tell nothing.
    """
    kept = [each for each in update.entries if _is_of_node(roster_wire.read_entry(each), card)]
    return replace(update, entries=tuple(kept))


def _is_of_node(entry: Entry, card: AgencyCard) -> bool:
    if isinstance(entry, RevocationEntry):
        return isinstance(card.history.get(entry.certificate), NodeEntry)
    return isinstance(entry, NodeEntry | WitnessesEntry)


def _update(
    reading: Reading, house: House, card: AgencyCard, known: Known, room: int
) -> RosterUpdate:
    if known.number == card.number:
        return _more(card, known, room)
    rows = agencies.rosters_since(reading, card.id, known.number - 1)
    heads = rows[1:]
    # A number that we never issued is a thief's, and what he said is not what we build upon.
    ours = bool(rows) and rows[0].number == known.number
    if not ours or len(heads) > HEADS_LIMIT or not _is_under(rows, card.root):
        return _full(reading, house, card, room)
    now = set(_shown(card))
    before = _standing(reading, card.id, known.number)
    added, removed = now - before, before - now
    if len(added) + len(removed) > len(now):
        return _full(reading, house, card, room)
    update = RosterUpdate(
        agency=card.id,
        heads=tuple(each.body for each in heads),
        base=known.number,
        added=roster_wire.write_hashes(added),
        removed=roster_wire.write_hashes(removed),
    )
    return _filled(update, (card.current[each] for each in _foremost(card, added)), room)


def _is_under(heads: Sequence[agencies.Roster], root: Root) -> bool:
    """Return whether the roster key of today signed all *heads*: a new root comes in full."""
    try:
        return all(roster_wire.read_head(each.body, root) for each in heads)
    except BadSignature:
        return False


def _full(reading: Reading, house: House, card: AgencyCard, room: int) -> RosterUpdate:
    head = agencies.rosters_since(reading, card.id, card.number - 1)[0]
    earlier, root = _roots(reading, house, card)
    shown = _shown(card)
    update = RosterUpdate(
        agency=card.id,
        root=root,
        earlier=earlier,
        heads=(head.body,),
        added=roster_wire.write_hashes(shown),
    )
    return _filled(update, (shown[each] for each in _foremost(card, shown)), room)


def _roots(reading: Reading, house: House, card: AgencyCard) -> tuple[tuple[bytes, ...], bytes]:
    """Return the signed roots of the keys before, the first one first, and that of today."""
    rows = [row for row in agencies.roots(reading) if row.agency == card.id]
    by_key: dict[bytes, bytes] = {}
    for row in rows:
        signed = house.vault.open(row.body, root_place(card.id, row.number))
        by_key[roster_wire.read_root(signed).root] = signed
    *earlier, newest = by_key.values()
    return tuple(earlier), newest


def _more(card: AgencyCard, known: Known, room: int) -> RosterUpdate:
    """Return entries of the number that the peer holds, from the first on that it lacks."""
    shown = _shown(card)
    update = RosterUpdate(agency=card.id, base=card.number)
    return _filled(update, (shown[each] for each in sorted(shown) if each >= known.lacks), room)


def _filled(update: RosterUpdate, entries: Iterable[Entry], room: int) -> RosterUpdate:
    """Return *update* with as many of *entries*, in their order, as fit into *room* bytes."""
    left = room - len(roster_wire.write_update(update)) - _FRAME
    taken = []
    for each in entries:
        data = roster_wire.entry_bytes(each)
        left -= len(data) * 4 // 3 + 8  # in base64, with quotes and a comma
        if left < 0:
            break
        taken.append(data)
    return replace(update, entries=tuple(taken))


def _foremost(card: AgencyCard, hashes: Iterable[CertificateHash]) -> list[CertificateHash]:
    """Return *hashes* in the order in which a peer needs them: node, desks, the others."""

    def place(named: CertificateHash) -> tuple[int, CertificateHash]:
        match card.current[named]:
            case NodeEntry():
                return 0, named
            case DeskEntry():
                return 1, named
            case _:
                return 2, named

    return sorted(hashes, key=place)


def _shown(card: AgencyCard) -> dict[CertificateHash, Entry]:
    """Return the entries of *card* that peers see."""
    return {
        named: each
        for named, each in card.current.items()
        if roster_wire.audience_of(each) is Audience.PEERS
    }


def _standing(reading: Reading, agency: AgencyId, number: int) -> set[CertificateHash]:
    """Return what peers saw of *agency*'s roster *number*."""
    return {
        CertificateHash(row.hash)
        for row in agencies.entries(reading, [agency])
        if row.audience == Audience.PEERS and row.stands_at(number)
    }


def next_number(
    house: House,
    root: Root,
    state: RosterState | None,
    key: SigningKey,
    *,
    add: Sequence[Entry] = (),
    end: Sequence[CertificateHash] = (),
    above: int = 0,
) -> Numbered:
    """Return the number after *state*, or the one after *above*, of the roster under *root*."""
    kept = dict(state.entries) if state else {}
    ended = [each for each in end if kept.pop(each, None) is not None]
    told = {roster_wire.entry_hash(each): each for each in add}
    added = {named: each for named, each in told.items() if named not in kept}
    _check_sound(added.values())
    kept |= added
    peers = {k for k, v in kept.items() if roster_wire.audience_of(v) is Audience.PEERS}
    if len(peers) > PEERS_LIMIT:
        raise Refused("roster-full", limit=PEERS_LIMIT)
    head = RosterHead(
        agency=root.agency,
        number=max(state.number, above) + 1 if state else 1,
        previous=state.head if state else "",
        at=house.now(),
        peers_root=entries_root(peers),
        home_root=entries_root(kept.keys() - peers),
    )
    return Numbered(
        agency=root.agency,
        before=state.number if state else 0,
        head=head,
        signed=roster_wire.sign_head(head, key),
        added=added,
        ended=ended,
    )


def _check_sound(entries: Iterable[Entry]) -> None:
    """Raise Misused for an entry that every peer would refuse: it would cut the agency off."""
    try:
        for each in entries:
            check_entry(each)
    except Malformed as error:
        raise Misused("entry") from error


def _place(agency: AgencyId, version: int) -> str:
    return f"secrets/{ROSTER_KEY}/{agency}/{version}"
