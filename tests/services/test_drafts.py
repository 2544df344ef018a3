# SPDX-License-Identifier: Apache-2.0
"""Drafts: they outlive a session and a restart, and nobody but their officer opens them."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.world import World, WorldNode, question

from comity.crypto.age import decrypt
from comity.errors import Misused, Untrusted
from comity.services import drafts, home
from comity.services.drafts import MOST
from comity.services.rotate_house import rotate_house
from comity.services.verify import verify
from comity.storage import blobs, housed

SECRET = "Whose phone is +84912345678?"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, "ke", "vn") as world:
        yield world


@pytest.fixture
def kenya(world: World) -> WorldNode:
    return world["ke"]


def test_a_draft_is_there_after_a_restart(kenya: WorldNode) -> None:
    kept = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})

    kenya.restart()

    assert kenya.seat().draft(kept.id).text("facts") == SECRET
    assert [each.id for each in kenya.seat().drafts()] == [kept.id]


def test_a_colleague_neither_sees_nor_opens_it(kenya: WorldNode) -> None:
    kept = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})
    colleague = kenya.seat("colleague")

    assert colleague.drafts() == ()
    for each in (
        lambda: colleague.draft(kept.id),
        lambda: colleague.save_draft(kept, {"facts": ("mine",)}),
        lambda: colleague.discard_draft(kept.id),
        lambda: colleague.ask(question(kenya.world["vn"].settled.desk), draft=kept.id),
    ):
        with pytest.raises(Misused) as caught:
            each()
        assert caught.value.cause == "usage.draft-unknown"
    assert kenya.seat().draft(kept.id).text("facts") == SECRET


def test_what_is_kept_again_is_later_however_fast_that_was(kenya: WorldNode) -> None:
    begun = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})

    saved = [kenya.seat().save_draft(begun, begun.values) for _ in range(2)]  # at one instant

    assert begun.at < saved[0].at < saved[1].at == kenya.seat().draft(begun.id).at


def test_a_draft_of_nobody_is_said_in_the_same_words(kenya: WorldNode) -> None:
    with pytest.raises(Misused) as caught:
        kenya.seat().draft("a" * 26)

    assert caught.value.cause == "usage.draft-unknown"


def test_a_thief_with_the_disk_and_the_house_key_reads_nothing(kenya: WorldNode) -> None:
    mine = kenya.seat()
    kept = mine.begin_draft("ask", {"facts": (SECRET,), "to": ("Anti-smuggling desk",)})
    mine.save_draft(kept, kept.values, (mine.attach(BytesIO(SECRET.encode()), "a.txt", "text/a"),))

    with kenya.house.store.read() as reading:
        (row,) = housed.of_room(reading, drafts.ROOM)
    opened = kenya.house.vault.open(row.body, f"{drafts.ROOM}/{row.name}")
    colleague = kenya.seat("colleague").unlocked

    assert kenya.seat().unlocked.entry.id not in row.owner
    for place in kenya.house.home.rglob("*"):
        if place.is_file():
            assert SECRET.encode() not in place.read_bytes()
    assert SECRET.encode() not in opened
    assert b"Anti-smuggling" not in opened
    sealed = drafts._row(kenya.house, row).sealed
    with pytest.raises(Untrusted):
        decrypt(sealed, list(colleague.identities))


def test_short_drafts_look_alike(kenya: WorldNode) -> None:
    for text in ("a", "a question of some forty characters, say"):
        kenya.seat().begin_draft("ask", {"facts": (text,)})

    with kenya.house.store.read() as reading:
        sizes = {len(each.body) for each in housed.of_room(reading, drafts.ROOM)}

    assert len(sizes) == 1


def test_a_draft_moved_to_another_place_does_not_open(kenya: WorldNode) -> None:
    one = kenya.seat().begin_draft("ask", {"facts": ("one",)})
    two = kenya.seat().begin_draft("ask", {"facts": ("two",)})

    with kenya.house.store.read() as reading:
        rows = {each.name: each for each in housed.of_room(reading, drafts.ROOM)}
    inner = kenya.house.vault.open(rows[one.id].body, f"{drafts.ROOM}/{one.id}")
    body = kenya.house.vault.lock(inner, f"{drafts.ROOM}/{two.id}")
    moved = housed.Housed(room=drafts.ROOM, name=two.id, owner=rows[two.id].owner, body=body)
    kenya.house.store.write(lambda w: housed.put(w, [moved]))

    with pytest.raises(Untrusted):
        kenya.seat().draft(two.id)
    assert [each.id for each in kenya.seat().drafts()] == [one.id]


def test_there_are_no_more_drafts_than_anybody_needs(kenya: WorldNode) -> None:
    for _ in range(MOST):
        kenya.seat().begin_draft("ask", {})

    with pytest.raises(Misused) as caught:
        kenya.seat().begin_draft("ask", {})

    assert caught.value.cause == "usage.drafts-many"
    kenya.seat("colleague").begin_draft("ask", {})
    assert len(kenya.seat("colleague").drafts()) == 1


def test_a_draft_longer_than_it_may_be_is_refused_and_the_old_one_stays(kenya: WorldNode) -> None:
    kept = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})

    with pytest.raises(Misused) as caught:
        kenya.seat().save_draft(kept, {"facts": ("x" * drafts.SIZE,)})

    assert caught.value.cause == "usage.draft-long"
    assert kenya.seat().draft(kept.id).text("facts") == SECRET


def test_untouched_for_thirty_days_it_goes_with_its_files(kenya: WorldNode) -> None:
    mine = kenya.seat()
    old = mine.begin_draft("ask", {"facts": (SECRET,)})
    file = mine.attach(BytesIO(b"picture"), "a.jpg", "image/jpeg")
    old = mine.save_draft(old, old.values, (file,))
    kenya.world.hours.pass_(hours=24 * 29)
    new = mine.begin_draft("ask", {})
    before = drafts.expire(kenya.house)
    kenya.world.hours.pass_(hours=24 * 2)

    gone = drafts.expire(kenya.house)

    assert (before, gone) == (0, 1)
    assert [each.id for each in mine.drafts()] == [new.id]
    with kenya.house.store.read() as reading:
        assert blobs.by_ids(reading, [file.blob]) == ()


def test_a_file_that_is_dropped_goes(kenya: WorldNode) -> None:
    mine = kenya.seat()
    file = mine.attach(BytesIO(b"picture"), "a.jpg", "image/jpeg")
    kept = mine.save_draft(mine.begin_draft("ask", {}), {}, (file,))

    mine.save_draft(kept, {}, ())

    with kenya.house.store.read() as reading:
        assert blobs.by_ids(reading, [file.blob]) == ()


def test_what_is_sent_takes_its_draft_along_and_keeps_its_files(kenya: WorldNode) -> None:
    mine, there = kenya.seat(), kenya.world["vn"]
    file = mine.attach(BytesIO(b"picture"), "a.jpg", "image/jpeg")
    kept = mine.save_draft(mine.begin_draft("ask", {}), {}, (file,))
    asked = question(there.settled.desk, attachments=(file,))

    mine.ask(asked, draft=kept.id)

    assert mine.drafts() == ()
    with pytest.raises(Misused) as caught:
        mine.ask(asked, draft=kept.id)
    kenya.world.sync()
    assert caught.value.cause == "usage.draft-unknown"
    assert len(there.inbox()) == 1
    assert verify(kenya.house).sound


def test_a_removed_draft_is_gone(kenya: WorldNode) -> None:
    kept = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})

    kenya.seat().discard_draft(kept.id)

    assert kenya.seat().drafts() == ()


def test_a_new_house_key_keeps_the_drafts(kenya: WorldNode) -> None:
    kept = kenya.seat().begin_draft("ask", {"facts": (SECRET,)})
    path = kenya.house.home
    kenya.node.close()

    rotate_house(path, ask_house=str, ask_new=str, clock=kenya.clock, random=os.urandom)
    kenya.settled.house = home.open_(path, ask_house=str, clock=kenya.clock)
    kenya._begin()

    assert kenya.seat().draft(kept.id).text("facts") == SECRET
