# SPDX-License-Identifier: Apache-2.0
"""Recall: what was said is taken back wherever it went, and each holder answers for himself."""

import pytest
from tests.services.scene import INFORMATION, Scene, foreign, rows_of, waiting

from comity.domain.docket import ReceiptStage
from comity.domain.ids import ActId
from comity.domain.taking_back import Taking
from comity.domain.thread import Effect, Stage
from comity.errors import Misused, NotCompetent
from comity.services.recall import Wish, take_back
from comity.services.release import Done
from comity.storage import envelopes, threads
from comity.storage.copies import CopyState


def recall(scene: Scene, done: Done, who: str = "investigator", **how: object) -> Done:
    """Let somebody in Kenya recall the act of *done*."""
    seat = scene.ke.seat(who)
    wish = Wish(acts=(done.act,), what=Taking.RECALL, **how)  # type: ignore[arg-type]
    return take_back(seat.unlocked, seat.house, done.thread, wish)


def said_of(scene: Scene, act: ActId) -> list[tuple[str, str]]:
    """Return what Kenya has heard of the copy of *act* that left."""
    thread = scene.ke.seat().thread(rows_of(scene.ke, act)[0].thread).thread
    return [
        (each.stage.value, each.reason)
        for each in thread.receipts_of(act)
        if each.stage in (ReceiptStage.REMOVED, ReceiptStage.KEPT)
    ]


def test_what_is_recalled_is_removed_there_and_the_author_is_told_with_proof(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    there = foreign(scene.vn, done.act)

    recall(scene, done)
    scene.sync()

    assert foreign(scene.vn, done.act).state == CopyState.REMOVED
    with scene.vn.house.store.read() as reading:
        assert not envelopes.known(reading, [there.envelope])
    assert said_of(scene, done.act) == [("removed", "backups-until-2026-12-23")]
    assert waiting(scene.ke) == waiting(scene.vn) == 0
    assert scene.vn.verify().faults == scene.ke.verify().faults == ()


def test_both_sides_see_that_the_question_was_taken_back(scene: Scene) -> None:
    done = scene.ask()

    recall(scene, done)
    scene.sync()

    mine = scene.ke.seat().thread(done.thread).thread
    theirs = scene.vn.seat().thread(done.thread).thread
    assert mine.stage is theirs.stage is Stage.RECALLED
    assert mine.due is theirs.due is None
    assert [each.act for each in theirs.taken_back] == [done.act]
    assert mine.acts[0].effect is Effect.RECALLED
    with scene.vn.house.store.read() as reading:
        [row] = threads.by_ids(reading, [done.thread])
    assert (row.stage, row.due_answer) == ("taken-back", 0)
