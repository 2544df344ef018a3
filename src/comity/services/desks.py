# SPDX-License-Identifier: Apache-2.0
"""Desks: what questions are addressed to, with a reading key that its members share.

An epoch's key is sealed to each member's own storage key and to nobody else: the node that keeps
the rows cannot open them, and a member's next reading key leaves them as they are. A change of
membership makes a new epoch, by an unlocked person and never by the node alone (design §5 *Desks*):
a member or, where none is left, a supervisor or administrator of the agency, who answers for its
membership. Opening a desk is the one moment at which a key is made by whoever administers the home.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from comity.crypto.age import HybridIdentity, HybridRecipient, encrypt
from comity.domain.duty import read_plan
from comity.domain.ids import AgencyId, CertificateHash, DeskId, OfficerId, mint
from comity.domain.roster import Audience, DeskEntry, OfficerEntry, Role
from comity.errors import Misused, NotCompetent
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.enrol import officer_of, own_card
from comity.services.fields import languages, line, optional_line
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.revoke import withdrawals
from comity.services.rosters import Change, amend
from comity.storage import keys, wraps
from comity.storage.keys import DeskKey
from comity.storage.reading import Writing
from comity.wire.roster import entry_hash

VALIDITY: Final = timedelta(days=3650)
MEMBERS_MOST: Final = 500
TELEPHONE: Final = 60
HEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who may begin an epoch for a desk that nobody sits at any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDesk:
    name: str
    languages: tuple[str, ...] = ("en",)
    zone: str = "UTC"
    hours: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()
    urgent_telephone: str = ""
    oversight: bool = False
    abroad: bool = True
    """Whether peers are told of it."""


def open_desk(
    house: House, agency: AgencyId, new: NewDesk, members: Sequence[OfficerId]
) -> DeskEntry:
    """Open a desk with *members*, who must be officers of *agency*."""
    own_card(house, agency)
    read_plan(new.zone, new.hours, new.holidays)  # what does not hold together is said now
    key = HybridIdentity.generate(house.random)
    entry = _first(house, agency, new, key)

    def decide(card: AgencyCard) -> Change:
        if any(each.name.casefold() == entry.name.casefold() for each in card.desks):
            raise Misused("desk-exists")
        people = _people(card, members)
        joined = [replace(each, desks=_with(each, entry.id)) for each in people]
        return Change(
            add=[entry, *joined],
            end=_current(card, people),
            also=partial(_write_keys, rows=[_sealed(house, entry, key, each) for each in people]),
        )

    amend(house, agency, decide)
    return entry


def change_members(
    house: House,
    by: Unlocked,
    desk: DeskId,
    *,
    join: Sequence[OfficerId] = (),
    leave: Sequence[OfficerId] = (),
) -> DeskEntry:
    """Begin the desk's next epoch, with another membership or the same; leavers get nothing later.

    A leaver's certificates that name the desk are withdrawn, or he could go on signing for it; of
    what was sealed to the desk he keeps here only what he wrote or was sent himself.
    """
    if not set(join).isdisjoint(leave):  # or he would leave with the new key
        raise Misused("field-value", field="leave")
    key = HybridIdentity.generate(house.random)

    def decide(card: AgencyCard) -> Change:
        before = _desk(card, desk)
        _check_may_change(card, by, desk)
        people = _people(card, [*(set(card.members(desk)) - set(leave)), *join])
        gone = [each for each in _people(card, leave) if desk in each.desks] if leave else []
        entry = _next(house, before, key)
        joining = [each for each in people if desk not in each.desks]
        return Change(
            add=[
                entry,
                *(_again(house, card, each, _with(each, desk)) for each in joining),
                *(_again(house, card, each, _without(each, desk)) for each in gone),
                *withdrawals(house, card, _for_desk(card, gone, desk), reason="superseded"),
            ],
            end=[*_current(card, [before]), *_current(card, [*joining, *gone])],
            also=partial(
                _write_keys,
                rows=[_sealed(house, entry, key, each) for each in people],
                without=_former(house, desk, people),
            ),
        )

    amend(house, by.agency, decide)
    return _desk(read_book(house).agency(by.agency), desk)


def _first(house: House, agency: AgencyId, new: NewDesk, key: HybridIdentity) -> DeskEntry:
    now = house.now()
    return DeskEntry(
        agency=agency,
        id=DeskId(mint(house.random)),
        audience=Audience.PEERS if new.abroad else Audience.HOME,
        name=line(new.name, "name"),
        reading=str(key.recipient),
        epoch=1,
        languages=languages(new.languages),
        zone=new.zone,
        hours=new.hours,
        holidays=new.holidays,
        urgent_telephone=optional_line(new.urgent_telephone, "telephone", limit=TELEPHONE),
        oversight=new.oversight,
        begins=now,
        ends=now + VALIDITY,
    )


def _next(house: House, before: DeskEntry, key: HybridIdentity) -> DeskEntry:
    now = house.now()
    return replace(
        before,
        reading=str(key.recipient),
        epoch=before.epoch + 1,
        begins=now,
        ends=now + VALIDITY,
    )


def _desk(card: AgencyCard, desk: str) -> DeskEntry:
    found = card.readers.get(desk)
    if not isinstance(found, DeskEntry):
        raise Misused("desk-unknown")
    return found


def _check_may_change(card: AgencyCard, by: Unlocked, desk: DeskId) -> None:
    """Raise NotCompetent unless *by*, as the roster has him now, may begin an epoch of *desk*."""
    now = card.readers.get(by.entry.id)
    if not isinstance(now, OfficerEntry) or now.signing != by.signing.public.raw:
        raise NotCompetent("certificate")
    headless = not card.members(desk) and HEADS.intersection(now.roles)
    if desk not in now.desks and not headless:
        raise NotCompetent("not-a-member")


def _people(card: AgencyCard, officers: Iterable[OfficerId | str]) -> tuple[OfficerEntry, ...]:
    """Return the entries of *officers*, each once, in an order that no list's order changes."""
    people = tuple(officer_of(card, each) for each in sorted(set(officers)))
    if not people:
        raise Misused("field-missing", field="member")
    if len(people) > MEMBERS_MOST:
        raise Misused("field-many", field="member")
    return people


def _current(
    card: AgencyCard, entries: Iterable[OfficerEntry | DeskEntry]
) -> list[CertificateHash]:
    return [card.certificate_of(each.id) for each in entries]


def _for_desk(
    card: AgencyCard, officers: Iterable[OfficerEntry], desk: DeskId
) -> list[CertificateHash]:
    """Return every certificate by which one of *officers* could sign for *desk*."""
    ids = {each.id for each in officers}
    return [
        named
        for named, each in card.history.items()
        if isinstance(each, OfficerEntry) and each.id in ids and desk in each.desks
    ]


def _former(house: House, desk: DeskId, people: Iterable[OfficerEntry]) -> frozenset[str]:
    """Return who has sealed keys of *desk* and is not among its *people*."""
    with house.store.read() as reading:
        rows = keys.desk_members(reading, desk)
    return frozenset(row.member for row in rows) - {each.id for each in people}


def _again(
    house: House, card: AgencyCard, entry: OfficerEntry, desks: tuple[DeskId, ...]
) -> OfficerEntry:
    """Return *entry* for other *desks*: who comes back gets no certificate that was withdrawn."""
    changed = replace(entry, desks=desks)
    while entry_hash(changed) in card.revoked:
        changed = replace(changed, begins=max(house.now(), changed.begins + timedelta(seconds=1)))
    return changed


def _with(entry: OfficerEntry, desk: DeskId) -> tuple[DeskId, ...]:
    return tuple(sorted({*entry.desks, desk}))


def _without(entry: OfficerEntry, desk: DeskId) -> tuple[DeskId, ...]:
    return tuple(each for each in entry.desks if each != desk)


def place_of_desk_key(desk: str, epoch: int, member: str) -> str:
    """Return where the row of a member's key is locked: it opens nowhere else."""
    return f"desk-keys/{desk}/{epoch}/{member}"


def _sealed(house: House, desk: DeskEntry, key: HybridIdentity, member: OfficerEntry) -> DeskKey:
    """Return the row of *key* for *member*: sealed to him, and locked here in its own place.

    The lock keeps nothing secret; by it the node finds, without his passphrase, what was changed.
    """
    sealed = encrypt(str(key).encode(), [HybridRecipient.parse(member.storage)])
    place = place_of_desk_key(desk.id, desk.epoch, member.id)
    return DeskKey(
        desk=desk.id,
        epoch=desk.epoch,
        member=member.id,
        sealed=house.vault.lock(sealed, place),
    )


def _write_keys(
    writing: Writing, *, rows: Sequence[DeskKey], without: frozenset[str] = frozenset()
) -> None:
    keys.put_desk_keys(writing, rows)
    gone = [(rows[0].desk, each) for each in sorted(without)]
    keys.delete_desk_keys(writing, gone)
    wraps.discard_of_desk(writing, gone)
