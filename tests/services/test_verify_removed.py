# SPDX-License-Identifier: Apache-2.0
"""``comity verify`` tells what was removed on purpose from what somebody took away."""

from dataclasses import replace

import pytest
from tests.services.scene import Scene, foreign
from tests.services.test_recall import recall
from tests.world import WorldNode

from comity.domain.docket import Docket, OrderedDocket
from comity.domain.taking_back import Taking
from comity.errors import BadSignature
from comity.services.erase import erase
from comity.services.escalate import climb
from comity.services.keep import keep
from comity.services.recall_rules import Ground
from comity.services.verify import TABLES, quiet
from comity.services.verify_removed import check_order
from comity.services.verify_report import Tally
from comity.services.verify_rosters import check_rosters
from comity.storage import copies, logs, removed
from comity.storage.removed import Removed
from comity.wire import docket as docket_wire
from comity.wire import order as order_wire
from comity.wire.roster import entry_hash


@pytest.fixture
def holder(scene: Scene) -> WorldNode:
    """Return Viet Nam, which removed what Kenya recalled."""
    done = scene.ask()
    recall(scene, done)
    scene.sync()
    with scene.vn.house.store.read() as reading:
        assert removed.by_copies(reading, [foreign(scene.vn, done.act).copy])
    return scene.vn


def gone(node: WorldNode) -> Removed:
    with node.house.store.read() as reading:
        ids = reading.connection.exec_driver_sql("SELECT copy FROM removed WHERE copy > ''")
        return removed.by_copies(reading, [str(ids.scalar_one())])[0]


def change(node: WorldNode, statement: str) -> None:
    node.house.store.write(lambda w: w.connection.exec_driver_sql(statement).close())


def faults(node: WorldNode) -> list[tuple[str, str, str]]:
    return [(each.table, each.column, each.cause) for each in node.verify().faults]


def test_what_was_removed_is_sound(holder: WorldNode) -> None:
    assert faults(holder) == []
    assert holder.verify().checked["removed"] == 2


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE removed SET leaf = 0 WHERE copy > ''", ("removed", "leaf", "leaf")),
        ("UPDATE removed SET leaf = 9999 WHERE copy > ''", ("removed", "leaf", "leaf")),
        ("UPDATE removed SET thread = 'x' WHERE copy > ''", ("removed", "", "malformed")),
        ("UPDATE removed SET why = 'expired' WHERE copy > ''", ("removed", "", "differs")),
        ("DELETE FROM removed WHERE copy > ''", ("removed", "", "gone")),
        # Of a recalled act the order stands in the docket of the recall.
        ("UPDATE removed SET act = thread WHERE copy = ''", ("removed", "", "order")),
        ("UPDATE removed SET \"to\" = agency WHERE copy = ''", ("removed", "", "order")),
        ("UPDATE removed SET why = 'expired' WHERE copy = ''", ("removed", "", "order")),
        ("UPDATE removed SET answer = 'kept' WHERE copy = ''", ("removed", "answer", "differs")),
        ("UPDATE removed SET answer = 'lost' WHERE copy = ''", ("removed", "answer", "differs")),
        # What is removed does not live.
        ("UPDATE copies SET state = 'received'", ("copies", "state", "surplus")),
        (
            "INSERT INTO envelopes SELECT envelope, 1, x'00' FROM removed WHERE copy > ''",
            ("envelopes", "", "surplus"),
        ),
    ],
)
def test_whoever_changes_what_is_remembered_is_found(
    holder: WorldNode, statement: str, fault: tuple[str, str, str]
) -> None:
    change(holder, statement)

    assert fault in faults(holder)


def test_an_act_that_nobody_recalled_is_remembered_by_no_order(holder: WorldNode) -> None:
    other = "a" * 26
    change(
        holder,
        'INSERT INTO removed (agency, act, "to", copy, thread, envelope, docket, node, why,'
        f" answer, ground, at, log, leaf) SELECT agency, '{other}', \"to\", '', thread, '', '', '',"
        " 'recall', 'removed', '', at, 0, 0 FROM removed WHERE copy > ''",
    )

    [fault] = holder.verify().faults

    assert (fault.table, fault.cause) == ("removed", "order")
    assert other in fault.row


def test_why_something_is_kept_is_what_its_holder_said(scene: Scene) -> None:
    done = scene.ask()
    vn = scene.vn
    keep(vn.seat("supervisor").unlocked, vn.house, done.thread, Ground.EVIDENCE)
    recall(scene, done)
    scene.sync()
    assert faults(vn) == []

    change(vn, "UPDATE removed SET ground = 'law' WHERE copy = ''")

    assert faults(vn) == [("removed", "ground", "differs")]


def test_an_order_that_its_officer_did_not_sign_is_found(scene: Scene) -> None:
    done = scene.ask()
    recall(scene, done)
    scene.sync()
    with scene.vn.house.store.read() as reading:
        rows = copies.by_threads(reading, [done.thread])
        keys = check_rosters(reading, scene.vn.house, Tally(dict.fromkeys(TABLES, 0), quiet))[0]
    said = [docket_wire.read(row.release, Docket).said for row in rows if row.release]
    docket = next(each for each in said if isinstance(each, OrderedDocket))
    order = order_wire.read(docket.order).said
    stranger = order_wire.sign(order, scene.vn.settled.unlocked("investigator").signing)
    theirs = scene.vn.settled.unlocked("investigator").entry
    other = order_wire.sign(
        replace(order, certificate=entry_hash(theirs)),
        scene.vn.settled.unlocked("investigator").signing,
    )

    assert check_order(docket, keys) is Taking.RECALL
    for each in (stranger, other):
        with pytest.raises(BadSignature):
            check_order(replace(docket, order=each.dsse), keys)


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE reminders SET what = 'answer.nobody'", "what"),
        ("UPDATE reminders SET at = 1", "at"),
        ("UPDATE reminders SET own = thread", "own"),
        ("UPDATE reminders SET thread = 'gone'", "thread"),
    ],
)
def test_whoever_changes_of_what_somebody_was_reminded_is_found(
    scene: Scene, statement: str, column: str
) -> None:
    scene.ask()
    scene.hours.pass_(hours=50)
    assert climb(scene.vn.house)
    sound = scene.vn.verify()
    assert sound.sound
    assert sound.checked["reminders"] > 0

    change(scene.vn, statement)

    found = {(each.table, each.column) for each in scene.vn.verify().faults}
    assert found == {("reminders", column)}


def test_a_removal_whose_opening_was_erased_by_law_is_sound(holder: WorldNode) -> None:
    row = gone(holder)
    with holder.house.store.read() as reading:
        origin = next(each.origin for each in logs.every(reading) if each.log == row.log)

    erase(holder.house, origin, [row.leaf], "order 4/26")

    assert faults(holder) == []
