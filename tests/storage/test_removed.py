# SPDX-License-Identifier: Apache-2.0
"""What was removed is remembered by copy, by act, by thread; and nobody's act is another's."""

from dataclasses import replace

from tests.storage.test_copies import copy

from comity.storage import blobs, copies, removed, threads
from comity.storage.blobs import Blob, CopyBlob
from comity.storage.copies import CopyState
from comity.storage.removed import Answer, Removed
from comity.storage.store import Store
from comity.storage.threads import Thread

ACT = Removed(
    agency="ke", act="act", to="vn", thread="t", why="recall", answer=Answer.PENDING, at=1
)
COPY = replace(ACT, copy="copy", envelope="envelope", answer=Answer.REMOVED, log=1, leaf=4)


def test_what_is_remembered_comes_out_as_it_went_in(store: Store) -> None:
    other = replace(ACT, agency="et")

    count = store.write(lambda w: removed.add_new(w, [ACT, COPY, other, ACT]))

    assert count == 3
    with store.read() as reading:
        assert removed.by_acts(reading, ["act"]) == (other, ACT, COPY)
        assert removed.by_threads(reading, ["t"]) == (other, ACT, COPY)
        assert removed.by_copies(reading, ["copy", ""]) == (COPY,)
        assert removed.pending(reading, "vn") == (other, ACT)
        assert removed.pending(reading, "ke") == ()


def test_an_answer_changes_the_act_it_is_about_and_no_copy(store: Store) -> None:
    kept = replace(ACT, answer=Answer.KEPT, ground="evidence", at=2)
    store.write(lambda w: removed.add_new(w, [ACT, COPY]))

    store.write(lambda w: removed.answer(w, [kept]))

    with store.read() as reading:
        assert removed.by_acts(reading, ["act"]) == (kept, COPY)


def test_a_file_goes_with_the_last_copy_that_names_it(store: Store) -> None:
    named = [CopyBlob(copy=each, blob="b") for each in ("one", "two")]
    store.write(lambda w: blobs.register(w, [Blob(blob="b", size=1, at=1)]))
    store.write(lambda w: blobs.name(w, named))

    assert store.write(lambda w: blobs.unname(w, ["one"])) == ()
    assert store.write(lambda w: blobs.unname(w, ["two"])) == ("b",)
    with store.read() as reading:
        assert blobs.by_ids(reading, ["b"]) == ()


def test_threads_that_have_been_quiet_are_found_by_stage(store: Store) -> None:
    def thread(name: str, stage: str, at: int) -> Thread:
        return Thread(
            thread=name, own="ke", peer="vn", clock="none", stage=stage, opened_at=1, last_at=at
        )

    rows = [
        thread("a", "answered", 5),
        thread("b", "answered", 9),
        thread("c", "asked", 1),
        thread("d", "answered", 5),
        thread("e", "answered", 4),
    ]
    left = [copy(f"copy-{each}", thread=each) for each in "abcd"]
    gone = copy("copy-e", thread="e", state=CopyState.REMOVED)
    store.write(lambda w: (threads.put(w, rows), copies.add(w, [*left, gone])))

    def quiet(own: str, after: Thread | None = None) -> list[str]:
        with store.read() as reading:
            found = threads.quiet_since(
                reading, own, "answered", 6, gone=[CopyState.REMOVED], after=after, limit=9
            )
        return [each.thread for each in found]

    assert quiet("ke") == ["a", "d"]
    assert quiet("ke", after=rows[0]) == ["d"]
    assert quiet("vn") == []
