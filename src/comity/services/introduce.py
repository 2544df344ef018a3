# SPDX-License-Identifier: Apache-2.0
"""Introduce two agencies that we know to each other.

Each side is told, by an officer of ours and released by our node, who the other is, as we hold it
by its own roster, with the scope and the end. What they make of it is theirs: we are told that it
was accepted, or not, and never what passes between them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.domain.ids import AgencyId, NodeId, mint
from comity.domain.introduction import (
    ANY,
    CODES_LIMIT,
    LONGEST_DAYS,
    REASON_LIMIT,
    Introduction,
    IntroductionOutcome,
    Scope,
    may_introduce,
)
from comity.domain.policy import Sensitivity
from comity.domain.roster import Audience
from comity.domain.time import whole, written
from comity.domain.verdict import Barred
from comity.errors import Misused, NotAdmitted, NotChecked, NotCompetent, Unavailable
from comity.knowledge.codes import purposes
from comity.services import notices
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.compose import author_of
from comity.services.fields import optional_line
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.rosters import full_update
from comity.services.rules import NOTE
from comity.services.stand import Said, leaf, locked, opened
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import notice as notice_wire
from comity.wire import roster as roster_wire
from comity.wire.notice import ROSTER_ROOM, Told

ROOM: Final = "introductions-made"
_LIMIT: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, and what it said."""

    agency: AgencyId
    outcome: str = ""
    """Empty until it has decided."""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An introduction of ours."""

    type: str = "comity/introduction-made@1"
    id: str
    agency: AgencyId
    """Which of ours."""
    officer: str
    sides: tuple[Side, ...]
    scope: Scope
    at: datetime
    until: datetime
    reason: str


def introduce(
    unlocked: Unlocked,
    house: House,
    pair: tuple[AgencyId, AgencyId],
    scope: Scope,
    *,
    until: datetime,
    reason: str = "",
) -> Made:
    """Tell both of *pair* of each other; return what was told."""
    book = read_book(house)
    cards = _sides(house, book, unlocked, pair)
    if unlocked.entry.audience is not Audience.PEERS:
        raise NotCompetent("not-abroad")
    author_of(unlocked, book)
    made = Made(
        id=mint(house.random),
        agency=unlocked.agency,
        officer=unlocked.entry.id,
        sides=tuple(Side(agency=each.id) for each in cards),
        scope=scope,
        at=house.now(),
        until=_end(house, until),
        reason=optional_line(reason, "reason", limit=REASON_LIMIT),
    )
    told = [
        (NodeId(to.node.node), _told(unlocked, house, made, to, of))
        for to, of in (cards, cards[::-1])
    ]

    def work(writing: Writing) -> None:
        housed.add(writing, [locked(house, ROOM, made.id, made)])
        for node, each in told:
            notices.queue(writing, house, node, [each])
        for side in made.sides:
            said = Said(agency=side.agency, code="introduces", at=written(made.at), subject=made.id)
            writing.append([leaf(house, said)])

    house.store.write(work)
    return made


def scope_of(house: House, text: str, sensitivity: Sensitivity) -> Scope:
    """Return the scope that *text* writes: ``phone,container/intelligence``, or ``*``."""
    kinds, _, uses = text.partition("/")
    return Scope(
        kinds=_codes(kinds, {*house.kinds, NOTE}, "kind"),
        purposes=_codes(uses or ANY, purposes(), "purpose"),
        sensitivity=sensitivity,
    )


def note_outcome(writing: Writing, house: House, said: IntroductionOutcome) -> None:
    """Note what one side decided; what was not asked of it, or was said before, changes nothing."""
    _ = writing.log  # its lock: both sides may answer at once
    made = made_of(writing, house, said.id)
    if made is None or made.agency != said.to:
        return
    other = {each.agency for each in made.sides} - {said.agency}
    if other != {said.introduces}:
        return
    sides = tuple(
        replace(each, outcome=said.outcome.value, at=written(said.at))
        if each.agency == said.agency and not each.outcome
        else each
        for each in made.sides
    )
    housed.put(writing, [locked(house, ROOM, made.id, replace(made, sides=sides))])


def made_of(reading: Reading, house: House, id_: str) -> Made | None:
    rows = housed.get(reading, ROOM, [id_])
    return opened(house, rows[0], Made, _LIMIT) if rows else None


def all_made(reading: Reading, house: House) -> tuple[Made, ...]:
    """Return the introductions that we made, the oldest first."""
    found = [opened(house, row, Made, _LIMIT) for row in housed.of_room(reading, ROOM)]
    return tuple(sorted(found, key=lambda each: (each.at, each.id)))


def _sides(
    house: House, book: Book, unlocked: Unlocked, pair: tuple[AgencyId, AgencyId]
) -> tuple[AgencyCard, AgencyCard]:
    """Return both cards; raise a child of Refused unless we may introduce them."""
    cards = (book.agency(pair[0]), book.agency(pair[1]))
    if any(card.lacks for card in cards):
        raise Unavailable("roster-arriving")
    if pair[0] == pair[1] or any(card.own for card in cards):
        raise Misused("introduction-self")
    for card in cards:
        if why := card.silent(house.now()):
            raise NotAdmitted(why)
    own = book.agency(unlocked.agency)
    checked = [card.checked_at is not None for card in cards]
    verdict = may_introduce(own.kind, one_checked=checked[0], other_checked=checked[1])
    if isinstance(verdict, Barred):
        raise NotChecked("introduced")
    return cards


def _codes(text: str, known: Collection[str], field: str) -> tuple[str, ...]:
    told = tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    if not told:
        raise Misused("field-missing", field=field)
    if len(told) > CODES_LIMIT or not all(each == ANY or each in known for each in told):
        raise Misused("field-value", field=field)
    return told


def _end(house: House, until: datetime) -> datetime:
    end = whole(until)
    if end <= house.now() or (end - house.now()).days >= LONGEST_DAYS:
        raise Misused("introduction-end", limit=LONGEST_DAYS)
    return end


def _told(unlocked: Unlocked, house: House, made: Made, to: AgencyCard, of: AgencyCard) -> Told:
    """Return the copy for *to*, which tells it of the agency of *of*."""
    roster_wire.check_first(of.root)
    update = full_update(house, of, ROSTER_ROOM)
    checked = of.checked_at or made.at
    said = Introduction(
        id=made.id,
        agency=made.agency,
        node=house.keys.node,
        officer=unlocked.entry.id,
        certificate=unlocked.certificate,
        to=to.id,
        introduces=of.id,
        scope=made.scope,
        at=made.at,
        until=made.until,
        checked_at=whole(checked),
        reason=made.reason,
        practice=house.practice,
        roster=roster_wire.write_update(update),
    )
    return notice_wire.sign(said, house.keys.carrier, unlocked.signing)
