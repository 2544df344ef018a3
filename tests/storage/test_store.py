# SPDX-License-Identifier: Apache-2.0
"""The store: durable together or not at all, and nobody pays for a neighbour's mistake."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.errors import Busy, Damaged, Locked, Misused, Refused, Unavailable
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import LeafType, Opening
from comity.storage import logs, meta
from comity.storage.engine import _PRAGMAS, READERS, open_engine
from comity.storage.meta import Meta
from comity.storage.reading import Reading, Writing
from comity.storage.store import Store

Work = Callable[[Writing], int]


def note(name: str, value: bytes = b"") -> Work:
    return lambda writing: meta.put(writing, [Meta(name=name, value=value)])


def names(store: Store, *wanted: str) -> set[str]:
    with store.read() as reading:
        return set(meta.get(reading, wanted))


def leaf(text: str) -> Opening:
    return Opening(LeafType.DOCKET, b"s" * 16, text.encode())


def signed_plainly(checkpoint: Checkpoint) -> bytes:
    return checkpoint.text.encode()


class Gate:
    """Holds the writer inside one caller's work, so that others queue up behind it."""

    def __init__(self, store: Store) -> None:
        self._entered, self._open = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=store.write, args=(self._hold,))
        self._thread.start()
        assert self._entered.wait(5)

    def _hold(self, _writing: Writing) -> None:
        self._entered.set()
        assert self._open.wait(5)

    def let_go(self) -> None:
        time.sleep(0.05)
        self._open.set()
        self._thread.join()


def test_every_commit_is_on_the_disk_before_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests are spared this (conftest.py): here is what the program does.
    monkeypatch.setattr("comity.storage.engine._PRAGMAS", _PRAGMAS)
    engine = open_engine(f"sqlite:///{tmp_path}/comity.db")

    with engine.connect() as connection:
        kept = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

    assert kept == 2  # FULL, https://www.sqlite.org/pragma.html#pragma_synchronous
    engine.dispose()


def test_a_write_returns_what_its_work_returned(store: Store) -> None:
    assert store.write(lambda _writing: "told") == "told"


def test_a_failed_work_leaves_nothing_behind(store: Store) -> None:
    def fail(writing: Writing) -> None:
        note("half")(writing)
        raise Refused("excluded")

    with pytest.raises(Refused, match=r"refused\.excluded"):
        store.write(fail)

    assert names(store, "half") == set()


def test_a_caller_who_fails_in_a_group_takes_nobody_along(store: Store) -> None:
    store.write(lambda w: logs.start(w, "log/1", 1).log)
    gate = Gate(store)

    def fail(writing: Writing) -> int:
        writing.append([leaf("never"), leaf("never either")])
        note("bad")(writing)
        raise Refused("excluded")

    def succeed(name: str) -> Work:
        def work(writing: Writing) -> int:
            note(name)(writing)
            return writing.append([leaf(name)])

        return work

    with ThreadPoolExecutor(5) as pool:
        good = [pool.submit(store.write, succeed("a")), pool.submit(store.write, succeed("b"))]
        bad = pool.submit(store.write, fail)
        good += [pool.submit(store.write, succeed("c")), pool.submit(store.write, succeed("d"))]
        gate.let_go()
        indexes = sorted(future.result() for future in good)

        with pytest.raises(Refused):
            bad.result()

    assert indexes == [0, 1, 2, 3]
    assert names(store, "a", "b", "c", "d", "bad") == {"a", "b", "c", "d"}
    with store.read() as reading:
        kept = {row.entry for row in logs.leaves_from(reading, 1, 0)}
    assert kept == {b"a", b"b", b"c", b"d"}


def test_a_database_error_in_one_caller_leaves_the_others_in_place(store: Store) -> None:
    gate = Gate(store)

    def clash(writing: Writing) -> int:
        return meta._META.add(
            writing.connection, [Meta(name="x", value=b""), Meta(name="x", value=b"")]
        )

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(store.write, work) for work in (note("a"), clash, note("b"))]
        gate.let_go()
        with pytest.raises(Refused, match=r"refused\.exists"):
            futures[1].result()

    assert names(store, "a", "b", "x") == {"a", "b"}


def test_a_group_has_one_checkpoint(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db", signer=signed_plainly)
    store.write(lambda w: logs.start(w, "log/1", 1).log)
    gate = Gate(store)

    with ThreadPoolExecutor(20) as pool:
        futures = [pool.submit(store.write, lambda w: w.append([leaf("x")])) for _ in range(20)]
        gate.let_go()
        indexes = sorted(future.result() for future in futures)

    assert indexes == list(range(20))
    with store.read() as reading:
        sizes = [row.size for row in logs.checkpoints_from(reading, 1, 0)]
    assert sizes[-1] == 20
    assert len(sizes) < 5
    store.close()


def test_a_write_inside_a_write_is_a_mistake_and_not_a_deadlock(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db")

    with pytest.raises(RuntimeError):
        store.write(lambda _writing: store.write(note("inner")))

    store.close()


def test_a_reading_sees_one_moment(open_store: Callable[[], Store]) -> None:
    here, there = open_store(), open_store()
    here.write(note("a"))

    with here.read() as reading:
        before = set(meta.get(reading, ["a", "b"]))
        there.write(note("b"))
        after = set(meta.get(reading, ["a", "b"]))

    assert before == after == {"a"}
    assert names(here, "a", "b") == {"a", "b"}


def test_a_writing_reads_its_own_rows(store: Store) -> None:
    def work(writing: Writing) -> dict[str, bytes]:
        note("a", b"1")(writing)
        return meta.get(writing, ["a"])

    assert store.write(work) == {"a": b"1"}


def test_what_another_process_wrote_is_noticed(open_store: Callable[[], Store]) -> None:
    here, there = open_store(), open_store()
    version = here.version()
    still = here.version()

    there.write(note("a"))

    assert still == version
    assert here.wait(version, 2) != version


def test_waiting_ends_at_once_when_we_write_and_in_time_when_nobody_does(store: Store) -> None:
    version = store.version()
    timer = threading.Timer(0.05, store.write, args=(note("a"),))
    timer.start()

    began = time.monotonic()
    changed = store.wait(version, 5)
    quiet = store.wait(changed, 0.01)

    assert changed != version
    assert quiet == changed
    assert time.monotonic() - began < 2
    timer.join()


def test_nothing_can_be_appended_before_the_ledger_key_is_open(
    database_url: str, tmp_path: Path
) -> None:
    store = Store.open(database_url, home=tmp_path)
    store.write(lambda w: logs.start(w, "log/1", 1).log)

    with pytest.raises(Locked):
        store.write(lambda w: w.append([leaf("x")]))
    store.sign_with(signed_plainly)
    first = store.write(lambda w: w.append([leaf("x")]))

    assert first == 0
    store.close()


def test_nothing_can_be_appended_without_a_log(store: Store) -> None:
    with pytest.raises(Unavailable, match="no-log"):
        store.write(lambda w: w.append([leaf("x")]))

    assert store.head() is None
    with store.read() as reading, pytest.raises(Unavailable, match="no-log"):
        reading.inclusions([0], 1)


def test_a_signer_that_fails_fails_every_caller_and_writes_nothing(store: Store) -> None:
    store.write(lambda w: logs.start(w, "log/1", 1).log)

    def fail(_checkpoint: Checkpoint) -> bytes:
        raise Locked("ledger")

    store.sign_with(fail)
    with pytest.raises(Locked):
        store.write(lambda w: (note("a")(w), w.append([leaf("x")])))
    store.sign_with(signed_plainly)
    index = store.write(lambda w: w.append([leaf("x")]))

    assert index == 0
    assert names(store, "a") == set()


def test_a_mistake_in_signing_is_everybodys_and_stays_a_mistake(store: Store) -> None:
    store.write(lambda w: logs.start(w, "log/1", 1).log)

    def fail(_checkpoint: Checkpoint) -> bytes:
        raise ValueError("a bug")

    store.sign_with(fail)

    with pytest.raises(ValueError, match="a bug"):
        store.write(lambda w: w.append([leaf("x")]))

    assert names(store, "a") == set()


def test_more_callers_than_a_group_holds_are_all_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.storage.writer.GROUP", 3)
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    gate = Gate(store)

    with ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(store.write, note(f"{i}")) for i in range(10)]
        gate.let_go()

    assert [future.result() for future in futures] == [1] * 10
    store.close()


def test_a_store_in_memory_works_like_a_file(tmp_path: Path) -> None:
    store = Store.create("sqlite://", signer=signed_plainly, home=tmp_path)
    store.write(lambda w: logs.start(w, "log/1", 1).log)

    with ThreadPoolExecutor(8) as pool:
        found = sorted(
            pool.map(lambda i: store.write(lambda w: w.append([leaf(f"{i}")])), range(50))
        )

    head = store.head()
    assert head is not None
    assert (found, head.size) == (list(range(50)), 50)
    store.close()


def test_a_memory_store_needs_to_be_told_where_its_files_go() -> None:
    with pytest.raises(Misused, match="home"):
        Store.create("sqlite://")


def test_a_database_is_created_once(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(Misused, match="exists"):
        Store.create(database_url, home=tmp_path)


def test_a_database_without_our_tables_is_not_opened(blank_url: str, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="schema"):
        Store.open(blank_url, home=tmp_path)


def test_a_database_of_another_version_is_not_opened(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()

    with pytest.raises(Damaged, match="revision"):
        Store.open(database_url, home=tmp_path)


def test_a_closed_store_can_be_closed_again_and_writes_no_more(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    store.write(note("a"))
    store.close()
    store.close()

    with pytest.raises(Busy, match="closed"):
        store.write(note("b"))


def test_closing_lets_those_write_who_wait_already(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    gate = Gate(store)

    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(store.write, note("a"))
        time.sleep(0.05)
        closing = pool.submit(store.close)
        gate.let_go()
        closing.result()

    assert waiting.result() == 1


def test_more_readers_than_places_are_told_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.storage.engine.READERS", 2)
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    store._engine.pool._timeout = 0.05  # type: ignore[attr-defined] # a queue's own

    def another() -> None:
        with store.read():
            pass

    with store.read(), ThreadPoolExecutor(1) as pool, pytest.raises(Busy, match="readers"):
        pool.submit(another).result()

    store.close()


def test_a_crowd_of_readers_leaves_the_writer_its_place(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    store._engine.pool._timeout = 0.5  # type: ignore[attr-defined] # a queue's own
    crowd = READERS - 1  # one place is the watch's
    together = threading.Barrier(crowd)

    def read() -> None:
        with store.read():
            together.wait(10)

    with ThreadPoolExecutor(crowd) as pool:
        for done in [pool.submit(read) for _ in range(crowd)]:
            done.result()
    store.write(note("a"))  # the writer has not had a connection yet

    assert names(store, "a") == {"a"}
    store.close()


def test_a_read_inside_a_read_sees_the_same_snapshot(store: Store) -> None:
    with store.read() as outer:
        assert names(store, "a") == set()
        store.write(note("a"))
        with store.read() as inner:
            assert inner is outer
            assert names(store, "a") == set()

    assert names(store, "a") == {"a"}


def test_a_query_of_ours_that_is_wrong_is_not_called_bad_weather(store: Store) -> None:
    def wrong(reading: Reading) -> None:
        reading.connection.exec_driver_sql("SELECT nonsense FROM nowhere")

    with store.read() as reading, pytest.raises(Exception, match="nowhere") as caught:
        wrong(reading)

    assert not isinstance(caught.value, Busy | Damaged)
