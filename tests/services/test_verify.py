# SPDX-License-Identifier: Apache-2.0
"""Verifying a home: whatever somebody with the database in his hands changes has a name.

One world is filled with everything that a home can hold, and then spoilt, a place at a time.
"""

import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary
from tests.world import START, World, question

from comity.domain.ids import digest, mint
from comity.errors import BadSignature
from comity.ledger.leaf import LeafType, Opening
from comity.services import evidence, mailbox
from comity.services import home as home_of
from comity.services.duties import sign_quantum
from comity.services.erase import erase
from comity.services.evidence import Finding
from comity.services.house import House
from comity.services.verify import verify
from comity.services.verify_report import Fault, Report
from comity.storage.tables import metadata
from comity.wire.carry import Cover, single

BYTES = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, LargeBinary)
]
ALONE = {("meta", "value"), ("tiles", "hashes")}
"""Of which such a world has one row a home."""
HINTS = {"quantum-signed-at", "keys-looked-at", "book"}
"""Facts of which nothing hangs: when a duty was last done, whether to read the book again."""
Row = tuple[Any, ...]
places = st.integers(0, 1 << 20)
"""Which row, which byte: taken modulo what there is."""


def fill(world: World) -> None:
    """Let Kenya and Viet Nam exchange something of every sort, and Ethiopia a little with both."""
    ke, vn, et = world.nodes("ke", "vn", "et")
    desk = "VN/Anti-smuggling desk"
    photograph = ke.seat().attach(io.BytesIO(b"ivory" * 9000), "seal.jpg", "image/jpeg")
    ke.seat().ask(question(desk, attachments=(photograph,)))
    long = dict.fromkeys(("facts", "offence", "why_you", "link"), "ệ" * 7000)
    ke.seat().ask(question(desk, **long))
    asked = ke.seat().ask(question(desk))
    for other in ("KE/Operations desk", desk):
        et.seat().ask(question(other))
    world.hours.pass_(minutes=5)
    world.sync()
    vn.seat().thread(asked.thread)
    vn.seat("colleague").thread(asked.thread)
    vn.seat().acknowledge(asked.thread)
    world.hours.pass_(minutes=5)
    world.sync()
    findings = [
        Finding(
            kind=evidence.STATEMENT,
            subject=subject,
            code=BadSignature.code,
            agency=vn.agency,
            concerns=(subject,),
        )
        for subject in (asked.act, asked.thread)
    ]
    for keeper in (vn, ke):
        mailbox.host(keeper.house, et.agency)
        for size in (100, 200):
            cover = Cover(
                id=mint(et.house.random), from_node=vn.id, to_node=et.id, at=et.house.now()
            )
            left = single(cover, bytes(size), vn.house.keys.carrier)
            mailbox.deposit(keeper.house, left, [vn.id])
    for node in world:
        keep = partial(evidence.record, house=node.house, findings=findings)
        node.house.store.write(keep)
        sign_quantum(node.house)


@dataclass(repr=False)
class Spoilt:
    """A home whose database lies open to whoever has the file."""

    house: House
    database: sqlite3.Connection

    def rows(self, query: str, *values: object) -> list[Row]:
        return self.database.execute(query, values).fetchall()

    def keys(self, table: str) -> list[str]:
        return [column.name for column in metadata.tables[table].primary_key]

    def change(self, query: str, *values: object) -> None:
        self.database.execute(query, values)
        self.database.commit()

    def put(self, table: str, column: str, key: Row, value: bytes | None) -> None:
        where = " AND ".join(f"{name} = ?" for name in self.keys(table))
        self.change(f"UPDATE {table} SET {column} = ? WHERE {where}", value, *key)

    def cells(self, table: str, column: str) -> list[tuple[Row, bytes]]:
        """Return the key and the bytes of every row that has some."""
        keys = self.keys(table)
        names = ", ".join([*keys, column])
        found = self.rows(f"SELECT {names} FROM {table} WHERE length({column}) ORDER BY {names}")
        return [(row[:-1], row[-1]) for row in found if row[0] not in HINTS]

    def verify(self) -> Report:
        return verify(self.house)

    @contextmanager
    def set_to(self, table: str, column: str, key: Row, value: bytes | None) -> Iterator[None]:
        """Put *value* into one cell for as long as the block lasts."""
        [old] = [held for named, held in self.cells(table, column) if named == key]
        self.put(table, column, key, value)
        try:
            yield
        finally:
            self.put(table, column, key, old)


def open_to_all(house: House) -> Spoilt:
    """Return the home with its triggers gone: they stop our code, not a thief."""
    database = sqlite3.connect(house.home / "comity.db")
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        database.execute(f"DROP TRIGGER {name}")
    database.commit()
    return Spoilt(house, database)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), "ke", "vn", "et") as made:
        fill(made)
        yield made


@pytest.fixture(scope="module", params=["ke", "vn"])
def home(world: World, request: pytest.FixtureRequest) -> Iterator[Spoilt]:
    spoilt = open_to_all(world[request.param].house)
    yield spoilt
    spoilt.database.close()


@pytest.fixture(scope="module")
def homes(world: World) -> Iterator[tuple[Spoilt, ...]]:
    spoilt = tuple(open_to_all(node.house) for node in world)
    yield spoilt
    for each in spoilt:
        each.database.close()


@pytest.fixture
def own(world: World, tmp_path: Path) -> Iterator[Spoilt]:
    """Return a home of this test's own, to be spoilt for good."""
    house = world["ke"].house
    with sqlite3.connect(house.home / "comity.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(house.home, tmp_path / "home")
    copied = home_of.open_(tmp_path / "home", ask_house=lambda: "", clock=house.clock)
    spoilt = open_to_all(copied)
    yield spoilt
    spoilt.database.close()
    home_of.close(copied)


def named(key: Row) -> str:
    """Return how a fault names the row with *key*."""
    return "/".join(str(part) for part in key if part != "")


def names(report: Report, table: str, row: str) -> bool:
    return any(each.table == table and each.row == row for each in report.faults)


def test_a_sound_home_is_sound(home: Spoilt) -> None:
    report = home.verify()

    assert report.faults == ()
    assert report.sound
    assert report.first is None
    assert report.checked["leaves"] == report.logs[0].size


def cells_of(homes: tuple[Spoilt, ...], place: tuple[str, str]) -> list[tuple[Spoilt, Row, bytes]]:
    found = [(home, key, held) for home in homes for key, held in home.cells(*place)]
    assert found, "nothing to spoil"
    return found


@pytest.mark.parametrize("place", BYTES, ids="-".join)
@settings(max_examples=8)
@given(spot=st.tuples(places, places, st.integers(0, 7)))
def test_a_changed_byte_is_named(
    homes: tuple[Spoilt, ...], place: tuple[str, str], spot: tuple[int, int, int]
) -> None:
    row, byte, bit = spot
    cells = cells_of(homes, place)
    home, key, held = cells[row % len(cells)]
    at = byte % len(held)
    changed = held[:at] + bytes([held[at] ^ 1 << bit]) + held[at + 1 :]

    with home.set_to(*place, key, changed):
        report = home.verify()

    assert names(report, place[0], named(key)), [*map(str, report.faults)]


@pytest.mark.parametrize("place", BYTES, ids="-".join)
@settings(max_examples=3)
@given(row=places, size=places)
def test_bytes_cut_short_are_named(
    homes: tuple[Spoilt, ...], place: tuple[str, str], row: int, size: int
) -> None:
    cells = cells_of(homes, place)
    home, key, held = cells[row % len(cells)]

    with home.set_to(*place, key, held[: size % len(held)]):
        report = home.verify()

    assert names(report, place[0], named(key)), [*map(str, report.faults)]


@pytest.mark.parametrize("place", [each for each in BYTES if each not in ALONE], ids="-".join)
def test_two_rows_that_changed_places_are_both_named(
    homes: tuple[Spoilt, ...], place: tuple[str, str]
) -> None:
    swapped = 0
    for home in homes:
        cells = home.cells(*place)
        others = [each for each in cells if each[1] != cells[0][1]]
        if not others:
            continue
        swapped += 1
        (one, first), (other, second) = cells[0], others[0]

        with home.set_to(*place, one, second), home.set_to(*place, other, first):
            report = home.verify()

        found = [names(report, place[0], named(key)) for key in (one, other)]
        assert any(found), [*map(str, report.faults)]
        # A log is walked to its first fault and no further.
        assert all(found) or place[0] in ("leaves", "tiles")
    assert swapped


@pytest.mark.parametrize("column", ["kind", "subject"])
def test_evidence_that_is_turned_against_somebody_else_is_named(home: Spoilt, column: str) -> None:
    [(row, held), *_] = home.rows(f"SELECT id, {column} FROM evidence")

    home.change(f"UPDATE evidence SET {column} = 'another' WHERE id = ?", row)
    report = home.verify()
    home.change(f"UPDATE evidence SET {column} = ? WHERE id = ?", held, row)

    assert names(report, "evidence", named((row,))), [*map(str, report.faults)]
    assert home.verify().sound


def test_a_line_that_was_given_no_possible_size_is_named_and_ends_nothing(home: Spoilt) -> None:
    [(name,), *_] = home.rows("SELECT name FROM meta WHERE name LIKE 'quantum/%'")
    for bent in (f"{name}x", f"{name}{'9' * 30}", f"{name}²"):
        home.change("UPDATE meta SET name = ? WHERE name = ?", bent, name)
        report = home.verify()
        home.change("UPDATE meta SET name = ? WHERE name = ?", name, bent)
        assert not report.sound
    assert home.verify().sound


@given(byte=places, bit=st.integers(0, 7))
@settings(max_examples=10)
def test_a_changed_byte_of_a_file_is_named(home: Spoilt, byte: int, bit: int) -> None:
    folder = home.house.store.folder
    ids = folder.ids()
    file = folder.of(ids[byte % len(ids)])
    held = file.read_bytes()
    at = byte % len(held)

    file.write_bytes(held[:at] + bytes([held[at] ^ 1 << bit]) + held[at + 1 :])
    report = home.verify()
    file.write_bytes(held)

    [fault] = report.faults
    assert fault.table in ("envelopes", "blobs")
    assert (fault.row, fault.cause, fault.column) == (file.name, "digest", "file")


def test_a_lost_file_is_named(home: Spoilt) -> None:
    folder = home.house.store.folder
    file = folder.of(folder.ids()[0])
    aside = file.rename(file.with_name("aside"))

    report = home.verify()
    aside.rename(file)

    assert [(each.row, each.cause) for each in report.faults] == [(file.name, "gone")]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("copies", name)
        for name in ("act", "thread", "agency", "to", "envelope", "stage", "clock", "expires")
    ]
    + [("copies", name) for name in ("size", "at", "leaf")]
    + [("receipts", name) for name in ("copy", "stage", "agency", "origin", "at", "size")]
    + [("readers", "reader"), ("copy_blobs", "blob"), ("agencies", "country")]
    + [("entries", "audience"), ("entries", "subject"), ("rosters", "head"), ("rosters", "at")]
    + [("checkpoints", "size"), ("leaves", "type"), ("logs", "size"), ("blobs", "size")],
)
def test_a_changed_word_or_number_is_seen(own: Spoilt, table: str, column: str) -> None:
    words = isinstance(own.rows(f'SELECT "{column}" FROM {table} LIMIT 1')[0][0], str)
    other = f"""CASE substr("{column}", 1, 1) WHEN 'x' THEN 'y' ELSE 'x' END"""
    changed = f'{other} || substr("{column}", 2)' if words else f'"{column}" + 1'
    order = {"readers": "", "copy_blobs": "", "checkpoints": "size"}.get(table, "rowid")
    where = f" WHERE {order} = (SELECT max({order}) FROM {table})" if order else ""

    own.change(f'UPDATE {table} SET "{column}" = {changed}{where}')

    tables = {each.table for each in own.verify().faults}
    assert tables & {table, "leaves", "checkpoints"}, tables


def test_a_docket_that_was_changed_is_named_to_the_byte(home: Spoilt) -> None:
    key, held = home.cells("copies", "release")[0]
    told = held.replace(b'"payload":"', b'"payload":"', 1)
    at = told.index(b'"payload":"') + len(b'"payload":"')
    # Base64 of another letter: the fifth byte of the payload is another.
    changed = held[: at + 6] + (b"A" if held[at + 6 : at + 7] != b"A" else b"B") + held[at + 7 :]

    with home.set_to("copies", "release", key, changed):
        [fault, *_] = [each for each in home.verify().faults if each.table == "copies"]

    assert fault.row == key[0]
    assert fault.column == "release"


def test_a_changed_entry_is_named_to_the_byte_where_its_docket_is_at_hand(home: Spoilt) -> None:
    [(leaf,)] = home.rows("SELECT leaf FROM copies ORDER BY leaf LIMIT 1")
    [held] = [value for key, value in home.cells("leaves", "entry") if key == (1, leaf)]
    changed = held[:40] + bytes([held[40] ^ 1]) + held[41:]

    with home.set_to("leaves", "entry", (1, leaf), changed):
        report = home.verify()

    found = [(each.table, each.row, each.position) for each in report.faults]
    assert ("leaves", f"1/{leaf}", 40) in found


def cut(home: Spoilt, size: int) -> None:
    """Take the newest leaves away, as if they had never been."""
    home.change("DELETE FROM leaves WHERE idx >= ?", size)
    home.change("DELETE FROM checkpoints WHERE size > ?", size)
    home.change("UPDATE tiles SET hashes = substr(hashes, 1, 32 * ?) WHERE level = 0", size)
    home.change("UPDATE logs SET size = ?", size)


def test_leaves_that_are_gone_from_the_end_are_missed(own: Spoilt) -> None:
    [(size,)] = own.rows("SELECT size FROM logs")
    own.change("DELETE FROM leaves WHERE idx = ?", size - 1)

    assert names(own.verify(), "leaves", f"1/{size - 1}")


def test_a_log_that_was_cut_cleanly_is_missed_by_what_it_logged(own: Spoilt) -> None:
    [(size,)] = own.rows("SELECT max(size) FROM checkpoints WHERE size < (SELECT size FROM logs)")
    [(newest,)] = own.rows("SELECT size FROM logs")

    cut(own, size)
    report = own.verify()

    assert report.logs[0].size == size < newest
    assert not report.sound
    assert {each.table for each in report.faults} <= {
        "evidence",
        "receipts",
        "copies",
        "checkpoints",
    }


def test_a_log_that_was_cut_with_all_that_it_logged_is_missed_by_its_witnesses(
    own: Spoilt,
) -> None:
    [(first,)] = own.rows("SELECT min(leaf) FROM copies")
    own.change("DELETE FROM evidence")
    own.change("DELETE FROM receipts")
    own.change("DELETE FROM copies")
    own.change("DELETE FROM rosters WHERE number > 7")

    cut(own, first)
    report = own.verify()

    assert {each.table for each in report.faults} == {"checkpoints"}
    assert {each.cause for each in report.faults} == {"gone"}


def test_rows_that_are_gone_are_missed_by_the_log(own: Spoilt) -> None:
    [(copy,), *_] = own.rows("SELECT copy FROM copies ORDER BY leaf")
    [(receipt,), *_] = own.rows("SELECT receipt FROM receipts ORDER BY receipt")
    own.change("DELETE FROM copies WHERE copy = ?", copy)
    own.change("DELETE FROM receipts WHERE receipt = ?", receipt)
    own.change("DELETE FROM evidence")
    own.change("DELETE FROM rosters WHERE number = 2")

    report = own.verify()

    assert names(report, "copies", copy)
    assert names(report, "receipts", receipt)
    assert {each.table for each in report.faults} >= {"evidence", "rosters"}


def test_a_receipt_that_is_in_no_log_is_named(own: Spoilt) -> None:
    [(receipt,)] = own.rows("SELECT receipt FROM receipts LIMIT 1")
    [(leaf,)] = [
        (index,)
        for index, entry in own.rows("SELECT idx, entry FROM leaves WHERE type = 2")
        if digest(entry) == receipt
    ]
    erase(own.house, own.house.store.head().origin, [leaf], "order 7/2026")  # type: ignore[union-attr]

    report = own.verify()

    # Once its opening is erased nothing says any more that the receipt was logged.
    assert names(report, "receipts", receipt)
    assert len(report.faults) == 1


def test_a_leaf_that_was_rewritten_with_its_tiles_is_caught_by_the_signed_checkpoint(
    own: Spoilt,
) -> None:
    [(leaf, salt)] = own.rows("SELECT idx, salt FROM leaves WHERE type = 3 ORDER BY idx LIMIT 1")
    other = b'{"number":1,"type":"comity/roster@1"}'
    forged = Opening(LeafType.ROSTER, salt, other).hash
    own.put("leaves", "entry", (1, leaf), other)
    [(hashes,)] = own.rows("SELECT hashes FROM tiles WHERE level = 0 AND idx = 0")
    own.put("tiles", "hashes", (1, 0, 0), hashes[: 32 * leaf] + forged + hashes[32 * leaf + 32 :])

    report = own.verify()

    [(size,)] = own.rows("SELECT min(size) FROM checkpoints WHERE size > ?", leaf)
    assert Fault(table="checkpoints", row=f"1/{size}", cause="root") in report.faults


def test_tiles_that_nothing_needs_are_named(own: Spoilt) -> None:
    own.change("INSERT INTO tiles VALUES (1, 1, 0, ?)", bytes(32))

    assert [(each.table, each.cause) for each in own.verify().faults] == [("tiles", "surplus")]


def test_a_checkpoint_that_somebody_else_signed_too_is_named(own: Spoilt) -> None:
    [(size, note)] = own.rows("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")
    line = note.rpartition(b"\xe2\x80\x94")[2].replace(b"/1 ", b"/9 ")

    own.put("checkpoints", "note", (1, size), note + b"\xe2\x80\x94" + line)

    assert names(own.verify(), "checkpoints", f"1/{size}")


def test_an_opening_that_was_erased_by_law_is_sound(own: Spoilt) -> None:
    house = own.house
    head = house.store.head()
    assert head is not None
    [(leaf,)] = own.rows("SELECT leaf FROM copies ORDER BY leaf LIMIT 1")

    erase(house, head.origin, [leaf], "order 7/2026")
    report = own.verify()

    assert report.faults == ()
    assert report.logs[0].erased == 1


def test_an_opening_that_nobody_said_was_erased_is_named(own: Spoilt) -> None:
    [(leaf,)] = own.rows("SELECT leaf FROM copies ORDER BY leaf LIMIT 1")
    own.change("UPDATE leaves SET salt = NULL, entry = NULL WHERE idx = ?", leaf)

    [fault] = own.verify().faults

    assert (fault.table, fault.cause) == ("leaves", "erased")
    assert fault.row == f"1/{leaf}"


def test_progress_never_goes_back_and_ends_at_the_whole(home: Spoilt) -> None:
    told: list[tuple[str, int, int]] = []

    verify(home.house, lambda *step: told.append(step))

    done = [each for _, each, _ in told]
    assert done == sorted(done)
    assert done[-1] == told[-1][2]
    assert {total for *_, total in told} == {done[-1]}
    assert {part for part, *_ in told} >= {"leaves", "copies", "envelopes"}


def test_more_faults_than_are_kept_are_counted(own: Spoilt) -> None:
    own.change("UPDATE housed SET body = zeroblob(9)")
    for number in range(120):
        own.change(
            "INSERT INTO housed VALUES ('short', ?, '', zeroblob(30), 0)", f"number-{number}"
        )

    report = own.verify()

    assert len(report.faults) == 100
    assert report.more >= 20


def test_a_home_on_postgresql_is_verified_as_well(blank_postgres_url: str, tmp_path: Path) -> None:
    house = home_of.create(
        tmp_path / "home",
        key_home="file",
        ask_house=lambda: "",
        clock=lambda: START,
        url=blank_postgres_url,
        practice=True,
    )

    sound = verify(house)
    house.store.write(
        lambda w: (
            w.connection.exec_driver_sql("SET LOCAL session_replication_role = replica"),
            w.connection.exec_driver_sql("UPDATE leaves SET type = 4"),
        )
    )
    report = verify(house)
    house.store.close()

    assert sound.faults == ()
    assert names(report, "leaves", "1/0")
