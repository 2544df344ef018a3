# SPDX-License-Identifier: Apache-2.0
"""Escrow: reading keys, desks' keys and storage keys, sealed to the agency's recovery identity.

A row holds a sealed key, locked once more under the house key: whoever has the house key alone, or
a copy of the database and every share, opens nothing. Rows come when an officer is enrolled or
unlocks, for then his keys are at hand; nobody else could make them. Each has the key's name
(``domain.recovery.name_of``), by which ``forget`` destroys it with its epoch.

What is here was sealed before the holders changed if its number is an older one: the next unlock
puts it right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.crypto.age import HybridIdentity, HybridRecipient, decrypt, encrypt
from comity.domain.ids import AgencyId
from comity.domain.recovery import KeyKind, name_of
from comity.domain.roster import (
    DeskEntry,
    OfficerEntry,
    RecoveryEntry,
)
from comity.errors import Damaged, Malformed, Untrusted
from comity.services import arrangements
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical
from comity.wire.identity import IdentityFile

ROOM: Final = "escrow"
_LIMIT: Final = 8 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Escrowed:
    """A key that somebody here holds, with the name under which it is escrowed."""

    owner: str
    """The officer or the desk."""
    kind: KeyKind
    epoch: int
    key: HybridIdentity = field(repr=False)

    @property
    def name(self) -> str:
        return name_of(self.owner, self.kind, self.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    number: int
    """Of the recovery identity to which it is sealed."""
    recipient: str
    """The public half of the key that is kept: what tells a key that was replaced."""
    sealed: bytes


def known_keys(card: AgencyCard) -> dict[str, tuple[str, KeyKind, int]]:
    """Return whose and which each key is that the roster ever certified, by its public half."""
    known: dict[str, tuple[str, KeyKind, int]] = {}
    storages: dict[str, list[str]] = {}
    for each in card.history.values():  # the oldest first
        match each:
            case OfficerEntry():
                known[each.reading] = each.id, KeyKind.READING, each.epoch
                had = storages.setdefault(each.id, [])
                if each.storage not in had:
                    had.append(each.storage)
                    known[each.storage] = each.id, KeyKind.STORAGE, len(had)
            case DeskEntry():
                known[each.reading] = each.id, KeyKind.DESK, each.epoch
            case _:
                continue
    return known


def escrowed(card: AgencyCard, keys: Iterable[HybridIdentity]) -> tuple[Escrowed, ...]:
    """Return those of *keys* that *card*'s roster certified, with their names."""
    known = known_keys(card)
    found = ((known.get(str(each.recipient)), each) for each in keys)
    return tuple(
        Escrowed(owner=told[0], kind=told[1], epoch=told[2], key=key) for told, key in found if told
    )


def sealed(house: House, recovery: RecoveryEntry, keys: Iterable[Escrowed]) -> tuple[Housed, ...]:
    """Return the rows of *keys*, sealed to *recovery* and locked here."""
    recipient = HybridRecipient.parse(recovery.recipient)
    return tuple(_row(house, recovery, each, recipient) for each in keys)


def keep_up(house: House, card: AgencyCard, unlocked: Unlocked) -> int:
    """Escrow what *unlocked* holds and is not escrowed yet; return how many keys that were."""
    recovery = card.recovery
    if recovery is None:
        return 0
    mine = escrowed(card, unlocked.identities)
    with house.store.read() as reading:
        there = _standing(reading, house, recovery, [each.name for each in mine])
    lacking = [each for each in mine if str(each.key.recipient) not in there]
    if not lacking:
        return 0
    rows = sealed(house, recovery, lacking)
    return house.store.write(lambda w: put(w, house, card, rows))


def put(writing: Writing, house: House, card: AgencyCard, rows: Sequence[Housed]) -> int:
    """Put *rows*, unless the holders were changed since they were sealed; return how many."""
    _ = writing.log  # its lock, before we look
    now = arrangements.find(writing, house, card.id)
    if now is None or card.recovery is None or now.recipient != card.recovery.recipient:
        return 0
    return housed.put(writing, rows)


def at_enrolment(
    house: House, card: AgencyCard, entry: OfficerEntry, made: IdentityFile
) -> tuple[Housed, ...]:
    """Return the rows of an officer who is about to be enrolled; none where nobody holds shares."""
    if card.recovery is None:
        return ()
    keys = (
        Escrowed(owner=entry.id, kind=KeyKind.READING, epoch=entry.epoch, key=made.reading[0]),
        Escrowed(owner=entry.id, kind=KeyKind.STORAGE, epoch=1, key=made.storage),
    )
    return sealed(house, card.recovery, keys)


def opened(
    house: House, card: AgencyCard, identity: HybridIdentity
) -> tuple[tuple[Escrowed, ...], int]:
    """Return what *identity* opens of the agency's escrow, and how many rows it does not open."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, card.id)
    found: list[Escrowed] = []
    for row in rows:
        owner, kind, epoch = row.name.split("/")
        kept = _kept(house, row)
        if kept is not None and (key := _opened(kept, identity)):
            found.append(Escrowed(owner=owner, kind=KeyKind(kind), epoch=int(epoch), key=key))
    return tuple(found), len(rows) - len(found)


def missing(house: House, card: AgencyCard) -> tuple[OfficerEntry, ...]:
    """Return the officers whose present keys are not escrowed to the present holders."""
    recovery = card.recovery
    if recovery is None:
        return card.officers
    names = {line: name_of(*told) for line, told in known_keys(card).items()}
    with house.store.read() as reading:
        there = _standing(reading, house, recovery, list(names.values()))
    return tuple(each for each in card.officers if not {each.reading, each.storage} <= there)


def forget(writing: Writing, names: Sequence[str]) -> int:
    """Destroy the escrow of the keys of these names; return how many were there."""
    return housed.discard(writing, ROOM, names)


def forget_all(writing: Writing, agency: AgencyId) -> int:
    """Destroy all that is escrowed of *agency*."""
    return forget(writing, [row.name for row in housed.of_room(writing, ROOM, agency)])


def _row(
    house: House, recovery: RecoveryEntry, each: Escrowed, recipient: HybridRecipient
) -> Housed:
    kept = _Kept(
        number=recovery.number,
        recipient=str(each.key.recipient),
        sealed=encrypt(str(each.key).encode(), [recipient]),
    )
    locked = house.vault.lock(canonical.encode(kept), f"{ROOM}/{each.name}")
    return Housed(room=ROOM, name=each.name, owner=recovery.agency, body=locked, at=house.millis())


def _kept(house: House, row: Housed) -> _Kept | None:
    """Return what *row* holds; None where it is damaged: it keeps nobody from the others."""
    try:
        opened_ = house.vault.open(row.body, f"{ROOM}/{row.name}")
        return canonical.decode(opened_, _Kept, limit=_LIMIT)
    except (Damaged, Malformed):
        return None


def _opened(kept: _Kept, identity: HybridIdentity) -> HybridIdentity | None:
    """Return the key in *kept*; None where others hold it, or it is not what it says."""
    try:
        key = HybridIdentity.parse(decrypt(kept.sealed, [identity]).decode("ascii"))
    except (Untrusted, UnicodeDecodeError):
        return None
    return key if str(key.recipient) == kept.recipient else None


def _standing(
    reading: Reading, house: House, recovery: RecoveryEntry, names: Sequence[str]
) -> set[str]:
    """Return the public halves of the keys of *names* that are escrowed to *recovery*."""
    rows = housed.get(reading, ROOM, names)
    kept = (_kept(house, row) for row in rows)
    return {each.recipient for each in kept if each and each.number == recovery.number}
