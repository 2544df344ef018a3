# SPDX-License-Identifier: Apache-2.0
"""Who is there and what is due by the clock: presence in the home, and the node's duties."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.parcels import OWNER, is_due, made, size, stages
from tests.services.scene import Scene, asked, foreign
from tests.services.test_courier import running, soon
from tests.world import question

from comity.domain.ids import mint
from comity.errors import ComityError, DiskFull
from comity.ledger import cosignature, note
from comity.ledger.checkpoint import Checkpoint
from comity.services import duties
from comity.services.presence import FOLDER, Presence
from comity.storage import leases, meta, nonces
from comity.storage.copies import CopyState

THERE = """
import sys, time
from pathlib import Path
from comity.services.presence import Presence
with Presence(Path(sys.argv[1]), sys.argv[2]):
    print("there", flush=True)
    time.sleep(60)
"""


@contextmanager
def process(home: Path, owner: str) -> Iterator["subprocess.Popen[str]"]:
    """Start another process that is present in *home* as *owner*."""
    command = [sys.executable, "-c", THERE, str(home), owner]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "there\n"
        yield started
    finally:
        started.kill()
        started.communicate()


def test_who_is_alive_is_not_told_dead(tmp_path: Path) -> None:
    with process(tmp_path, "other"), Presence(tmp_path, "own") as own:
        assert own.dead() == ()


def test_a_killed_process_is_told_dead_once(tmp_path: Path) -> None:
    with process(tmp_path, "other") as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        with Presence(tmp_path, "own") as own, Presence(tmp_path, "third") as third:
            assert own.dead() == ("other",)
            assert own.dead() == third.dead() == ()


def test_who_leaves_leaves_nothing_behind(tmp_path: Path) -> None:
    with Presence(tmp_path, "own"):
        assert [each.name for each in (tmp_path / FOLDER).iterdir()] == ["own"]

    assert list((tmp_path / FOLDER).iterdir()) == []


def test_two_threads_of_one_courier_are_one(tmp_path: Path) -> None:
    with Presence(tmp_path, "own") as first:
        with Presence(tmp_path, "own"), Presence(tmp_path, "other") as other:
            assert first.dead() == other.dead() == ()
        with Presence(tmp_path, "other") as other:
            assert other.dead() == ()  # the first is there still


def test_nobody_is_told_dead_while_he_comes_in(tmp_path: Path) -> None:
    stop = threading.Event()
    found: list[str] = []

    def look() -> None:
        with Presence(tmp_path, "watcher") as watcher:
            while not stop.is_set():
                found.extend(watcher.dead())

    watching = threading.Thread(target=look)
    watching.start()
    early = []
    for number in range(300):
        with Presence(tmp_path, f"o{number}"):
            early += [each for each in found if each == f"o{number}"]
    stop.set()
    watching.join()

    assert early == []


def test_a_home_in_which_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where a folder should be")

    with pytest.raises(DiskFull, match="disk"), Presence(tmp_path, "own"):
        pass


def test_what_a_killed_process_had_taken_is_carried_at_once(scene: Scene) -> None:
    home = scene.ke.house.home
    done = scene.ke.seat().ask(asked())
    with process(home, OWNER) as other:
        made(scene.ke, scene.vn)  # leased to the other process, as if it had made it
        scene.ke.node.courier.sync()
        assert stages(scene.ke, done.act) == []
        other.send_signal(signal.SIGKILL)
        other.wait()

    scene.ke.node.courier.sync()

    assert stages(scene.ke, done.act) == ["delivered"]


def test_a_server_notices_while_it_runs_that_another_process_was_killed(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    with process(scene.ke.house.home, OWNER) as other, running(scene.ke.node.courier):
        made(scene.ke, scene.vn)
        other.send_signal(signal.SIGKILL)
        other.wait()

        soon(lambda: stages(scene.ke, done.act) == ["delivered"])


# Duties.


def test_duties_are_done_by_one_process_at_a_time(scene: Scene) -> None:
    house = scene.ke.house

    assert duties.look(house, "one")
    assert not duties.look(house, "other")
    assert duties.look(house, "one")
    scene.hours.pass_(minutes=2)
    assert duties.look(house, "other")


def test_a_duty_let_go_is_free_again(scene: Scene) -> None:
    house = scene.ke.house
    duties.look(house, "one")

    house.store.write(lambda w: leases.let_go(w, duties.LEASE, "one"))

    assert duties.look(house, "other")


def test_the_newest_checkpoint_is_signed_for_the_time_after_quantum_once_an_hour(
    scene: Scene,
) -> None:
    house = scene.ke.house
    head = house.store.head()
    assert head is not None
    place = duties.place_of_line(head.origin, head.size)

    duties.look(house, "one")
    with house.store.read() as reading:
        line = meta.get(reading, [place])[place]
    read = note.read_line(line)
    shown = Checkpoint(head.origin, head.size, head.root)
    witness = cosignature.Witness(head.origin, house.keys.ledger_quantum.public)
    assert cosignature.verify(read, shown, witness).at == house.now()

    scene.ke.seat().ask(asked())
    assert duties.sign_quantum_if_due(house) is None
    scene.hours.pass_(hours=1)
    assert duties.sign_quantum_if_due(house) not in (None, line)
    assert duties.sign_quantum(house) == duties.sign_quantum(house)


def test_the_weekly_list_is_issued_when_it_is_due(scene: Scene) -> None:
    before = scene.ke.card.number

    duties.look(scene.ke.house, "one")
    assert scene.ke.card.number == before
    scene.hours.pass_(hours=24 * 8)
    duties.look(scene.ke.house, "one")

    assert scene.ke.card.number == before + 1
    scene.sync()
    assert scene.vn.knows(scene.ke).number == before + 1


def test_old_nonces_are_forgotten_and_young_ones_are_not(scene: Scene) -> None:
    house = scene.ke.house
    old = nonces.Nonce(nonce="key/old", at=house.millis())
    house.store.write(lambda w: nonces.add(w, [old]))
    scene.hours.pass_(hours=24 * 401)
    young = nonces.Nonce(nonce="key/young", at=house.millis())
    house.store.write(lambda w: nonces.add(w, [young]))

    duties.look(house, "one")

    with house.store.read() as reading:
        rows = reading.connection.exec_driver_sql("SELECT nonce FROM nonces").fetchall()
    assert [row[0] for row in rows] == ["key/young"]


def test_duties_leave_a_home_sound(scene: Scene) -> None:
    duties.look(scene.ke.house, mint(os.urandom))

    assert size(scene.ke)
    assert not is_due(scene.ke)
    assert scene.ke.verify().sound


def test_what_was_asked_while_our_clock_ran_ahead_leaves_when_it_is_set_right(scene: Scene) -> None:
    ke, vn = scene.ke, scene.vn
    scene.weather.away.add(vn.id)
    ke.skew = timedelta(hours=23)
    ahead = ke.seat().ask(question("VN/Anti-smuggling desk"))
    with suppress(ComityError):
        ke.node.courier.call(vn.id)
    scene.weather.clear()

    ke.skew = timedelta()
    scene.call_due()
    scene.hours.pass_(minutes=2)
    scene.call_due()

    assert foreign(vn, ahead.act).state == CopyState.RECEIVED
    assert scene.waiting() == 0
