# SPDX-License-Identifier: Apache-2.0
"""Practice: a second world inside the home, where an officer may try everything.

Two practice homes in ``HOME/practice``: one agency with the names of ours, and an invented one
whose tutor answers by himself. They know each other and nobody else, neither has an address, and
what is between them is a call inside this process: no thread, key or parcel of theirs can leave.
They open with a secret that lies locked in the real home. Nothing in them is worth keeping: whoever
begins again gets a new world, and the one before is destroyed.
"""

import contextlib
import hmac
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from comity.domain.ids import AgencyId, NodeId, OfficerId, mint
from comity.domain.roster import AgencyType, OfficerEntry, Role
from comity.domain.time import Clock
from comity.errors import DiskFull, Misused, Unreachable
from comity.services import admit, home
from comity.services.address_book import read_book
from comity.services.admit import Admission
from comity.services.agencies import found_agency
from comity.services.agency_card import AgencyCard
from comity.services.courier import Courier
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.enrol import Person, enrol, names
from comity.services.house import House
from comity.services.invite import invite
from comity.services.mandates import NewMandate, add_mandate
from comity.services.officer import Unlocked
from comity.services.ports import Destination
from comity.services.roles import change_roles
from comity.services.stand import locked, opened
from comity.services.unlock import unlock
from comity.storage import housed
from comity.storage.reading import Writing

FOLDER: Final = "practice"
ROOM: Final = "practice"
OURS: Final = "ours"
THEIRS: Final = "theirs"
_SECRET: Final = 32
_YEARS: Final = timedelta(days=3650)
_DESK: Final = "Practice desk"
_OVERSIGHT: Final = "Practice oversight"
_COLLEAGUE: Final = "Practice colleague"
_ABROAD_TUTOR: Final = "Practice tutor"
_ABROAD: Final = {"VN": "Practice, Hai Phong", "KE": "Practice, Mombasa"}
_ROOTS: Final = "roots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the real home knows of its practice world."""

    type: str = "comity/practice@1"
    name: str
    """The folder of this world; another each time it begins anew."""
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """What one of the two homes is made from."""

    place: Path
    name: str
    country: str
    kind: AgencyType
    tutor: str


class Wire:
    """The carrier between the two: it knows them and no way out."""

    def __init__(self, own: NodeId) -> None:
        self._own = own
        self.others: dict[NodeId, Courier] = {}

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        there = self.others.get(to.node)
        if there is None:
            raise Unreachable("http")
        return there.incoming(parcel, self._own)


class Nowhere:
    """A mailbox that is never reached."""

    def leave(self, at: Destination, file: bytes) -> None:
        del at, file
        raise Unreachable("http")

    def collect(self, at: Destination, said: bytes) -> bytes:
        del at, said
        raise Unreachable("http")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Practice:
    """An open practice world."""

    kept: Kept
    ours: House
    theirs: House
    wires: tuple[Wire, Wire]
    couriers: tuple[Courier, Courier]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def here(self) -> AgencyCard:
        return _one(self.ours)

    @property
    def there(self) -> AgencyCard:
        return _one(self.theirs)

    def tutor(self) -> Unlocked:
        """Return who answers over there."""
        return _unlocked(self.theirs, self.kept, _ABROAD_TUTOR)

    def carry(self) -> None:
        """Exchange what waits on both sides."""
        for courier in self.couriers:
            courier.sync()

    def close(self) -> None:
        home.close(self.ours)
        home.close(self.theirs)


def kept_of(house: House, agency: AgencyId) -> Kept | None:
    """Return what is known of the practice world of *agency*; None before it was begun."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    return opened(house, rows[0], Kept) if rows else None


def begin(house: House, agency: AgencyId, *, anew: bool = False) -> Kept:
    """Make the practice world of *agency* where there is none, or a new one instead of it."""
    before = kept_of(house, agency)
    if before is not None and not anew and _place(house, agency, before).is_dir():
        return before
    kept = Kept(name=mint(house.random), secret=house.random(_SECRET))
    _make(house, read_book(house).agency(agency), kept)

    def work(writing: Writing) -> Kept:
        _ = writing.log  # its lock: of two who begin at once one world is kept
        rows = housed.get(writing, ROOM, [agency])
        now = opened(house, rows[0], Kept) if rows else None
        if now != before and now is not None:
            return now
        housed.put(writing, [locked(house, ROOM, agency, kept, owner=agency)])
        return kept

    stays = house.store.write(work)
    for gone in {each.name for each in (before, kept) if each is not None} - {stays.name}:
        shutil.rmtree(_folder(house, agency) / gone, ignore_errors=True)
    return stays


def open_(house: House, agency: AgencyId, kept: Kept) -> Practice:
    """Open the practice world *kept* of *agency*."""
    place, ask = _place(house, agency, kept), _asking(kept)
    ours = home.open_(place / OURS, ask_house=ask, clock=house.clock)
    try:
        theirs = home.open_(place / THEIRS, ask_house=ask, clock=house.clock)
    except BaseException:
        home.close(ours)
        raise
    return _joined(kept, ours, theirs)


def sit_down(practice: Practice, entry: OfficerEntry, name: str) -> tuple[Unlocked, bool]:
    """Return the practice officer who stands for *entry*, and whether he was never here before."""
    with practice.lock:
        card = practice.here
        known = next((each for each in card.officers if each.label == entry.label), None)
        is_new = known is None
        if known is None:
            person = Person(
                name=_free(practice.ours, name),
                label=entry.label,
                roles=entry.roles,
                languages=entry.languages,
            )
            word = _word(practice.kept, entry.label)
            known = enrol(practice.ours, card.id, person, word)
        elif known.roles != entry.roles:
            change_roles(practice.ours, card.id, known.id, entry.roles)
        if _seat(practice, known.id, entry.roles):
            practice.carry()  # over there they seal to the new key of the desk
        return _unlocked(practice.ours, practice.kept, entry.label), is_new


def _seat(practice: Practice, officer: OfficerId, roles: Sequence[Role]) -> int:
    """Let him sit at the practice desk, and at its oversight desk if he answers for that."""
    joined = 0
    for desk in practice.here.desks:
        wanted = not desk.oversight or Role.SUPERVISOR in roles
        if wanted and officer not in practice.here.members(desk.id):
            colleague = _unlocked(practice.ours, practice.kept, _COLLEAGUE)
            change_members(practice.ours, colleague, desk.id, join=[officer])
            joined += 1
    return joined


def _make(house: House, card: AgencyCard, kept: Kept) -> None:
    """Furnish both homes beside their place, and give them their name when all is there."""
    folder = _folder(house, card.id)
    beside = folder / f".{kept.name}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (beside / _ROOTS).mkdir(mode=0o700, parents=True)
    except OSError:
        raise DiskFull("home") from None
    try:
        _furnish(house.clock, card, kept, beside)
        shutil.rmtree(beside / _ROOTS)  # nobody will ever replace a key of practice
        beside.rename(folder / kept.name)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _furnish(clock: Clock, card: AgencyCard, kept: Kept, beside: Path) -> None:
    country = "KE" if card.country == "VN" else "VN"
    here = _Side(
        place=beside / OURS, name=card.name, country=card.country, kind=card.kind, tutor=_COLLEAGUE
    )
    there = _Side(
        place=beside / THEIRS,
        name=_ABROAD[country],
        country=country,
        kind=AgencyType.AGENCY,
        tutor=_ABROAD_TUTOR,
    )
    with contextlib.ExitStack() as open_homes:
        ours, theirs = (_founded(clock, kept, each) for each in (here, there))
        open_homes.callback(home.close, ours)
        open_homes.callback(home.close, theirs)
        for host, guest in ((ours, theirs), (theirs, ours)):
            admission = Admission(
                nominated_by=_DESK,
                letter=_DESK,
                called=_DESK,
                number_from=_DESK,
                decided_by=(_COLLEAGUE, _ABROAD_TUTOR),
                review=(host.now() + _YEARS).date().isoformat(),
            )
            known = admit.accept(host, invite(guest, _one(guest).id), admission)
            admit.check(host, known.id, admit.fingerprint(_one(guest)), by=_COLLEAGUE)


def _founded(clock: Clock, kept: Kept, side: _Side) -> House:
    """Make the home of one side with its agency, its desks, its mandate and who sits there."""
    house = home.create(
        side.place,
        key_home="prompt",
        ask_house=_asking(kept),
        clock=clock,
        random=os.urandom,
        practice=True,
    )
    try:
        _people(house, kept, side)
    except BaseException:
        home.close(house)
        raise
    return house


def _people(house: House, kept: Kept, side: _Side) -> None:
    card = found_agency(
        house,
        name=side.name,
        country=side.country,
        kind=side.kind,
        address=f"http://{side.place.name}.localhost",  # nobody is there: the wire goes by the node
        root_file=side.place.parent / _ROOTS / side.place.name,
        root_passphrase=kept.secret.hex(),
    )
    roles = (Role.INVESTIGATOR, Role.SUPERVISOR)
    person = Person(name=side.tutor, label=side.tutor, roles=roles)
    officer = enrol(house, card.id, person, _word(kept, side.tutor)).id
    open_desk(house, card.id, NewDesk(name=_DESK), [officer])
    open_desk(house, card.id, NewDesk(name=_OVERSIGHT, oversight=True), [officer])
    mandate = NewMandate(law=_DESK, signed_by=side.tutor, ends=house.now() + _YEARS)
    add_mandate(house, card.id, mandate)


def _joined(kept: Kept, ours: House, theirs: House) -> Practice:
    """Lay the wire between the two."""
    wires = Wire(ours.keys.node), Wire(theirs.keys.node)
    couriers = Courier(ours, wires[0]), Courier(theirs, wires[1])
    wires[0].others[theirs.keys.node] = couriers[1]
    wires[1].others[ours.keys.node] = couriers[0]
    return Practice(kept=kept, ours=ours, theirs=theirs, wires=wires, couriers=couriers)


def _one(house: House) -> AgencyCard:
    own = read_book(house).own
    if len(own) != 1:
        raise Misused("agency-ambiguous" if own else "agency-none")
    return own[0]


def _unlocked(house: House, kept: Kept, label: str) -> Unlocked:
    return unlock(house, label, _word(kept, label))


def _word(kept: Kept, label: str) -> str:
    """Return the passphrase of a practice officer: nobody types it, nobody knows it."""
    return hmac.digest(kept.secret, label.encode(), "sha256").hex()


def _asking(kept: Kept) -> Callable[[], str]:
    return kept.secret.hex


def _free(house: House, name: str) -> str:
    """Return *name*, unless somebody of practice is called so."""
    return name if name not in names(house).values() else f"{name} *"


def _folder(house: House, agency: AgencyId) -> Path:
    return house.home / FOLDER / agency


def _place(house: House, agency: AgencyId, kept: Kept) -> Path:
    return _folder(house, agency) / kept.name
