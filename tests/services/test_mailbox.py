# SPDX-License-Identifier: Apache-2.0
"""Two servers that nobody can call write to each other through a third, which can read nothing."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.mail import Mail, cut_off
from tests.services.parcels import has, kept_against, waiting_rows
from tests.services.scene import INFORMATION, asked, real
from tests.services.sticks import answered, taken, written
from tests.services.test_stick import LARGE, states
from tests.world import World

from comity.domain.ids import NodeId, mint
from comity.domain.standing import SuspendCode
from comity.domain.thread import Stage
from comity.errors import Busy, ComityError, Malformed, Misused, NotForUs
from comity.services import duties, mailbox, postman, suspend
from comity.services.mailbox import KEPT
from comity.services.postman import Postman
from comity.wire import canonical
from comity.wire.carry import Cover, single


@pytest.fixture(scope="session")
def away(tmp_path_factory: pytest.TempPathFactory) -> World:
    with cut_off(tmp_path_factory.mktemp("away")) as world:
        return world


@pytest.fixture
def mail(away: World, tmp_path: Path) -> Iterator[Mail]:
    with away.copied(tmp_path) as world:
        yield Mail(world)


def files(mail: Mail) -> list[str]:
    """Return what lies in the folder of the mailbox."""
    return sorted(each.name for each in (mail.et.house.home / "mailbox").glob("*/*"))


def held(mail: Mail) -> int:
    return sum(each.count for each in mailbox.kept(mail.et.house))


def test_a_question_is_answered_between_servers_that_nobody_can_call(mail: Mail) -> None:
    done = mail.ke.seat().ask(asked())
    mail.rounds(2)
    mail.vn.seat().thread(done.thread)
    mail.vn.seat().answer(done.thread, INFORMATION)

    mail.rounds()

    assert mail.ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED
    mail.rounds()
    assert states(mail.ke, done.act) == ["delivered"]
    assert waiting_rows(mail.ke) == waiting_rows(mail.vn) == ()
    assert held(mail) == 0
    assert kept_against(mail.ke) == kept_against(mail.vn) == []


def test_two_servers_with_nothing_to_say_leave_nothing(mail: Mail) -> None:
    mail.ke.seat().ask(asked())
    mail.rounds(6)
    before = [len(each.left) for each in mail.ways.values()]

    mail.rounds(3)

    assert [len(each.left) for each in mail.ways.values()] == before


def test_what_is_left_stays_in_the_outbox_and_is_not_left_again_before_a_day(mail: Mail) -> None:
    done = mail.ke.seat().ask(asked())
    way = mail.ways[mail.ke.id]

    for _ in range(3):
        mail.go(mail.ke)
    once = len(way.left)
    mail.world.hours.pass_(hours=25)
    mail.go(mail.ke)
    mail.world.hours.pass_(hours=25)
    mail.go(mail.ke)

    assert (once, len(way.left)) == (1, 2)
    assert states(mail.ke, done.act) == ["sent"]
    assert sum(each.count for each in waiting_rows(mail.ke)) == 1


def test_large_files_go_through_it_too(mail: Mail) -> None:
    attachment = mail.ke.seat().attach(io.BytesIO(LARGE), "seal.jpg", "image/jpeg")
    done = mail.ke.seat().ask(asked(attachments=(attachment,)))

    mail.go(mail.ke)
    between = files(mail)
    mail.rounds(3)

    sink = io.BytesIO()
    mail.vn.seat().detach(attachment, sink)
    assert sink.getvalue() == LARGE
    assert has(mail.vn, done.act)
    assert len(between) > 1
    assert files(mail) == []


def test_a_line_that_breaks_in_the_middle_goes_on_where_it_stopped(mail: Mail) -> None:
    attachment = mail.ke.seat().attach(io.BytesIO(LARGE), "seal.jpg", "image/jpeg")
    done = mail.ke.seat().ask(asked(attachments=(attachment,)))
    way = mail.ways[mail.ke.id]
    real_leave, budget = way.leave, 2

    def tired(*told: object) -> None:
        nonlocal budget
        budget -= 1
        if budget < 0:
            mail.world.weather.drop = 1
        real_leave(*told)  # type: ignore[arg-type]  # as it was called

    way.leave = tired  # type: ignore[method-assign, assignment]  # it tires

    assert isinstance(mail.go(mail.ke), ComityError)
    mail.world.weather.clear()
    budget = 100
    mail.rounds(3)

    assert has(mail.vn, done.act)
    assert states(mail.ke, done.act) == ["delivered"]


def test_a_thread_uses_several_carriers_at_once(mail: Mail) -> None:
    done = mail.ke.seat().ask(asked())
    stick = written(mail.ke, mail.vn)
    mail.go(mail.ke)

    answer = answered(mail.vn, mail.ke, stick)
    mail.go(mail.vn)
    taken(mail.ke, answer)
    mail.rounds(2)

    assert len(mail.vn.inbox()) == 1
    assert states(mail.ke, done.act) == ["delivered"]
    assert waiting_rows(mail.ke) == ()


def test_what_can_still_be_stopped_is_not_left(mail: Mail) -> None:
    real(mail.ke.seat()).ask(asked())
    way = mail.ways[mail.ke.id]

    mail.go(mail.ke)
    early = len(way.left)
    mail.world.hours.pass_(minutes=2)
    mail.go(mail.ke)

    assert (early, len(way.left)) == (0, 1)


def test_a_peer_that_can_be_called_gets_nothing_by_mailbox_until_it_does_not_answer(
    mail: Mail,
) -> None:
    mailbox.host(mail.vn.house, mail.et.agency)
    way = mail.ways[mail.ke.id]
    postman.use(mail.ke.house, mail.vn.agency, leaves_for=mail.et.agency)
    mail.ke.seat().ask(asked("ET/Duty desk"))
    told = Postman(mail.ke.house, way).round()

    # Viet Nam has no address, so nothing can be left there: the other mailbox is visited all the same.
    assert told[mail.et.id] is None
    assert told[mail.vn.id] is not None
    assert way.left == []


# Who may do what at a mailbox


def covered(mail: Mail, **changed: NodeId) -> bytes:
    cover = Cover(
        id=mint(mail.ke.house.random),
        from_node=changed.get("from_node", mail.ke.id),
        to_node=changed.get("to_node", mail.vn.id),
        at=mail.ke.house.now(),
    )
    return single(cover, b"sealed", mail.ke.house.keys.carrier)


def test_nobody_leaves_in_anothers_name_or_for_whom_nothing_is_kept(mail: Mail) -> None:
    for file in (
        covered(mail, from_node=mail.vn.id),
        covered(mail, to_node=NodeId("a" * 26)),
        covered(mail, to_node=mail.et.id),
    ):
        with pytest.raises(NotForUs):
            mail.et.node.deposit(file, mail.ke.id)
    with pytest.raises(Malformed):
        mail.et.node.deposit(b"a letter", mail.ke.id)
    with pytest.raises(Malformed):
        mail.et.node.deposit(covered(mail) + bytes(mailbox.FILE_LIMIT), mail.ke.id)

    assert held(mail) == 0


def test_nobody_collects_or_deletes_what_is_for_another(mail: Mail) -> None:
    file = covered(mail)
    named = mailbox.deposit(mail.et.house, file, [mail.ke.id])
    said = canonical.encode(mailbox.Collection(confirmed=(named,)))

    assert mail.et.node.collect(said, mail.ke.id) == b""
    assert mail.et.node.collect(canonical.encode(mailbox.Collection()), mail.vn.id) == file
    assert mail.et.node.collect(said, mail.vn.id) == b""
    assert held(mail) == 0


def test_what_comes_twice_is_kept_once(mail: Mail) -> None:
    file = covered(mail)

    for _ in range(3):
        mail.et.node.deposit(file, mail.ke.id)

    assert held(mail) == 1


def test_one_sender_fills_at_most_half_of_a_box(mail: Mail) -> None:
    mailbox.host(mail.et.house, mail.vn.agency, count=6)

    for _ in range(3):
        mail.et.node.deposit(covered(mail), mail.ke.id)

    with pytest.raises(Busy):
        mail.et.node.deposit(covered(mail), mail.ke.id)
    assert held(mail) == 3


def test_a_box_holds_no_more_bytes_than_its_operator_says(mail: Mail) -> None:
    mailbox.host(mail.et.house, mail.vn.agency, size=2 * len(covered(mail)))
    mail.et.node.deposit(covered(mail), mail.ke.id)

    with pytest.raises(Busy):
        mail.et.node.deposit(covered(mail), mail.ke.id)


def test_nothing_is_kept_longer_than_thirty_days_and_the_sender_has_it_still(mail: Mail) -> None:
    attachment = mail.ke.seat().attach(io.BytesIO(LARGE), "seal.jpg", "image/jpeg")
    done = mail.ke.seat().ask(asked(attachments=(attachment,)))
    mail.go(mail.ke)
    kept = held(mail)
    mail.world.hours.now += KEPT - timedelta(hours=1)
    duties.look(mail.et.house, "o" * 26)
    still = held(mail)

    mail.world.hours.now += timedelta(hours=2)
    duties.look(mail.et.house, "o" * 26)

    assert kept == still > 1
    assert held(mail) == 0
    assert files(mail) == []
    assert states(mail.ke, done.act) == ["sent"]


def test_a_box_that_is_closed_takes_nothing_more_and_gives_what_it_has(mail: Mail) -> None:
    mail.ke.seat().ask(asked())
    mail.go(mail.ke)

    mailbox.stop(mail.et.house, mail.vn.agency)
    mail.ke.seat().ask(asked())
    refused = mail.go(mail.ke)
    mail.go(mail.vn)

    assert isinstance(refused, ComityError)
    assert len(mail.vn.inbox()) == 1
    with pytest.raises(Misused):
        mailbox.stop(mail.et.house, mail.vn.agency)


def test_a_file_that_the_mailbox_lost_holds_up_nothing(mail: Mail) -> None:
    attachment = mail.ke.seat().attach(io.BytesIO(LARGE), "seal.jpg", "image/jpeg")
    mail.ke.seat().ask(asked(attachments=(attachment,)))
    mail.go(mail.ke)
    for each in (mail.et.house.home / "mailbox").glob("*/*"):
        each.unlink()
    plain = mail.ke.seat().ask(asked())
    mail.go(mail.ke)

    assert mail.go(mail.vn) is None

    assert has(mail.vn, plain.act)
    assert [each.recipient for each in mailbox.kept(mail.et.house)] == [mail.ke.id]


def test_a_box_that_is_full_or_a_peer_that_is_suspended_holds_up_no_other(mail: Mail) -> None:
    mailbox.stop(mail.et.house, mail.vn.agency)
    way = mail.ways[mail.ke.id]
    mail.ke.seat().ask(asked())

    refused = mail.go(mail.ke)
    tried = len(way.left)
    suspend.suspend(mail.ke.house, mail.vn.agency, code=SuspendCode.COMPROMISED, by="A. Mwangi")

    assert isinstance(refused, ComityError)
    assert mail.go(mail.ke) is None
    assert tried == len(way.left) == 1


def test_no_mailbox_is_ones_own(mail: Mail) -> None:
    for wrong in (
        lambda: mailbox.host(mail.et.house, mail.et.agency),
        lambda: postman.use(mail.et.house, mail.et.agency),
        lambda: postman.use(mail.ke.house, mail.et.agency, leaves_for=mail.et.agency),
        lambda: postman.use(mail.ke.house, mail.et.agency, leaves_for=mail.ke.agency),
        lambda: postman.stop_using(mail.et.house, mail.ke.agency),
    ):
        with pytest.raises(Misused):
            wrong()


def test_a_mailbox_that_is_not_used_any_more_is_not_visited(mail: Mail) -> None:
    postman.stop_using(mail.ke.house, mail.et.agency)

    assert Postman(mail.ke.house, mail.ways[mail.ke.id]).round() == {}
