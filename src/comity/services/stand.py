# SPDX-License-Identifier: Apache-2.0
"""How we stand to other agencies, as it is housed: introductions, suspensions, marks.

It lies locked, beside the row that says whether a peer is suspended at all: why, and who decided,
names people. Every change marks the book, whose cards show it; what matters to others is a leaf of
our log, by codes and ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from comity.domain.ids import AgencyId, NodeId
from comity.domain.introduction import Introduced
from comity.domain.standing import Mark, MarkCode, OnFork, Standing, Suspension, again, holds
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.house import House
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

INTRODUCED: Final = "introduced"
SUSPENSIONS: Final = "suspensions"
MARKS: Final = "marks"
WITNESS_ONLY: Final = "witness-only"
RULES: Final = "trust-rules"
_ON_FORK: Final = "on-fork"
_LIMIT: Final = 16 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandRows:
    """What a card's standing is read from."""

    introduced: tuple[housed.Housed, ...] = ()
    suspension: tuple[housed.Housed, ...] = ()
    marks: tuple[housed.Housed, ...] = ()
    witness_only: tuple[housed.Housed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """The rows of everybody."""

    introduced: Sequence[housed.Housed]
    suspensions: Sequence[housed.Housed]
    marks: Sequence[housed.Housed]
    witness_only: Sequence[housed.Housed]

    def of(self, agency: str, node: str) -> StandRows:
        return StandRows(
            introduced=tuple(each for each in self.introduced if each.name == agency),
            suspension=tuple(each for each in self.suspensions if each.name == agency),
            marks=tuple(each for each in self.marks if each.owner == node),
            witness_only=tuple(each for each in self.witness_only if each.name == agency),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The leaf: what changed between us and an agency, in codes."""

    type: str = "comity/standing@1"
    agency: AgencyId
    code: str
    at: str
    subject: str = ""
    """The id of an introduction, or a digest."""


def stand_rows(reading: Reading) -> Stands:
    return Stands(
        introduced=housed.of_room(reading, INTRODUCED),
        suspensions=housed.of_room(reading, SUSPENSIONS),
        marks=housed.of_room(reading, MARKS),
        witness_only=housed.of_room(reading, WITNESS_ONLY),
    )


def read_stand(house: House, rows: StandRows) -> Standing:
    marks = [opened(house, each, Mark) for each in rows.marks]
    return Standing(
        introduced=next((opened(house, each, Introduced) for each in rows.introduced), None),
        suspension=next((opened(house, each, Suspension) for each in rows.suspension), None),
        marks=tuple(sorted(marks, key=lambda each: (each.since, each.code))),
        witness_only=bool(rows.witness_only),
    )


def opened(house: House, row: housed.Housed, kind: type[T], limit: int = _LIMIT) -> T:
    """Return the *kind* that lies in *row*."""
    return canonical.decode(house.vault.open(row.body, f"{row.room}/{row.name}"), kind, limit=limit)


def locked(house: House, room: str, name: str, value: object, owner: str = "") -> housed.Housed:
    """Return the row in which *value* lies."""
    body = house.vault.lock(canonical.encode(value), f"{room}/{name}")
    return housed.Housed(room=room, name=name, owner=owner, body=body, at=house.millis())


def leaf(house: House, said: Said) -> Opening:
    return Opening(LeafType.STANDING, house.random(SALT_SIZE), canonical.encode(said))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    type: str = "comity/on-fork@1"
    rule: OnFork = field(default=OnFork.HOLD)


def on_fork(reading: Reading, house: House) -> OnFork:
    """Return what this node does by itself when it sees two histories."""
    rows = housed.get(reading, RULES, [_ON_FORK])
    return opened(house, rows[0], _Rule).rule if rows else OnFork.HOLD


def set_on_fork(house: House, rule: OnFork) -> None:
    row = locked(house, RULES, _ON_FORK, _Rule(rule=rule))
    house.store.write(lambda w: housed.put(w, [row]))


def marked_before(reading: Reading, house: House, node: NodeId, code: MarkCode) -> Mark | None:
    rows = housed.get(reading, MARKS, [f"{node}/{code}"])
    return opened(house, rows[0], Mark) if rows else None


def put_mark(
    writing: Writing, house: House, node: NodeId, code: MarkCode, subject: str, *, count: int = 1
) -> Mark:
    """Hold *code* against *node*; return the mark. The book is the caller's to mark."""
    now = house.now()
    new = Mark(
        code=code,
        since=now,
        last=now,
        count=count,
        subject=subject,
        holds=holds(code, on_fork(writing, house)),
    )
    mark = again(marked_before(writing, house, node, code), new)
    housed.put(writing, [locked(house, MARKS, f"{node}/{code}", mark, owner=node)])
    return mark
