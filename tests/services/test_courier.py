# SPDX-License-Identifier: Apache-2.0
"""The courier: nothing twice, nothing forgotten, and nobody pressed who does not answer."""

import io
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.services.parcels import (
    again,
    copy_of,
    has,
    is_due,
    kinds,
    made,
    read,
    stages,
    told,
    waiting_rows,
    waits_for,
)
from tests.services.scene import Scene, asked
from tests.world import Wire, WorldNode

from comity.domain.standing import SuspendCode
from comity.errors import Busy, NotAdmitted, Unavailable, Unreachable
from comity.services import agencies, deliver
from comity.services import suspend as suspending
from comity.services.courier import BACKOFF_LONGEST, Courier
from comity.services.ports import Destination
from comity.storage import peers
from comity.storage.copies import CopyState
from comity.storage.reading import Reading, Writing

HOME = "KE/Operations desk"
LONG = "\u6f22" * 8000
"""As much as a field takes, three bytes a sign."""


def carried(scene: Scene, to: WorldNode) -> Counter[str]:
    """Return how often each envelope was handed over to *to*, by a call or in an answer."""
    handed = (*scene.travelled, *scene.answered)
    parcels = [read(to, each.parcel) for each in handed if each.recipient == to.id]
    return Counter(item.docket.hex() for parcel in parcels for item in parcel.items)


@contextmanager
def running(*couriers: Courier) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in couriers]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()


def soon(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


# What leaves.


def test_what_does_not_fit_goes_with_the_next_parcel_in_its_order(scene: Scene) -> None:
    long = asked(facts=LONG, why_you=LONG, link=LONG)
    acts = [scene.ke.seat().ask(long).act for _ in range(18)]

    exchanges = scene.ke.node.courier.call(scene.vn.id)

    assert exchanges > 2
    assert all(has(scene.vn, each) for each in acts)
    assert set(carried(scene, scene.vn).values()) == {1}
    assert all(len(each.parcel) <= 1 << 20 for each in scene.travelled)
    came = [copy_of(scene.vn, each).leaf for each in acts]
    assert came == sorted(came)


def test_more_than_one_parcel_of_receipts_is_carried_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = [scene.ask().thread for _ in range(6)]
    for each in threads:
        scene.vn.seat().thread(each)
    monkeypatch.setattr(deliver, "BUDGET", 5_000)

    scene.vn.node.courier.call(scene.ke.id)

    assert waiting_rows(scene.vn) == ()
    shown = [scene.ke.seat().thread(each).thread.receipts for each in threads]
    assert all("opened" in {receipt.stage for receipt in each} for each in shown)


def test_what_waits_in_the_stop_window_does_not_leave(scene: Scene) -> None:
    seat = scene.ke.seat()
    done = replace(seat, house=replace(seat.house, practice=False)).ask(asked())

    scene.ke.node.courier.sync()
    assert not has(scene.vn, done.act)
    scene.hours.pass_(minutes=2)
    scene.ke.node.courier.sync()

    assert has(scene.vn, done.act)


def test_a_node_with_nothing_to_say_says_so_once(scene: Scene) -> None:
    assert scene.ke.node.courier.call(scene.vn.id) <= 2
    assert scene.ke.node.courier.call(scene.vn.id) == 1


def test_both_sides_ask_at_once_and_both_are_answered(scene: Scene) -> None:
    here, there = scene.ke.seat().ask(asked()), scene.vn.seat().ask(asked(HOME))

    scene.ke.node.courier.call(scene.vn.id)

    assert has(scene.vn, here.act)
    assert has(scene.ke, there.act)
    assert copy_of(scene.ke, here.act).state == CopyState.DELIVERED
    assert copy_of(scene.vn, there.act).state == CopyState.DELIVERED


def test_what_is_owed_is_not_forgotten_when_the_peer_calls_in_between(scene: Scene) -> None:
    done = scene.vn.seat().ask(asked(HOME))
    scene.ke.node.courier.exchange(scene.vn.id)  # the question came with the answer to this
    assert has(scene.ke, done.act)
    told(scene.vn, scene.ke)  # and before Kenya calls again, Viet Nam does, with nothing

    scene.ke.node.courier.exchange(scene.vn.id)

    assert stages(scene.vn, done.act) == ["delivered"]
    assert set(carried(scene, scene.ke).values()) == {1}


def test_what_an_answer_carried_and_was_lost_goes_with_a_later_one(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    scene.weather.deaf = 1
    with pytest.raises(Unreachable):
        scene.vn.node.courier.exchange(scene.ke.id)
    scene.weather.clear()
    scene.hours.pass_(seconds=2)

    for _ in range(3):
        scene.vn.node.courier.call(scene.ke.id)
        scene.hours.pass_(seconds=2)

    assert has(scene.vn, done.act)
    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED


def test_a_line_that_broke_often_makes_nobody_wait_longer(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    for _ in range(12):
        scene.weather.deaf = 1
        with pytest.raises(Unreachable):
            scene.ke.node.courier.exchange(scene.vn.id)
    scene.weather.deaf = 1
    with pytest.raises(Unreachable):  # and what Kenya answers is lost too
        scene.vn.node.courier.exchange(scene.ke.id)
    scene.weather.clear()

    for _ in range(2):
        scene.vn.node.courier.call(scene.ke.id)
        scene.hours.pass_(seconds=5)
    scene.ke.node.courier.call(scene.vn.id)

    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED


# A file that is lost or wrong on its author's disk.


def lose(scene: Scene, content: bytes | None) -> str:
    """Ask with a file, and let its bytes be gone or others; return the act."""
    file = scene.ke.seat().attach(io.BytesIO(b"a seal" * 100_000), "seal.jpg", "image/jpeg")
    done = scene.ke.seat().ask(asked(attachments=(file,)))
    place = scene.ke.house.store.folder.of(file.blob)
    if content is None:
        place.unlink()
    else:
        place.write_bytes((content * file.size)[: file.size])
    return done.act


@pytest.mark.parametrize("content", [None, b"x"])
def test_a_file_that_cannot_be_sent_holds_up_nothing_else_and_is_not_pressed(
    scene: Scene, content: bytes | None
) -> None:
    act = lose(scene, content)
    other = scene.ke.seat().ask(asked())

    for _ in range(3):
        assert scene.ke.node.courier.call(scene.vn.id) < 8
        assert not is_due(scene.ke)
        scene.hours.pass_(minutes=1)
        assert scene.vn.node.courier.call(scene.ke.id) < 8

    assert not has(scene.vn, act)
    assert stages(scene.ke, other.act) == ["delivered"]
    assert not scene.ke.verify().sound


# Whoever does not answer.


def test_a_peer_that_does_not_answer_is_left_alone_ever_longer_and_never_longer_than_an_hour(
    scene: Scene,
) -> None:
    done = scene.ke.seat().ask(asked())
    scene.weather.drop = 1
    waits = []
    for _ in range(16):
        with pytest.raises(Unreachable):
            scene.ke.node.courier.exchange(scene.vn.id)
        waits.append(waits_for(scene.ke, scene.vn).next_at - scene.ke.house.millis())

    longest = [min(BACKOFF_LONGEST, 1000 << each) for each in range(16)]
    assert all(most // 2 <= each <= most for each, most in zip(waits, longest, strict=True))
    assert waits_for(scene.ke, scene.vn).attempts == 16
    assert waits[-1] <= 3_600_000
    assert len({each % 1000 for each in waits}) > 8  # by chance
    assert is_due(scene.ke)  # it waits for the peer, not the question for itself
    assert not has(scene.vn, done.act)
    assert scene.ke.node.courier._due(set()) == []


def test_a_peer_that_is_heard_again_gets_what_waited_at_once(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    scene.weather.drop = 1
    for _ in range(12):
        with pytest.raises(Unreachable):
            scene.ke.node.courier.exchange(scene.vn.id)
    scene.weather.clear()

    scene.vn.node.courier.exchange(scene.ke.id)

    assert waits_for(scene.ke, scene.vn).attempts == 0
    assert waits_for(scene.ke, scene.vn).next_at == 0
    assert has(scene.vn, done.act)


def test_an_answer_that_is_no_parcel_is_as_good_as_none(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    scene.weather.corrupt = 1
    scene.weather.chance.seed(1)
    for _ in range(6):
        with pytest.raises(Exception, match=r"untrusted|unavailable"):
            scene.ke.node.courier.exchange(scene.vn.id)
    scene.weather.clear()

    assert waits_for(scene.ke, scene.vn).attempts == 6
    scene.hours.pass_(hours=2)
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered"]
    assert kinds(scene.ke) == kinds(scene.vn) == []


def test_each_peer_is_told_of_by_itself(scene: Scene) -> None:
    scene.weather.drop = 1

    told_ = scene.ke.node.courier.sync()

    assert list(told_) == [scene.vn.id]
    assert isinstance(told_[scene.vn.id], Unreachable)
    scene.weather.clear()
    assert scene.ke.node.courier.sync([scene.vn.id]) == {scene.vn.id: None}


def test_a_peer_without_an_address_is_not_called_and_may_call(scene: Scene) -> None:
    agencies.move(scene.vn.house, scene.vn.agency, "")
    scene.sync()
    done = scene.ke.seat().ask(asked())

    assert scene.ke.node.courier.sync() == {}
    with pytest.raises(Unavailable, match="no-address"):
        scene.ke.node.courier.exchange(scene.vn.id)
    scene.vn.node.courier.call(scene.ke.id)

    assert stages(scene.ke, done.act) == ["delivered"]


def suspend(scene: Scene) -> None:
    suspending.suspend(scene.ke.house, scene.vn.agency, code=SuspendCode.OTHER, by="A. Mwangi")


def test_nothing_goes_to_a_suspended_agency_until_it_is_taken_back(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    suspend(scene)

    assert scene.ke.node.courier.sync() == {}
    with pytest.raises(NotAdmitted, match="suspended"):
        scene.ke.node.courier.exchange(scene.vn.id)
    assert read(scene.vn, made(scene.ke, scene.vn)).items == ()
    assert not is_due(scene.ke)

    suspending.lift(
        scene.ke.house, scene.vn.agency, decided_by=("A. Mwangi", "B. Otieno"), reason="Cleared."
    )
    scene.hours.pass_(minutes=2)
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered"]


def test_what_a_suspended_agency_brings_is_sent_back(scene: Scene) -> None:
    done = scene.vn.seat().ask(asked(HOME))
    suspend(scene)

    parcel = read(scene.ke, made(scene.vn, scene.ke))
    answer = told(scene.vn, scene.ke, items=parcel.items)

    assert not has(scene.ke, done.act)
    assert len(answer.receipts) == 1


class Echo:
    """A peer that hears nothing and says the same for ever."""

    def __init__(self, scene: Scene, answer: Callable[[], bytes]) -> None:
        self.scene = scene
        self.answer = answer
        self.asked = 0

    def exchange(self, to: Destination, parcel: bytes) -> bytes:  # noqa: ARG002  # a carrier's
        self.asked += 1
        return self.answer()


def test_a_peer_that_says_the_same_for_ever_is_not_listened_to_for_ever(scene: Scene) -> None:
    done = scene.vn.seat().ask(asked(HOME))
    parcel = read(scene.ke, made(scene.vn, scene.ke))
    echo = Echo(scene, lambda: again(scene.ke, parcel))
    courier = Courier(scene.ke.house, echo)

    assert courier.call(scene.vn.id) < 20

    assert has(scene.ke, done.act)
    assert courier._due(set()) == []
    assert echo.asked < 20


# Several at once.


def test_two_couriers_on_one_store_send_nothing_twice(scene: Scene) -> None:
    acts = [scene.ke.seat().ask(asked()).act for _ in range(40)]
    other = scene.open("ke")
    try:
        couriers = (scene.ke.node.courier, Courier(other, Wire(scene, scene.ke.id)))
        threads = [threading.Thread(target=each.sync) for each in couriers]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        other.store.close()

    assert all(has(scene.vn, each) for each in acts)
    assert set(carried(scene, scene.vn).values()) == {1}
    assert waiting_rows(scene.ke) == ()


def test_what_another_courier_carries_is_left_to_it_as_long_as_its_lease(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    made(scene.ke, scene.vn)  # by another courier, which then says nothing more

    scene.ke.node.courier.sync()
    assert not has(scene.vn, done.act)
    scene.hours.pass_(seconds=deliver.LEASE_MILLIS / 1000 + 1)
    scene.ke.node.courier.sync()

    assert has(scene.vn, done.act)


# By itself.


def test_it_carries_by_itself_what_comes_into_the_outbox(scene: Scene) -> None:
    with running(scene.ke.node.courier, scene.vn.node.courier):
        first = scene.ke.seat().ask(asked())
        soon(lambda: stages(scene.ke, first.act) == ["delivered"])
        second = scene.vn.seat().ask(asked(HOME))
        soon(lambda: stages(scene.vn, second.act) == ["delivered"])


def test_it_carries_what_another_process_put_into_the_outbox(scene: Scene) -> None:
    with running(scene.ke.node.courier):
        other = scene.open("ke")
        try:
            done = replace(scene.ke.seat(), house=other).ask(asked())
        finally:
            other.store.close()
        soon(lambda: stages(scene.ke, done.act) == ["delivered"])


def test_it_greets_every_peer_when_it_begins(scene: Scene) -> None:
    done = scene.vn.seat().ask(asked(HOME))

    with running(scene.ke.node.courier):
        soon(lambda: has(scene.ke, done.act))


def test_it_greets_a_peer_that_was_silent_for_an_hour(scene: Scene) -> None:
    scene.sync()
    assert scene.ke.node.courier._due(set()) == []

    scene.hours.pass_(hours=1, minutes=1)

    assert scene.ke.node.courier._due(set()) == [scene.vn.id]


def test_it_goes_on_after_a_failure_and_says_no_more_than_a_code(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "comity.courier")
    scene.weather.drop = 1
    done = scene.ke.seat().ask(asked())
    with running(scene.ke.node.courier):
        soon(lambda: waits_for(scene.ke, scene.vn).attempts)
        scene.weather.clear()
        scene.hours.pass_(hours=2)
        scene.ke.house.store.write(lambda w: peers.seen(w, [], 0))  # somebody wrote something
        soon(lambda: stages(scene.ke, done.act) == ["delivered"])

    said = [record.getMessage() for record in caplog.records]
    assert f"exchange with {scene.vn.id} failed: unavailable.unreachable.http" in said


class Broken:
    """A carrier with a mistake of ours in it."""

    def __init__(self) -> None:
        self.asked = 0

    def exchange(self, to: Destination, parcel: bytes) -> bytes:  # noqa: ARG002  # a carrier's
        self.asked += 1
        raise RuntimeError("a mistake")


def test_it_outlives_a_mistake_of_ours(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.ke.seat().ask(asked())
    broken = Broken()

    with running(Courier(scene.ke.house, broken)):
        soon(lambda: waits_for(scene.ke, scene.vn).attempts)

    assert broken.asked == 1
    assert waits_for(scene.ke, scene.vn).attempts == 1
    assert any(record.exc_info for record in caplog.records)
    caplog.clear()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Busy("readers"), "carrying is held up: unavailable.busy.readers"),
        (RuntimeError("a mistake"), "carrying is held up"),
    ],
)
def test_it_outlives_a_store_that_gives_no_answer_for_a_while(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: Exception,
    said: str,
) -> None:
    asked_for: list[int] = []

    def held_by_another(_reading: Reading) -> tuple[peers.Peer, ...]:
        asked_for.append(1)
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(peers, "every", held_by_another)
        with running(scene.ke.node.courier):
            soon(lambda: asked_for)
            patch.undo()
            done = scene.ke.seat().ask(asked())
            soon(lambda: stages(scene.ke, done.act) == ["delivered"])

    assert said in caplog.messages
    caplog.clear()


def test_a_peer_of_which_nothing_is_known_yet_is_called(scene: Scene) -> None:
    scene.sync()
    with scene.ke.house.store.read() as reading:
        assert peers.every(reading)

    def forget(writing: Writing) -> None:
        writing.connection.exec_driver_sql("DELETE FROM peers")

    scene.ke.house.store.write(forget)

    assert scene.ke.node.courier._due(set()) == [scene.vn.id]
    scene.weather.drop = 1
    with pytest.raises(Unreachable):
        scene.ke.node.courier.exchange(scene.vn.id)
