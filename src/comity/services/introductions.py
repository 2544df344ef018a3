# SPDX-License-Identifier: Apache-2.0
"""Introductions that were made to us: accepted by two of ours, or declined; each once.

What came is kept locked until it is decided; afterwards its id is remembered, so that nothing is
opened again by whoever kept the bytes. Accepting is an admission (``admit.py``) with a scope, an
end, and thirty days in which the key is to be compared by voice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain.ids import AgencyId, NodeId
from comity.domain.introduction import Introduced, Introduction, IntroductionOutcome, Outcome
from comity.domain.roster import Root
from comity.domain.time import written
from comity.errors import Misused, NotChecked, Refused, TooLate
from comity.services import notices
from comity.services.address_book import Book, read_book
from comity.services.admit import Admission, admit
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.stand import INTRODUCED, Said, leaf, locked, opened
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import invite as invite_wire
from comity.wire import notice as notice_wire
from comity.wire.invite import Invitation, Invited
from comity.wire.notice import NOTICE_LIMIT

ROOM: Final = "introductions-in"
LIMIT: Final = NOTICE_LIMIT * 2
"""Of what is kept of one, locked."""


class State(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    KNOWN = "known"
    REFUSED = "refused"
    """The rules said no before anybody was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One introduction, as far as it has come."""

    type: str = "comity/introduction-received@1"
    id: str
    state: State
    at: datetime
    why: str = ""
    """The code of why the rules said no."""
    signed: bytes = field(default=b"", repr=False)
    """As it came; for whoever asks later who said what."""

    @property
    def introduction(self) -> Introduction:
        said = notice_wire.read(self.signed).said
        if not isinstance(said, Introduction):
            raise Misused("introduction-unknown")
        return said

    @property
    def root(self) -> Root:
        """The root of the agency that it is of."""
        return invited(self.introduction).state.root


def received(reading: Reading, house: House) -> tuple[Received, ...]:
    """Return every introduction that came, the oldest first."""
    rows = housed.of_room(reading, ROOM)
    found = [opened(house, row, Received, LIMIT) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.at, each.id)))


def keep(writing: Writing, house: House, told: Received) -> None:
    housed.put(writing, [locked(house, ROOM, told.id, told)])


def find(reading: Reading, house: House, id_: str) -> Received | None:
    rows = housed.get(reading, ROOM, [id_])
    return opened(house, rows[0], Received, LIMIT) if rows else None


def accept(house: House, id_: str, *, decided_by: Sequence[str], review: str = "") -> AgencyCard:
    """Admit, within its scope, the agency that the introduction *id_* is of."""
    told = _waiting(house, id_)
    said = told.introduction
    book = read_book(house)
    check_introducer(book, said)
    if said.until <= house.now():
        raise TooLate("introduction")
    admission = Admission(
        nominated_by="",
        letter="",
        called="",
        number_from="",
        decided_by=tuple(decided_by),
        review=review or written(said.until)[:10],
        introduction=said.id,
    )
    limits = Introduced(
        id=said.id,
        by=said.agency,
        scope=said.scope,
        accepted_at=house.now(),
        until=said.until,
    )

    def also(writing: Writing) -> None:
        _decide(writing, house, book, told, State.ACCEPTED)
        housed.put(writing, [locked(house, INTRODUCED, said.introduces, limits)])

    return admit(house, invited(said), admission, vouched_by=said.agency, also=also)


def decline(house: House, id_: str) -> None:
    """Let the introduction *id_* be; its introducer is told that and no more."""
    told, book = _waiting(house, id_), read_book(house)
    house.store.write(lambda w: _decide(w, house, book, told, State.DECLINED))


def invited(said: Introduction) -> Invited:
    """Return what *said* introduces, as an invitation says it; raise Untrusted if it is not whole.

    The roster is judged by its own root, whose first key the agency's id follows from: whoever
    introduces can hold it back, but not change it. That the root is whose it is said to be, only
    the voice shows.
    """
    update = invite_wire.read_full(said.roster)
    state = invite_wire.state_of(update)
    return Invited(invitation=Invitation(roster=update, practice=said.practice), state=state)


def check_introducer(book: Book, said: Introduction) -> None:
    """Raise a child of Refused unless the introducer is one whose key we compared ourselves."""
    card = book.agency(said.agency)
    if card.suspended:
        raise Refused("introducer-suspended")
    if card.checked_at is None:
        raise NotChecked("introducer")
    if card.standing.marks and not all(each.decided for each in card.standing.marks):
        raise Refused("introducer-doubted")


def tell_outcome(
    writing: Writing, house: House, book: Book, said: Introduction, outcome: Outcome
) -> None:
    """Tell the introducer what was decided, and nothing else."""
    told = IntroductionOutcome(
        id=said.id,
        agency=said.to,
        node=house.keys.node,
        to=said.agency,
        introduces=said.introduces,
        outcome=outcome,
        at=house.now(),
    )
    node = NodeId(book.agency(said.agency).node.node)
    notices.queue(writing, house, node, [notice_wire.sign(told, house.keys.carrier)])


def _waiting(house: House, id_: str) -> Received:
    with house.store.read() as reading:
        told = find(reading, house, id_.strip())
    if told is None:
        raise Misused("introduction-unknown")
    if told.state is not State.WAITING:
        raise Refused("introduction-decided")
    return told


def _decide(writing: Writing, house: House, book: Book, told: Received, state: State) -> None:
    _ = writing.log  # its lock: two who decide at once see one another
    held = find(writing, house, told.id)
    if held is None or held.state is not State.WAITING:
        raise Refused("introduction-decided")
    said = told.introduction
    keep(writing, house, replace(told, state=state, at=house.now()))
    tell_outcome(writing, house, book, said, Outcome(state.value))
    append(writing, house, said.introduces, f"introduction.{state}", said.id)


def append(writing: Writing, house: House, agency: AgencyId, code: str, subject: str) -> None:
    """Make it a leaf of our log that an introduction of *agency* was made or decided."""
    entry = Said(agency=agency, code=code, at=written(house.now()), subject=subject)
    writing.append([leaf(house, entry)])
