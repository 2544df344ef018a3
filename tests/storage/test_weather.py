# SPDX-License-Identifier: Apache-2.0
"""Bad weather: whatever happens to disk, database or process, nothing is half-written."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.errors import Busy, Damaged, DiskFull, Unavailable
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.tile import WIDTH
from comity.ledger.tree import root
from comity.storage import envelopes, logs, meta
from comity.storage.engine import open_engine
from comity.storage.envelopes import Envelope
from comity.storage.meta import Meta
from comity.storage.reading import Writing
from comity.storage.store import Store

APPENDER = Path(__file__).with_name("appender.py")


def leaf(text: str) -> Opening:
    return Opening(LeafType.DOCKET, b"s" * 16, text.encode())


def tell(writing: Writing, statement: str) -> None:
    writing.connection.exec_driver_sql(statement)


def big(name: str) -> Callable[[Writing], int]:
    def work(writing: Writing) -> int:
        envelopes.add(writing, [Envelope(envelope=name, size=60_000, sealed=b"x" * 60_000)])
        return writing.append([leaf(name)])

    return work


def check_whole(store: Store) -> list[str]:
    """Check that rows, leaves, tiles and checkpoint tell the same; return the entries."""
    with store.read() as reading:
        head = reading.head()
        assert head is not None
        rows = logs.leaves_from(reading, head.log, 0, 100_000)
        tile = logs.tile_reader(reading, head.log)
        tiles = [tile(0, index) for index in range(-(-head.size // WIDTH))]
        [log] = logs.every(reading)
        checkpoints = logs.checkpoints_from(reading, head.log, 0, 100_000)
    hashes = [Opening(LeafType(r.type), r.salt or b"", r.entry or b"").hash for r in rows]
    assert [row.idx for row in rows] == list(range(head.size))
    assert log.size == head.size
    assert b"".join(tiles) == b"".join(hashes)
    assert root(hashes) == head.root
    for point in checkpoints[:: max(1, len(checkpoints) // 20)]:
        assert root(hashes[: point.size]) == point.root
    return [(row.entry or b"").decode() for row in rows]


@pytest.fixture
def begun(store: Store) -> Store:
    store.write(lambda w: logs.start(w, "log/1", 1).log)
    return store


def test_a_full_disk_is_told_and_half_of_nothing_is_written(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db", signer=lambda c: c.text.encode())
    store.write(lambda w: logs.start(w, "log/1", 1).log)
    store.write(big("before"))
    store.write(lambda w: tell(w, "PRAGMA max_page_count=90"))

    with pytest.raises(DiskFull):
        store.write(lambda w: [big(f"{i}")(w) for i in range(40)])

    assert check_whole(store) == ["before"]
    store.write(big("after"))
    assert check_whole(store) == ["before", "after"]
    store.close()


def test_a_full_disk_in_a_group_is_told_to_everybody_in_it(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db", signer=lambda c: c.text.encode())
    store.write(lambda w: logs.start(w, "log/1", 1).log)
    store.write(lambda w: tell(w, "PRAGMA max_page_count=90"))

    def told(name: str) -> str:
        try:
            store.write(big(name))
        except DiskFull:
            return ""
        return name

    with ThreadPoolExecutor(16) as pool:
        written = [name for name in pool.map(told, map(str, range(60))) if name]

    assert sorted(check_whole(store)) == sorted(written)
    store.close()


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    Store.create(f"sqlite:///{tmp_path}/x.db").close()
    store = Store.open(f"sqlite:///file:{tmp_path}/x.db?mode=ro&uri=true", home=tmp_path)

    with pytest.raises(DiskFull):
        store.write(lambda w: meta.put(w, [Meta(name="a", value=b"")]))

    with store.read() as reading:
        assert meta.get(reading, ["a"]) == {}
    store.close()


def test_a_read_only_server_is_told(postgres_url: str, tmp_path: Path) -> None:
    store = Store.open(postgres_url, home=tmp_path)

    def work(writing: Writing) -> int:
        tell(writing, "SET TRANSACTION READ ONLY")
        return meta.put(writing, [Meta(name="a", value=b"")])

    with pytest.raises(DiskFull):
        store.write(work)

    store.close()


def test_a_database_held_by_another_process_is_busy_and_later_free(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path}/x.db")
    store.write(lambda w: tell(w, "PRAGMA busy_timeout=50"))
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy):
        store.write(lambda w: meta.put(w, [Meta(name="a", value=b"")]))
    other.execute("COMMIT")
    other.close()

    assert store.write(lambda w: meta.put(w, [Meta(name="a", value=b"")])) == 1
    store.close()


def test_a_log_held_by_another_process_is_busy(postgres_url: str, tmp_path: Path) -> None:
    store = Store.open(postgres_url, signer=lambda c: c.text.encode(), home=tmp_path)
    store.write(lambda w: logs.start(w, "log/1", 1).log)

    def work(writing: Writing) -> int:
        tell(writing, "SET LOCAL lock_timeout = '50ms'")
        return writing.append([leaf("x")])

    engine = open_engine(postgres_url)
    with engine.begin() as other:
        other.exec_driver_sql("SELECT * FROM logs FOR UPDATE")
        with pytest.raises(Busy):
            store.write(work)
    engine.dispose()

    assert store.write(work) == 0
    store.close()


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Busy):
        Store.open("postgresql://nobody@127.0.0.1:1/none", home=tmp_path)


def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(Damaged):
        Store.open(f"sqlite:///{tmp_path}/x.db")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        Store.create(f"sqlite:///{tmp_path}/none/x.db")


def test_a_writer_that_loses_its_database_recovers(begun: Store) -> None:
    begun.write(lambda w: w.append([leaf("a")]))

    def break_off(writing: Writing) -> None:
        writing.connection.exec_driver_sql("ROLLBACK")
        raise Unavailable

    with pytest.raises(Unavailable):
        begun.write(break_off)

    assert begun.write(lambda w: w.append([leaf("b")])) == 1
    assert check_whole(begun) == ["a", "b"]


def start(url: str, home: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, str(APPENDER), url, str(home), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_append_at_once_to_one_history(
    begun: Store, database_url: str, tmp_path: Path
) -> None:
    children = [start(database_url, tmp_path, name, 150) for name in ("a", "b")]

    said = [line for child in children for line in child.communicate(timeout=30)[0].splitlines()]

    assert [child.returncode for child in children] == [0, 0]
    entries = check_whole(begun)
    assert len(entries) == 300
    assert all(entries[int(line.split()[0])] == line.split()[1] for line in said)


def test_a_killed_process_leaves_what_it_said_and_nothing_half(
    begun: Store, database_url: str, tmp_path: Path
) -> None:
    child = start(database_url, tmp_path, "x", 100_000)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(0.05)
    child.kill()
    said = [first, *child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()

    begun.write(lambda w: w.append([leaf("after")]))

    entries = check_whole(begun)
    whole = [line.split() for line in said if len(line.split()) == 2][:-1]
    assert entries[-1] == "after"
    assert all(entries[int(index)] == entry for index, entry in whole)
    with begun.read() as reading:
        assert set(meta.get(reading, entries)) == set(entries) - {"after"}
