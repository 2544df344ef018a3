# SPDX-License-Identifier: Apache-2.0
"""Copies, readers, threads, envelopes and blobs: what comes in twice is there once."""

from hashlib import sha256

import pytest

from comity.errors import Damaged, Refused
from comity.storage import blobs, copies, envelopes, threads
from comity.storage.blobs import Blob, CopyBlob
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.envelopes import LARGEST_ROW, Envelope
from comity.storage.reading import Writing
from comity.storage.store import Store
from comity.storage.threads import Thread


def copy(
    name: str, *, at: int = 1, thread: str = "t", act: str = "act", state: str = "queued"
) -> Copy:
    return Copy(
        copy=name,
        act=act,
        thread=thread,
        agency="ke",
        to="vn",
        node="node",
        envelope=f"envelope of {name}",
        size=7,
        stage="asked",
        clock="normal",
        state=state,
        at=at,
        stored_at=at,
        expires="",
        docket="digest",
        release=b"docket",
        log=1,
        leaf=4,
    )


def reader(of: Copy, who: str) -> CopyReader:
    return CopyReader(reader=who, at=of.stored_at, copy=of.copy, kind="desk", epoch=2)


def thread(name: str, **values: int | str) -> Thread:
    of: dict[str, int | str] = {"clock": "normal", "stage": "asked", "opened_at": 1, "last_at": 1}
    return Thread(thread=name, own="ke", peer="vn", **(of | values))  # type: ignore[arg-type] # a test's own words


def test_a_copy_comes_out_as_it_went_in(store: Store) -> None:
    one = copy("one")

    store.write(lambda w: copies.add(w, [one]))

    with store.read() as reading:
        assert copies.by_ids(reading, ["one", "unknown"]) == (one,)
        assert copies.known(reading, ["one", "unknown"]) == {"one"}


def test_a_copy_that_is_there_is_refused(store: Store) -> None:
    store.write(lambda w: copies.add(w, [copy("one")]))

    with pytest.raises(Refused, match=r"refused\.exists"):
        store.write(lambda w: copies.add(w, [copy("three"), copy("one")]))

    with store.read() as reading:
        assert copies.known(reading, ["one", "three"]) == {"one"}


def test_a_thread_is_read_in_the_order_in_which_it_came(store: Store) -> None:
    rows = [copy("c", at=3), copy("a", at=9), copy("b", at=5), copy("x", thread="u", act="other")]

    store.write(lambda w: copies.add(w, rows))

    with store.read() as reading:
        assert [each.copy for each in copies.by_threads(reading, ["t"])] == ["c", "b", "a"]
        assert [each.copy for each in copies.by_acts(reading, ["act"])] == ["c", "b", "a"]


def test_the_readers_of_a_copy_are_listed(store: Store) -> None:
    rows = [copy(f"{at}", at=at) for at in range(1, 4)]
    read = [reader(each, "mai") for each in rows[:2]] + [reader(each, "desk") for each in rows[1:]]
    store.write(lambda w: (copies.add(w, rows), copies.add_readers(w, read)))

    with store.read() as reading:
        listed = copies.readers_of(reading, ["2"])

    assert [each.reader for each in listed] == ["desk", "mai"]


def test_threads_are_found_by_the_newest_of_what_one_may_read(store: Store) -> None:
    rows = [copy(f"{i}", at=i, thread="odd" if i % 2 else "even") for i in range(1, 6)]
    rows.append(copy("9", at=9, thread="another's"))
    store.write(lambda w: copies.add(w, rows))
    named = [reader(row, who) for row in rows[:5] for who in ("mai", "desk")]
    store.write(lambda w: copies.add_readers(w, named))

    with store.read() as reading:
        found = copies.threads_of(reading, ["mai", "desk"])
        newest = copies.threads_of(reading, ["mai", "desk"], limit=1)

    assert [(each.thread, each.at) for each in found] == [("odd", 5), ("even", 4)]
    assert [each.thread for each in newest] == ["odd"]


def test_a_thread_is_found_by_how_its_id_begins_by_who_reads_it_alone(store: Store) -> None:
    rows = [
        copy("one", thread="abcd1"),
        copy("two", thread="abcd2"),
        copy("three", thread="abcd2"),
        copy("four", thread="abcd3"),
    ]

    def work(writing: Writing) -> None:
        copies.add(writing, rows)
        copies.add_readers(writing, [reader(each, "desk") for each in rows[:3]])
        copies.add_readers(writing, [reader(rows[3], "other")])

    store.write(work)

    with store.read() as reading:
        assert copies.threads_named(reading, ["desk"], "abcd") == ("abcd1", "abcd2")
        assert copies.threads_named(reading, ["desk"], "abcd2") == ("abcd2",)
        assert copies.threads_named(reading, ["desk", "other"], "abcd", limit=3) == (
            "abcd1",
            "abcd2",
            "abcd3",
        )
        for text in ("abcd3", "ABCD", "%", "_bcd", "abcd22"):
            assert copies.threads_named(reading, ["desk"], text) == ()


def test_a_state_changes_for_many_at_once(store: Store) -> None:
    store.write(lambda w: copies.add(w, [copy(f"{i:04}", at=i) for i in range(1200)]))
    ids = [f"{i:04}" for i in range(1100)]

    changed = store.write(lambda w: copies.set_state(w, ids, CopyState.DELIVERED))

    assert changed == 1100
    with store.read() as reading:
        assert {each.state for each in copies.by_ids(reading, ids)} == {"delivered"}
        left = copies.in_states(reading, [CopyState.QUEUED])
    assert [each.copy for each in left] == [f"{i:04}" for i in range(1100, 1200)]


def test_a_state_is_left_only_from_where_it_may_be_left(store: Store) -> None:
    rows = [copy("a", state="queued"), copy("b", state="delivered"), copy("c", state="held")]
    store.write(lambda w: copies.add(w, rows))

    stopped = store.write(
        lambda w: copies.set_state(
            w, ["a", "b", "c"], CopyState.STOPPED, was=(CopyState.QUEUED, CopyState.HELD)
        )
    )

    assert stopped == 2
    with store.read() as reading:
        found = [each.state for each in copies.by_ids(reading, ["a", "b", "c"])]
    assert found == ["stopped", "delivered", "stopped"]


def test_a_held_copy_is_released_with_its_docket(store: Store) -> None:
    held = Copy(
        **{name: getattr(copy("one"), name) for name in Copy.__slots__}
        | {"state": CopyState.HELD, "docket": "", "release": b"", "log": 0, "leaf": 0}
    )
    free = copy("one", at=50)
    store.write(lambda w: copies.add(w, [held]))

    released = store.write(lambda w: copies.release(w, [free]))

    assert released == 1
    with store.read() as reading:
        [now] = copies.by_ids(reading, ["one"])
    assert (now.state, now.docket, now.release, now.log, now.leaf, now.at) == (
        "queued",
        "digest",
        b"docket",
        1,
        4,
        50,
    )
    assert now.stored_at == held.stored_at


def test_a_thread_is_rewritten_by_its_fold(store: Store) -> None:
    store.write(lambda w: threads.put(w, [thread("t"), thread("u", last_at=3)]))

    store.write(lambda w: threads.put(w, [thread("t", stage="answered", answered_at=9, last_at=9)]))

    with store.read() as reading:
        assert [each.stage for each in threads.by_ids(reading, ["t", "u"])] == ["answered", "asked"]


def test_small_envelopes_are_rows_and_large_ones_files(store: Store) -> None:
    small, large = b"s" * LARGEST_ROW, b"l" * (LARGEST_ROW + 1)
    big = sha256(large).hexdigest()
    rows = [
        Envelope(envelope="small", size=len(small), sealed=small),
        Envelope(envelope=big, size=len(large), sealed=large),
    ]

    new = store.write(lambda w: envelopes.add(w, rows))
    again = store.write(lambda w: envelopes.add(w, rows))

    assert (new, again) == (2, 0)
    assert store.folder.ids() == [big]
    with store.read() as reading:
        assert envelopes.get(reading, ["small", big, "unknown"]) == {"small": small, big: large}
        assert envelopes.known(reading, [big, "unknown"]) == {big}


def test_a_discarded_envelope_is_gone_with_its_file(store: Store) -> None:
    large = b"l" * (LARGEST_ROW + 1)
    row = Envelope(envelope=sha256(large).hexdigest(), size=len(large), sealed=large)
    store.write(lambda w: envelopes.add(w, [row]))

    gone = store.write(lambda w: envelopes.discard(w, [row.envelope]))

    assert gone == 1
    assert store.folder.ids() == []
    with store.read() as reading:
        assert envelopes.get(reading, [row.envelope]) == {}


def test_a_lost_file_is_damage(store: Store) -> None:
    large = b"l" * (LARGEST_ROW + 1)
    row = Envelope(envelope=sha256(large).hexdigest(), size=len(large), sealed=large)
    store.write(lambda w: envelopes.add(w, [row]))
    store.folder.of(row.envelope).unlink()

    with store.read() as reading, pytest.raises(Damaged, match="file"):
        envelopes.get(reading, [row.envelope])


def test_a_blob_is_complete_once(store: Store) -> None:
    rows = [Blob(blob="b1", size=10, have=4, at=1), Blob(blob="b2", size=5, at=2)]
    store.write(lambda w: blobs.register(w, rows))

    completed = store.write(lambda w: blobs.complete(w, ["b2"], 77))
    again = store.write(lambda w: blobs.complete(w, ["b2"], 78))

    assert (completed, again) == (1, 0)
    with store.read() as reading:
        assert blobs.unfinished(reading) == (rows[0],)
        [whole] = blobs.by_ids(reading, ["b2"])
    assert (whole.have, whole.completed_at) == (5, 77)


def test_a_blob_goes_when_no_live_docket_names_it(store: Store) -> None:
    content = {sha256(each).hexdigest(): each for each in (b"kept", b"loose", b"fresh")}
    kept, loose, fresh = content
    for id_, sealed in content.items():
        store.folder.write(id_, sealed)
    rows = [Blob(blob=id_, size=5, at=9 if id_ == fresh else 1) for id_ in content]
    names = [CopyBlob(copy="c", blob=kept)]
    store.write(lambda w: (blobs.register(w, rows), blobs.name(w, names), blobs.name(w, names)))

    gone = store.write(lambda w: blobs.discard_unnamed(w, before=9))

    assert gone == (loose,)
    assert store.folder.ids() == sorted([kept, fresh])
    with store.read() as reading:
        assert blobs.of_copies(reading, ["c", "d"]) == (CopyBlob(copy="c", blob=kept),)
        assert blobs.naming(reading, [kept]) == (CopyBlob(copy="c", blob=kept),)


def test_a_file_outlives_a_discard_that_was_rolled_back(store: Store) -> None:
    large = b"l" * (LARGEST_ROW + 1)
    row = Envelope(envelope=sha256(large).hexdigest(), size=len(large), sealed=large)
    store.write(lambda w: envelopes.add(w, [row]))

    with pytest.raises(Refused, match="changed my mind"):
        store.write(lambda w: _regret(envelopes.discard(w, [row.envelope])))

    with store.read() as reading:
        assert envelopes.get(reading, [row.envelope]) == {row.envelope: large}


def _regret(_done: int) -> None:
    raise Refused("changed my mind")
