# SPDX-License-Identifier: Apache-2.0
"""Recalls by whoever may not, and copies that come back after they were recalled.

A stranger's recall does nothing and is evidence; a thief of the holder's disk finds no bytes of
what was recalled; no replay, by line or by stick, brings them back.
"""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from tests.attacks.test_dockets import kinds_of_evidence, post
from tests.services.scene import foreign, rows_of
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.docket import Docket, OrderedDocket
from comity.domain.ids import ActId, ThreadId
from comity.domain.recall_order import RecallOrder
from comity.domain.taking_back import Recall, Taking
from comity.domain.thread import Effect, Stage
from comity.errors import Refused
from comity.services.by_hand import open_by_hand
from comity.services.officer import Unlocked
from comity.services.recall import Wish, take_back
from comity.services.release import Done
from comity.storage import copies, envelopes
from comity.storage.copies import CopyState
from comity.wire import order as order_wire

THERE = "VN/Anti-smuggling desk"


def asked(ke: WorldNode, world: World) -> Done:
    done = ke.seat().ask(question(THERE))
    world.sync()
    return done


def recalled(ke: WorldNode, world: World, done: Done) -> None:
    seat = ke.seat()
    wish = Wish(acts=(done.act,), what=Taking.RECALL)
    take_back(seat.unlocked, seat.house, done.thread, wish)
    world.sync()


def send_recall(
    of: WorldNode,
    to: WorldNode,
    done: Done,
    *,
    who: str = "investigator",
    author: str = "",
    desk: str = "",
    key: SigningKey | None = None,
    changed: Callable[[RecallOrder], RecallOrder] = lambda said: said,
) -> None:
    """Send a recall of *done* whose order says what *of*'s node likes."""
    unlocked: Unlocked = of.settled.unlocked(who)

    def with_order(docket: Docket) -> Docket:
        said = RecallOrder(
            agency=docket.agency,
            thread=docket.thread,
            acts=docket.recalls,
            what=Taking.RECALL,
            author=author or unlocked.entry.id,
            desk=desk,
            certificate=unlocked.certificate,
            at=docket.at,
        )
        order = order_wire.sign(changed(said), key or unlocked.signing).dsse
        told = {e.name: getattr(docket, e.name) for e in fields(Docket) if e.name != "type"}
        return OrderedDocket(**told, order=order)

    post(of, to).send(
        Recall(acts=(done.act,), what=Taking.RECALL),
        thread=done.thread,
        who=who,
        docket=with_order,
    )


def has_bytes(node: WorldNode, done: Done) -> bool:
    with node.house.store.read() as reading:
        ids = [row.envelope for row in copies.by_acts(reading, [done.act])]
        return envelopes.known(reading, ids) == set(ids) != set()


def test_a_strangers_recall_does_nothing_and_is_evidence(world: World) -> None:
    ke, vn, et = world
    done = asked(ke, world)

    send_recall(et, vn, done)
    world.carry()

    assert has_bytes(vn, done)
    assert kinds_of_evidence(vn) == {"docket"}
    assert vn.seat().thread(done.thread).thread.stage is Stage.ASKED
    assert vn.verify().sound


def test_a_stranger_who_recalls_first_does_not_keep_the_act_from_coming(world: World) -> None:
    ke, vn, et = world
    world.weather.away.add(vn.id)
    done = ke.seat().ask(question(THERE))
    world.weather.clear()

    send_recall(et, vn, done)
    et.node.courier.sync()
    world.hours.pass_(hours=1)
    world.sync()

    assert has_bytes(vn, done)
    assert vn.seat().thread(done.thread).thread.stage is Stage.ASKED


@pytest.mark.parametrize(
    "how",
    [
        {"author": "investigator"},
        {"key": SigningKey.from_seed(b"k" * 32)},
        {"changed": lambda said: replace(said, acts=(ActId("b" * 26),))},
        {"changed": lambda said: replace(said, thread=ThreadId("b" * 26))},
        {"desk": "d" * 26, "author": "investigator"},
    ],
)
def test_a_colleague_who_may_not_recall_makes_the_holders_node_remove_nothing(
    world: World, how: dict[str, object]
) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    if how.get("author"):
        how = {**how, "author": ke.settled.people["investigator"]}

    send_recall(ke, vn, done, who="supervisor", **how)  # type: ignore[arg-type]  # as the test says
    world.carry()

    assert has_bytes(vn, done)
    assert "docket" in kinds_of_evidence(vn)


def test_a_colleague_who_calls_himself_the_author_is_shown_as_a_stranger(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)

    send_recall(ke, vn, done, who="supervisor")
    world.carry()

    # The node could not know better: the act was his agency's, and he signed that it was his own.
    assert not has_bytes(vn, done)
    thread = ke.seat().thread(done.thread).thread
    assert [each.why for each in thread.having(Effect.STRANGER)] == ["not-author"]
    assert thread.stage is Stage.ASKED


def test_a_recall_without_an_order_is_not_taken_in(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)

    body = Recall(acts=(done.act,), what=Taking.RECALL)
    post(ke, vn).send(body, thread=done.thread)
    world.carry()

    assert has_bytes(vn, done)
    assert kinds_of_evidence(vn) == {"docket"}


def test_every_parcel_of_the_past_brings_back_nothing_that_was_recalled(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    old = [each for each in world.travelled if each.recipient == vn.id]
    recalled(ke, world, done)

    for each in old:
        world.hand_over(each.sender, each.recipient, each.parcel)
    world.sync()

    assert foreign(vn, done.act).state == CopyState.REMOVED
    assert not has_bytes(vn, done)
    assert vn.seat().thread(done.thread).thread.stage is Stage.RECALLED
    assert vn.verify().sound


def test_a_restart_does_not_forget_what_was_recalled(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    old = [each for each in world.travelled if each.recipient == vn.id]
    recalled(ke, world, done)

    vn.restart()
    for each in old:
        world.hand_over(each.sender, each.recipient, each.parcel)

    assert not has_bytes(vn, done)


def test_a_thief_of_the_disk_finds_no_byte_of_what_was_recalled(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    row = foreign(vn, done.act)
    with vn.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    recalled(ke, world, done)

    vn.restart()  # closing the database empties its journal

    home = vn.house.home
    found = [p.name for p in home.rglob("*") if p.is_file() and sealed[-64:] in p.read_bytes()]
    assert found == []


def test_whoever_takes_bytes_away_and_calls_it_a_removal_is_found(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    row = foreign(vn, done.act)

    vn.house.store.write(lambda w: envelopes.discard(w, [row.envelope]))
    vn.house.store.write(lambda w: copies.set_state(w, [row.copy], CopyState.REMOVED))

    assert [each.cause for each in vn.verify().faults] == ["gone"]


def test_a_backup_that_is_put_back_is_told_of_the_recall_again(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    backup = vn.backup("before")
    recalled(ke, world, done)
    assert rows_of(vn, done.act)[0].state == CopyState.REMOVED

    vn.restore(backup)
    world.hours.pass_(hours=1)
    ke.seat().ask(question(THERE, ref="MSA/115"))
    world.sync()
    world.hours.pass_(hours=1)
    world.sync()

    assert not has_bytes(vn, done)


def test_what_was_recalled_is_not_opened_by_hand_either(world: World) -> None:
    ke, vn, _ = world
    done = asked(ke, world)
    row = foreign(vn, done.act)
    with vn.house.store.read() as reading:
        sealed = envelopes.get(reading, [row.envelope])[row.envelope]
    recalled(ke, world, done)

    with pytest.raises(Refused) as raised:
        open_by_hand(vn.seat().unlocked, vn.house, sealed)

    assert raised.value.cause == "refused.recalled"
