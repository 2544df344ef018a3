# SPDX-License-Identifier: Apache-2.0
"""Recall: what was said is taken back wherever it went, and each holder answers for himself."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.parcels import said_in, told
from tests.services.scene import INFORMATION, Scene, asked, foreign, rows_of, waiting
from tests.services.settle import inhabit, settle, ticking

from comity.domain.docket import ReceiptStage
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ActId
from comity.domain.policy import Mode
from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held
from comity.domain.thread import Effect, Stage, TakenBack
from comity.errors import Misused, NotCompetent, TooLate
from comity.services.keep import keep, let_go, pending
from comity.services.recall import Wish, take_back
from comity.services.recall_rules import Ground, KeepingRules, set_rules
from comity.services.release import Done
from comity.services.seat import Seat
from comity.services.tally import tally_of
from comity.services.verify import verify
from comity.services.withdraw import withdraw
from comity.storage import blobs, envelopes, threads
from comity.storage.copies import CopyState
from comity.wire.parcel import Item

UNTIL = "backups-until-2026-12-23"


def recall(scene: Scene, done: Done, who: str = "investigator", **how: object) -> Done:
    """Let somebody in Kenya take back the act of *done*, by a recall unless told."""
    seat = scene.ke.seat(who)
    wish = Wish(**{"acts": (done.act,), "what": Taking.RECALL, **how})  # type: ignore[arg-type]
    return take_back(seat.unlocked, seat.house, done.thread, wish)


def taken(scene: Scene, done: Done) -> TakenBack:
    return scene.ke.seat().thread(done.thread).thread.taken_back[-1]


def answers(scene: Scene, done: Done) -> list[tuple[Held, str]]:
    """Return what Kenya knows of those who have what was recalled."""
    told_ = tally_of(scene.ke.house, taken(scene, done))
    return [(each.held, each.reason) for each in told_.answers]


def said_of(scene: Scene, act: ActId) -> list[tuple[str, str]]:
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
    assert said_of(scene, done.act) == [("removed", UNTIL)]
    assert answers(scene, done) == [(Held.REMOVED, UNTIL)]
    assert waiting(scene.ke) == waiting(scene.vn) == 0
    assert scene.vn.verify().faults == scene.ke.verify().faults == ()


def test_both_sides_see_that_the_question_was_taken_back(scene: Scene) -> None:
    done = scene.ask()

    recall(scene, done, text="The number was misread.")
    scene.sync()

    mine = scene.ke.seat().thread(done.thread).thread
    theirs = scene.vn.seat().thread(done.thread).thread
    assert mine.stage is theirs.stage is Stage.RECALLED
    assert mine.due is theirs.due is None
    assert [each.act for each in theirs.taken_back] == [done.act]
    assert theirs.taken_back[0].text == "The number was misread."
    assert mine.acts[0].effect is Effect.RECALLED
    with scene.vn.house.store.read() as reading:
        [row] = threads.by_ids(reading, [done.thread])
    assert (row.stage, row.due_answer) == ("taken-back", 0)
    assert [line.stage for line in scene.vn.inbox()] == [Stage.RECALLED]


def test_a_file_goes_with_the_last_copy_that_names_it(scene: Scene) -> None:
    photo = scene.ke.seat().attach(io.BytesIO(b"seal" * 9000), "seal.jpg", "image/jpeg")
    done = scene.ask(attachments=(photo,))
    there = scene.vn.house.store.folder.of(photo.blob)
    assert there.exists()

    recall(scene, done)
    scene.sync()

    assert not there.exists()
    assert scene.ke.house.store.folder.of(photo.blob).exists()
    with scene.vn.house.store.read() as reading:
        assert blobs.by_ids(reading, [photo.blob]) == ()
    assert scene.vn.verify().sound


def test_a_colleague_at_the_desk_that_asked_may_recall_and_nobody_else(scene: Scene) -> None:
    done = scene.ask()

    with pytest.raises(NotCompetent):
        recall(scene, done, "supervisor")
    recall(scene, done, "colleague")
    scene.sync()

    assert answers(scene, done) == [(Held.REMOVED, UNTIL)]


def test_an_act_is_recalled_once(scene: Scene) -> None:
    done = scene.ask()
    recall(scene, done)

    with pytest.raises(Misused) as raised:
        recall(scene, done)

    assert raised.value.cause == "usage.recalled-already"


def test_what_has_not_left_never_leaves(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    seat = scene.ke.seat()
    done = scene.ke.seat().ask(asked())

    recall(scene, done)
    scene.weather.clear()
    scene.sync()

    assert seat.thread(done.thread).thread.stage is Stage.RECALLED
    assert rows_of(scene.vn, done.act) == ()
    assert scene.ke.verify().sound


def test_the_authors_own_copies_stay_unless_he_says_that_they_go(scene: Scene) -> None:
    kept, gone = scene.ask(), scene.ask()

    recall(scene, kept)
    recall(scene, gone, here_too=True)
    scene.sync()

    assert CopyState.REMOVED not in {row.state for row in rows_of(scene.ke, kept.act)}
    assert {row.state for row in rows_of(scene.ke, gone.act)} == {CopyState.REMOVED}
    thread = scene.ke.seat().thread(gone.thread).thread
    assert thread.stage is Stage.RECALLED
    assert answers(scene, gone) == [(Held.REMOVED, UNTIL)]
    assert scene.ke.verify().faults == ()


def test_a_holder_that_cannot_be_reached_is_said_to_be(scene: Scene) -> None:
    done = scene.ask()
    scene.weather.away.add(scene.vn.id)
    recall(scene, done)
    scene.carry()
    assert answers(scene, done) == [(Held.NOT_REACHED, "")]

    scene.weather.clear()
    scene.hours.pass_(hours=2)
    scene.sync()

    assert answers(scene, done) == [(Held.REMOVED, UNTIL)]


def test_a_ground_that_is_recorded_keeps_it_and_the_author_learns_which(scene: Scene) -> None:
    done = scene.ask()
    minh = scene.vn.seat().unlocked
    keep(minh, scene.vn.house, done.thread, Ground.COURT_ORDER)

    recall(scene, done)
    scene.sync()

    assert answers(scene, done) == [(Held.KEPT, "court-order")]
    assert foreign(scene.vn, done.act).state == CopyState.RECEIVED
    shown = scene.vn.seat().thread(done.thread).thread
    assert shown.acts[0].effect is Effect.RECALLED
    assert scene.vn.verify().sound


def test_who_is_asked_first_decides_and_the_author_hears_both(scene: Scene) -> None:
    set_rules(scene.vn.house, scene.vn.agency, KeepingRules(ask=True, backups=0))
    done = scene.ask()
    recall(scene, done)
    scene.sync()
    minh = scene.vn.seat().unlocked
    assert answers(scene, done) == [(Held.PENDING, "pending")]
    assert [row.act for row in pending(minh, scene.vn.house)] == [done.act]
    assert pending(scene.vn.seat("supervisor").unlocked, scene.vn.house) == ()

    scene.hours.pass_(minutes=1)
    assert keep(minh, scene.vn.house, done.thread, Ground.EVIDENCE) == 1
    scene.sync()
    assert answers(scene, done) == [(Held.KEPT, "evidence")]

    scene.hours.pass_(minutes=1)
    assert let_go(minh, scene.vn.house, done.thread) == 1
    scene.sync()

    assert answers(scene, done) == [(Held.REMOVED, "backups-until-2026-11-23")]
    assert pending(minh, scene.vn.house) == ()
    assert scene.vn.verify().faults == scene.ke.verify().faults == ()
    with pytest.raises(Misused):
        let_go(minh, scene.vn.house, done.thread)


def test_a_correction_removes_nothing_and_is_answered_by_its_delivery(scene: Scene) -> None:
    done = scene.ask()

    recall(scene, done, what=Taking.CORRECT, correction=Correction.WRONG_PERSON)
    scene.sync()

    theirs = scene.vn.seat().thread(done.thread).thread
    assert [each.correction for each in theirs.taken_back] == ["wrong-person"]
    assert theirs.acts[0].effect is Effect.APPLIED
    assert answers(scene, done) == [(Held.MARKED, "")]


def test_a_narrowing_only_narrows(scene: Scene) -> None:
    done = scene.ask()
    less = Handling(judicial=Leave.NO, onward=Leave.NO)

    with pytest.raises(Misused) as raised:
        recall(scene, done, what=Taking.NARROW, handling=Handling(see=See.COMMUNITY))
    assert raised.value.cause == "usage.handling-wider"
    with pytest.raises(Misused) as raised:
        recall(scene, done, what=Taking.NARROW)
    assert raised.value.cause == "usage.handling-same"
    recall(scene, done, what=Taking.NARROW, handling=less)
    scene.sync()

    assert scene.vn.seat().thread(done.thread).thread.handling.judicial is Leave.NO


def test_what_is_narrowed_to_one_reader_the_others_do_not_see(scene: Scene) -> None:
    done = scene.ask()
    only = scene.vn.settled.people["colleague"]

    recall(scene, done, what=Taking.NARROW, readers=(only,))
    scene.sync()

    assert scene.vn.seat().thread(done.thread).thread.acts[0].effect is Effect.NARROWED
    assert scene.vn.seat("colleague").thread(done.thread).thread.request is not None
    assert scene.ke.seat().thread(done.thread).thread.request is not None


def test_a_copy_that_comes_again_after_it_was_removed_is_not_taken_in(scene: Scene) -> None:
    done = scene.ask()
    row = foreign(scene.ke, done.act)
    with scene.ke.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    recall(scene, done)
    scene.sync()

    answer = told(scene.ke, scene.vn, items=(Item(docket=row.release, envelope=sealed),))

    assert foreign(scene.vn, done.act).state == CopyState.REMOVED
    with scene.vn.house.store.read() as reading:
        assert not envelopes.known(reading, [row.envelope])
    assert ReceiptStage.REMOVED in {said_in(each).stage for each in answer.receipts}
    assert scene.vn.verify().sound


def test_a_copy_that_comes_after_its_recall_is_never_stored_and_its_sender_is_told(
    scene: Scene,
) -> None:
    scene.weather.away.add(scene.vn.id)
    done = scene.ke.seat().ask(asked())
    scene.carry()
    row = foreign(scene.ke, done.act)
    with scene.ke.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    recall(scene, done)
    scene.weather.clear()
    scene.hours.pass_(hours=2)
    scene.sync()
    assert answers(scene, done) == [(Held.ABSENT, "")]

    answer = told(scene.ke, scene.vn, items=(Item(docket=row.release, envelope=sealed),))

    assert rows_of(scene.vn, done.act) == ()
    assert [said_in(each).stage for each in answer.receipts] == [ReceiptStage.REMOVED]
    with scene.vn.house.store.read() as reading:
        assert not envelopes.known(reading, [row.envelope])
    assert scene.vn.verify().faults == ()


def test_a_withdrawn_question_waits_for_nobody(scene: Scene) -> None:
    done = scene.ask()
    amina = scene.ke.seat().unlocked

    withdraw(amina, scene.ke.house, done.thread, text="Found.")
    scene.sync()

    theirs = scene.vn.seat().thread(done.thread)
    assert theirs.thread.stage is Stage.WITHDRAWN
    assert theirs.thread.due is None
    assert theirs.next == ()
    with scene.vn.house.store.read() as reading:
        [row] = threads.by_ids(reading, [done.thread])
    assert (row.stage, row.due_answer) == ("withdrawn", 0)
    with pytest.raises(TooLate):
        withdraw(amina, scene.ke.house, done.thread)
    with pytest.raises(TooLate):
        scene.vn.seat().answer(done.thread, INFORMATION)


def test_whoever_was_asked_does_not_withdraw(scene: Scene) -> None:
    done = scene.ask()

    with pytest.raises(NotCompetent):
        withdraw(scene.vn.seat().unlocked, scene.vn.house, done.thread)


def test_an_answer_that_is_recalled_leaves_the_question_open(scene: Scene) -> None:
    done = scene.ask()
    answered = scene.vn.seat().answer(done.thread, replace(INFORMATION, text="Nguyen."))
    scene.sync()
    seat = scene.vn.seat()

    take_back(
        seat.unlocked,
        seat.house,
        done.thread,
        Wish(acts=(answered.act,), what=Taking.RECALL),
    )
    scene.sync()

    thread = scene.ke.seat().thread(done.thread).thread
    assert thread.answered is None
    assert thread.due is not None
    assert "answer" in scene.vn.seat().thread(done.thread).next


def test_what_is_held_is_stopped_and_not_recalled(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN)
    done = scene.ask()

    with pytest.raises(Misused) as raised:
        recall(scene, done)

    assert raised.value.cause == "usage.act-held"


def test_an_act_in_a_crowded_thread_is_found_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.services.thread.AT_ONCE", 2)
    monkeypatch.setattr("comity.services.thread._OLDEST", 0)
    done = scene.ask()
    scene.vn.seat().ask_back(done.thread, ["period"])
    scene.sync()
    scene.ke.seat().answer(done.thread, replace(INFORMATION, fields={}, text="1-20 November"))
    scene.sync()

    recall(scene, done)
    scene.sync()

    assert foreign(scene.vn, done.act).state == CopyState.REMOVED


def test_only_a_recall_deletes_here_too_and_only_what_was_said_is_narrowed(scene: Scene) -> None:
    done = scene.ask()
    acknowledged = scene.vn.seat().acknowledge(done.thread)
    scene.sync()
    seat = scene.vn.seat()

    with pytest.raises(Misused) as raised:
        recall(scene, done, what=Taking.CORRECT, correction="cleared", here_too=True)
    assert raised.value.cause == "usage.here-too"
    wish = Wish(acts=(acknowledged.act,), what=Taking.NARROW)
    with pytest.raises(Misused) as raised:
        take_back(seat.unlocked, seat.house, done.thread, wish)
    assert raised.value.cause == "usage.handling-absent"
    with pytest.raises(Misused) as raised:
        recall(scene, done, what=Taking.CORRECT)
    assert raised.value.cause == "usage.recall"
    with pytest.raises(Misused):
        recall(scene, done, acts=("b" * 26,))


def test_agencies_of_one_server_take_back_from_each_other_too(tmp_path: Path) -> None:
    ke = settle(tmp_path, "KE", clock=ticking())
    vn = inhabit(ke.house, tmp_path, "VN")
    amina, minh = (Seat(unlocked=each.unlocked(), house=ke.house) for each in (ke, vn))
    done = amina.ask(asked())
    assert minh.thread(done.thread).thread.request is not None

    wish = Wish(acts=(done.act,), what=Taking.RECALL, here_too=True)
    take_back(amina.unlocked, ke.house, done.thread, wish)

    [back] = amina.thread(done.thread).thread.taken_back
    assert [each.held for each in tally_of(ke.house, back).answers] == [Held.REMOVED]
    assert minh.thread(done.thread).thread.stage is Stage.RECALLED
    assert verify(ke.house).faults == ()
    ke.house.store.close()
