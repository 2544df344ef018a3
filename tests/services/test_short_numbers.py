# SPDX-License-Identifier: Apache-2.0
"""Short numbers: one an open thread, found by telephone, and telling nothing to a thief."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.services.scene import INFORMATION, Scene, asked, kept, waiting

from comity.domain.ids import ThreadId
from comity.errors import Busy, Misused, Refused
from comity.services import short_numbers
from comity.services.short_numbers import Short, choose_short, once_more
from comity.storage import housed
from comity.storage.reading import Writing


def short_of(scene: Scene, number: str, thread: str) -> Short:
    """Return the row that would keep *number* for *thread* between Kenya and Viet Nam."""
    house, own, peer = scene.ke.house, scene.ke.agency, scene.vn.agency
    return Short(
        number=number,
        name=short_numbers._name(house, own, peer, number),
        thread=ThreadId(thread),
    )


def test_five_thousand_open_threads_do_not_slow_the_choice_of_a_number(scene: Scene) -> None:
    house = scene.ke.house
    taken = [short_of(scene, f"KV-{n:04d}", f"{n:026d}".translate(_IDS)) for n in range(5000)]

    def work(writing: Writing) -> None:
        for each in taken:
            short_numbers.keep(writing, house, each)

    house.store.write(work)
    looked: list[int] = []

    def count(*given: Any) -> tuple[housed.Housed, ...]:
        looked.append(1)
        return get(*given)

    get = housed.get
    own, peer = scene.ke.card, scene.vn.card
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(housed, "get", count)
        for _ in range(20):
            choose_short(house, own, peer, ThreadId("a" * 26))

    assert len(looked) < 20 * 6


_IDS = str.maketrans("0189", "abcd")


def test_a_number_is_taken_while_its_thread_is_open_and_free_once_it_is_answered(
    scene: Scene,
) -> None:
    done = scene.ask()
    house = scene.ke.house
    again = short_of(scene, done.short, "b" * 26)

    with pytest.raises(Busy):
        house.store.write(lambda w: short_numbers.keep(w, house, again))

    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    house.store.write(lambda w: short_numbers.keep(w, house, again))

    assert [row.owner for row in kept(scene.ke, "short")] == ["b" * 26]


def test_who_loses_the_race_for_a_number_asks_again_under_another() -> None:
    tries: list[int] = []

    def act() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Busy("short-number")
        return "asked"

    assert once_more(act) == "asked"
    assert len(tries) == 3
    with pytest.raises(Refused):
        once_more(_raise(Refused("other")))
    with pytest.raises(Busy):
        once_more(_raise(Busy("short-number")))
    with pytest.raises(Busy):
        once_more(_raise(Busy("database")))


def _raise(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def test_many_who_ask_at_once_get_a_number_each(scene: Scene) -> None:
    seat = scene.ke.seat()
    numbers: list[str] = []

    def ask() -> None:
        numbers.extend(seat.ask(asked()).short for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(set(numbers)) == 20
    assert waiting(scene.ke) == 20
    assert scene.ke.verify().sound


def test_the_database_does_not_show_a_number(scene: Scene) -> None:
    done = scene.ask()
    (row,) = kept(scene.ke, "short")

    digits = done.short.partition("-")[2].encode()

    assert digits not in row.body
    assert done.short not in row.name


def test_a_thread_is_found_by_its_id_a_part_of_it_or_its_number(scene: Scene) -> None:
    done = scene.ask()
    spoken = done.short.replace("-", " ").lower()

    for seat in (scene.ke.seat(), scene.vn.seat()):
        for text in (done.thread, done.thread[:6], done.thread[:9].upper(), done.short, spoken):
            assert seat.find(text) == done.thread
        for text in (done.thread[:5], "zzzzzzz", "KV-0", "", "KV-99999999", "%" * 26):
            with pytest.raises(Misused) as raised:
                seat.find(text)
            assert raised.value.cause == "usage.thread-unknown"


def test_a_thread_is_not_found_by_who_reads_nothing_of_it(scene: Scene) -> None:
    done = scene.ask(to=scene.vn.settled.people["colleague"])

    for text in (done.thread, done.short):
        with suppress(Misused):
            scene.vn.seat("investigator").find(text)
            raise AssertionError("found")
        assert scene.vn.seat("colleague").find(text) == done.thread


def test_two_threads_that_begin_alike_are_not_guessed_between(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "comity.services.ask.thread_of",
        lambda *_: f"aaaaaa{len(made):020d}".translate(_IDS),
    )
    made: list[str] = []
    made.extend(scene.ke.seat().ask(asked()).thread for _ in range(1))
    made.append(scene.ke.seat().ask(asked()).thread)
    monkeypatch.undo()

    with pytest.raises(Misused) as raised:
        scene.ke.seat().find("aaaaaa")

    assert raised.value.cause == "usage.thread-ambiguous"
    assert scene.ke.seat().find(made[1]) == made[1]
