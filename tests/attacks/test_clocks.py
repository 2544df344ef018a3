# SPDX-License-Identifier: Apache-2.0
"""Clocks that are a day apart: everything arrives, and both sides are shown that they differ."""

from datetime import timedelta

import pytest
from tests.world import World, question

from comity.domain.statement import Outcome
from comity.domain.thread import Stage
from comity.services.answer import Reply


@pytest.mark.parametrize("days", [-1, 1])
def test_a_question_is_answered_by_a_node_whose_clock_is_a_day_off(world: World, days: int) -> None:
    ke, vn, _ = world
    world.hours.pass_(hours=72)
    vn.skew = timedelta(days=days)
    vn.restart()

    asked = ke.seat().ask(question("VN/Anti-smuggling desk"))
    world.sync()
    vn.seat().answer(asked.thread, Reply(outcome=Outcome.NOTHING_KNOWN))
    world.hours.pass_(minutes=2)
    world.sync()
    here, there = ke.seat().thread(asked.thread), vn.seat().thread(asked.thread)

    assert here.thread.stage is there.thread.stage is Stage.ANSWERED
    assert here.mistrusted == there.mistrusted == ()
    assert here.apart
    assert all(node.verify().sound for node in world)
