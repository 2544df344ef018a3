# SPDX-License-Identifier: Apache-2.0
"""Enrol an officer: his keys, his identity file, and his place in the roster.

His name is the agency's own record, housed; the roster that peers see shows it only where the
agency says so, and else a label, *officer 17*, which nobody else will ever have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, encrypt
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.domain.ids import AgencyId, OfficerId, mint
from comity.domain.roster import Audience, OfficerEntry, Role
from comity.errors import Misused
from comity.services import escrow
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.export import keep
from comity.services.fields import languages, line, optional_line
from comity.services.house import House
from comity.services.rosters import Change, amend
from comity.storage import housed
from comity.storage.reading import Writing
from comity.wire import identity
from comity.wire.identity import IdentityFile

VALIDITY: Final = timedelta(days=730)
PEOPLE: Final = "people"
"""The room of the agency's own record of its people's names."""
_LABEL: Final = "officer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is said of a new officer."""

    name: str
    label: str = ""
    """What peers are shown where they are not told his name; given one if empty."""
    named_abroad: bool = False
    """Whether peers are told his name at all; else his label stands."""
    abroad: bool = True
    """Whether peers are told of him: whoever signs abroad must be."""
    roles: tuple[Role, ...] = (Role.INVESTIGATOR,)
    languages: tuple[str, ...] = ("en",)
    valid: timedelta = VALIDITY
    """For how long he may sign, unless he is renewed."""


def enrol(house: House, agency: AgencyId, person: Person, passphrase: str) -> OfficerEntry:
    """Enrol *person*, whose passphrase this will be, and return his entry; desks come with desks.

    His keys and his entry become durable together: a name in the roster whose keys nobody has could
    only be sealed to.
    """
    own_card(house, agency)
    name = line(person.name, "name")
    chosen = passphrases.accept(passphrase, practice=house.practice)
    made = IdentityFile(
        officer=OfficerId(mint(house.random)),
        signing=SigningKey(house.random(SEED_SIZE)),
        reading=(HybridIdentity.generate(house.random),),
        storage=HybridIdentity.generate(house.random),
    )
    sealed = encrypt(identity.write(made), [Passphrase(chosen, factor=factor_of(house))])

    def decide(card: AgencyCard) -> Change:
        entry = _entry(house, card, person, name, made)
        rows = escrow.at_enrolment(house, card, entry, made)

        def also(writing: Writing) -> None:
            _keep(writing, house, entry, name, sealed)
            escrow.put(writing, house, card, rows)

        return Change(add=[entry], also=also)

    amend(house, agency, decide)
    return officer_of(read_book(house).agency(agency), made.officer)


def find_officer(house: House, text: str) -> tuple[AgencyCard, OfficerEntry]:
    """Return the officer of this house that *text* means: an id, a name or a label.

    Where several agencies here have one of that name, ``KE/A. Mwangi`` says whose.
    """
    own = read_book(house).own
    known = names(house)
    found = [(card, each) for card in own for each in _meant(card, known, text)]
    if not found and "/" in text:
        agency, _, name = text.partition("/")
        card = read_book(house).find_agency(agency, own)
        found = [(card, each) for each in _meant(card, known, name)]
    if len(found) != 1:
        raise Misused("officer-ambiguous" if found else "officer-unknown")
    return found[0]


def names(house: House) -> Mapping[OfficerId, str]:
    """Return the names of this house's people, as their agencies know them."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, PEOPLE)
    return {
        OfficerId(row.name): house.vault.open(row.body, f"{PEOPLE}/{row.name}").decode()
        for row in rows
    }


def own_card(house: House, agency: AgencyId) -> AgencyCard:
    """Return the card of *agency*; raise Misused unless it is of this house."""
    card = read_book(house).agency(agency)
    if not card.own:
        raise Misused("agency-not-ours")
    return card


def officer_of(card: AgencyCard, officer: str) -> OfficerEntry:
    """Return the entry of *officer* as *card* has it now."""
    found = card.readers.get(officer)
    if not isinstance(found, OfficerEntry):
        raise Misused("officer-unknown")
    return found


def _meant(card: AgencyCard, known: Mapping[OfficerId, str], text: str) -> list[OfficerEntry]:
    wanted = text.strip().casefold()
    return [
        each
        for each in card.officers
        if wanted and wanted in (each.id, known.get(each.id, "").casefold(), each.label.casefold())
    ]


def _entry(
    house: House, card: AgencyCard, person: Person, name: str, made: IdentityFile
) -> OfficerEntry:
    label = optional_line(person.label, "label") or _next_label(card)
    _check_free(card, names(house), {name.casefold(), label.casefold()})
    if not person.roles:
        raise Misused("field-missing", field="role")
    now = house.now()
    return OfficerEntry(
        agency=card.id,
        id=made.officer,
        audience=Audience.PEERS if person.abroad else Audience.HOME,
        name=name if person.named_abroad or not person.abroad else "",
        label=label,
        signing=made.signing.public.raw,
        reading=str(made.reading[0].recipient),
        epoch=1,
        storage=str(made.storage.recipient),
        roles=tuple(dict.fromkeys(person.roles)),
        languages=languages(person.languages),
        desks=(),
        begins=now,
        ends=now + person.valid,
    )


def _next_label(card: AgencyCard) -> str:
    """Return a label that nobody has had: peers' records of who left still name him by his."""
    had = [each.label for each in card.history.values() if isinstance(each, OfficerEntry)]
    numbers = [each.removeprefix(_LABEL) for each in had if each.startswith(_LABEL)]
    last = max((int(each) for each in numbers if each.isascii() and each.isdigit()), default=0)
    return f"{_LABEL}{last + 1}"


def _check_free(card: AgencyCard, known: Mapping[OfficerId, str], wanted: set[str]) -> None:
    labels = {each.label for each in card.history.values() if isinstance(each, OfficerEntry)}
    taken = labels | {known.get(each.id, "") for each in card.officers}
    if wanted & {each.casefold() for each in taken}:
        raise Misused("officer-exists")


def _keep(writing: Writing, house: House, entry: OfficerEntry, name: str, sealed: bytes) -> None:
    keep(writing, house, entry.agency, entry.id, sealed)
    said = house.vault.lock(name.encode(), f"{PEOPLE}/{entry.id}")
    row = housed.Housed(
        room=PEOPLE, name=entry.id, owner=entry.agency, body=said, at=house.millis()
    )
    housed.put(writing, [row])
