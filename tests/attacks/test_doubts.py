# SPDX-License-Identifier: Apache-2.0
"""A clock that was stopped by what nobody can believe runs again, and numbers name one thread."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.attacks.test_dockets import kinds_of_evidence, parcel_of, post
from tests.services.letters import NOTE, REQUEST
from tests.services.parcels import copy_of
from tests.world import World, WorldNode, question

from comity.domain.docket import Docket
from comity.domain.ids import ThreadId
from comity.domain.statement import Answer, Note, Outcome, Request
from comity.domain.thread import Stage
from comity.errors import Misused
from comity.services import thread as thread_service
from comity.services.answer import Reply
from comity.services.release import Done
from comity.services.revoke import revoke
from comity.storage import threads
from comity.storage.copies import CopyState
from comity.wire.parcel import Item

DESK = "VN/Anti-smuggling desk"
NOTHING = Reply(outcome=Outcome.NOTHING_KNOWN)


def reply_to(done: Done) -> Answer:
    return Answer(to=done.act, outcome=Outcome.NOTHING_KNOWN)


def row_of(node: WorldNode, thread: ThreadId) -> threads.Thread:
    with node.house.store.read() as reading:
        [row] = threads.by_ids(reading, [thread])
    return row


def answered(world: World) -> Done:
    """Let Kenya ask, and a colleague in Viet Nam answer an hour later; Kenya reads it."""
    ke, vn, _ = world
    done = ke.seat().ask(question(DESK))
    world.sync()
    world.hours.pass_(hours=1)
    vn.seat().acknowledge(done.thread)
    vn.seat("colleague").answer(done.thread, NOTHING)
    world.sync()
    assert ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED
    return done


def stolen(vn: WorldNode, hours: float) -> None:
    since = vn.house.now() - timedelta(hours=hours)
    revoke(vn.house, vn.settled.people["colleague"], reason="stolen", compromised_since=since)


def test_an_answer_under_a_stolen_key_stops_no_clock_though_nobody_looks(world: World) -> None:
    ke, vn, _ = world
    done = answered(world)
    before = row_of(ke, done.thread)
    world.hours.pass_(hours=5)
    stolen(vn, hours=6)

    world.sync()

    after = row_of(ke, done.thread)
    assert before.answered_at > 0 == after.answered_at
    assert (after.stage, after.due_answer) == ("acknowledged", before.due_answer)
    assert ke.seat().thread(done.thread).thread.stage is Stage.ACKNOWLEDGED
    assert row_of(ke, done.thread) == after
    assert all(node.verify().sound for node in world)


def test_an_answer_of_before_the_theft_stands(world: World) -> None:
    ke, vn, _ = world
    done = answered(world)
    before = row_of(ke, done.thread)
    world.hours.pass_(hours=5)
    stolen(vn, hours=1)

    world.sync()

    assert row_of(ke, done.thread) == before
    assert ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED


def test_an_answer_that_nobody_can_open_stops_the_clock_until_somebody_looks(
    world: World,
) -> None:
    ke, vn, _ = world
    done = ke.seat().ask(question(DESK))
    world.sync()
    world.hours.pass_(minutes=3)
    before = row_of(ke, done.thread)
    nobody = str(vn.house.keys.parcel.recipient)
    garbage = post(vn, ke).send(reply_to(done), thread=done.thread, sealed_to=[nobody])
    item = Item(docket=garbage.released.dsse, envelope=garbage.envelope.sealed)
    world.hand_over(vn.id, ke.id, parcel_of(vn, ke, item))
    stopped = row_of(ke, done.thread)

    ke.inbox()

    after = row_of(ke, done.thread)
    assert stopped.answered_at > 0 == after.answered_at
    assert (after.stage, after.due_answer) == (before.stage, before.due_answer)
    assert copy_of(ke, garbage.act).state == CopyState.MISTRUSTED
    assert kinds_of_evidence(ke) == {"statement"}
    assert ke.verify().sound


def test_a_question_that_is_not_what_it_says_runs_no_clock(world: World) -> None:
    ke, vn, _ = world

    def sooner(docket: Docket) -> Docket:
        return docket if docket.to == ke.agency else replace(docket, clock="normal")  # type: ignore[arg-type]

    letter = post(ke, vn).send(REQUEST, docket=sooner)
    world.sync()
    thread = letter.docket.thread
    before = row_of(vn, thread)

    vn.inbox()

    assert before.due_answer > 0
    assert row_of(vn, thread).due_answer == 0


def bearing(world: World, asker: str, number: str, body: Request | Note = REQUEST) -> ThreadId:
    """Let *asker* bring something that bears *number*, whoever gave it, to Viet Nam's desk."""
    sender, vn = world[asker], world["vn"]
    letter = post(sender, vn).send(replace(body, short=number))
    item = Item(docket=letter.released.dsse, envelope=letter.envelope.sealed)
    world.hand_over(sender.id, vn.id, parcel_of(sender, vn, item))
    return letter.docket.thread


@pytest.mark.parametrize("body", [REQUEST, NOTE])
def test_a_number_of_another_pair_of_countries_names_nothing(
    world: World, body: Request | Note
) -> None:
    ke, vn, _ = world
    done = ke.seat().ask(question(DESK))
    world.sync()
    squat = bearing(world, "et", done.short, body)

    assert vn.seat().find(done.short) == done.thread
    assert vn.seat().thread(squat).thread.short == ""
    assert {line.short for line in vn.inbox()} == {done.short, ""}


def test_a_number_that_one_country_gives_twice_is_not_guessed_at(world: World) -> None:
    ke, vn, _ = world
    done = ke.seat().ask(question(DESK))
    world.sync()
    bearing(world, "ke", done.short)

    with pytest.raises(Misused, match="thread-ambiguous"):
        vn.seat().find(done.short)
    assert ke.seat().find(done.short) == done.thread


def test_a_number_is_found_however_much_came_since(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ke, vn, et = world
    monkeypatch.setattr("comity.services.find_thread.AT_ONCE", 2)
    done = ke.seat().ask(question(DESK))
    for _ in range(5):
        ke.seat().ask(question(DESK))
        et.seat().ask(question(DESK))
    world.sync()

    assert vn.seat().find(done.short) == done.thread


def test_a_heap_of_acts_is_opened_when_it_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ke, vn, _ = world
    monkeypatch.setattr(thread_service, "AT_ONCE", 4)
    monkeypatch.setattr(thread_service, "_OLDEST", 2)
    done = ke.seat().ask(question(DESK))
    world.sync()
    vn.seat().acknowledge(done.thread)
    for _ in range(6):
        world.hours.pass_(minutes=1)
        post(ke, vn).send(reply_to(done), thread=done.thread, home=False, supplies=True)
    world.sync()

    few, every = (vn.seat().thread(done.thread, everything=each) for each in (False, True))

    assert (few.more, every.more) == (3, 0)
    assert few.thread.request == every.thread.request is not None
    assert len(every.copies) - len(few.copies) == 3
    assert few.author_of(every.copies[-1].statement.act) is not None
