# SPDX-License-Identifier: Apache-2.0
"""What nobody moves is brought before the next person, noted once, and gone when it is moved."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from tests.services.scene import INFORMATION, Scene, asked
from tests.services.settle import PASSPHRASE

from comity.domain.ids import OfficerId
from comity.domain.roster import Role
from comity.domain.statement import Urgency
from comity.errors import Misused
from comity.services import desks, duties, enrol
from comity.services.enrol import Person
from comity.services.escalate import Brought, climb, raised_of
from comity.services.release import Done
from comity.services.seat import Seat
from comity.services.stand_ins import name_stand_ins
from comity.services.unlock import unlock
from comity.storage import silences

URGENT = {"urgency": Urgency.URGENT, "urgency_reason": "The ship leaves."}


def codes(found: Iterable[Brought]) -> list[str]:
    return [f"{each.limit}.{each.rung}" for each in found]


def later(scene: Scene, **hours: float) -> None:
    """Let hours pass, and let both nodes look at the clock."""
    scene.hours.pass_(**hours)
    for node in scene:
        climb(node.house)


def member(scene: Scene, name: str) -> tuple[OfficerId, Seat]:
    """Let somebody join Hai Phong's desk, and return his seat."""
    vn = scene.vn
    person = Person(name=name, roles=(Role.INVESTIGATOR,))
    entry = enrol.enrol(vn.house, vn.agency, person, PASSPHRASE)
    desks.change_members(vn.house, vn.seat().unlocked, vn.settled.desk, join=[entry.id])
    return entry.id, Seat(unlocked=unlock(vn.house, entry.id, PASSPHRASE), house=vn.house)


def ask(scene: Scene) -> Done:
    return scene.ask(**URGENT)


def test_first_the_desk_then_its_alternates_then_the_supervisor(scene: Scene) -> None:
    done = ask(scene)
    vn = scene.vn
    colleague = vn.settled.people["colleague"]
    name_stand_ins(vn.house, vn.card, vn.settled.desk, [colleague])

    later(scene, hours=2, minutes=1)
    desk = codes(vn.seat().brought())
    chief = codes(vn.seat("supervisor").brought())
    later(scene, hours=1)
    alternate = codes(vn.seat("colleague").brought())
    first = codes(vn.seat().brought())
    later(scene, hours=1)
    supervisor = vn.seat("supervisor").brought()

    assert (desk, chief) == (["acknowledge.desk"], [])
    assert (alternate, first) == (["acknowledge.alternates"], ["acknowledge.desk"])
    assert codes(supervisor) == ["acknowledge.supervisor"]
    [line] = supervisor
    assert (line.thread, line.peer, line.desk) == (done.thread, scene.ke.agency, vn.settled.desk)
    assert line.since >= line.due


def test_the_head_of_a_desk_is_told_instead_of_the_supervisors(scene: Scene) -> None:
    vn = scene.vn
    ask(scene)
    head = vn.settled.people["colleague"]
    name_stand_ins(vn.house, vn.card, vn.settled.desk, [], head)

    later(scene, hours=4, minutes=1)

    assert codes(vn.seat("colleague").brought())[-1] == "acknowledge.supervisor"
    assert vn.seat("supervisor").brought() == ()


def test_who_asked_is_told_when_to_ring(scene: Scene) -> None:
    ask(scene)

    later(scene, hours=2, minutes=1)
    early = codes(scene.ke.seat().brought())
    later(scene, hours=2)
    half = codes(scene.ke.seat().brought())
    stranger = scene.vn.seat("supervisor")

    assert (early, half) == (["acknowledge.asker"], ["half.asker"])
    assert "half.asker" not in codes(stranger.brought())


def test_nobody_is_reminded_of_half_a_clock_when_somebody_opened_it(scene: Scene) -> None:
    done = ask(scene)
    scene.vn.seat().thread(done.thread)
    scene.sync()

    later(scene, hours=4, minutes=1)

    assert codes(scene.ke.seat().brought()) == ["acknowledge.asker"]


def test_it_is_over_when_somebody_moves_the_thread(scene: Scene) -> None:
    done = ask(scene)
    later(scene, hours=2, minutes=5)
    scene.vn.seat().acknowledge(done.thread)
    scene.sync()
    heard = [codes(each.brought()) for each in (scene.vn.seat(), scene.ke.seat())]
    later(scene, hours=6)
    due = [codes(each.brought()) for each in (scene.vn.seat(), scene.ke.seat())]
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    later(scene, hours=24)

    assert heard == [[], []]
    assert due == [["answer.desk"], ["answer.asker"]]
    assert scene.vn.seat().brought() == scene.ke.seat().brought() == ()
    assert [what for what, _ in raised_of(scene.vn.house, scene.vn.agency, done.thread)] == [
        "acknowledge.desk",
        "answer.desk",
    ]


def test_several_processes_note_it_once(scene: Scene) -> None:
    ask(scene)
    scene.hours.pass_(hours=5)
    other = scene.open("vn")
    try:
        made = [*climb(scene.vn.house), *climb(other), *climb(scene.vn.house)]
    finally:
        other.store.close()

    assert sorted(each.what for each in made) == [
        "acknowledge.alternates",
        "acknowledge.desk",
        "acknowledge.supervisor",
    ]


def test_the_duties_do_it_with_nobody_signed_in(scene: Scene) -> None:
    done = ask(scene)
    scene.hours.pass_(hours=2, minutes=5)

    duties.look(scene.vn.house, "clock")
    duties.look(scene.vn.house, "clock")

    with scene.vn.house.store.read() as reading:
        rows = silences.reminders(reading, [done.thread])
    assert [row.what for row in rows] == ["acknowledge.desk"]


def test_what_was_made_urgent_climbs_by_its_new_clock(scene: Scene) -> None:
    done = scene.ask()
    later(scene, hours=5)
    quiet = scene.ke.seat().brought()
    scene.ke.seat().make_urgent(done.thread, "The ship leaves.")
    scene.sync()

    later(scene, hours=2, minutes=5)

    assert quiet == ()
    assert codes(scene.vn.seat().brought()) == ["acknowledge.desk"]


def test_who_joined_later_is_reminded_and_who_left_is_not(scene: Scene) -> None:
    vn = scene.vn
    ask(scene)
    newcomer, seat = member(scene, "Pham Hoa")
    later(scene, hours=3, minutes=5)
    joined = codes(seat.brought())
    name_stand_ins(vn.house, vn.card, vn.settled.desk, [newcomer])
    desks.change_members(vn.house, vn.seat().unlocked, vn.settled.desk, leave=[newcomer])

    assert joined == ["acknowledge.alternates"]
    # Nobody who was named is left: then every member stands in.
    assert codes(vn.seat("colleague").brought()) == ["acknowledge.alternates"]


def test_only_a_member_stands_in(scene: Scene) -> None:
    vn = scene.vn

    with pytest.raises(Misused, match="alternate-not-a-member"):
        name_stand_ins(vn.house, vn.card, vn.settled.desk, [vn.settled.people["supervisor"]])
    with pytest.raises(Misused):
        name_stand_ins(vn.house, vn.card, vn.settled.desk, [], "z" * 26)


def test_what_is_held_or_never_left_reminds_nobody(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    scene.ke.seat().ask(asked(**URGENT))

    later(scene, hours=9)

    assert scene.ke.seat().brought() == ()


def test_what_was_forgotten_for_a_month_is_not_raised_anew(scene: Scene) -> None:
    ask(scene)

    later(scene, hours=24 * 40)

    assert scene.vn.seat().brought() == ()


def test_a_reminder_that_a_peer_sends_climbs_nothing(scene: Scene) -> None:
    done = ask(scene)
    scene.hours.pass_(hours=2, minutes=5)
    scene.ke.seat().remind(done.thread)
    scene.sync()

    climb(scene.vn.house)

    assert codes(scene.vn.seat().brought()) == ["acknowledge.desk"]


def test_supervisors_see_what_ends_and_what_is_to_be_reviewed(scene: Scene) -> None:
    ke = scene.ke
    early = ke.seat("supervisor").coming()
    scene.hours.now += timedelta(days=340)
    seen = ke.seat("supervisor").coming()
    officer = ke.seat().coming()

    assert early == officer == ()
    assert [(each.matter, each.name) for each in seen] == [
        ("mandate", "Wildlife Act, section 12"),
        ("review", "Customs, Hai Phong"),
    ]


def test_the_inbox_says_of_what_nothing_was_heard(scene: Scene) -> None:
    ask(scene)
    scene.hours.pass_(hours=3)
    duties.look(scene.ke.house, "clock")
    [silent] = scene.ke.inbox()
    scene.vn.seat().thread(silent.thread)
    scene.sync()
    [heard] = scene.ke.inbox()

    assert (silent.silence, heard.silence) == ("not-opened", "")
