# SPDX-License-Identifier: Apache-2.0
"""Enrol an officer: his keys, his identity file, and his place in the roster.

The identity file is one age file under his passphrase; stock age opens it and finds the identity
lines of his reading and storage keys, and in ``#`` lines, which it passes over, his signing seed
and whose it is. At home it lies wrapped once more under the house key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, decrypt, encrypt
from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId, DeskId, OfficerId, mint
from comity.domain.roster import Audience, OfficerEntry, Role
from comity.errors import Damaged, Misused
from comity.services.address_book import AgencyCard, read_book
from comity.services.agencies import factor_of
from comity.services.house import House
from comity.services.rosters import issue
from comity.storage import housed, keys
from comity.storage.reading import Writing

VALIDITY: Final = timedelta(days=730)
PEOPLE: Final = "people"
"""The room of the agency's own record of its people's names."""
_SIGNING: Final = "# signing-ed25519-seed: "
_OFFICER: Final = "# officer: "
_READING: Final = "# reading, newest first"
_STORAGE: Final = "# storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFile:
    """What an officer's identity file holds."""

    officer: OfficerId
    signing: SigningKey = field(repr=False)
    reading: tuple[HybridIdentity, ...] = field(repr=False)
    """Newest epoch first."""
    storage: HybridIdentity = field(repr=False)

    def written(self) -> bytes:
        lines = [
            f"{_OFFICER}{self.officer}",
            f"{_SIGNING}{self.signing.seed.hex()}",
            _READING,
            *map(str, self.reading),
            _STORAGE,
            str(self.storage),
            "",
        ]
        return "\n".join(lines).encode()


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


def enrol(house: House, agency: AgencyId, person: Person, passphrase: str) -> OfficerEntry:
    """Enrol *person* and return his entry; his desks come with them."""
    card = read_book(house).agency(agency)
    if not card.own:
        raise Misused("agency-not-ours")
    if not person.name.strip():
        raise Misused("field-missing", field="name")
    _check_free(house, card, person)
    chosen = passphrases.accept(passphrase, practice=house.practice)
    made = IdentityFile(
        officer=OfficerId(mint(house.random)),
        signing=SigningKey(house.random(32)),
        reading=(HybridIdentity.generate(house.random),),
        storage=HybridIdentity.generate(house.random),
    )
    now = house.now()
    entry = OfficerEntry(
        agency=agency,
        id=made.officer,
        audience=Audience.PEERS if person.abroad else Audience.HOME,
        name=person.name.strip() if person.named_abroad or not person.abroad else "",
        label=person.label.strip() or f"officer {len(card.officers) + 1}",
        signing=made.signing.public.raw,
        reading=str(made.reading[0].recipient),
        epoch=1,
        storage=str(made.storage.recipient),
        roles=person.roles,
        languages=person.languages,
        desks=(),
        begins=now,
        ends=now + VALIDITY,
    )
    sealed = encrypt(made.written(), [Passphrase(chosen, factor=factor_of(house))])
    # The file first: a name in the roster whose keys nobody has could only be sealed to.
    house.store.write(lambda w: _keep(w, house, entry, person.name.strip(), sealed))
    issue(house, agency, add=[entry])
    return entry


def read_identity(inner: bytes, passphrase: str) -> IdentityFile:
    """Return the identity file in the age file *inner*; raise NotForUs at a wrong passphrase."""
    return parse(decrypt(inner, [Passphrase(passphrases.normalise(passphrase))]))


def parse(opened: bytes) -> IdentityFile:
    lines = opened.decode("ascii", "replace").splitlines()
    try:
        officer = next(each for each in lines if each.startswith(_OFFICER))
        seed = next(each for each in lines if each.startswith(_SIGNING))
        reading, storage = lines.index(_READING), lines.index(_STORAGE)
        return IdentityFile(
            officer=OfficerId(officer.removeprefix(_OFFICER)),
            signing=SigningKey(bytes.fromhex(seed.removeprefix(_SIGNING))),
            reading=tuple(map(HybridIdentity.parse, lines[reading + 1 : storage])),
            storage=HybridIdentity.parse(lines[storage + 1]),
        )
    except (StopIteration, ValueError, IndexError):
        raise Damaged("identity") from None


def export(house: House, officer: OfficerId) -> bytes:
    """Return the officer's own age file, which opens with the stock age command."""
    with house.store.read() as reading:
        rows = keys.identities(reading, [officer])
    if not rows:
        raise Misused("officer-unknown")
    return house.vault.open(rows[0].body, identity_place(officer))


def find_officer(house: House, text: str) -> tuple[AgencyCard, OfficerEntry]:
    """Return the officer of this house that *text* means: an id, a name or a label."""
    wanted = text.strip().casefold()
    known = names(house)
    found = [
        (card, entry)
        for card in read_book(house).own
        for entry in card.officers
        if wanted in (entry.id, known.get(entry.id, "").casefold(), entry.label.casefold())
    ]
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


def identity_place(officer: str) -> str:
    return f"identities/{officer}"


def with_desks(entry: OfficerEntry, desks: Sequence[DeskId]) -> tuple[DeskId, ...]:
    """Return the desks of *entry* and *desks*, each once, in order."""
    return tuple(sorted({*entry.desks, *desks}))


def _check_free(house: House, card: AgencyCard, person: Person) -> None:
    known = names(house)
    taken = {
        text.casefold()
        for each in card.officers
        for text in (known.get(each.id, ""), each.label)
        if text
    }
    if {person.name.strip().casefold(), person.label.strip().casefold()} & taken:
        raise Misused("officer-exists")


def _keep(writing: Writing, house: House, entry: OfficerEntry, name: str, sealed: bytes) -> None:
    locked = house.vault.lock(sealed, identity_place(entry.id))
    row = keys.Identity(officer=entry.id, agency=entry.agency, body=locked, at=house.millis())
    keys.put_identities(writing, [row])
    said = house.vault.lock(name.encode(), f"{PEOPLE}/{entry.id}")
    housed.put(
        writing,
        [
            housed.Housed(
                room=PEOPLE, name=entry.id, owner=entry.agency, body=said, at=house.millis()
            )
        ],
    )
