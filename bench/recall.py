# SPDX-License-Identifier: Apache-2.0
"""Recall: how long until the tally is complete once the last of a thousand holders is reachable.

One note to ``HOLDERS`` (1,000) agencies on ``NODES`` (5) nodes, all in this process, each with its
own home, ledger and SQLite; parcels are sealed and signed and handed over in memory. The author
recalls it while one node is away; then that node comes back and the clock runs until every holder's
answer is verified and durable. A second figure is the whole recall with everybody reachable.
"""

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.domain.scene import NOTE
from tests.services.settle import ADMISSION, PASSPHRASE, Settled, settle

from comity.domain.ids import ActId, AgencyId, NodeId, mint, thread_of
from comity.domain.roster import AgencyType, Role
from comity.domain.statement import Why
from comity.domain.taking_back import Taking
from comity.domain.tally import Held
from comity.errors import Unreachable
from comity.services import admit, agencies, desks, enrol, home
from comity.services.address_book import read_book
from comity.services.compose import Act, compose
from comity.services.courier import Courier
from comity.services.desks import NewDesk
from comity.services.enrol import Person
from comity.services.house import House
from comity.services.invite import invite as invitation
from comity.services.ports import Destination
from comity.services.recall import Wish, take_back
from comity.services.release import Done, record
from comity.services.rules import invite
from comity.services.tally import tally_of
from comity.services.thread import open_thread

HOLDERS = int(os.environ.get("HOLDERS", "1000"))
NODES = int(os.environ.get("NODES", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
LIMIT = 10.0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Line:
    """Hands parcels from node to node, unless a node is away."""

    couriers: dict[NodeId, Courier] = field(default_factory=dict)
    away: set[NodeId] = field(default_factory=set)


@dataclass
class Carrier:
    line: Line
    node: NodeId

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        if {to.node, self.node} & self.line.away:
            raise Unreachable("http")
        return self.line.couriers[to.node].incoming(parcel, self.node)


def holders(path: Path, number: int, count: int) -> tuple[House, list[AgencyId]]:
    """Return a node that houses *count* agencies, each with one desk."""
    house = home.create(
        path / f"node{number}",
        key_home="file",
        ask_house=str,
        clock=now,
        random=os.urandom,
        practice=True,
    )
    ids = []
    for each in range(count):
        card = agencies.found_agency(
            house,
            name=f"Customs {number}-{each}",
            country="VN",
            kind=AgencyType.AGENCY,
            address=f"http://node{number}.localhost",
            root_file=path / f"{number}-{each}.root",
            root_passphrase=PASSPHRASE,
        )
        person = Person(name=f"Officer {number}-{each}", roles=(Role.INVESTIGATOR,))
        who = enrol.enrol(house, card.id, person, PASSPHRASE)
        desks.open_desk(house, card.id, NewDesk(name="Desk"), [who.id])
        ids.append(card.id)
    return house, ids


def befriend(author: Settled, house: House, ids: list[AgencyId]) -> None:
    for each in ids:
        admit.accept(author.house, invitation(house, each), ADMISSION)
    own = invitation(author.house, author.agency)
    admit.accept(house, own, ADMISSION)


def tell_all(author: Settled, ids: list[AgencyId]) -> Done:
    """Send one note to a desk of each of *ids*: one act, as many copies."""
    house, unlocked = author.house, author.unlocked()
    book = read_book(house)
    act = ActId(mint(house.random))
    invited = tuple(
        invite(book.agency(each), book.agency(each).desks[0], Why.ADDRESSED) for each in ids
    )
    meant = Act(
        body=NOTE,
        thread=thread_of(unlocked.agency, act),
        invited=invited,
        language="en",
        desk=author.desk,
        id=act,
    )
    return record(house, book, compose(unlocked, house, book, meant))


def recall(author: Settled, done: Done) -> None:
    wish = Wish(acts=(done.act,), what=Taking.RECALL)
    take_back(author.unlocked(), author.house, done.thread, wish)


def carry(author: Settled, line: Line) -> None:
    """Let the author's node call every other until nothing is due."""
    here = author.house.keys.node
    for node in line.couriers:
        if node != here and node not in line.away:
            line.couriers[here].call(node)


def once(author: Settled, line: Line, ids: list[AgencyId], last: NodeId) -> tuple[float, float]:
    """Return the seconds from the last node's coming back, and of everybody's share before."""
    done = tell_all(author, ids)
    carry(author, line)
    line.away = {last}
    begun = time.perf_counter()
    recall(author, done)
    carry(author, line)
    before = time.perf_counter() - begun
    unlocked = author.unlocked()
    taken = open_thread(unlocked, author.house, done.thread, receipt=False).thread.taken_back[0]
    assert not tally_of(author.house, taken).is_complete
    line.away = set()
    begun = time.perf_counter()
    while not (told := tally_of(author.house, taken)).is_complete:
        carry(author, line)
    took = time.perf_counter() - begun
    assert dict(told.counts) == {Held.REMOVED: len(ids)}
    return took, before


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        begun = time.perf_counter()
        author = settle(path, "KE", clock=now)
        line, last = Line(), NodeId("")
        ids: list[AgencyId] = []
        here = author.house.keys.node
        line.couriers[here] = Courier(author.house, Carrier(line, here))
        share = -(-HOLDERS // NODES)
        for number in range(NODES):
            house, mine = holders(path, number, min(share, HOLDERS - len(ids)))
            befriend(author, house, mine)
            ids += mine
            last = house.keys.node
            line.couriers[last] = Courier(house, Carrier(line, last))
        print(f"{len(ids)} holders on {NODES} nodes, made in {time.perf_counter() - begun:.0f} s")
        carry(author, line)
        rounds = [once(author, line, ids, last) for _ in range(ROUNDS)]
    after = statistics.median(each[0] for each in rounds)
    before = statistics.median(each[1] for each in rounds)
    print(f"recall signed, sealed, carried to {len(ids) - share}, answered: {before:.1f} s")
    print(f"tally complete after the last {share} are reachable:  {after:.1f} s")
    print("within" if after <= LIMIT else "OVER", f"the limit of {LIMIT:.0f} s")


if __name__ == "__main__":
    main()
