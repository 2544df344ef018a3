# SPDX-License-Identifier: Apache-2.0
"""The outbox: carried once at a time, by one process at a time, and never after Stop."""

from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.storage import mailbox, outbox
from comity.storage.mailbox import Left
from comity.storage.outbox import Claimed, Due, Item, Waiting
from comity.storage.reading import Writing
from comity.storage.store import Store

NODE = "n" * 26
OTHER = "o" * 26


def waiting(ref: str, *, node: str = NODE, not_before: int = 0) -> Waiting:
    return Waiting(to_node=node, kind=Item.DOCKET, ref=ref, not_before=not_before)


def put(store: Store, *rows: Waiting) -> int:
    return store.write(lambda writing: outbox.add(writing, rows))


def take(
    store: Store, owner: str, *, now: int = 100, until: int = 200, limit: int = 100
) -> list[str]:
    return [row.ref for row in claimed(store, owner, now=now, until=until, limit=limit)]


def claimed(
    store: Store, owner: str, *, now: int = 100, until: int = 200, limit: int = 100
) -> tuple[Claimed, ...]:
    return store.write(lambda w: outbox.claim(w, NODE, now, limit=limit, owner=owner, until=until))


def test_what_is_claimed_by_one_is_not_claimed_by_another(
    open_store: Callable[[], Store],
) -> None:
    one, other = open_store(), open_store()
    put(one, *(waiting(f"{i}") for i in range(10)))

    first = take(one, "one", limit=6)
    second = take(other, "other")

    assert first == ["0", "1", "2", "3", "4", "5"]
    assert second == ["6", "7", "8", "9"]


def test_a_lease_that_ran_out_is_claimed_again(store: Store) -> None:
    put(store, waiting("a"))
    take(store, "dead", now=100, until=200)

    early, late = take(store, "heir", now=199), take(store, "heir", now=200)

    assert (early, late) == ([], ["a"])


def test_nothing_leaves_inside_its_stop_window_nor_for_another_node(store: Store) -> None:
    put(store, waiting("now"), waiting("later", not_before=101), waiting("away", node=OTHER))

    assert take(store, "me", now=100) == ["now"]


def test_a_row_already_waiting_is_not_put_twice(store: Store) -> None:
    new = put(store, waiting("a"), waiting("b"))

    again = put(store, waiting("a"), waiting("c"), waiting("a", node=OTHER))

    assert (new, again) == (2, 2)


def test_a_finished_row_is_gone(store: Store) -> None:
    put(store, waiting("a"), waiting("b"), waiting("c"))
    claimed(store, "me", limit=1)

    gone = store.write(lambda w: outbox.done_refs(w, Item.DOCKET, NODE, ["a", "b", "unknown"]))

    assert gone == 2
    with store.read() as reading:
        assert outbox.pending(reading) == (Due(to_node=NODE, count=1, next_at=0),)


def test_a_failed_row_waits_until_its_time_and_counts_the_attempt(store: Store) -> None:
    put(store, waiting("a"))
    [row] = claimed(store, "me")

    store.write(lambda w: outbox.retry(w, [(row.id, 5000)]))

    assert take(store, "me", now=4999) == []
    [again] = claimed(store, "me", now=5000)
    assert again.attempts == 1


def test_bad_weather_counts_once_and_no_more(store: Store) -> None:
    put(store, waiting("a"))

    for _ in range(3):
        [row] = claimed(store, "me")
        store.write(lambda w, row_id=row.id: outbox.put_back(w, [(row_id, 0)]))  # type: ignore[misc] # bound at once
        [row] = claimed(store, "me")
        store.write(lambda w: outbox.free(w, ["me"]))

    [row] = claimed(store, "me")
    assert row.attempts == 1
    assert store.write(lambda w: outbox.withdraw(w, ["a"])) == 0


def test_stop_wins_only_before_anybody_began_to_carry(store: Store) -> None:
    put(store, waiting("unsent"), waiting("leased"), waiting("tried"))
    rows = {row.ref: row for row in claimed(store, "me")}
    store.write(lambda w: outbox.retry(w, [(rows["tried"].id, 0)]))
    store.write(lambda w: outbox.done_refs(w, Item.DOCKET, NODE, ["unsent"]))
    put(store, waiting("unsent"))

    stopped = store.write(lambda w: outbox.withdraw(w, ["unsent", "leased", "tried"]))

    assert stopped == 1


def test_what_is_due_is_told_by_node(store: Store) -> None:
    put(store, waiting("a", not_before=5), waiting("b", not_before=9), waiting("c", node=OTHER))
    put(store, waiting("d", not_before=700))

    with store.read() as reading:
        now = outbox.due(reading, 100)

    assert now == (
        Due(to_node=OTHER, count=1, next_at=0),
        Due(to_node=NODE, count=2, next_at=5),
    )


@given(moves=st.lists(st.tuples(st.sampled_from("ctdf"), st.integers(0, 3)), max_size=12))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_row_is_held_twice_or_lost(store: Store, moves: Sequence[tuple[str, int]]) -> None:
    refs = ["a", "b", "c"]
    store.write(_empty)
    put(store, *(waiting(ref) for ref in refs))
    now, held, finished = 0, dict[int, tuple[str, int]](), set[str]()

    for move, amount in moves:
        now += 10
        if move == "c":
            rows = claimed(store, "me", now=now, until=now + 25, limit=amount + 1)
            assert all(row.id not in held or held[row.id][1] <= now for row in rows)
            held |= {row.id: (row.ref, now + 25) for row in rows}
        elif move == "t":
            now += 10 * amount
        elif held:
            row_id = min(held)
            ref, _ = held.pop(row_id)
            if move == "d":
                store.write(lambda w, ref=ref: outbox.done_refs(w, Item.DOCKET, NODE, [ref]))  # type: ignore[misc] # bound at once
                finished.add(ref)
            else:
                store.write(lambda w, row_id=row_id: outbox.retry(w, [(row_id, 0)]))  # type: ignore[misc] # bound at once

    with store.read() as reading:
        left = sum(due.count for due in outbox.pending(reading))
    assert left == len(refs) - len(finished)


def _empty(writing: Writing) -> None:
    writing.connection.exec_driver_sql("DELETE FROM outbox")


# What goes along by a way that gives no answer


def begun(store: Store, *, now: int = 100, after: int = 0, limit: int = 100) -> list[Claimed]:
    return list(store.write(lambda w: outbox.begin(w, NODE, now, after=after, limit=limit)))


def test_what_goes_by_stick_is_carried_by_others_too_and_cannot_be_stopped(store: Store) -> None:
    put(store, waiting("a"), waiting("b", not_before=500), waiting("c", node=OTHER))
    take(store, "courier", until=1_000)

    along = begun(store)
    stopped = store.write(lambda w: outbox.withdraw(w, ["a", "b", "c"]))

    assert [row.ref for row in along] == ["a"]
    assert stopped == 2
    assert take(store, "another", now=1_000) == ["a"]


def test_a_stick_takes_row_after_row(store: Store) -> None:
    put(store, *(waiting(f"{i}") for i in range(5)))

    first = begun(store, limit=3)
    second = begun(store, after=first[-1].id, limit=3)

    assert [row.ref for row in (*first, *second)] == ["0", "1", "2", "3", "4"]
    assert begun(store, after=second[-1].id) == []


def test_only_what_went_along_leaves_with_it(store: Store) -> None:
    told = Waiting(to_node=NODE, kind=Item.DELIVERED, ref="a", not_before=0)
    put(store, told, waiting("b"))
    [receipt, _] = begun(store)
    store.write(lambda w: outbox.done_upto(w, Item.DELIVERED, NODE, receipt.id))
    put(store, told)

    store.write(lambda w: outbox.done_upto(w, Item.DELIVERED, NODE, 1_000))

    assert sorted(row.ref for row in begun(store)) == ["a", "b"]


def test_what_was_left_at_a_mailbox_rests_there_and_nowhere_else(store: Store) -> None:
    put(store, waiting("a"), waiting("b"))
    left = Left(mailbox="m", to_node=NODE, kind=Item.DOCKET, ref="a", again_at=200)
    store.write(lambda w: mailbox.leave(w, [left]))

    def unleft(place: str, now: int) -> list[str]:
        def work(writing: Writing) -> list[str]:
            rows = outbox.begin_unleft(writing, NODE, now, mailbox=place, after=0, limit=9)
            assert outbox.is_unleft(writing, NODE, now, mailbox=place) == bool(rows)
            return [row.ref for row in rows]

        return store.write(work)

    assert (unleft("m", 199), unleft("m", 200), unleft("n", 0)) == (["b"], ["a", "b"], ["a", "b"])
    store.write(lambda w: outbox.done_refs(w, Item.DOCKET, NODE, ["a", "b"]))
    assert unleft("m", 300) == []
    assert store.write(mailbox.forget) == 1
