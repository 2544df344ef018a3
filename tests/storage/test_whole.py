# SPDX-License-Identifier: Apache-2.0
"""A whole table is read a page at a time, each row once, in the order of its keys."""

from functools import partial

import pytest

from comity.storage import logs, whole, witness
from comity.storage.meta import Meta
from comity.storage.meta import put as put_meta
from comity.storage.reading import Writing
from comity.storage.store import Store
from comity.storage.witness import Cosignature, Shown, Witnessed


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
def test_every_row_comes_once_and_in_order_whatever_the_page(store: Store, limit: int) -> None:
    rows = [Meta(name=f"name-{number}", value=b"v") for number in range(7)]
    store.write(lambda w: put_meta(w, rows[::-1]))

    with store.read() as reading:
        pages = list(whole.pages(reading, whole.META, limit=limit))

    assert [row for page in pages for row in page] == rows
    assert max(map(len, pages)) <= limit


def test_keys_of_several_columns_are_followed_across_pages(store: Store) -> None:
    rows = [
        Cosignature(origin=origin, size=size, key=key, line=b"l", at=1)
        for origin in ("a", "b")
        for size in (1, 2, 3)
        for key in ("k", "m")
    ]
    store.write(lambda w: witness.cosigned(w, rows[::-1]))

    with store.read() as reading:
        assert list(whole.rows(reading, whole.COSIGNATURES, limit=2)) == rows


def test_an_empty_table_has_no_page(store: Store) -> None:
    with store.read() as reading:
        assert list(whole.pages(reading, whole.EVIDENCE)) == []
        assert whole.counts(reading)["evidence"] == 0


def test_counts_are_of_every_table(store: Store) -> None:
    def fill(writing: Writing) -> None:
        logs.start(writing, "log/1", 1)
        put_meta(writing, [Meta(name="a", value=b""), Meta(name="b", value=b"")])

    store.write(fill)

    with store.read() as reading:
        counted = whole.counts(reading)
    assert (counted["logs"], counted["meta"], counted["leaves"]) == (1, 2, 0)


def test_every_checkpoint_that_a_peer_showed_is_kept(store: Store) -> None:
    rows = [Witnessed(origin="o", size=n, root=b"r", note=b"note %d" % n, at=n) for n in (5, 9)]
    for row in (*rows, rows[1]):
        store.write(partial(witness.seen, rows=[row]))

    with store.read() as reading:
        assert witness.shown(reading, "o", [5, 7, 9]) == {5: b"note 5", 9: b"note 9"}
        assert list(whole.rows(reading, whole.SHOWN)) == [
            Shown(origin="o", size=n, note=b"note %d" % n, at=n) for n in (5, 9)
        ]


def test_tiles_are_read_and_counted_by_log(store: Store) -> None:
    log = store.write(lambda w: logs.start(w, "log/1", 1).log)

    with store.read() as reading:
        assert logs.tile_reader(reading, log)(0, 0) == b""
        assert logs.count_tiles(reading, log) == 0
