# SPDX-License-Identifier: Apache-2.0
"""Two processes on one database act at once: one of them is first, on either engine."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE, Settled, befriend, settle
from tests.world import START, question

from comity.domain.policy import Mode, Policy, Rule
from comity.domain.statement import Decision
from comity.errors import TooLate
from comity.services import home
from comity.services.house import House
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.seat import Seat
from comity.services.unlock import unlock
from comity.services.verify import verify
from comity.storage import copies
from comity.storage.copies import CopyState

THERE = "VN/Anti-smuggling desk"


@dataclass(frozen=True, slots=True)
class Pair:
    """One home, opened by two processes."""

    kenya: Settled
    houses: tuple[House, House]

    def seats(self, who: str) -> tuple[Seat, Seat]:
        officer = self.kenya.people[who]
        one, other = (
            Seat(unlocked=unlock(house, officer, PASSPHRASE), house=house) for house in self.houses
        )
        return one, other


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    url = request.getfixturevalue("blank_postgres_url") if request.param == "postgresql" else ""
    kenya = settle(tmp_path, "KE", clock=lambda: START, url=url)
    vietnam = settle(tmp_path, "VN", clock=lambda: START)
    befriend(kenya, vietnam)
    home.close(vietnam.house)
    beside = home.open_(kenya.house.home, ask_house=lambda: "", clock=lambda: START)
    yield Pair(kenya, (kenya.house, beside))
    home.close(beside)
    home.close(kenya.house)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do *acts* in as many threads at one moment; return how each ended."""
    start = threading.Barrier(len(acts))
    told: list[str] = []

    def do(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            told.append("done")
        except TooLate as error:
            told.append(error.cause.rpartition(".")[2])

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(told)


def test_of_two_who_decide_on_a_held_act_one_is_heard(pair: Pair) -> None:
    rule = Rule(mode=Mode.COUNTERSIGN)
    set_policy(pair.houses[0], pair.kenya.agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    author, _ = pair.seats("investigator")
    one, other = pair.seats("supervisor")

    for _ in range(3):
        done = author.ask(question(THERE))
        told = at_once(
            lambda: one.countersign(done.act, Decision.APPROVE),  # noqa: B023  # called here
            lambda: other.countersign(done.act, Decision.REFUSE, reason="No."),  # noqa: B023  # likewise
        )

        assert told in (["decided-already", "done"], ["done", "not-held"])
        with pair.houses[0].store.read() as reading:
            states = {
                row.state for row in copies.by_acts(reading, [done.act]) if row.to != row.agency
            }
        assert states in ({CopyState.QUEUED}, {CopyState.STOPPED})
    assert verify(pair.houses[0]).sound


def test_of_two_who_stop_and_countersign_at_once_one_is_first(pair: Pair) -> None:
    rule = Rule(mode=Mode.COUNTERSIGN)
    set_policy(pair.houses[0], pair.kenya.agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    author, _ = pair.seats("investigator")
    _, overseer = pair.seats("supervisor")
    done = author.ask(question(THERE))

    told = at_once(
        lambda: author.stop(done.act), lambda: overseer.countersign(done.act, Decision.APPROVE)
    )

    # Approved first, it is in the outbox and can still be stopped: then both were heard in turn.
    assert told in (["done", "done"], ["decided-already", "done"], ["done", "not-held"])
    assert verify(pair.houses[0]).sound


def test_two_who_ask_at_once_get_a_number_and_a_leaf_each(pair: Pair) -> None:
    one, other = pair.seats("investigator")
    numbers: list[str] = []

    def ask(seat: Seat) -> None:
        numbers.extend(seat.ask(question(THERE)).short for _ in range(10))

    assert at_once(lambda: ask(one), lambda: ask(other)) == ["done", "done"]

    assert len(set(numbers)) == 20
    assert verify(pair.houses[0]).sound


def test_of_two_colleagues_who_take_a_thread_at_once_the_second_is_told(pair: Pair) -> None:
    one, _ = pair.seats("investigator")
    _, other = pair.seats("colleague")
    done = one.ask(question(THERE))

    told = at_once(lambda: one.take(done.thread), lambda: other.take(done.thread))

    assert told in (["done", "moved"], ["done", "taken"])
