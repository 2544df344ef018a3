# SPDX-License-Identifier: Apache-2.0
"""The whole drill of docs/operate/recovery.md, across nodes: three of five holders, two abroad.

Kenya chooses holders. An officer loses his passphrase and reads again what was sealed to him; he
signs with a new key, which Viet Nam is told of. The node is closed, in one act, while a question is
on its way to it; nothing opens; the holders reopen it and what came due arrives.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.canaries import MARK, planted
from tests.services.holders import PEOPLE
from tests.templates import copy_of, three_countries
from tests.world import World, WorldNode, question

from comity.crypto.age import HybridIdentity, decrypt
from comity.domain.statement import Outcome
from comity.errors import Locked, Refused, Unavailable
from comity.services import home
from comity.services.answer import Reply
from comity.services.close_node import close_node
from comity.services.recover_drill import drill
from comity.services.recover_join import recover
from comity.services.recover_share import open_share
from comity.services.recover_split import HandOut, holder, split
from comity.services.reopen_node import reopen_node
from comity.services.seat import Seat
from comity.services.unlock import unlock
from comity.wire.recovery import HeldShare, read_share

__all__ = ["three_countries"]

NEW = "words that he will remember"
FACTS = f"The seal was {MARK} seen at the port."


class Holders:
    """Kenya's five: two of its own, one in Viet Nam, one in Ethiopia, one judge with a bare key."""

    def __init__(self, world: World, folder: Path) -> None:
        self.ke, self.vn, self.et = world.nodes("ke", "vn", "et")
        self.judge = HybridIdentity.generate()
        self.handed: dict[str, HandOut] = {}
        self.folder = folder

    def choose(self) -> None:
        house = self.ke.house
        names = (
            "supervisor KE",
            "colleague KE",
            "VN/officer 1",
            "ET/officer 3",
            f"A judge={self.judge.recipient}",
        )
        done = split(
            house,
            self.ke.agency,
            needed=3,
            holders=[holder(house, each) for each in names],
            folder=self.folder,
            decided_by=PEOPLE,
        )
        self.handed = {each.holder: each for each in done.handed_out}

    def at_home(self, who: str) -> HeldShare:
        return open_share(self.ke.seat(who).unlocked, self._sealed(f"{who} KE"))

    def abroad(self) -> tuple[HeldShare, HeldShare]:
        """Open the shares of both holders abroad, each on his own node."""
        return (
            open_share(self.vn.seat("investigator").unlocked, self._sealed("VN/officer 1")),
            open_share(self.et.seat("supervisor").unlocked, self._sealed("ET/officer 3")),
        )

    def the_judge(self) -> HeldShare:
        return read_share(decrypt(self._sealed("A judge"), [self.judge]))

    def _sealed(self, name: str) -> bytes:
        return self.handed[name].path.read_bytes()


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path / "world")


@pytest.fixture
def holders(world: World, tmp_path: Path) -> Holders:
    made = Holders(world, tmp_path / "shares")
    made.choose()
    for each in world["ke"].settled.people:
        world["ke"].settled.unlocked(each)
    world.sync()
    return made


def seat_of(node: WorldNode, who: str, passphrase: str) -> Seat:
    unlocked = unlock(node.house, node.settled.people[who], passphrase)
    return Seat(unlocked=unlocked, house=node.house)


def test_both_sides_are_told_before_they_send_that_holders_could_open_it(
    world: World, holders: Holders
) -> None:
    ke, vn = world.nodes("ke", "vn")

    there = vn.seat().who_will_see(question("KE/Operations desk"))
    here = ke.seat().who_will_see(question("VN/Anti-smuggling desk"))

    for shown in (there, here):
        assert [(e.agency, e.needed, e.holders) for e in shown.in_reserve] == [(ke.agency, 3, 5)]


def test_peers_are_told_of_the_recovery_and_of_no_holder(world: World, holders: Holders) -> None:
    ke, vn = world.nodes("ke", "vn")

    told = vn.knows(ke)

    assert told.recovery == ke.card.recovery
    entries = b"".join(str(each).encode() for each in told.current.values())
    assert b"judge" not in entries
    assert PEOPLE[0].encode() not in entries


def test_they_rehearse_without_opening_anything(world: World, holders: Holders) -> None:
    ke = world["ke"]
    first, second = holders.abroad()

    kept = drill(
        ke.house,
        ke.agency,
        [first.rehearsal, second.rehearsal, holders.the_judge().rehearsal],
    )

    assert kept.events[-1].shares == (3, 4, 5)


def test_who_lost_his_passphrase_reads_again_and_signs_with_a_new_key(
    world: World, holders: Holders
) -> None:
    ke, vn = world.nodes("ke", "vn")
    asked = vn.seat().ask(question("KE/Operations desk", facts=FACTS))
    world.sync()
    ke.seat().thread(asked.thread)
    ke.seat().take(asked.thread)
    former = ke.seat()
    world.sync()
    first, second = holders.abroad()

    entry = recover(
        ke.house,
        "investigator KE",
        NEW,
        [first.words, holders.at_home("supervisor").words, second.words],
        decided_by=PEOPLE,
    )
    again = seat_of(ke, "investigator", NEW)
    read = again.thread(asked.thread).thread.request
    again.answer(asked.thread, Reply(outcome=Outcome.NOTHING_KNOWN, fields={}, text="Not here."))
    world.sync()

    assert read is not None
    assert read.facts == FACTS
    assert entry.signing != former.unlocked.entry.signing
    there = vn.knows(ke)
    assert there.readers[entry.id] == entry
    assert former.unlocked.certificate in there.revoked
    answered = vn.seat().thread(asked.thread).thread
    assert answered.answered is not None
    with pytest.raises(Locked):
        ke.settled.unlocked()
    assert all(each.verify().sound for each in world)


def test_what_the_old_key_still_signs_is_believed_nowhere(world: World, holders: Holders) -> None:
    ke, vn = world.nodes("ke", "vn")
    former = ke.seat()
    words = [each.words for each in (*holders.abroad(), holders.the_judge())]
    recover(ke.house, "investigator KE", NEW, words, decided_by=PEOPLE)
    world.sync()
    world.hours.pass_(minutes=5)

    with pytest.raises(Refused) as refused:
        former.ask(question("VN/Anti-smuggling desk"))

    assert refused.value.cause == "refused.not-competent.certificate"
    assert vn.inbox() == ()


def test_a_closed_node_opens_for_nobody_and_reopened_it_delivers_what_came_due(
    world: World, holders: Holders
) -> None:
    ke, vn = world.nodes("ke", "vn")
    waiting = ke.seat().ask(question("VN/Anti-smuggling desk", facts=FACTS))
    words = [each.words for each in (*holders.abroad(), holders.at_home("colleague"))]
    path, key = ke.house.home, ke.house.vault.house_key
    ke.node.close()

    done = close_node(path, ask_house=str, clock=ke.clock)

    assert (done.escrows, done.remains) == (1, ())
    cage = planted({"mark": MARK}, {"house key": key})
    for each in path.rglob("*"):
        assert cage.found_in(each) == [], each.name
    with pytest.raises(Unavailable) as refused:
        home.open_(path, ask_house=str, clock=ke.clock)
    assert refused.value.cause == "unavailable.closed"
    with pytest.raises(Refused):
        reopen_node(path, words[:2], key_home="file", ask_house=str, clock=ke.clock)

    asked = vn.seat().ask(question("KE/Operations desk"))
    world.weather.away = {ke.id}
    vn.node.courier.sync()
    reopen_node(path, words, key_home="file", ask_house=str, clock=ke.clock)
    ke.settled.house = home.open_(path, ask_house=str, clock=ke.clock)
    ke._begin()
    world.weather.clear()
    world.hours.pass_(hours=1)
    world.sync()

    assert asked.thread in {each.thread for each in ke.inbox()}
    arrived = vn.seat().thread(waiting.thread).thread.request
    assert arrived is not None
    assert arrived.facts == FACTS
    assert all(each.verify().sound for each in world)


def test_a_peer_that_calls_a_server_that_was_closed_meanwhile_learns_no_more_than_that(
    world: World, holders: Holders
) -> None:
    ke, vn = world.nodes("ke", "vn")
    path = ke.house.home

    close_node(path, ask_house=str, clock=ke.clock)

    with pytest.raises(Unavailable) as refused:
        ke.node._incoming(b"a parcel", vn.id)
    assert refused.value.cause == "unavailable.closed"
    assert refused.value.values == {}
