# SPDX-License-Identifier: Apache-2.0
"""What nobody could open any more is sent again: the same act, to today's keys."""

import io
from collections.abc import Callable

import pytest
from tests.services.scene import INFORMATION, Scene, asked, foreign, rows_of
from tests.services.test_epochs import days, named_abroad, seat, signed_in

from comity.domain.docket import ReceiptStage
from comity.domain.ids import ActId
from comity.domain.policy import Mode
from comity.domain.statement import Decision
from comity.domain.thread import Stage
from comity.errors import ComityError, Misused, NotCompetent, Refused, TooLate
from comity.services import send_again as service
from comity.services.address_book import read_book
from comity.services.bars import read_bars
from comity.services.desks import change_members
from comity.services.oversight import exclude
from comity.services.release import Done
from comity.services.send_again import lost_acts, send_again
from comity.wire.statement import body_digest


def lost(scene: Scene, **changed: object) -> Done:
    """Ask Viet Nam's desk, which opens nothing until its key is gone."""
    done = scene.ask(**changed)
    spoil(scene, done)
    return done


def spoil(scene: Scene, done: Done) -> None:
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk)
    days(scene, 181)
    seat(scene.vn).thread(done.thread)
    scene.sync()


def test_the_author_sends_it_again_and_it_is_the_same_act(scene: Scene) -> None:
    done = lost(scene)
    ke = seat(scene.ke)
    assert lost_acts(ke.unlocked, scene.ke.house, ke.thread(done.thread)) == (done.act,)

    again = send_again(ke.unlocked, scene.ke.house, done.act)
    scene.sync()

    assert (again.act, again.thread) == (done.act, done.thread)
    opened = seat(scene.vn).thread(done.thread)
    assert opened.retired == frozenset()
    assert opened.thread.stage is Stage.ASKED
    assert opened.thread.request == ke.thread(done.thread).thread.request
    assert len(opened.thread.acts) == 1
    bodies = {body_digest(each.statement) for each in ke.thread(done.thread).copies}
    assert len(bodies) == 1
    scene.sync()
    told = seat(scene.ke).thread(done.thread)
    assert ReceiptStage.OPENED in {each.stage for each in told.thread.receipts}
    assert lost_acts(ke.unlocked, scene.ke.house, told) == ()
    for node in scene:
        assert node.verify().sound


def test_it_can_be_answered_like_any_other(scene: Scene) -> None:
    done = lost(scene)
    send_again(signed_in(scene.ke), scene.ke.house, done.act)
    scene.sync()

    seat(scene.vn).answer(done.thread, INFORMATION)
    scene.sync()

    assert seat(scene.ke).thread(done.thread).thread.stage is Stage.ANSWERED


def test_what_arrived_and_was_opened_is_not_sent_again(scene: Scene) -> None:
    done = scene.ask()
    with pytest.raises(TooLate) as early:
        send_again(signed_in(scene.ke), scene.ke.house, done.act)
    seat(scene.vn).thread(done.thread)
    scene.sync()

    with pytest.raises(TooLate) as late:
        send_again(signed_in(scene.ke), scene.ke.house, done.act)

    assert early.value.cause == late.value.cause == "refused.too-late.not-lost"


def test_it_is_sent_again_once(scene: Scene) -> None:
    done = lost(scene)
    send_again(signed_in(scene.ke), scene.ke.house, done.act)

    with pytest.raises(TooLate):
        send_again(signed_in(scene.ke), scene.ke.house, done.act)

    assert len([row for row in rows_of(scene.ke, done.act) if row.to != row.agency]) == 2


def test_two_who_send_it_again_at_once_send_it_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = lost(scene)
    original: Callable[..., Done] = getattr(service, "record")  # noqa: B009  # not exported

    def first(*args: object, **named: object) -> Done:
        monkeypatch.setattr(service, "record", original)
        send_again(signed_in(scene.ke), scene.ke.house, done.act)
        return original(*args, **named)

    monkeypatch.setattr(service, "record", first)
    with pytest.raises(TooLate) as raised:
        send_again(signed_in(scene.ke), scene.ke.house, done.act)

    assert raised.value.cause == "refused.too-late.moved"
    assert len([row for row in rows_of(scene.ke, done.act) if row.to != row.agency]) == 2


def test_only_its_author_sends_it_again(scene: Scene) -> None:
    done = lost(scene)

    for node, refusal in ((scene.ke, NotCompetent), (scene.vn, ComityError)):
        with pytest.raises(refusal):
            send_again(signed_in(node, "colleague"), node.house, done.act)
    with pytest.raises(Misused):
        send_again(signed_in(scene.ke), scene.ke.house, ActId("a" * 26))


def test_what_came_back_because_the_key_had_changed_goes_to_the_new_one(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    done = scene.ke.seat().ask(asked(to=named_abroad(scene)))
    scene.weather.clear()
    days_apart(scene)

    assert foreign(scene.ke, done.act).state == "returned"
    send_again(signed_in(scene.ke), scene.ke.house, done.act)
    scene.sync()

    assert seat(scene.vn).thread(done.thread).thread.request is not None


def days_apart(scene: Scene) -> None:
    scene.hours.pass_(hours=24 * 90)
    signed_in(scene.vn)
    scene.hours.pass_(hours=24 * 8)
    days(scene, 0)


def test_the_rules_of_today_hold(scene: Scene) -> None:
    done = lost(scene)
    barred = read_bars(read_book(scene.ke.house), done.thread, ["VN/Anti-smuggling desk"])
    assert barred is not None
    exclude(scene.ke.house, scene.ke.agency, barred)

    with pytest.raises(Refused):
        send_again(signed_in(scene.ke), scene.ke.house, done.act)


def test_a_file_goes_with_it_and_is_not_carried_twice(scene: Scene) -> None:
    photograph = scene.ke.seat().attach(io.BytesIO(b"ivory" * 9000), "seal.jpg", "image/jpeg")
    done = lost(scene, attachments=(photograph,))

    send_again(signed_in(scene.ke), scene.ke.house, done.act)
    scene.sync()

    request = seat(scene.vn).thread(done.thread).thread.request
    assert request is not None
    [attached] = request.attachments
    clear = io.BytesIO()
    seat(scene.vn).detach(attached, clear)
    assert clear.getvalue() == b"ivory" * 9000
    for node in scene:
        assert node.verify().sound


def test_what_was_countersigned_once_is_not_held_again(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN)
    held = scene.ke.seat().ask(asked())
    scene.ke.seat("supervisor").countersign(held.act, Decision.APPROVE)
    scene.sync()
    spoil(scene, held)

    again = send_again(signed_in(scene.ke), scene.ke.house, held.act)
    scene.sync()

    assert not again.held
    assert seat(scene.vn).thread(held.thread).thread.stage is Stage.ASKED
