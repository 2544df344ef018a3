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
from comity.services.release import Done
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
    """Do *acts* in as many threads at one moment; return how each of them ended."""
    start = threading.Barrier(len(acts))
    told = [""] * len(acts)

    def do(at: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            told[at] = "done"
        except TooLate as error:
            told[at] = error.cause.rpartition(".")[2]

    threads = [threading.Thread(target=do, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return told


def states(house: House, act: str) -> set[str]:
    """Return how the copies of *act* stand that leave the agency."""
    with house.store.read() as reading:
        return {row.state for row in copies.by_acts(reading, [act]) if row.to != row.agency}


def test_of_two_who_decide_on_a_held_act_one_is_heard(pair: Pair) -> None:
    rule = Rule(mode=Mode.COUNTERSIGN)
    set_policy(pair.houses[0], pair.kenya.agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    author, _ = pair.seats("investigator")
    one, other = pair.seats("supervisor")

    for _ in range(3):
        done = author.ask(question(THERE))
        approval, refusal = at_once(
            lambda: one.countersign(done.act, Decision.APPROVE),  # noqa: B023  # called here
            lambda: other.countersign(done.act, Decision.REFUSE, reason="No."),  # noqa: B023  # likewise
        )

        heard, late = (approval, refusal) if approval == "done" else (refusal, approval)
        assert heard == "done"
        assert late in ("decided-already", "not-held")
        stands = CopyState.QUEUED if approval == "done" else CopyState.STOPPED
        assert states(pair.houses[0], done.act) == {stands}
    assert verify(pair.houses[0]).sound


def test_of_two_who_stop_and_countersign_at_once_one_is_first(pair: Pair) -> None:
    rule = Rule(mode=Mode.COUNTERSIGN)
    set_policy(pair.houses[0], pair.kenya.agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    author, _ = pair.seats("investigator")
    _, overseer = pair.seats("supervisor")
    done = author.ask(question(THERE))

    stop, approval = at_once(
        lambda: author.stop(done.act), lambda: overseer.countersign(done.act, Decision.APPROVE)
    )

    # Approved first, it is in the outbox and can still be stopped: then both were heard in turn.
    assert stop == "done"
    assert approval in ("done", "decided-already", "not-held")
    assert states(pair.houses[0], done.act) == {CopyState.STOPPED}
    assert verify(pair.houses[0]).sound


def test_two_who_ask_at_once_get_a_number_and_a_leaf_each(pair: Pair) -> None:
    one, other = pair.seats("investigator")
    asked: list[Done] = []

    def ask(seat: Seat) -> None:
        asked.extend(seat.ask(question(THERE)) for _ in range(10))

    assert at_once(lambda: ask(one), lambda: ask(other)) == ["done", "done"]

    assert len({each.short for each in asked}) == 20
    with pair.houses[0].store.read() as reading:
        rows = copies.by_acts(reading, [each.act for each in asked])
    assert len({row.leaf for row in rows if row.to != row.agency}) == 20
    assert verify(pair.houses[0]).sound


def test_of_two_colleagues_who_take_a_thread_at_once_the_second_is_told(pair: Pair) -> None:
    one, _ = pair.seats("investigator")
    _, other = pair.seats("colleague")
    done = one.ask(question(THERE))

    told = at_once(lambda: one.take(done.thread), lambda: other.take(done.thread))

    first = told.index("done")
    assert told[1 - first] in ("moved", "taken")
    holder = one.thread(done.thread).thread.holder_in(pair.kenya.agency)
    assert holder is not None
    assert holder.id == (one, other)[first].unlocked.entry.id
