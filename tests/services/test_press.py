# SPDX-License-Identifier: Apache-2.0
"""When nobody answers: made urgent, reminded of, rung up; never twice, and never by another."""

from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, foreign, rows_of
from tests.services.scene import asked as asked_of

from comity.domain.clocks import Standing
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.policy import Mode
from comity.domain.pressing import Limit, Reminder, Urgent
from comity.domain.roster import DeskEntry
from comity.domain.statement import Urgency
from comity.domain.thread import Effect
from comity.errors import NeedsReason, NotCompetent, TooLate
from comity.services import desks
from comity.services import remind as reminding
from comity.services.desks import NewDesk
from comity.storage import threads

WHY = "The ship leaves tonight."
NIGHTS = NewDesk(
    name="Night desk",
    languages=("vi", "en"),
    zone="Asia/Ho_Chi_Minh",
    hours=tuple(f"{day} 08:00-17:00" for day in ("mon", "tue", "wed", "thu", "fri")),
    holidays=("2027-01-01", "2026-11-24"),
    urgent_telephone="+84 225 000 000",
)


def night_desk(scene: Scene) -> DeskEntry:
    """Open a desk in Hai Phong that has hours, and let Mombasa hear of it."""
    made = desks.open_desk(
        scene.vn.house, scene.vn.agency, NIGHTS, [scene.vn.settled.people["investigator"]]
    )
    scene.sync()
    return made


def row(scene: Scene, node: str, thread: str) -> threads.Thread:
    with scene[node].house.store.read() as reading:
        return next(
            each for each in threads.by_ids(reading, [thread]) if each.own == scene[node].agency
        )


def test_the_clock_of_both_sides_changes_and_never_to_later(scene: Scene) -> None:
    asked = scene.ask()
    before = row(scene, "vn", asked.thread)
    scene.hours.pass_(hours=3)

    done = scene.ke.seat().make_urgent(asked.thread, WHY)
    scene.sync()

    here, there = row(scene, "ke", asked.thread), row(scene, "vn", asked.thread)
    assert before.clock == ClockClass.NORMAL
    assert (here.clock, there.clock) == (ClockClass.URGENT, ClockClass.URGENT)
    assert here.due_answer == there.due_answer < before.due_answer
    assert foreign(scene.ke, done.act).stage == DocketStage.HASTENED
    for node in (scene.ke, scene.vn):
        thread = node.seat().thread(asked.thread).thread
        assert thread.clock is ClockClass.URGENT
        assert thread.due is not None
        assert thread.due.answer.timestamp() * 1000 == here.due_answer
        assert [each.body for each in thread.acts if isinstance(each.body, Urgent)] == [
            Urgent(to=asked.act, reason=WHY)
        ]
    assert scene.vn.verify().sound


def test_the_reason_is_sealed_and_the_docket_tells_only_the_clock(scene: Scene) -> None:
    asked = scene.ask()
    done = scene.ke.seat().make_urgent(asked.thread, WHY)

    assert all(WHY.encode() not in row.release for row in rows_of(scene.ke, done.act))


def test_an_urgent_question_is_not_made_so_again(scene: Scene) -> None:
    asked = scene.ask()
    seat = scene.ke.seat()
    seat.make_urgent(asked.thread, WHY)
    scene.sync()

    with pytest.raises(TooLate, match="urgent-already"):
        seat.make_urgent(asked.thread, WHY)
    with pytest.raises(NeedsReason, match="urgency"):
        seat.make_urgent(asked.thread, "  ")


def test_only_who_asked_presses_and_not_after_the_answer(scene: Scene) -> None:
    asked = scene.ask()

    with pytest.raises(NotCompetent, match="not-the-asker"):
        scene.vn.seat().make_urgent(asked.thread, WHY)
    with pytest.raises(NotCompetent, match="not-the-asker"):
        scene.vn.seat().remind(asked.thread)
    scene.vn.seat().answer(asked.thread, INFORMATION)
    scene.sync()
    with pytest.raises(TooLate, match="answered-already"):
        scene.ke.seat().make_urgent(asked.thread, WHY)
    with pytest.raises(TooLate, match="answered-already"):
        scene.ke.seat().remind(asked.thread)


def test_what_is_made_urgent_is_overseen_as_what_is_urgent(scene: Scene) -> None:
    asked = scene.ask()
    scene.oversee(Mode.COUNTERSIGN)

    shown = scene.ke.seat().who_will_see_urgent(asked.thread, WHY)
    done = scene.ke.seat().make_urgent(asked.thread, WHY)
    scene.sync()

    assert shown.held
    assert done.held
    assert row(scene, "vn", asked.thread).clock == ClockClass.NORMAL


def test_the_other_side_is_reminded_once_of_each_limit(scene: Scene) -> None:
    asked = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)
    seat = scene.ke.seat()
    with pytest.raises(TooLate, match="nothing-due"):
        seat.remind(asked.thread)
    scene.hours.pass_(hours=2, minutes=5)
    first = seat.remind(asked.thread)
    with pytest.raises(TooLate, match="reminded-already"):
        seat.remind(asked.thread)
    scene.hours.pass_(hours=6)
    seat.remind(asked.thread)
    scene.sync()

    there = scene.vn.seat().thread(asked.thread).thread

    assert foreign(scene.ke, first.act).stage == DocketStage.REMINDED
    limits = {act.body.limit for act in there.acts if isinstance(act.body, Reminder)}
    assert limits == {Limit.ACKNOWLEDGE, Limit.ANSWER}
    assert there.standing(scene.hours.now) is Standing.LATE
    assert row(scene, "vn", asked.thread).acknowledged_at == 0


def test_two_colleagues_remind_once(scene: Scene) -> None:
    asked = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)
    scene.hours.pass_(hours=2, minutes=5)
    scene.ke.seat().remind(asked.thread)

    with pytest.raises(TooLate, match="reminded-already"):
        scene.ke.seat("colleague").remind(asked.thread)


def test_a_peer_that_reminds_again_and_again_is_heard_once(scene: Scene) -> None:
    asked = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)
    scene.hours.pass_(hours=2, minutes=5)
    seat = scene.ke.seat()
    seat.remind(asked.thread)
    with pytest.MonkeyPatch.context() as patch:
        # A program that has no such rule forgets what it sent.
        patch.setattr(reminding, "reminded_of", lambda _: frozenset())
        for _ in range(3):
            seat.remind(asked.thread)
    scene.sync()

    acts = scene.vn.seat().thread(asked.thread).thread.acts

    reminders = [act for act in acts if isinstance(act.body, Reminder)]
    assert [act.effect for act in reminders] == [Effect.APPLIED, *[Effect.STRANGER] * 3]


def test_the_sheet_has_all_that_a_call_needs(scene: Scene) -> None:
    desk = night_desk(scene)
    asked = scene.ask(to=f"VN/{desk.name}", urgency=Urgency.URGENT, urgency_reason=WHY)
    scene.hours.pass_(hours=9)

    sheet = scene.ke.seat().call(asked.thread, language="sw")

    assert (sheet.telephone, sheet.desk) == (NIGHTS.urgent_telephone, "Night desk")
    assert sheet.there is not None
    assert sheet.there.utcoffset() == timedelta(hours=7)
    assert sheet.duty is not None
    assert sheet.duty > scene.hours.now  # it is evening there, and tomorrow is a holiday
    assert sheet.duty.strftime("%Y-%m-%d %H:%M") == "2026-11-25 01:00"
    assert sheet.holiday == "2026-11-24"
    assert (sheet.sentence.language, sheet.meaning.language) == ("vi", "sw")
    assert sheet.is_theirs
    assert asked.short in sheet.sentence.text
    assert "Kê-ni-a" in sheet.sentence.text or "Kenya" in sheet.sentence.text
    assert sheet.spelled.startswith("K (Kilo) V (Victor) ")
    assert "khẩn" in sheet.sentence.text


def test_the_sentence_tells_nothing_of_the_case(scene: Scene) -> None:
    asked = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)

    sheet = scene.ke.seat().call(asked.thread)

    for each in (sheet.sentence.text, sheet.meaning.text):
        for canary in ("+84900000000", "MSA/114", "Operations desk", "investigator", WHY, "phone"):
            assert canary not in each


def test_the_asked_side_rings_about_the_question(scene: Scene) -> None:
    asked = scene.ask()

    sheet = scene.vn.seat().call(asked.thread, language="en")

    assert sheet.desk == "Operations desk"
    assert "about question number" in sheet.sentence.text
    assert sheet.telephone == ""


def test_an_overdue_answer_is_asked_for_and_an_urgent_unopened_question_is_to_be_opened(
    scene: Scene,
) -> None:
    slow = scene.ask()
    fast = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)
    seen = scene.ask(urgency=Urgency.URGENT, urgency_reason=WHY)
    scene.vn.seat().thread(seen.thread)
    scene.sync()
    seat = scene.ke.seat()

    assert "about question" in seat.call(slow.thread).sentence.text
    assert "please open it now" in seat.call(fast.thread).sentence.text
    assert "about question" in seat.call(seen.thread).sentence.text
    scene.hours.pass_(hours=24 * 8)
    assert "still waiting" in seat.call(slow.thread).sentence.text
    assert "still waiting" in seat.call(seen.thread).sentence.text


def test_a_desk_of_another_language_is_spoken_to_in_english_and_that_is_said(
    scene: Scene,
) -> None:
    desks.open_desk(
        scene.vn.house,
        scene.vn.agency,
        NewDesk(name="Coast desk", languages=("km",)),
        [scene.vn.settled.people["investigator"]],
    )
    scene.sync()
    asked = scene.ask(to="VN/Coast desk")

    sheet = scene.ke.seat().call(asked.thread, language="fr")

    assert (sheet.sentence.language, sheet.is_theirs) == ("en", False)
    assert sheet.meaning.language == "fr"
    assert sheet.meaning.draft
    assert not sheet.sentence.draft


def test_before_sending_the_time_there_and_the_next_holiday_are_shown(scene: Scene) -> None:
    desk = night_desk(scene)

    shown = scene.ke.seat().who_will_see(
        asked_of(to=f"VN/{desk.name}", urgency=Urgency.URGENT, urgency_reason=WHY)
    )

    assert shown.there is not None
    assert shown.there.strftime("%H:%M") == scene.hours.now.strftime("11:%M")
    assert shown.holiday == "2026-11-24"
    assert shown.telephone == NIGHTS.urgent_telephone
