# SPDX-License-Identifier: Apache-2.0
"""What nothing was heard of is found by short ranges, on both engines; what was raised stays."""

from dataclasses import replace
from functools import partial

import pytest
from tests.storage.test_copies import copy as any_copy
from tests.storage.test_copies import thread
from tests.storage.test_records import receipt

from comity.storage import copies, outbox, receipts, silences, threads
from comity.storage.copies import Copy, CopyReader
from comity.storage.outbox import Item, Waiting
from comity.storage.receipts import Receipt
from comity.storage.silences import Reminder
from comity.storage.store import Store


def copy(name: str, clock: str, *, agency: str = "ke", state: str = "queued") -> Copy:
    return replace(any_copy(name, state=state), clock=clock, agency=agency)


def waits(ref: str, *, at: int = 1, kind: Item = Item.DOCKET) -> Waiting:
    return Waiting(to_node="n", kind=kind, ref=ref, not_before=at)


def said(name: str, *, copy: str, stage: str) -> Receipt:
    return Receipt(receipt=name, copy=copy, stage=stage, agency="ke", at=1, stored_at=1, body=b"r")


def test_only_what_could_leave_and_was_not_said_is_undelivered(store: Store) -> None:
    rows = [
        copy("early", "urgent"),
        copy("late", "urgent"),
        copy("told", "urgent"),
        copy("normal", "normal"),
        copy("another", "urgent", agency="et"),
    ]
    store.write(lambda w: copies.add(w, rows))
    store.write(
        lambda w: outbox.add(
            w,
            [
                waits("early"),
                waits("late", at=90),
                waits("told"),
                waits("normal"),
                waits("another"),
                waits("gone", kind=Item.RECEIPT),
            ],
        )
    )
    store.write(lambda w: receipts.add(w, [said("r", copy="told", stage="not-delivered")]))

    with store.read() as reading:
        found = silences.undelivered(
            reading, "ke", "urgent", said="not-delivered", before=50, limit=10
        )
        first = silences.undelivered(reading, "ke", "urgent", said="other", before=50, limit=1)

    assert [each.copy for each in found] == ["early"]
    assert [each.copy for each in first] == ["early"]


def test_deliveries_are_gone_through_page_by_page_though_many_came_at_once(store: Store) -> None:
    rows = [
        receipt(name, copy=name, at=at) for name, at in (("a", 5), ("b", 5), ("c", 5), ("d", 9))
    ]
    store.write(lambda w: receipts.add(w, [*rows, said("x", copy="a", stage="opened")]))

    found: list[str] = []
    mark = (0, "")
    with store.read() as reading:
        while page := silences.delivered(reading, mark, 8, limit=2):
            found += [each.receipt for each in page]
            mark = (page[-1].stored_at, page[-1].receipt)
        later = silences.delivered(reading, mark, 9, limit=2)

    assert found == ["a", "b", "c"]
    assert [each.receipt for each in later] == ["d"]


def test_threads_are_open_until_they_are_answered(store: Store) -> None:
    store.write(
        lambda w: threads.put(
            w,
            [
                thread("two", due_ack=10, acknowledged_at=9, due_answer=40),
                thread("one", due_ack=10, due_answer=20),
                thread("answered", due_answer=30, answered_at=25),
                thread("unclocked"),
                thread("far", due_answer=90),
            ],
        )
    )

    with store.read() as reading:
        first = silences.pressing(reading, 5, after=0, until=50, soon=50)
        later = silences.pressing(reading, 5, after=20, until=50, soon=50)
        calm = silences.pressing(reading, 5, after=0, until=50, soon=10)
        unheard = silences.pressing(reading, 15, after=0, until=50, soon=10)

    assert [each.thread for each in first] == ["one", "two"]
    assert [each.thread for each in later] == ["two"]
    assert calm == ()
    assert [each.thread for each in unheard] == ["one"]


def test_what_was_raised_is_noted_once(store: Store) -> None:
    first = Reminder(thread="t", own="ke", what="answer.desk", at=1)
    again = Reminder(thread="t", own="ke", what="answer.desk", at=9)
    other = Reminder(thread="t", own="vn", what="answer.desk", at=2)

    counts = [store.write(partial(silences.remind, rows=[row])) for row in (first, again, other)]

    assert counts == [1, 0, 1]
    with store.read() as reading:
        assert silences.reminders(reading, ["t", "u"]) == (first, other)


@pytest.mark.parametrize("state", ["received", "home", "mistrusted"])
def test_only_what_came_for_a_reader_has_arrived(state: str, store: Store) -> None:
    rows = [copy(name, "urgent", state=state) for name in ("one", "two")]
    store.write(lambda w: copies.add(w, rows))
    named = [
        CopyReader(reader=who, at=at, copy=name, kind="desk", epoch=1)
        for who, at, name in (("desk", 5, "one"), ("other", 9, "two"))
    ]
    store.write(lambda w: copies.add_readers(w, named))

    with store.read() as reading:
        found = silences.arrived(reading, ["desk"], 4)
        older = silences.arrived(reading, ["desk"], 5)

    assert found == (("urgent",) if state == "received" else ())
    assert older == ()
