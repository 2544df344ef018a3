# SPDX-License-Identifier: Apache-2.0
"""What an officer had in person goes on with his successor, and nothing of before is opened by it."""

from pathlib import Path

import pytest
from tests.services.scene import INFORMATION, Scene, asked, foreign, opens
from tests.services.settle import PASSPHRASE

from comity.domain.policy import Exclusion
from comity.domain.roster import Role
from comity.domain.statement import Outcome, Why
from comity.domain.successor import successor_of
from comity.errors import Misused, Refused
from comity.services.answer import Reply
from comity.services.desks import change_members
from comity.services.enrol import Person, enrol
from comity.services.oversight import exclude
from comity.services.release import Done
from comity.services.revoke import revoke
from comity.services.seat import Seat
from comity.services.successor import find_leaver, name_successor
from comity.services.unlock import unlock


def lone(scene: Scene, name: str) -> Seat:
    """Return the seat of somebody of Kenya who sits at no desk: his threads are his own."""
    person = Person(name=name, roles=(Role.INVESTIGATOR,))
    entry = enrol(scene.ke.house, scene.ke.agency, person, PASSPHRASE)
    return Seat(unlocked=unlock(scene.ke.house, entry.id, PASSPHRASE), house=scene.ke.house)


def asked_in_person(scene: Scene, seat: Seat) -> Done:
    done = seat.ask(asked())
    scene.sync()
    return done


def test_the_answer_goes_to_the_successor_who_cannot_open_what_came_before(scene: Scene) -> None:
    leaver, heir = lone(scene, "Leaver"), lone(scene, "Heir")
    done = asked_in_person(scene, leaver)
    name_successor(
        scene.ke.house, scene.ke.agency, leaver.unlocked.entry.id, heir.unlocked.entry.id
    )
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver.unlocked.entry.id, reason="left")
    scene.sync()

    answer = scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()

    row = foreign(scene.ke, answer.act)
    assert opens(scene.ke, row, heir.unlocked)
    assert not opens(scene.ke, row, leaver.unlocked)
    assert not opens(scene.ke, foreign(scene.ke, done.act), heir.unlocked)
    known = scene.vn.knows(scene.ke).history.values()
    assert successor_of(known, leaver.unlocked.entry.id) == heir.unlocked.entry.id
    assert scene.ke.verify().sound
    assert scene.vn.verify().sound


def test_without_a_successor_nobody_can_be_answered(scene: Scene) -> None:
    leaver = lone(scene, "Leaver")
    done = asked_in_person(scene, leaver)
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver.unlocked.entry.id, reason="left")
    scene.sync()

    with pytest.raises(Refused, match="reader-unknown"):
        scene.vn.seat().answer(done.thread, INFORMATION)


def test_at_home_the_successor_reads_what_the_desk_goes_on_with(scene: Scene) -> None:
    heir = lone(scene, "Heir")
    leaver = scene.ke.settled.people["investigator"]
    done = scene.ask()
    name_successor(scene.ke.house, scene.ke.agency, leaver, heir.unlocked.entry.id)
    before = scene.ke.seat("colleague").take(done.thread)
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver, reason="left")
    change_members(scene.ke.house, scene.ke.settled.unlocked("colleague"), scene.ke.settled.desk)
    scene.ke._seats.clear()
    scene.sync()

    scene.vn.seat().ask_back(done.thread, ["period"])
    scene.sync()
    reply = Reply(outcome=Outcome.INFORMATION, text="1-20 November")
    told = scene.ke.seat("colleague").answer(done.thread, reply)

    copies = scene.ke.seat("colleague").thread(done.thread).copies
    readers = {
        r.id: r.why for c in copies for r in c.statement.readers if c.statement.act == told.act
    }
    assert readers[heir.unlocked.entry.id] is Why.SUCCESSOR
    early = {r.id for c in copies for r in c.statement.readers if c.statement.act == before.act}
    assert heir.unlocked.entry.id not in early  # as long as he is there he is not followed


def test_whoever_is_barred_follows_nobody_into_the_thread(scene: Scene) -> None:
    heir = lone(scene, "Heir")
    leaver = scene.ke.settled.people["investigator"]
    done = scene.ask()
    name_successor(scene.ke.house, scene.ke.agency, leaver, heir.unlocked.entry.id)
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver, reason="left")
    bar = Exclusion(thread=done.thread, readers=frozenset({heir.unlocked.entry.id}))
    exclude(scene.ke.house, scene.ke.agency, bar)

    told = scene.ke.seat("colleague").take(done.thread)

    copies = scene.ke.seat("colleague").thread(done.thread).copies
    readers = {r.id for c in copies for r in c.statement.readers if c.statement.act == told.act}
    assert heir.unlocked.entry.id not in readers


def test_a_successor_is_an_officer_of_the_same_agency_and_nobody_follows_his_follower(
    scene: Scene,
) -> None:
    house, agency = scene.ke.house, scene.ke.agency
    people = scene.ke.settled.people
    name_successor(house, agency, people["investigator"], people["colleague"])
    name_successor(house, agency, people["investigator"], people["supervisor"])  # thought again

    with pytest.raises(Misused, match="successor-circle"):
        name_successor(house, agency, people["supervisor"], people["investigator"])
    with pytest.raises(Misused, match="successor-circle"):
        name_successor(house, agency, people["colleague"], people["colleague"])
    with pytest.raises(Misused, match="officer-unknown"):
        name_successor(house, agency, people["colleague"], scene.vn.settled.people["colleague"])
    with pytest.raises(Misused, match="officer-unknown"):
        name_successor(house, agency, scene.vn.settled.people["colleague"], people["colleague"])
    history = scene.ke.card.history.values()
    assert successor_of(history, people["investigator"]) == people["supervisor"]


def test_whoever_has_left_is_found_by_what_others_see(scene: Scene, tmp_path: Path) -> None:
    leaver = scene.ke.settled.people["investigator"]
    label = scene.ke.card.readers[leaver].label  # type: ignore[union-attr]  # an officer's
    assert find_leaver(scene.ke.house, "investigator KE")[1] == leaver
    scene.hours.pass_(minutes=5)
    revoke(scene.ke.house, leaver, reason="left")

    assert find_leaver(scene.ke.house, label)[1] == leaver
    assert find_leaver(scene.ke.house, leaver)[1] == leaver
    with pytest.raises(Misused, match="officer-unknown"):
        find_leaver(scene.ke.house, "nobody")
