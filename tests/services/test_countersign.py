# SPDX-License-Identifier: Apache-2.0
"""Countersigning: what is held goes by the word of the oversight desk, and by no other."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from tests.services.bureau import Bureau, found_bureau
from tests.services.scene import (
    INFORMATION,
    Scene,
    asked,
    counts,
    foreign,
    kept,
    opens,
    rows_of,
    waiting,
)
from tests.services.settle import PASSPHRASE

from comity.domain.policy import Exclusion, Mode
from comity.domain.statement import Decision, Urgency
from comity.domain.steps import confirm_by
from comity.domain.thread import Effect, Stage
from comity.errors import (
    ComityError,
    Excluded,
    Misused,
    NeedsReason,
    NoMandate,
    NotAdmitted,
    NotCompetent,
    Refused,
    TooLate,
)
from comity.services.address_book import mark
from comity.services.desks import change_members
from comity.services.home import close
from comity.services.oversight import exclude
from comity.services.release import Done
from comity.services.revoke import revoke
from comity.services.rosters import issue
from comity.services.seat import Seat
from comity.services.unlock import unlock
from comity.storage import agencies
from comity.storage.copies import CopyState
from comity.storage.reading import Writing

SPOKEN = asked(
    urgency=Urgency.URGENT, urgency_reason="The ship leaves.", spoken="A. Mwangi, supervisor"
)


@pytest.fixture
def held(scene: Scene) -> Done:
    """Let Kenya's investigator ask under a rule that wants a countersignature."""
    scene.oversee(Mode.COUNTERSIGN)
    return scene.ke.seat().ask(asked())


def refused(scene: Scene, act: Callable[[], object]) -> str:
    before = counts(scene.ke)
    with pytest.raises(ComityError) as raised:
        act()
    assert counts(scene.ke) == before
    return raised.value.cause


# Held.


def test_a_held_act_has_no_docket_no_leaf_and_no_place_in_the_outbox(
    scene: Scene, held: Done
) -> None:
    row = foreign(scene.ke, held.act)

    assert (held.held, held.leaves_at) == (True, 0)
    assert (row.state, row.release, row.docket, row.log) == (CopyState.HELD, b"", "", 0)
    assert waiting(scene.ke) == 0
    scene.hours.pass_(hours=24 * 6)
    scene.sync()
    assert scene.vn.inbox() == ()
    assert scene.ke.seat().thread(held.thread).thread.stage is Stage.HELD
    assert scene.ke.verify().sound


def test_the_desk_sees_what_it_is_to_countersign(scene: Scene, held: Done) -> None:
    (line,) = scene.ke.inbox("supervisor")

    assert (line.thread, line.stage) == (held.thread, Stage.HELD)
    assert "countersign" in line.next
    assert opens(
        scene.ke,
        next(row for row in rows_of(scene.ke, held.act) if row.to == row.agency),
        scene.ke.seat("supervisor").unlocked,
    )


def test_what_is_approved_leaves_and_arrives_as_it_was_signed(scene: Scene, held: Done) -> None:
    scene.ke.seat("supervisor").countersign(held.act, Decision.APPROVE)
    scene.sync()

    (line,) = scene.vn.inbox()
    assert (line.thread, line.short) == (held.thread, held.short)
    assert kept(scene.ke, "held") == ()
    assert foreign(scene.ke, held.act).state in (CopyState.DELIVERED, CopyState.PROVEN)
    thread = scene.ke.seat().thread(held.thread).thread
    assert thread.stage is Stage.ASKED
    assert scene.vn.seat().answer(held.thread, INFORMATION).act
    assert scene.ke.verify().sound


@pytest.mark.parametrize(
    ("decision", "stage"),
    [(Decision.RETURN, Stage.SENT_BACK), (Decision.REFUSE, Stage.WITHHELD)],
)
def test_what_is_returned_or_refused_never_leaves_and_its_author_reads_why(
    scene: Scene, held: Done, decision: Decision, stage: Stage
) -> None:
    done = scene.ke.seat("supervisor").countersign(held.act, decision, reason="Name the offence.")
    scene.hours.pass_(hours=1)
    scene.sync()

    opened = scene.ke.seat("investigator").thread(held.thread)
    (copy,) = opened.copies_of(done.act)
    assert opened.thread.stage is stage
    assert copy.statement.body.reason == "Name the offence."  # type: ignore[union-attr]
    assert foreign(scene.ke, held.act).state == CopyState.STOPPED
    assert scene.vn.inbox() == ()
    assert kept(scene.ke, "short") == ()
    with pytest.raises(TooLate):
        scene.ke.seat("supervisor").countersign(held.act, Decision.APPROVE)


def test_an_author_without_a_desk_reads_why_his_act_came_back(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN)
    people = scene.ke.settled.people
    change_members(
        scene.ke.house,
        scene.ke.seat("colleague").unlocked,
        scene.ke.settled.desk,
        leave=[people["investigator"]],
    )
    author = Seat(
        unlocked=unlock(scene.ke.house, people["investigator"], PASSPHRASE), house=scene.ke.house
    )
    done = author.ask(asked())

    said = scene.ke.seat("supervisor").countersign(done.act, Decision.RETURN, reason="Too broad.")

    assert author.thread(done.thread).copies_of(said.act)
    assert scene.ke.inbox("colleague") == ()


@pytest.mark.parametrize("decision", [Decision.RETURN, Decision.REFUSE])
def test_a_no_needs_a_reason(scene: Scene, held: Done, decision: Decision) -> None:
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(held.act, decision, reason=" ")) == (
        f"{NeedsReason.code}.countersignature"
    )


def test_an_answer_is_held_and_countersigned_like_a_question(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN, node=scene.vn, sensitivity="nominal")
    done = scene.ask()
    answer = scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    assert scene.ke.seat().thread(done.thread).thread.outcomes == ()

    scene.vn.seat("supervisor").countersign(answer.act, Decision.APPROVE)
    scene.sync()

    assert scene.ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED


# Attacks.


def test_nobody_countersigns_his_own_act(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN)
    supervisor = scene.ke.seat("supervisor")
    done = supervisor.ask(asked())
    assert done.held

    assert refused(scene, lambda: supervisor.countersign(done.act, Decision.APPROVE)) == (
        f"{NotCompetent.code}.own-act"
    )


def test_nobody_but_the_oversight_desk_countersigns(scene: Scene, held: Done) -> None:
    colleague = scene.ke.seat("colleague")

    assert refused(scene, lambda: colleague.countersign(held.act, Decision.APPROVE)) == (
        f"{NotCompetent.code}.not-overseer"
    )
    scene.ke.seat("supervisor").countersign(held.act, Decision.APPROVE)
    scene.sync()
    with pytest.raises(Misused):
        scene.vn.seat("supervisor").countersign(held.act, Decision.REFUSE, reason="No.")


def test_who_left_the_oversight_desk_decides_nothing_with_his_old_key(
    scene: Scene, held: Done
) -> None:
    supervisor = scene.ke.seat("supervisor")
    change_members(
        scene.ke.house,
        supervisor.unlocked,
        scene.ke.settled.oversight,
        join=[scene.ke.settled.people["colleague"]],
        leave=[scene.ke.settled.people["supervisor"]],
    )

    assert refused(scene, lambda: supervisor.countersign(held.act, Decision.APPROVE)) == (
        f"{NotCompetent.code}.certificate"
    )


def test_what_was_not_held_is_not_countersigned(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(done.act, Decision.APPROVE)) == (
        f"{TooLate.code}.not-held"
    )
    with pytest.raises(Misused):
        seat.countersign("a" * 26, Decision.APPROVE)


def test_an_act_of_somebody_revoked_since_is_not_let_go(scene: Scene, held: Done) -> None:
    scene.hours.pass_(minutes=1)
    revoke(scene.ke.house, scene.ke.settled.people["investigator"], reason="misuse")
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(held.act, Decision.APPROVE)) == (
        f"{Refused.code}.author-revoked"
    )
    assert seat.countersign(held.act, Decision.REFUSE, reason="Revoked.").act


def test_what_no_mandate_covers_any_more_is_not_let_go(scene: Scene, held: Done) -> None:
    card = scene.ke.card
    issue(
        scene.ke.house,
        card.id,
        end=[named for named, each in card.current.items() if each in card.mandates],
    )
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(held.act, Decision.APPROVE)).startswith(
        NoMandate.code
    )


def test_nothing_is_let_go_to_a_peer_suspended_since(scene: Scene, held: Done) -> None:
    house = scene.ke.house
    with house.store.read() as reading:
        row = next(each for each in agencies.every(reading) if each.id == scene.vn.agency)

    def work(writing: Writing) -> None:
        agencies.put(writing, [replace(row, suspended=True)])
        mark(writing, house)

    house.store.write(work)
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(held.act, Decision.APPROVE)) == (
        f"{NotAdmitted.code}.suspended"
    )


def test_nothing_is_let_go_to_a_reader_barred_since(scene: Scene, held: Done) -> None:
    exclude(
        scene.ke.house,
        scene.ke.agency,
        Exclusion(thread=held.thread, readers=frozenset({scene.vn.settled.people["colleague"]})),
    )
    seat = scene.ke.seat("supervisor")

    assert refused(scene, lambda: seat.countersign(held.act, Decision.APPROVE)) == Excluded.code


def test_of_two_processes_that_decide_at_once_the_first_is_heard(scene: Scene, held: Done) -> None:
    house = scene.open("ke")
    seats = [
        scene.ke.seat("supervisor"),
        Seat(
            unlocked=unlock(house, scene.ke.settled.people["supervisor"], PASSPHRASE), house=house
        ),
    ]
    start = threading.Barrier(2)
    told: list[str] = []

    def decide(seat: Seat, decision: Decision) -> None:
        start.wait()
        try:
            seat.countersign(held.act, decision, reason="At once.")
            told.append("done")
        except TooLate as error:
            told.append(error.cause)

    threads = [
        threading.Thread(target=partial(decide, seat, decision))
        for seat, decision in zip(seats, (Decision.APPROVE, Decision.REFUSE), strict=True)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    close(house)

    assert sorted(told) in (
        ["done", f"{TooLate.code}.decided-already"],
        ["done", f"{TooLate.code}.not-held"],
    )
    scene.sync()
    state = foreign(scene.ke, held.act).state
    arrived = [line.thread for line in scene.vn.inbox()]
    stopped = state == CopyState.STOPPED
    assert arrived == ([] if stopped else [held.thread])
    thread = scene.ke.seat().thread(held.thread).thread
    assert thread.stage is (Stage.WITHHELD if stopped else Stage.ASKED)
    assert scene.ke.verify().sound


# Spoken in urgent cases, and confirmed within a day.


@pytest.fixture
def spoken(scene: Scene) -> Done:
    scene.oversee(Mode.COUNTERSIGN, spoken_allowed=True)
    return scene.ke.seat().ask(SPOKEN)


def test_what_was_spoken_leaves_at_once_and_is_to_be_confirmed_within_a_day(
    scene: Scene, spoken: Done
) -> None:
    scene.sync()
    assert [line.thread for line in scene.vn.inbox()] == [spoken.thread]
    opened = scene.ke.seat("supervisor").thread(spoken.thread)
    by = confirm_by(opened.thread)
    assert by is not None
    assert opened.thread.opening is not None
    assert by - opened.thread.opening.at == timedelta(days=1)
    assert "countersign" in opened.next

    seat = scene.ke.seat("supervisor")
    seat.countersign(spoken.act, Decision.APPROVE, confirms_spoken=True)

    opened = seat.thread(spoken.thread)
    assert confirm_by(opened.thread) is None
    assert "countersign" not in opened.next
    assert refused(
        scene,
        lambda: seat.countersign(spoken.act, Decision.APPROVE, confirms_spoken=True),
    ) == (f"{TooLate.code}.confirmed-already")


def test_what_the_desk_denies_to_have_spoken_is_stopped_if_it_has_not_left(
    scene: Scene,
) -> None:
    scene.oversee(Mode.COUNTERSIGN, spoken_allowed=True)
    seat = scene.ke.seat()
    real = replace(seat, house=replace(seat.house, practice=False))
    done = real.ask(SPOKEN)

    scene.ke.seat("supervisor").countersign(
        done.act, Decision.REFUSE, reason="Nobody called me.", confirms_spoken=True
    )
    scene.hours.pass_(hours=1)
    scene.sync()

    assert foreign(scene.ke, done.act).state == CopyState.STOPPED
    assert scene.vn.inbox() == ()


def test_what_has_left_stays_sent_and_the_denial_stays_in_the_record(
    scene: Scene, spoken: Done
) -> None:
    scene.sync()
    done = scene.ke.seat("supervisor").countersign(
        spoken.act, Decision.REFUSE, reason="Nobody called me.", confirms_spoken=True
    )

    thread = scene.ke.seat().thread(spoken.thread).thread
    assert thread.opening is not None
    assert thread.opening.effect is Effect.APPLIED
    assert done.act in {act.id for act in thread.acts}
    assert foreign(scene.ke, spoken.act).state in (CopyState.DELIVERED, CopyState.PROVEN)


def test_nothing_is_confirmed_that_was_not_said_to_be_spoken(scene: Scene, held: Done) -> None:
    seat = scene.ke.seat("supervisor")

    told = refused(
        scene, lambda: seat.countersign(held.act, Decision.APPROVE, confirms_spoken=True)
    )

    assert told == "usage.not-spoken"


# The oversight desk may belong to another agency of the same state.


def test_a_bureau_in_the_same_house_countersigns_and_nobody_else_of_it_reads(
    scene: Scene,
) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    scene.oversee(Mode.COUNTERSIGN, to=(bureau.desk,))
    done = scene.ke.seat().ask(asked())
    assert done.held
    head = bureau.seat("head")
    assert head.thread(done.thread).thread.opening is not None

    head.countersign(done.act, Decision.APPROVE)
    scene.sync()

    assert [line.thread for line in scene.vn.inbox()] == [done.thread]
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    assert scene.ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED
    assert scene.ke.verify().sound
    _threads_know_their_own_clock(scene, bureau, done)


def _threads_know_their_own_clock(scene: Scene, bureau: Bureau, done: Done) -> None:
    """The node's own row of the thread is the asker's; who looks on has no clock to keep."""
    with scene.ke.house.store.read() as reading:
        rows = reading.connection.exec_driver_sql(
            "SELECT own, peer, stage, answered_at > 0 FROM threads"
        ).all()
    assert [tuple(row) for row in rows] == [
        (scene.ke.agency, scene.vn.agency, "answered", 1),
    ]
    assert bureau.agency != scene.ke.agency


def test_the_author_reads_why_a_bureau_sent_his_act_back(scene: Scene) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    scene.oversee(Mode.COUNTERSIGN, to=(bureau.desk,))
    done = scene.ke.seat().ask(asked())

    said = bureau.seat("head").countersign(done.act, Decision.RETURN, reason="Which offence?")
    scene.sync()

    opened = scene.ke.seat().thread(done.thread)
    assert opened.thread.stage is Stage.SENT_BACK
    assert opened.copies_of(said.act)
    assert scene.vn.inbox() == ()


def test_a_held_question_to_another_agency_of_this_house_is_not_read_there_before_it_goes(
    scene: Scene,
) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    scene.oversee(Mode.COUNTERSIGN)

    done = scene.ke.seat().ask(asked(to=bureau.desk))

    head = bureau.seat("head")
    assert done.held
    assert head.inbox() == ()
    with pytest.raises(Misused):
        head.thread(done.thread)

    scene.ke.seat("supervisor").countersign(done.act, Decision.APPROVE)

    assert [line.thread for line in head.inbox()] == [done.thread]
    assert waiting(scene.ke) == 0


def test_a_copy_for_a_bureau_does_not_keep_its_author_from_stopping(scene: Scene) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    scene.oversee(Mode.COPY, to=(bureau.desk,))
    seat = scene.ke.seat()
    real = replace(seat, house=replace(seat.house, practice=False))
    done = real.ask(asked())
    assert [line.thread for line in bureau.seat("head").inbox()] == [done.thread]

    real.stop(done.act)
    scene.hours.pass_(hours=1)
    scene.sync()

    assert scene.vn.inbox() == ()
    states = {row.to: row.state for row in rows_of(scene.ke, done.act)}
    assert states[scene.vn.agency] == CopyState.STOPPED
    assert states[bureau.agency] == CopyState.RECEIVED
