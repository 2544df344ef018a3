# SPDX-License-Identifier: Apache-2.0
"""The ledger's rows: leaves, tiles and checkpoint always tell the same tree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from comity.errors import Damaged, Refused
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.proof import verify_consistency, verify_inclusion
from comity.ledger.tree import EMPTY_ROOT, root
from comity.storage import logs
from comity.storage.edge import Head
from comity.storage.reading import Writing
from comity.storage.store import Store


def leaf(number: int) -> Opening:
    return Opening(LeafType.DOCKET, number.to_bytes(16), b"entry %d" % number)


def begin(store: Store, origin: str = "log/1") -> int:
    return store.write(lambda w: logs.start(w, origin, 1).log)


def append(store: Store, *numbers: int) -> int:
    return store.write(lambda w: w.append([leaf(number) for number in numbers]))


def newest(store: Store) -> Head:
    found = store.head()
    assert found is not None
    return found


def test_an_empty_log_has_the_empty_root_and_no_note(store: Store) -> None:
    log = begin(store)

    assert newest(store) == Head(log=log, origin="log/1", size=0, root=EMPTY_ROOT, note=b"")


def test_every_leaf_is_proven_against_every_checkpoint(store: Store) -> None:
    log = begin(store)
    sizes = [1, 2, 7, 255, 256, 257, 600]
    for start, end in pairwise([0, *sizes]):
        append(store, *range(start, end))

    hashes = [leaf(number).hash for number in range(600)]
    with store.read() as reading:
        rows = logs.checkpoints_from(reading, log, 0)
        for row in rows:
            assert row.root == root(hashes[: row.size])
            for index, proof in enumerate(reading.inclusions(range(row.size), row.size)):
                verify_inclusion(index, row.size, hashes[index], proof, row.root)
        for old in rows:
            for new in rows[rows.index(old) :]:
                steps = reading.consistency(old.size, new.size)
                verify_consistency(old.size, new.size, old.root, new.root, steps)

    assert [row.size for row in rows] == sizes


def test_the_note_is_kept_to_the_byte(store: Store) -> None:
    log = begin(store)
    append(store, 1)

    head = newest(store)

    assert head.note == f"log/1\n1\n{head.root.hex()}\n".encode()
    with store.read() as reading:
        row = logs.checkpoint(reading, log, 1)
        assert row is not None
        assert row.note == head.note
        assert logs.checkpoint(reading, log, 2) is None


def test_indexes_are_consecutive_in_a_call_and_across_calls(store: Store) -> None:
    begin(store)

    def twice(writing: Writing) -> tuple[int, int]:
        return writing.append([leaf(0), leaf(1)]), writing.append([leaf(2)])

    assert store.write(twice) == (0, 2)
    assert append(store, 3) == 3


def test_two_processes_appending_keep_one_history(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    log = begin(one)

    with ThreadPoolExecutor(4) as pool:
        indexes = sorted(pool.map(lambda i: append(one if i % 2 else other, i, i + 100), range(60)))

    assert indexes == list(range(0, 120, 2))
    with one.read() as reading:
        rows = logs.leaves_from(reading, log, 0)
        held = [Opening(LeafType(r.type), r.salt or b"", r.entry or b"").hash for r in rows]
        for point in logs.checkpoints_from(reading, log, 0):
            assert point.root == root(held[: point.size])
    assert newest(one) == newest(other)
    assert newest(one).size == 120


def test_an_erased_leaf_keeps_its_place_in_the_tree(store: Store) -> None:
    log = begin(store)
    append(store, *range(5))
    before = newest(store)

    erased = store.write(lambda w: logs.erase(w, log, [2, 9]))

    assert erased == 1
    with store.read() as reading:
        [row] = logs.leaves(reading, log, [2])
        [proof] = reading.inclusions([2], 5)
    assert (row.salt, row.entry, row.type) == (None, None, LeafType.DOCKET)
    verify_inclusion(2, 5, leaf(2).hash, proof, before.root)


def test_the_next_log_begins_anew_and_the_last_one_stays_provable(store: Store) -> None:
    first = begin(store)
    append(store, 0, 1, 2)
    old = newest(store)

    def restore(writing: Writing) -> tuple[int, int]:
        log = logs.start(writing, "log/2", 9)
        return log.log, writing.append([leaf(100)])

    second, index = store.write(restore)
    later = append(store, 101)

    assert (index, later) == (0, 1)
    assert (newest(store).origin, newest(store).size) == ("log/2", 2)
    with store.read() as reading:
        kept = reading.head(first)
        [proof] = reading.inclusions([1], 3, first)
        told = [(log.log, log.origin, log.size, log.closed_at) for log in logs.every(reading)]
    assert kept == old
    verify_inclusion(1, 3, leaf(1).hash, proof, old.root)
    assert told == [(first, "log/1", 3, 9), (second, "log/2", 2, 0)]


def test_a_log_is_not_closed_under_leaves_that_are_not_yet_in_it(store: Store) -> None:
    begin(store)

    def hasty(writing: Writing) -> None:
        writing.append([leaf(0)])
        logs.start(writing, "log/2", 9)

    with pytest.raises(Refused, match="log-busy"):
        store.write(hasty)

    assert newest(store).origin == "log/1"


def test_a_caller_who_opens_a_log_and_fails_leaves_the_old_one_open(store: Store) -> None:
    begin(store)
    append(store, 0)

    def change_mind(writing: Writing) -> None:
        logs.start(writing, "log/2", 9)
        writing.append([leaf(1)])
        raise Refused("changed my mind")

    with pytest.raises(Refused, match="changed my mind"):
        store.write(change_mind)

    assert append(store, 1) == 1
    assert newest(store).origin == "log/1"


def test_an_origin_is_used_once(store: Store) -> None:
    begin(store)

    with pytest.raises(Refused, match=r"refused\.exists"):
        begin(store)


def test_a_lost_tile_is_damage_and_no_wrong_proof(open_store: Callable[[], Store]) -> None:
    store = open_store()
    begin(store)
    append(store, *range(300))

    def lose(writing: Writing) -> None:
        sqlite = writing.connection.dialect.name == "sqlite"
        unguarded = (
            "DROP TRIGGER tiles_delete"
            if sqlite
            else "SET LOCAL session_replication_role = replica"
        )
        writing.connection.exec_driver_sql(unguarded)
        writing.connection.exec_driver_sql("DELETE FROM tiles WHERE level = 0 AND idx = 0")

    store.write(lose)

    with store.read() as reading, pytest.raises(Damaged, match="tile"):
        reading.inclusions([3], 300)
