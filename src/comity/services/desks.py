# SPDX-License-Identifier: Apache-2.0
"""Desks: what questions are addressed to, with a reading key that its members share.

An epoch's key is sealed to each member's own reading key and to nobody else: the node that keeps
the rows cannot open them. A change of membership makes a new epoch, by an unlocked member or the
desk's head and never by the node alone (design §5 *Desks*); opening a desk is the one moment at
which its first key is made by whoever administers the home.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from comity.crypto.age import HybridIdentity, HybridRecipient, encrypt
from comity.domain.duty import read_plan
from comity.domain.ids import AgencyId, DeskId, OfficerId, mint
from comity.domain.roster import Audience, DeskEntry, OfficerEntry
from comity.errors import Misused, NotCompetent
from comity.services.address_book import AgencyCard, read_book
from comity.services.enrol import with_desks
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.rosters import issue
from comity.storage import keys

VALIDITY: Final = timedelta(days=3650)


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
    card = read_book(house).agency(agency)
    if not card.own:
        raise Misused("agency-not-ours")
    if not new.name.strip() or not members:
        raise Misused("field-missing", field="name" if members else "member")
    if any(each.name.casefold() == new.name.strip().casefold() for each in card.desks):
        raise Misused("desk-exists")
    read_plan(new.zone, new.hours, new.holidays)  # what does not hold together is said now
    people = [_officer(card, each) for each in members]
    key = HybridIdentity.generate(house.random)
    now = house.now()
    entry = DeskEntry(
        agency=agency,
        id=DeskId(mint(house.random)),
        audience=Audience.PEERS if new.abroad else Audience.HOME,
        name=new.name.strip(),
        reading=str(key.recipient),
        epoch=1,
        languages=new.languages,
        zone=new.zone,
        hours=new.hours,
        holidays=new.holidays,
        urgent_telephone=new.urgent_telephone,
        oversight=new.oversight,
        begins=now,
        ends=now + VALIDITY,
    )
    rows = [_sealed(entry, key, each) for each in people]
    house.store.write(lambda w: keys.put_desk_keys(w, rows))
    renewed = [replace(each, desks=with_desks(each, [entry.id])) for each in people]
    issue(
        house,
        agency,
        add=[entry, *renewed],
        end=[card.certificate_of(each.id) for each in people],
    )
    return entry


def change_members(
    house: House,
    by: Unlocked,
    desk: DeskId,
    *,
    join: Sequence[OfficerId] = (),
    leave: Sequence[OfficerId] = (),
) -> DeskEntry:
    """Begin the desk's next epoch with another membership; leavers get nothing later."""
    card = read_book(house).agency(by.agency)
    entry = next((each for each in card.desks if each.id == desk), None)
    if entry is None:
        raise Misused("desk-unknown")
    if desk not in by.desks:
        raise NotCompetent("not-a-member")
    now_members = {*card.members(desk), *join} - set(leave)
    if not now_members:
        raise Misused("field-missing", field="member")
    people = [_officer(card, OfficerId(each)) for each in sorted(now_members)]
    gone = [_officer(card, each) for each in leave]
    key = HybridIdentity.generate(house.random)
    following = replace(
        entry, reading=str(key.recipient), epoch=entry.epoch + 1, begins=house.now()
    )
    house.store.write(
        lambda w: keys.put_desk_keys(w, [_sealed(following, key, each) for each in people])
    )
    changed = [
        *(replace(each, desks=with_desks(each, [desk])) for each in people),
        *(replace(each, desks=tuple(d for d in each.desks if d != desk)) for each in gone),
    ]
    issue(
        house,
        by.agency,
        add=[following, *changed],
        end=[card.certificate_of(each) for each in (desk, *now_members, *leave)],
    )
    return following


def _officer(card: AgencyCard, officer: OfficerId) -> OfficerEntry:
    found = next((each for each in card.officers if each.id == officer), None)
    if found is None:
        raise Misused("officer-unknown")
    return found


def _sealed(desk: DeskEntry, key: HybridIdentity, member: OfficerEntry) -> keys.DeskKey:
    sealed = encrypt(str(key).encode(), [HybridRecipient.parse(member.reading)])
    return keys.DeskKey(desk=desk.id, epoch=desk.epoch, member=member.id, sealed=sealed)
