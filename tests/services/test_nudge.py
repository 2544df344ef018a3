# SPDX-License-Identifier: Apache-2.0
"""Nudged once an hour, never with anything of a case; and nothing waits for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from tests.carriers.mail_server import PASSWORD, USER, Provider, provider
from tests.faults.canaries import planted
from tests.services.scene import INFORMATION, Scene, kept

from comity import node as running
from comity.carriers.nudges import outlets_of
from comity.domain.nudging import Quiet
from comity.domain.statement import Urgency
from comity.errors import Misused, Unreachable
from comity.services import nudge as nudging
from comity.services.escalate import climb
from comity.services.nudge import Outlets
from comity.services.nudge_settings import (
    Gateway,
    Security,
    Settings,
    Smtp,
    read_settings,
    set_gateway,
    set_mail,
)
from comity.services.revoke import revoke

MAIL, TELEPHONE, SENTENCE = "minh@mail.example", "+84900000001", "Please look in."
NEVER = Quiet(begins="00:00", ends="00:00")
URGENT = {"urgency": Urgency.URGENT, "urgency_reason": "The ship leaves."}


@dataclass
class Bell:
    """An outlet that writes down what it is told, and may be broken."""

    said: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, to: str, sentence: str) -> None:
        if self.broken:
            raise Unreachable("mail")
        self.said.append((to, sentence))


@pytest.fixture
def bell() -> Bell:
    return Bell()


def wish(scene: Scene, **changed: object) -> None:
    given: dict[str, object] = {"mail": MAIL, "sentence": SENTENCE, "quiet": NEVER, **changed}
    seat = scene.vn.seat()
    nudging.wish(seat.unlocked, seat.house, **given)  # type: ignore[arg-type]  # as the test says it
    scene.hours.pass_(seconds=1)


def look(scene: Scene, bell: Bell) -> int:
    """Let Hai Phong's server look whom to nudge; the next second begins."""
    count = nudging.look(scene.vn.house, "clock", Outlets(mail=bell))
    scene.hours.pass_(seconds=1)
    return count


def test_he_is_nudged_when_something_comes_and_once(scene: Scene, bell: Bell) -> None:
    wish(scene)
    before = look(scene, bell)
    scene.ask()

    first, again = look(scene, bell), look(scene, bell)
    scene.hours.pass_(hours=2)
    later = look(scene, bell)

    assert (before, first, again, later) == (0, 1, 0, 0)
    assert bell.said == [(MAIL, SENTENCE)]


def test_what_comes_within_the_hour_is_told_at_its_end(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask()
    look(scene, bell)
    scene.ask()
    early = look(scene, bell)
    scene.hours.pass_(hours=1)

    assert (early, look(scene, bell)) == (0, 1)


def test_nobody_is_woken_but_for_what_is_urgent(scene: Scene, bell: Bell) -> None:
    wish(scene, quiet=Quiet(begins="00:00", ends="23:59"))
    scene.ask()
    asleep = look(scene, bell)
    scene.ask(**URGENT)

    assert (asleep, look(scene, bell)) == (0, 1)


def test_he_is_told_in_the_morning_what_came_in_the_night(scene: Scene, bell: Bell) -> None:
    now = scene.hours.now
    wish(scene, quiet=Quiet(begins=f"{now:%H:%M}", ends=f"{now + timedelta(hours=4):%H:%M}"))
    scene.ask()
    asleep = look(scene, bell)
    scene.hours.pass_(hours=5)

    assert (asleep, look(scene, bell)) == (0, 1)


def test_what_is_overdue_nudges_again(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask(**URGENT)
    look(scene, bell)
    scene.hours.pass_(hours=2, minutes=5)
    climb(scene.vn.house)

    assert look(scene, bell) == 1


def test_who_asked_is_nudged_when_the_answer_is_there(scene: Scene, bell: Bell) -> None:
    done = scene.ask()
    seat = scene.ke.seat()
    nudging.wish(seat.unlocked, seat.house, mail=MAIL, sentence=SENTENCE, quiet=NEVER)
    scene.hours.pass_(minutes=1)
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()

    assert nudging.look(scene.ke.house, "clock", Outlets(mail=bell)) == 1


def test_a_failure_holds_nothing_up_and_is_tried_again_in_an_hour(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask()
    bell.broken = True
    failed = look(scene, bell)
    bell.broken = False
    soon = look(scene, bell)
    scene.hours.pass_(hours=1)

    assert (failed, soon, look(scene, bell)) == (0, 0, 1)


def test_two_processes_nudge_once(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask()
    other = scene.open("vn")
    try:
        both = look(scene, bell) + nudging.look(other, "other", Outlets(mail=bell))
    finally:
        other.store.close()

    assert both == len(bell.said) == 1


def test_who_changed_his_mind_meanwhile_is_not_nudged(scene: Scene) -> None:
    wish(scene)
    scene.ask()
    seat = scene.vn.seat()

    class Changing(Bell):
        def send(self, to: str, sentence: str) -> None:
            super().send(to, sentence)
            nudging.end(seat.unlocked, seat.house)

    bell = Changing()
    assert look(scene, bell) == 1
    assert nudging.wish_of(seat.unlocked, seat.house) is None
    scene.ask()
    scene.hours.pass_(hours=2)
    assert look(scene, bell) == 0
    assert not nudging.end(seat.unlocked, seat.house)


def test_who_left_is_not_nudged(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask()
    revoke(scene.vn.house, scene.vn.settled.people["investigator"], reason="left")

    assert look(scene, bell) == 0


def test_nothing_is_sent_where_nothing_is_set_up(scene: Scene, bell: Bell) -> None:
    wish(scene)
    scene.ask()

    assert nudging.look(scene.vn.house, "clock", Outlets()) == 0
    assert nudging.look(scene.vn.house, "clock", Outlets(short=bell)) == 0
    assert read_settings(scene.vn.house) == Settings()


def test_he_may_try_it_once_an_hour(scene: Scene, bell: Bell) -> None:
    seat = scene.vn.seat()
    outlets = Outlets(short=bell)
    with pytest.raises(Misused, match="nudge-none"):
        nudging.try_out(seat.unlocked, seat.house, outlets)
    wish(scene)
    with pytest.raises(Misused, match="nudge-off"):
        nudging.try_out(seat.unlocked, seat.house, outlets)
    wish(scene, mail="", telephone=TELEPHONE)
    nudging.try_out(seat.unlocked, seat.house, outlets)
    with pytest.raises(Misused, match="nudge-often"):
        nudging.try_out(seat.unlocked, seat.house, outlets)

    assert bell.said == [(TELEPHONE, SENTENCE)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"telephone": TELEPHONE}, "nudge-where"),
        ({"mail": ""}, "nudge-where"),
        ({"sentence": "Kenya asks"}, "nudge-names"),
        ({"sentence": "Investigator, come"}, "nudge-names"),
        ({"sentence": "The Anti-smuggling people"}, "nudge-names"),
        ({"sentence": "Case KV-4821"}, "nudge-signs"),
        ({"mail": "x"}, "nudge-address"),
        ({"mail": "", "telephone": "1"}, "nudge-telephone"),
    ],
)
def test_what_would_tell_something_is_not_kept(
    changed: dict[str, object], code: str, scene: Scene
) -> None:
    with pytest.raises(Misused, match=code):
        wish(scene, **changed)

    assert kept(scene.vn, nudging.ROOM) == ()


def test_a_sentence_of_the_list_is_taken_though_a_desk_is_called_so(scene: Scene) -> None:
    wish(scene, sentence="Operations are waiting", is_own=False)


def test_where_he_is_reached_lies_nowhere_in_clear(scene: Scene, bell: Bell) -> None:
    wish(scene)
    wish(scene, mail="", telephone=TELEPHONE)
    set_mail(
        scene.vn.house,
        Smtp(host="localhost", port=25, sender="n@x.example", user="u", password=PASSWORD),
    )
    set_gateway(scene.vn.house, Gateway(url="https://sms.example/", token="t0kenQz"))
    scene.ask()
    nudging.look(scene.vn.house, "clock", Outlets(mail=bell))
    cage = planted(
        {"mail": MAIL, "telephone": TELEPHONE, "password": PASSWORD, "token": "t0kenQz"}, {}
    )

    files = [each for each in scene.vn.house.home.rglob("*") if each.is_file()]
    found = {str(each): cage.found_in(each) for each in files}

    assert {place: names for place, names in found.items() if names} == {}
    assert all(row.at == 0 for row in kept(scene.vn, nudging.ROOM))
    assert PASSWORD not in repr(read_settings(scene.vn.house))
    assert "t0kenQz" not in repr(read_settings(scene.vn.house))
    assert scene.vn.verify().sound


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: Smtp(host="mail.example", port=25, sender="a@b.example", security=Security.PLAIN), "nudge-plain"),
        (lambda: Smtp(host="mail example", port=25, sender="a@b.example"), "nudge-server"),
        (lambda: Smtp(host="mail.example", port=0, sender="a@b.example"), "nudge-server"),
        (lambda: Smtp(host="mail.example", port=25, sender="a"), "nudge-address"),
        (lambda: Smtp(host="m.example", port=25, sender="a@b.example", password="a\nb"), "nudge-server"),
        (lambda: Smtp(host="m.example", port=25, sender="a@b.example", user="a" * 5000), "nudge-server"),
        (Gateway, "nudge-server"),
        (lambda: Gateway(url="https://x.example", command="/bin/sms"), "nudge-server"),
        (lambda: Gateway(url="http://x.example"), "nudge-plain"),
        (lambda: Gateway(url="https://u:p@x.example"), "nudge-server"),
        (lambda: Gateway(command="sms"), "nudge-command"),
    ],
)  # fmt: skip
def test_what_would_leave_unprotected_cannot_be_set(made: object, code: str) -> None:
    with pytest.raises(Misused, match=code):
        made()  # type: ignore[operator]  # as the case has it


def test_an_operator_turns_it_off_again(scene: Scene) -> None:
    house = scene.vn.house
    set_mail(house, Smtp(host="127.0.0.1", port=25, sender="a@b.example", security=Security.PLAIN))
    set_gateway(house, Gateway(url="http://127.0.0.1:8080/"))
    on = read_settings(house)
    set_mail(house, None)
    half = read_settings(house)
    set_gateway(house, None)

    assert (len(on.mail), len(on.short), len(half.mail), len(half.short)) == (1, 1, 0, 1)
    assert read_settings(house) == Settings()


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path) as running:
        yield running


def test_the_whole_way_through_a_real_mail_server_tells_nothing_of_a_case(
    scene: Scene, mail: Provider
) -> None:
    set_mail(
        scene.vn.house,
        Smtp(
            host="localhost",
            port=mail.port,
            sender="nudge@x.example",
            user=USER,
            password=PASSWORD,
            authority=mail.authority,
        ),
    )
    wish(scene)
    done = scene.ask(**URGENT)

    count = nudging.look(
        scene.vn.house,
        "clock",
        outlets_of(read_settings(scene.vn.house), scene.vn.house.clock),
    )

    [seen] = mail.mail
    assert count == 1
    assert (seen.to, seen.encrypted, seen.helo) == ([MAIL], True, "x.example")
    canaries = {
        "number": "+84900000000",
        "ref": "MSA/114",
        "short": done.short,
        "thread": done.thread,
        "kenya": "Kenya",
        "agency": scene.ke.card.name,
        "desk": "Anti-smuggling desk",
        "officer": "investigator VN",
        "node": scene.vn.id,
        "program": "omity",
    }
    assert planted(canaries, {}).found(seen.data) == []


def test_a_server_that_runs_nudges_by_itself(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "sms"
    program.write_text(f"#!/bin/sh\ncat > {told}.part && mv {told}.part {told}\n")
    program.chmod(0o700)
    monkeypatch.setattr(running, "NUDGE_SECONDS", 0.05)
    set_gateway(scene.vn.house, Gateway(command=str(program)))
    wish(scene, mail="", telephone=TELEPHONE)
    scene.ask()

    with scene.vn.node.serving("127.0.0.1", 0):
        deadline = time.monotonic() + 20
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    assert told.read_text() == f"{TELEPHONE}\n{SENTENCE}\n"
