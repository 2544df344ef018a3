# SPDX-License-Identifier: Apache-2.0
"""A scene: a world opened from homes that stand already, and short words for what tests do in it.

``Scene.ke`` asks and ``Scene.vn`` answers. Its clock is a real node's: the Stop window is kept
unless a test says that its node is a practice one.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.services.settle import Settled
from tests.world import Hours, Weather, World, WorldNode, question

from comity.crypto.age import HybridIdentity, decrypt
from comity.domain.ids import AgencyId, DeskId, OfficerId
from comity.domain.policy import Mode, Policy, Rule
from comity.domain.statement import Outcome
from comity.errors import NotForUs
from comity.services import home
from comity.services.answer import Reply
from comity.services.ask import Question
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.release import Done
from comity.services.seat import Seat
from comity.storage import copies, envelopes, housed, outbox
from comity.storage.copies import Copy

THERE: Final = "VN/Anti-smuggling desk"
_FILE: Final = "settled.json"
INFORMATION: Final = Reply(
    outcome=Outcome.INFORMATION,
    fields={"registered_name": ("Nguyen Van A",), "operator": ("Viettel",)},
    ref="HP/7",
)


class Scene(World):
    """Kenya and Viet Nam, reopened."""

    @staticmethod
    def remember(world: World, path: Path) -> None:
        """Write down who is who in the homes of *world*."""
        told = {
            country: {
                "agency": node.agency,
                "desk": node.settled.desk,
                "oversight": node.settled.oversight,
                "people": node.settled.people,
            }
            for country, node in (("ke", world["ke"]), ("vn", world["vn"]))
        }
        (path / _FILE).write_text(json.dumps(told))

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hours = Hours()
        self.weather = Weather(random.Random(0))
        self.late = []
        self.travelled = []
        self.answered = []
        self._nodes = {}
        for country, told in json.loads((path / _FILE).read_text()).items():
            settled = Settled(
                house=self.open(country),
                agency=AgencyId(told["agency"]),
                desk=DeskId(told["desk"]),
                oversight=DeskId(told["oversight"]),
                people={who: OfficerId(id_) for who, id_ in told["people"].items()},
            )
            self._nodes[country] = WorldNode(self, settled)

    @property
    def ke(self) -> WorldNode:
        return self["ke"]

    @property
    def vn(self) -> WorldNode:
        return self["vn"]

    def open(self, country: str) -> House:
        """Open a home of this scene, also beside itself, as another process would."""
        return home.open_(self.path / country, ask_house=lambda: "", clock=lambda: self.hours.now)

    def ask(self, **changed: object) -> Done:
        """Let Kenya's investigator ask, and let it arrive."""
        done = self.ke.seat().ask(asked(**changed))  # type: ignore[arg-type]  # as the test says it
        self.sync()
        return done

    def oversee(self, mode: Mode, *, node: WorldNode | None = None, **rule: object) -> None:
        """Set one oversight rule, of Kenya's unless told."""
        node = node or self.ke
        made = Rule(mode=mode, **rule)  # type: ignore[arg-type]  # as the test says it
        set_policy(node.house, node.agency, AgencyPolicy(policy=Policy(rules=(made,))))


def real(seat: Seat) -> Seat:
    """Return *seat* at a node that is no practice node: the Stop window is kept."""
    return replace(seat, house=replace(seat.house, practice=False))


def rows_of(node: WorldNode, act: str) -> tuple[Copy, ...]:
    with node.house.store.read() as reading:
        return copies.by_acts(reading, [act])


def foreign(node: WorldNode, act: str) -> Copy:
    """Return the copy of *act* that left, or is to leave, the agency."""
    return next(row for row in rows_of(node, act) if row.agency != row.to)


def waiting(node: WorldNode) -> int:
    """Return how many things wait in the outbox of *node*."""
    with node.house.store.read() as reading:
        return sum(each.count for each in outbox.pending(reading))


def kept(node: WorldNode, room: str) -> tuple[housed.Housed, ...]:
    with node.house.store.read() as reading:
        return housed.of_room(reading, room)


def counts(node: WorldNode) -> tuple[int, ...]:
    """Return how much of everything an act leaves behind is in the database of *node*."""
    with node.house.store.read() as reading:
        head = reading.head()
        tables = ("copies", "readers", "envelopes", "copy_blobs", "outbox", "threads", "housed")
        rows = [
            reading.connection.exec_driver_sql(f"SELECT count(*) FROM {each}").scalar_one()
            for each in tables
        ]
    return (head.size if head else 0, *rows)


def opens(node: WorldNode, row: Copy, unlocked: Unlocked) -> bool:
    """Return whether any key of *unlocked* opens the envelope of *row*."""
    with node.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    return _opens(sealed, unlocked.identities)


def stanzas(node: WorldNode, row: Copy) -> int:
    """Return to how many readers' keys the envelope of *row* is sealed."""
    with node.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    return sealed.split(b"\n---")[0].count(b"\n-> mlkem768x25519 ")


def _opens(sealed: bytes, identities: Iterable[HybridIdentity]) -> bool:
    try:
        decrypt(sealed, list(identities))
    except NotForUs:
        return False
    return True


def asked(to: str = THERE, **changed: object) -> Question:
    """Return a question about a telephone number, changed as the test says."""
    return question(to, **changed)


def container(**changed: object) -> Question:
    """Return a question that names nobody."""
    fields = {"container": ("MSKU9070323",), "asked": ("movements",)}
    return replace(asked(), kind="container", fields=fields, **changed)  # type: ignore[arg-type]
