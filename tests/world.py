# SPDX-License-Identifier: Apache-2.0
"""A world of nodes in one process, with a clock that tests move and weather between the nodes.

Everything is real but the network and the hours: homes in folders, ledgers durable, parcels sealed
and signed. The weather drops parcels or answers, repeats, delays and reorders them, and changes
bytes; ``clear`` ends it, and ``sync`` carries until nothing is due.
"""

import random
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Self

from tests.services.settle import PASSPHRASE, Settled, befriend, settle

from comity.domain.ids import AgencyId, NodeId
from comity.errors import ComityError, Unreachable
from comity.node import Node
from comity.services import home
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.ask import Question
from comity.services.house import House
from comity.services.inbox import Line
from comity.services.ports import Destination
from comity.services.seat import Seat
from comity.services.verify import verify
from comity.services.verify_report import Report
from comity.storage import outbox

START: Final = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)
"""A Monday, 07:40 in Mombasa."""
ROUNDS: Final = 60
"""Exchanges of everybody with everybody after which a world that is not quiet never will be."""


@dataclass
class Hours:
    """The world's clock; a node may run ahead of it or behind."""

    now: datetime = START

    def pass_(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        self.now += timedelta(seconds=seconds, minutes=minutes, hours=hours)


@dataclass
class Weather:
    """What happens between nodes, each by its chance from 0 to 1."""

    chance: random.Random
    drop: float = 0
    """The parcel never arrives."""
    deaf: float = 0
    """It arrives, and the answer is lost."""
    repeat: float = 0
    """It arrives twice."""
    delay: float = 0
    """It arrives later, after others, with nobody waiting for the answer."""
    corrupt: float = 0
    """A byte of it, or of the answer, is changed."""
    away: set[NodeId] = field(default_factory=set)
    """Nodes that nobody can reach, and that reach nobody."""

    def clear(self) -> None:
        self.drop = self.deaf = self.repeat = self.delay = self.corrupt = 0
        self.away.clear()

    def strikes(self, chance: float) -> bool:
        return self.chance.random() < chance

    def bent(self, parcel: bytes) -> bytes:
        """Return *parcel* with one bit turned, or cut short."""
        # Chance is asked as often whatever the parcel's size, so that a story can be told again.
        cut, at = self.strikes(0.2), int(self.chance.random() * len(parcel))
        bit = int(self.chance.random() * 8)
        if cut:
            return parcel[:at]
        return parcel[:at] + bytes([parcel[at] ^ 1 << bit]) + parcel[at + 1 :]


@dataclass
class Late:
    """A parcel that is still on its way."""

    sender: NodeId
    recipient: NodeId
    parcel: bytes


class Wire:
    """The carrier of one node: hands parcels to the other nodes of its world, as weather allows."""

    def __init__(self, world: "World", node: NodeId) -> None:
        self._world = world
        self._node = node

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        world, weather = self._world, self._world.weather
        world.travelled.append(Late(self._node, to.node, parcel))
        if {self._node, to.node} & weather.away or weather.strikes(weather.drop):
            raise Unreachable("http")
        if weather.strikes(weather.delay):
            world.late.append(Late(self._node, to.node, parcel))
            raise Unreachable("http")
        world.deliver_late()
        if weather.strikes(weather.corrupt):
            parcel = weather.bent(parcel)
        answer = world.hand_over(self._node, to.node, parcel)
        if weather.strikes(weather.repeat):
            answer = world.hand_over(self._node, to.node, parcel)
        world.answered.append(Late(to.node, self._node, answer))
        if weather.strikes(weather.deaf):
            raise Unreachable("http")
        return weather.bent(answer) if weather.strikes(weather.corrupt) else answer


@dataclass
class WorldNode:
    """One country's node, with its people."""

    world: "World"
    settled: Settled
    skew: timedelta = timedelta()
    """How far its clock runs ahead of the world's."""
    node: Node = field(init=False)
    greet: set[NodeId] = field(init=False)
    """Whom its server, which has just begun, calls once whether or not anything is due."""

    def __post_init__(self) -> None:
        self._begin()

    @property
    def house(self) -> House:
        return self.settled.house

    @property
    def id(self) -> NodeId:
        return self.house.keys.node

    @property
    def agency(self) -> AgencyId:
        return self.settled.agency

    @property
    def card(self) -> AgencyCard:
        return self.settled.card

    def seat(self, who: str = "investigator") -> Seat:
        """Return the seat of one of its people: investigator, colleague or supervisor."""
        if who not in self._seats:
            self._seats[who] = self.node.seat(self.settled.people[who], PASSPHRASE)
        return self._seats[who]

    def inbox(self, who: str = "investigator") -> tuple[Line, ...]:
        return self.seat(who).inbox()

    def restart(self) -> None:
        """Stop without a word, and open the home again."""
        path = self.house.home
        self.node.close()
        self.settled.house = home.open_(path, ask_house=lambda: "", clock=self.clock)
        self._begin()

    def backup(self, name: str) -> Path:
        """Copy the home as it is, as an operator would with the node stopped; return the copy."""
        path = self.world.path / name
        self.node.close()
        shutil.copytree(self.house.home, path)
        self.restart()
        return path

    def restore(self, backup: Path) -> None:
        """Put the home back to what *backup* holds, and tell nobody."""
        home_path = self.house.home
        self.node.close()
        shutil.rmtree(home_path)
        shutil.copytree(backup, home_path)
        self.restart()

    def verify(self) -> Report:
        return verify(self.house)

    def knows(self, other: "WorldNode") -> AgencyCard:
        """Return what this node knows of the other's agency."""
        return read_book(self.house).agency(other.agency)

    def clock(self) -> datetime:
        return self.world.hours.now + self.skew

    def _begin(self) -> None:
        self.node = Node(self.house, Wire(self.world, self.id))
        self.greet = set(self.node.courier._peers())
        self._seats: dict[str, Seat] = {}


class World:
    """Some nodes that have admitted each other; ``with`` it, and it is closed at the end."""

    def __init__(
        self,
        path: Path,
        *countries: str,
        seed: int = 0,
        strangers: Collection[frozenset[str]] = (),
    ) -> None:
        self.path = path
        self.hours = Hours()
        self.weather = Weather(random.Random(seed))
        self.late: list[Late] = []
        self.travelled: list[Late] = []
        """Every parcel that was ever handed to the weather: what an eavesdropper has."""
        self.answered: list[Late] = []
        """Every answer that was, whether or not it arrived; an eavesdropper has them too."""
        self._nodes: dict[str, WorldNode] = {}
        for each in countries:
            settled = settle(
                path, each.upper(), clock=lambda: self.hours.now, address=f"http://{each}.localhost"
            )
            self._nodes[each] = WorldNode(self, settled)
            self._nodes[each].restart()
        for one, other in combinations(self._nodes, 2):
            if frozenset((one, other)) not in strangers:
                befriend(self._nodes[one].settled, self._nodes[other].settled)

    def copied(self, path: Path, *, seed: int = 0) -> "World":
        """Return another world that begins where this one, which must be closed, ended."""
        other = World(path, seed=seed)
        other.hours.now = self.hours.now
        for country, node in self._nodes.items():
            settled = node.settled.copied(path, lambda: other.hours.now)
            other._nodes[country] = WorldNode(other, settled)
            other._nodes[country].restart()
        return other

    def nodes(self, *countries: str) -> tuple[WorldNode, ...]:
        return tuple(self._nodes[each] for each in countries)

    def __getitem__(self, country: str) -> WorldNode:
        return self._nodes[country]

    def __iter__(self) -> Iterator[WorldNode]:
        return iter(self._nodes.values())

    def hand_over(self, sender: NodeId, recipient: NodeId, parcel: bytes) -> bytes:
        """Give *parcel* to its recipient as the peer's routes would; return the answer."""
        there = next(each for each in self if each.id == recipient)
        try:
            return there.node.courier.incoming(parcel, sender)
        except ComityError as error:
            # Whatever the peer thinks of it, who called learns nothing but that it was no use.
            raise Unreachable("status") from error

    def deliver_late(self) -> None:
        """Hand over what was delayed, in another order than it was sent."""
        waiting, self.late = self.late, []
        self.weather.chance.shuffle(waiting)
        for each in waiting:
            if not {each.sender, each.recipient} & self.weather.away:
                try:
                    self.hand_over(each.sender, each.recipient, each.parcel)
                except Unreachable:
                    continue

    def carry(self) -> None:
        """Let every node call every other once, in whatever weather."""
        for node in self:
            node.node.courier.sync()

    def call_due(self) -> None:
        """Let each node call whom a running server would call now: one that failed waits longer."""
        for node in self:
            courier = node.node.courier
            courier._rein_in()
            for each in courier._due(node.greet):
                node.greet.discard(each)
                with suppress(ComityError):
                    courier.call(each)

    def waiting(self) -> int:
        """Return how much is on its way between the nodes."""
        return sum(self._waiting(node) for node in self)

    def sync(self) -> None:
        """Carry until nothing waits anywhere; the hours pass as long as somebody has to wait."""
        self.deliver_late()
        for _ in range(ROUNDS):
            before = self._state()
            self.carry()
            if not any(self._waiting(node) for node in self) and before == self._state():
                return
            if any(self._waiting(node) for node in self):
                self.hours.pass_(minutes=2)
        raise AssertionError("the world does not come to rest")

    def _state(self) -> tuple[int, ...]:
        heads = [node.house.store.head() for node in self]
        return tuple(head.size if head else 0 for head in heads)

    def _waiting(self, node: WorldNode) -> int:
        with node.house.store.read() as reading:
            return sum(each.count for each in outbox.pending(reading))

    def close(self) -> None:
        for node in self:
            node.node.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def question(to: str, **changed: Any) -> Question:
    """Return a question that any desk would understand; *changed* says what is asked otherwise."""
    asked: dict[str, Any] = {
        "kind": "phone",
        "ref": "MSA/114",
        "fields": {"number": ("+84900000000",), "found": ("seal",)},
        "facts": "Written on the seal of a container declared as timber.",
    }
    return Question(to=to, **{**asked, **changed})
