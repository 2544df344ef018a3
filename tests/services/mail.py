# SPDX-License-Identifier: Apache-2.0
"""A world where Kenya and Viet Nam have no address, and Ethiopia keeps a mailbox for both.

``Way`` is the line to a mailbox, in the world's weather; ``Letters`` is the mailbox of a liar.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.world import World, WorldNode

from comity.errors import ComityError, Unreachable
from comity.services import mailbox, postman
from comity.services.agencies import move
from comity.services.ports import Destination
from comity.services.postman import Postman


@dataclass
class Way:
    """The line of one node to the mailboxes of its world."""

    world: World
    node: WorldNode
    left: list[bytes] = field(default_factory=list)
    """What was left, whether or not it arrived."""
    collected: list[bytes] = field(default_factory=list)
    give: Callable[[bytes], bytes] = bytes
    """What a mailbox makes of a file before it hands it out."""

    def leave(self, at: Destination, file: bytes) -> None:
        self.left.append(file)
        self._said(at, lambda there: there.node.deposit(file, self.node.id))

    def collect(self, at: Destination, said: bytes) -> bytes:
        file = self._said(at, lambda there: there.node.collect(said, self.node.id))
        assert isinstance(file, bytes)
        self.collected.append(file)
        return self.give(file)

    def _said(self, at: Destination, say: Callable[[WorldNode], object]) -> object:
        weather = self.world.weather
        if {self.node.id, at.node} & weather.away or weather.strikes(weather.drop):
            raise Unreachable("http")
        try:
            return say(next(each for each in self.world if each.id == at.node))
        except ComityError as error:
            raise Unreachable("status") from error


def cut_off(path: Path) -> World:
    """Return three countries, of whom only Ethiopia can be called."""
    world = World(path, "ke", "vn", "et")
    for country in ("ke", "vn"):
        world.sync()
        move(world[country].house, world[country].agency, "")
        for node in world:
            node.node.courier.sync()
    return world


class Mail:
    """The postmen of Kenya and Viet Nam, each with his way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ke, self.vn, self.et = world.nodes("ke", "vn", "et")
        for node, other in ((self.ke, self.vn), (self.vn, self.ke)):
            mailbox.host(self.et.house, node.agency)
            postman.use(node.house, self.et.agency)
            postman.use(node.house, self.et.agency, leaves_for=other.agency)
        self.ways = {node.id: Way(world, node) for node in (self.ke, self.vn)}

    def go(self, node: WorldNode) -> ComityError | None:
        """Let the postman of *node* make one round; return what went wrong."""
        told = Postman(node.house, self.ways[node.id]).round()
        return told[self.et.id]

    def rounds(self, count: int = 4) -> None:
        for _ in range(count):
            assert self.go(self.ke) is None
            assert self.go(self.vn) is None
