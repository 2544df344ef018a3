# SPDX-License-Identifier: Apache-2.0
"""Guests: a counterpart without a server reads one thread here, and answers it (ADR 21).

(1) A guest is somebody of an agency that this server keeps for guests from his country, *Guests of
    Customs, Mombasa*. So everything holds that holds for a peer: no mandate, no question; oversight
    sees it; it is sealed to him alone, at rest, with a key that his passphrase opens; his answer is
    signed; it stays provable. What certifies him is the host: his word is *attested by* it.
(2) The host records how it knows who he is before there is a link.
(3) The link tells nothing and opens nothing. The passphrase is told by voice.
(4) It ends by a date, or when the host ends it. While it is open this server could read along, and
    the page says so.
(5) No peer is ever told that there is such an agency.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.domain.ids import AgencyId, OfficerId, mint
from comity.domain.policy import Mode, Policy, Rule
from comity.domain.roster import AgencyType, Role
from comity.errors import Locked, Misused
from comity.services import enrol, mandates, oversight
from comity.services.address_book import GUESTS, mark, read_book
from comity.services.agencies import found_agency
from comity.services.agency_card import AgencyCard
from comity.services.compose import author_of
from comity.services.enrol import Person
from comity.services.epochs import sign_in
from comity.services.fields import line, optional_line
from comity.services.house import House
from comity.services.mandates import NewMandate
from comity.services.officer import Unlocked
from comity.services.oversight import AgencyPolicy
from comity.services.revoke import revoke
from comity.services.stand import locked, opened
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Writing

ROOM: Final = "guest"
LINKS: Final = "guest-link"
"""The room of whose link is whose, by the link's tag."""
ROOTS: Final = "guest-root"
FOLDER: Final = "guests"
DAYS_LEAST: Final = 1
DAYS_MOST: Final = 60
DAYS: Final = 14
_TEN_YEARS: Final = timedelta(days=3650)
_LEFT: Final = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGuest:
    """Who is invited, and how it is known who he is."""

    name: str
    office: str
    country: str
    telephone: str
    number_from: str
    """Where the number comes from: a ministry's own site, and not his own letter."""
    checked: str
    """How he was known: called back, seen in person, known from an earlier case."""
    language: str = "en"
    days: int = DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One guest, as the host's own record has him."""

    type: str = "comity/guest@1"
    officer: OfficerId
    agency: AgencyId
    """The one that stands for guests from his country."""
    host: AgencyId
    by: OfficerId
    """Who invited him."""
    desk: str = ""
    name: str
    office: str
    country: str
    telephone: str
    number_from: str
    checked: str
    language: str
    at: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What is handed to a guest: the link by any messenger, the passphrase by voice."""

    guest: Guest
    token: str
    passphrase: str


def invite_guest(unlocked: Unlocked, house: House, new: NewGuest) -> Invitation:
    """Make *new* a guest, to whom a question may be put from now on.

    Neither the link nor the passphrase can be shown again.
    """
    book = read_book(house)
    author_of(unlocked, book)
    host = book.agency(unlocked.agency)
    told = _checked(new)
    card = _agency_for(house, host, told.country)
    passphrase = passphrases.offer(house.random)
    person = Person(
        name=f"{told.name}, {told.office}",
        named_abroad=True,
        roles=(Role.LIAISON,),
        languages=(told.language,),
        valid=timedelta(days=told.days),
    )
    entry = enrol.enrol(house, card.id, person, passphrase)
    token = mint(house.random)
    desks = [each for each in unlocked.entry.desks if each in host.readers]
    guest = Guest(
        officer=entry.id,
        agency=card.id,
        host=host.id,
        by=unlocked.entry.id,
        desk=desks[0] if desks else "",
        name=told.name,
        office=told.office,
        country=told.country,
        telephone=told.telephone,
        number_from=told.number_from,
        checked=told.checked,
        language=told.language,
        at=house.now(),
        ends=entry.ends,
    )
    link = _housed(house, LINKS, _link(house, token), guest.officer.encode())
    house.store.write(lambda w: housed.put(w, [_row(house, guest), link]))
    return Invitation(guest=guest, token=token, passphrase=passphrase)


def guests(house: House, host: AgencyId) -> tuple[Guest, ...]:
    """Return the guests of *host*, the newest first."""
    with house.store.read() as reading:
        found = [opened(house, row, Guest) for row in housed.of_room(reading, ROOM, host)]
    return tuple(sorted(found, key=lambda each: (each.at, each.officer), reverse=True))


def guest_of(house: House, officer: str) -> Guest | None:
    """Return the guest whose id *officer* is; None where he is none."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [officer])
    return opened(house, rows[0], Guest) if rows else None


def is_open(house: House, guest: Guest) -> bool:
    """Return whether his link still leads anywhere."""
    card = read_book(house).cards.get(guest.agency)
    return house.now() < guest.ends and card is not None and guest.officer in card.readers


def of_link(house: House, token: str) -> Guest | None:
    """Return whose link *token* is while it is open."""
    name = _link(house, token)
    with house.store.read() as reading:
        rows = housed.get(reading, LINKS, [name])
    if not rows:
        return None
    guest = guest_of(house, house.vault.open(rows[0].body, f"{LINKS}/{name}").decode())
    return guest if guest and is_open(house, guest) else None


def enter(house: House, token: str, passphrase: str) -> Unlocked:
    """Unlock the guest whose link *token* is; raise Locked, whatever was wrong."""
    guest = of_link(house, token)
    if guest is None:
        raise Locked("passphrase")
    return sign_in(house, guest.officer, passphrase)


def end_guest(unlocked: Unlocked, house: House, officer: str) -> Guest:
    """End the visit of a guest of *unlocked*'s agency now: his keys here are destroyed."""
    author_of(unlocked, read_book(house))
    guest = guest_of(house, officer)
    if guest is None or guest.host != unlocked.agency:
        raise Misused("guest-unknown")
    if is_open(house, guest):
        revoke(house, guest.officer, reason=_LEFT)
    ended = replace(guest, ends=min(guest.ends, house.now()))
    house.store.write(lambda w: housed.put(w, [_row(house, ended)]))
    return ended


def host_of(house: House, agency: str) -> AgencyCard | None:
    """Return the agency that attests what guests of *agency* say; None where it is no guests'."""
    book = read_book(house)
    if agency not in book.guests:
        return None
    with house.store.read() as reading:
        rows = housed.get(reading, GUESTS, [agency])
    host = AgencyId(house.vault.open(rows[0].body, f"{GUESTS}/{agency}").decode())
    return book.cards.get(host)


def _agency_for(house: House, host: AgencyCard, country: str) -> AgencyCard:
    """Return the agency that stands for guests of *host* from *country*, founded if need be."""
    book = read_book(house)
    for each in sorted(book.guests):
        card = book.cards[each]
        kept = host_of(house, each)
        if card.country == country and kept is not None and kept.id == host.id:
            return card
    name = _free_name(house, f"Guests of {host.name}, {country}")
    folder = house.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    secret = mint(house.random) + mint(house.random)
    place = folder / f"{mint(house.random)}.root.age"
    card = found_agency(
        house,
        name=name,
        country=country,
        kind=AgencyType.AGENCY,
        address="",
        root_file=place,
        root_passphrase=secret,
    )
    rows = [
        _housed(house, GUESTS, card.id, host.id.encode()),
        _housed(house, ROOTS, card.id, f"{place.name}\n{secret}".encode()),
    ]

    def work(writing: Writing) -> None:
        housed.put(writing, rows)
        mark(writing, house)

    house.store.write(work)
    law = f"Attested by {host.name}"
    mandates.add_mandate(
        house,
        card.id,
        NewMandate(
            law=law,
            signed_by=host.name,
            countries=(host.country,),
            ends=house.now() + _TEN_YEARS,
        ),
    )
    # What a guest answers goes to his host at once: there is nobody above him here.
    direct = Policy(rules=(Rule(mode=Mode.DIRECT),))
    oversight.set_policy(house, card.id, AgencyPolicy(policy=direct, stop=0))
    return read_book(house).agency(card.id)


def _free_name(house: House, wanted: str) -> str:
    taken = {each.name for each in read_book(house).own}
    names = (wanted, *(f"{wanted} ({number})" for number in range(2, 1000)))
    return next(each for each in names if each not in taken)


def _checked(new: NewGuest) -> NewGuest:
    if not DAYS_LEAST <= new.days <= DAYS_MOST:
        raise Misused("guest-days", least=DAYS_LEAST, most=DAYS_MOST)
    return replace(
        new,
        name=line(new.name, "name", limit=80),
        office=line(new.office, "office", limit=100),
        country=line(new.country, "country", limit=2).upper(),
        telephone=line(new.telephone, "telephone", limit=40),
        number_from=line(new.number_from, "number_from"),
        checked=line(new.checked, "checked"),
        language=optional_line(new.language, "language") or "en",
    )


def _link(house: House, token: str) -> str:
    """Return by what a link is found: whoever reads the database cannot present it."""
    return house.vault.tag(token.encode(), LINKS).hex()


def _row(house: House, guest: Guest) -> Housed:
    return locked(house, ROOM, guest.officer, guest, owner=guest.host)


def _housed(house: House, room: str, name: str, body: bytes) -> Housed:
    return Housed(
        room=room, name=name, body=house.vault.lock(body, f"{room}/{name}"), at=house.millis()
    )
