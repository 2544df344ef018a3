# SPDX-License-Identifier: Apache-2.0
"""What was taken back is found by its number where it was: that it was, when and by whom, no more."""

import pytest
from tests.services.scene import Scene
from tests.services.test_hand_on import lone
from tests.services.test_recall import recall

from comity.domain.taking_back import NumberedRecall
from comity.domain.thread import Stage
from comity.errors import Misused
from comity.services import recall as service
from comity.storage import copies
from comity.storage.copies import CopyState


def test_the_number_finds_the_emptied_thread_and_says_who_took_it_back(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    recall(scene, done)
    scene.sync()

    opened = scene.vn.seat().thread(done.short)

    assert opened.id == done.thread
    assert (opened.thread.stage, opened.thread.short) == (Stage.RECALLED, done.short)
    [taken] = opened.thread.taken_back
    assert (taken.agency, taken.officer) == (
        scene.ke.agency,
        scene.ke.settled.people["investigator"],
    )
    assert opened.thread.request is None
    assert "+84900000000" not in str(opened.thread)


def test_also_where_nobody_opened_it_before_and_by_any_member(scene: Scene) -> None:
    done = scene.ask()
    recall(scene, done)
    scene.sync()

    assert scene.vn.seat("colleague").find(done.short) == done.thread
    assert scene.ke.seat().find(done.short) == done.thread


def test_a_thread_that_runs_is_meant_before_one_that_was_taken_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = scene.ask(), scene.ask()
    named = NumberedRecall

    def as_the_second(**told: object) -> NumberedRecall:
        return named(**{**told, "short": second.short})  # type: ignore[arg-type]  # a liar's

    monkeypatch.setattr(service, "NumberedRecall", as_the_second)
    recall(scene, first)
    scene.sync()

    assert scene.vn.seat().find(second.short) == second.thread


@pytest.mark.parametrize("short", ["VK-1234", "XY-1234", "not a number", ""])
def test_a_number_that_is_not_theirs_to_give_names_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, short: str
) -> None:
    done = scene.ask()
    named = NumberedRecall
    monkeypatch.setattr(
        service,
        "NumberedRecall",
        lambda **told: named(**{**told, "short": short}),
    )
    recall(scene, done)
    scene.sync()

    assert scene.vn.seat().thread(done.thread).thread.short == ""
    with pytest.raises(Misused):
        scene.vn.seat().find(short or done.short)


def test_only_who_had_it_finds_it(scene: Scene) -> None:
    done = scene.ask()
    recall(scene, done)
    scene.sync()
    outsider = lone(scene, "vn", "Elsewhere")

    with pytest.raises(Misused):
        outsider.find(done.short)
    with scene.vn.house.store.read() as reading:
        states = {row.state for row in copies.by_acts(reading, [done.act])}
    assert states == {CopyState.REMOVED}
