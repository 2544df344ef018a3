# SPDX-License-Identifier: Apache-2.0
"""Disk full and database locked while somebody asks, receives or opens: told, and nothing is half.

No file may grow any more, which the operating system says as it says that a disk is full
(``RLIMIT_FSIZE``); or another process holds the database.
"""

import io
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.faults.exchange import settled_pair
from tests.services.parcels import has, kinds, made, read, size, stages
from tests.services.scene import Scene, asked, counts, rows_of, waiting
from tests.services.settle import PASSPHRASE, befriend, settle
from tests.world import Hours, WorldNode, question

from comity.cli.play import PROGRAM, free_port
from comity.domain.statement import Outcome
from comity.errors import Busy, ComityError, DiskFull, Unreachable
from comity.services import ask, home, receive
from comity.services.answer import Reply
from comity.storage import engine
from comity.storage.copies import CopyState

HOME = "KE/Operations desk"
FILE = b"a seal" * 1_000_000
NOTHING = Reply(outcome=Outcome.NOTHING_KNOWN)

Weather = Callable[[WorldNode], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every connection, those that replace one that failed too, give up soon."""
    hasty = tuple(re.sub(r"(busy_timeout)=\d+", r"\1=50", each) for each in engine._PRAGMAS)
    monkeypatch.setattr(engine, "_PRAGMAS", hasty)


@contextmanager
def disk_full(_node: WorldNode, limit: int = 4096) -> Iterator[None]:
    """Let no file of this process grow beyond *limit* bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(node: WorldNode) -> Iterator[None]:
    """Let another process hold the database of *node*."""
    other = sqlite3.connect(node.house.home / "comity.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


both = pytest.mark.parametrize(
    ("weather", "error"), [(disk_full, DiskFull), (locked, Busy)], ids=["full", "locked"]
)
CODES: dict[type[ComityError], str] = {
    DiskFull: "unavailable.disk.database",
    Busy: "unavailable.busy.database",
}


@both
def test_an_officer_who_asks_is_told_and_nothing_of_it_is_there(
    scene: Scene, weather: Weather, error: type[ComityError]
) -> None:
    seat, before = scene.ke.seat(), counts(scene.ke)

    with weather(scene.ke), pytest.raises(error) as refused:
        seat.ask(asked())

    assert refused.value.cause == CODES[error]
    assert counts(scene.ke) == before
    done = seat.ask(asked())
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered"]
    assert scene.ke.verify().sound


@both
def test_what_cannot_be_taken_in_stays_with_its_sender_until_it_can(
    scene: Scene, weather: Weather, error: type[ComityError]
) -> None:
    done = scene.ke.seat().ask(asked())
    before, parcel = counts(scene.vn), made(scene.ke, scene.vn)

    with weather(scene.vn), pytest.raises(error) as refused:
        scene.vn.node.courier.incoming(parcel, scene.ke.id)

    assert refused.value.cause == CODES[error]
    assert counts(scene.vn) == before
    assert waiting(scene.ke) == 1
    scene.hours.pass_(minutes=2)
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered"]
    assert len(rows_of(scene.vn, done.act)) == 1
    assert kinds(scene.vn) == []
    assert scene.vn.verify().sound


@both
def test_a_receipt_that_cannot_be_kept_comes_again(
    scene: Scene, weather: Weather, error: type[ComityError]
) -> None:
    done = scene.ke.seat().ask(asked())
    answer = scene.vn.node.courier.incoming(made(scene.ke, scene.vn), scene.ke.id)
    before = counts(scene.ke)
    with weather(scene.ke), pytest.raises(error):
        receive.take(scene.ke.house, answer, scene.vn.id)

    assert counts(scene.ke) == before
    assert stages(scene.ke, done.act) == []
    scene.hours.pass_(minutes=2)
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered"]
    assert scene.ke.verify().sound


@both
def test_nobody_opens_what_cannot_be_receipted_and_later_he_does(
    scene: Scene, weather: Weather, error: type[ComityError]
) -> None:
    done = scene.ask()
    seat, before = scene.vn.seat(), size(scene.vn)

    with weather(scene.vn), pytest.raises(error) as refused:
        seat.thread(done.thread)

    assert refused.value.cause == CODES[error]
    assert size(scene.vn) == before
    assert waiting(scene.vn) == 0
    assert seat.thread(done.thread).thread.request is not None
    scene.sync()
    assert stages(scene.ke, done.act) == ["delivered", "opened"]


@both
def test_an_answer_that_cannot_be_written_is_not_half_given(
    scene: Scene, weather: Weather, error: type[ComityError]
) -> None:
    done = scene.ask()
    seat = scene.vn.seat()
    seat.thread(done.thread)
    before = counts(scene.vn)

    with weather(scene.vn), pytest.raises(error):
        seat.answer(done.thread, NOTHING)

    assert counts(scene.vn) == before
    seat.answer(done.thread, NOTHING)
    scene.hours.pass_(minutes=2)
    scene.sync()
    assert scene.ke.seat().thread(done.thread).thread.stage.value == "answered"


def test_a_file_for_which_there_is_no_room_is_told_and_leaves_nothing(scene: Scene) -> None:
    seat = scene.ke.seat()

    with disk_full(scene.ke), pytest.raises(DiskFull) as refused:
        seat.attach(io.BytesIO(FILE), "seal.jpg", "image/jpeg")

    assert refused.value.cause == "unavailable.disk.blob"
    folder = scene.ke.house.store.folder
    assert [each for each in folder.path.rglob("*") if each.is_file()] == []
    file = seat.attach(io.BytesIO(FILE), "seal.jpg", "image/jpeg")
    assert folder.has(file.blob)


def test_a_file_for_which_the_receiver_has_no_room_goes_on_where_it_stopped(scene: Scene) -> None:
    file = scene.ke.seat().attach(io.BytesIO(FILE), "seal.jpg", "image/jpeg")
    done = scene.ke.seat().ask(asked(attachments=(file,)))
    scene.ke.node.courier.exchange(scene.vn.id)

    with disk_full(scene.vn, 3_000_000), pytest.raises(Unreachable):
        scene.ke.node.courier.call(scene.vn.id)

    assert not has(scene.vn, done.act)
    scene.hours.pass_(minutes=2)
    scene.sync()
    sink = io.BytesIO()
    scene.vn.seat().detach(file, sink)
    assert sink.getvalue() == FILE
    assert stages(scene.ke, done.act) == ["delivered"]
    assert read(scene.vn, made(scene.ke, scene.vn)).chunks == ()
    assert scene.vn.verify().sound


def test_a_server_whose_disk_is_full_still_answers_others_later(scene: Scene) -> None:
    acts = [scene.ke.seat().ask(asked()).act for _ in range(5)]
    outcomes: list[ComityError | None] = []
    for weather, node in ((locked, scene.vn), (locked, scene.ke), (disk_full, scene.ke)):
        with weather(node):
            outcomes.append(scene.ke.node.courier.sync()[scene.vn.id])
    assert [type(each) for each in outcomes] == [Unreachable, Busy, DiskFull]

    scene.hours.pass_(minutes=2)
    scene.sync()

    assert all(stages(scene.ke, each) == ["delivered"] for each in acts)
    states = {row.state for each in acts for row in rows_of(scene.vn, each)}
    assert states == {CopyState.RECEIVED}


def test_a_server_of_postgresql_that_is_held_is_busy_and_later_free(
    tmp_path: Path, blank_postgres_url: str
) -> None:
    hours = Hours()
    ke = settle(tmp_path, "KE", clock=lambda: hours.now, url=blank_postgres_url)
    vn = settle(tmp_path, "VN", clock=lambda: hours.now)
    befriend(ke, vn)
    home.close(ke.house)
    server = engine.open_engine(blank_postgres_url)
    name = server.url.database
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET lock_timeout = 100')
    ke.house = home.open_(tmp_path / "ke", ask_house=str, clock=lambda: hours.now)
    officer = ke.unlocked()
    try:
        with server.begin() as other:
            other.exec_driver_sql("SELECT * FROM logs FOR UPDATE")
            with pytest.raises(Busy, match=r"busy\.database"):
                ask.ask(officer, ke.house, question("VN/Anti-smuggling desk"))

        assert ask.ask(officer, ke.house, question("VN/Anti-smuggling desk")).short
    finally:
        server.dispose()
        for each in (ke, vn):
            home.close(each.house)


def test_the_command_line_ends_with_4_and_a_stable_code(tmp_path: Path) -> None:
    kenya, vietnam = settled_pair(tmp_path, free_port())
    for each in (kenya, vietnam):
        home.close(each.house)
    words = ["ask", "--as", "investigator KE", "--to", "VN/Anti-smuggling desk", "--kind", "phone"]
    words += ["--ref", "CM/1", "--set", "number=-", "--facts", "-", "--json"]
    words[words.index("--facts") + 1] = "Written on the seal."

    def typed(before: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            ["bash", "-c", f'{before} exec "$0" "$@"', sys.executable, *PROGRAM, *words],
            input=b"+84900000000",
            env={
                **os.environ,
                "COMITY_PASSPHRASE": PASSPHRASE,
                "COMITY_HOME": str(kenya.house.home),
            },
            capture_output=True,
            check=False,
            timeout=60,
        )

    full, after = typed("ulimit -f 8;"), typed("")

    assert full.returncode == 4
    assert json.loads(full.stdout)["code"].startswith("unavailable.disk")
    assert b"900000000" not in full.stderr
    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout)["short"].startswith("KV-")
