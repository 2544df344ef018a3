# SPDX-License-Identifier: Apache-2.0
"""Three countries ask and answer in whatever weather; when it clears, nothing is lost or doubled.

One state machine: officers act, nodes stop and start, the carrier drops, repeats, delays, reorders
and corrupts. At the end everybody carries until nothing is due, and then each act is readable once,
by those whom it names and by nobody else, receipts are proven, and every home verifies.
"""

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.services.settle import NAMES
from tests.world import World, WorldNode, question

from comity.domain.docket import ReceiptStage
from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Outcome, Request
from comity.domain.thread import Effect
from comity.errors import Refused
from comity.services.answer import Reply
from comity.services.release import Done
from comity.services.seat import Seat
from comity.storage import copies, receipts

COUNTRIES = ("ke", "vn", "et")
picks = st.integers(0, 1 << 16)
chances = st.sampled_from([0.0, 0.0, 0.2, 0.5])
EXAMPLES, STEPS = 7, 24


@dataclass(frozen=True)
class Doing:
    """What was done, and by whom to whom."""

    act: ActId
    thread: ThreadId
    by: str
    to: str


STEPS_OF: dict[str, Callable[[Seat, str], Done]] = {
    "acknowledge": lambda seat, thread: seat.acknowledge(thread),
    "ask-back": lambda seat, thread: seat.ask_back(thread, ["period"]),
    "answer": lambda seat, thread: seat.answer(thread, Reply(outcome=Outcome.NOTHING_KNOWN)),
}


class AnyWeather(RuleBasedStateMachine):
    """Officers of three countries, and what lies between them."""

    template: World

    @initialize(seed=picks)
    def begin(self, seed: int) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="comity-weather-"))
        self.world = self.template.copied(self.path, seed=seed)
        self.acts: list[Doing] = []
        self.stopped: list[Doing] = []
        self.files: dict[ThreadId, bytes] = {}
        for by in range(len(COUNTRIES)):
            self.ask_about(by, 1)

    def node(self, pick: int) -> WorldNode:
        return self.world[COUNTRIES[pick % len(COUNTRIES)]]

    def country(self, node: WorldNode) -> str:
        return next(each for each in COUNTRIES if self.world[each] is node)

    def ask_about(self, by: int, to: int, file: bytes = b"") -> None:
        asker, asked = COUNTRIES[by % 3], COUNTRIES[(by + to) % 3]
        seat = self.world[asker].seat()
        held = [seat.attach(io.BytesIO(file), "seal.jpg", "image/jpeg")] if file else []
        desk = f"{asked.upper()}/{NAMES[asked.upper()][1]}"
        done = seat.ask(question(desk, attachments=tuple(held)))
        self.acts.append(Doing(done.act, done.thread, asker, asked))
        if file:
            self.files[done.thread] = file

    @rule(by=picks, to=st.integers(1, 2))
    def ask(self, by: int, to: int) -> None:
        self.ask_about(by, to)

    @rule(by=picks, to=st.integers(1, 2), size=st.sampled_from([1, 300_000, 2_000_000]))
    def ask_with_a_file(self, by: int, to: int, size: int) -> None:
        self.ask_about(by, to, len(self.acts).to_bytes(4) + bytes(size))

    @rule(by=picks, to=st.integers(1, 2), many=st.integers(2, 5))
    def ask_a_lot(self, by: int, to: int, many: int) -> None:
        for _ in range(many):
            self.ask_about(by, to)

    @rule(by=picks, to=st.integers(1, 2))
    def take_it_back(self, by: int, to: int) -> None:
        """Ask, and stop it before the courier comes: the other side must never see it."""
        asker, asked = COUNTRIES[by % 3], COUNTRIES[(by + to) % 3]
        desk = f"{asked.upper()}/{NAMES[asked.upper()][1]}"
        done = self.world[asker].seat().ask(question(desk))
        self.world[asker].seat().stop(done.act)
        self.stopped.append(Doing(done.act, done.thread, asker, asked))

    @rule(by=picks, which=picks, step=st.sampled_from(sorted(STEPS_OF)))
    def reply(self, by: int, which: int, step: str) -> None:
        node = self.node(by)
        open_ = [each for each in node.inbox() if step in each.next]
        if not open_:
            return
        line = open_[which % len(open_)]
        done = STEPS_OF[step](node.seat(), line.thread)
        opening = next(each for each in self.acts if each.thread == line.thread)
        here = self.country(node)
        there = opening.by if here == opening.to else opening.to
        self.acts.append(Doing(done.act, done.thread, here, there))

    @rule(by=picks)
    def read(self, by: int) -> None:
        node = self.node(by)
        for line in node.inbox():
            node.seat().thread(line.thread)

    @rule(drop=chances, deaf=chances, repeat=chances, delay=chances, corrupt=chances)
    def blow(self, **how: float) -> None:
        for name, chance in how.items():
            setattr(self.world.weather, name, chance)

    @rule(who=picks)
    def go_away(self, who: int) -> None:
        self.world.weather.away ^= {self.node(who).id}

    @rule(who=picks)
    def restart(self, who: int) -> None:
        self.node(who).restart()

    @rule(who=picks)
    def call(self, who: int) -> None:
        self.node(who).node.courier.sync()

    @rule()
    def carry(self) -> None:
        self.world.carry()

    @rule(minutes=st.sampled_from([1, 3, 70]))
    def wait(self, minutes: int) -> None:
        self.world.hours.pass_(minutes=minutes)

    @rule()
    def lose_what_is_late(self) -> None:
        self.world.late.clear()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.weather.clear()
            self.world.sync()
            self.check()
        finally:
            self.world.close()
            shutil.rmtree(self.path, ignore_errors=True)

    def check(self) -> None:
        for done in self.acts:
            self.check_read_once(done)
            self.check_file(done)
            self.check_receipted(done)
            self.check_nobody_else(done)
        for done in self.stopped:
            self.check_never_left(done)
        for node in self.world:
            assert node.verify().faults == ()
            with node.house.store.read() as reading:
                assert receipts.evidence(reading) == ()

    def check_read_once(self, done: Doing) -> None:
        for country in (done.by, done.to):
            for who in ("investigator", "colleague"):
                found = self.world[country].seat(who).thread(done.thread)
                assert found.mistrusted == ()
                [act] = [each for each in found.thread.acts if each.id == done.act]
                assert act.effect is Effect.APPLIED
        with self.world[done.to].house.store.read() as reading:
            [_] = copies.by_acts(reading, [done.act])

    def check_file(self, done: Doing) -> None:
        """Check that the file which opened the thread came whole."""
        seat, file = self.world[done.to].seat(), self.files.get(done.thread)
        opening = seat.thread(done.thread).thread.opening
        if file is None or opening is None or opening.id != done.act:
            return
        assert isinstance(opening.body, Request)
        sink = io.BytesIO()
        seat.detach(opening.body.attachments[0], sink)
        assert sink.getvalue() == file

    def check_never_left(self, done: Doing) -> None:
        with self.world[done.to].house.store.read() as reading:
            assert copies.by_acts(reading, [done.act]) == ()

    def check_receipted(self, done: Doing) -> None:
        thread = self.world[done.by].seat().thread(done.thread).thread
        stages = [each.stage for each in thread.receipts if each.act == done.act]
        for stage in (ReceiptStage.SUBMITTED, ReceiptStage.DELIVERED, ReceiptStage.PROVEN):
            assert stages.count(stage) == 1

    def check_nobody_else(self, done: Doing) -> None:
        """Check that neither the third country nor the other side's supervisors have anything."""
        [third] = [each for each in COUNTRIES if each not in (done.by, done.to)]
        with self.world[third].house.store.read() as reading:
            assert copies.by_acts(reading, [done.act]) == ()
        with pytest.raises(Refused):
            self.world[third].seat().thread(done.thread)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("template"), *COUNTRIES)
    world.close()
    return world


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_in_any_weather(template: World) -> None:
    AnyWeather.template = template
    run_state_machine_as_test(
        AnyWeather,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
