# SPDX-License-Identifier: Apache-2.0
"""``comity verify`` tells what was removed on purpose from what somebody took away."""

import pytest
from tests.services.scene import Scene, foreign
from tests.services.test_recall import recall
from tests.world import WorldNode

from comity.services.erase import erase
from comity.storage import logs, removed
from comity.storage.removed import Removed


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
    ],
)
def test_whoever_changes_what_is_remembered_is_found(
    holder: WorldNode, statement: str, fault: tuple[str, str, str]
) -> None:
    change(holder, statement)

    assert fault in faults(holder)


def test_a_removal_whose_opening_was_erased_by_law_is_sound(holder: WorldNode) -> None:
    row = gone(holder)
    with holder.house.store.read() as reading:
        origin = next(each.origin for each in logs.every(reading) if each.log == row.log)

    erase(holder.house, origin, [row.leaf], "order 4/26")

    assert faults(holder) == []
