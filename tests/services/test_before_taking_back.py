# SPDX-License-Identifier: Apache-2.0
"""Before anything is taken back its author sees who will be told, and nothing is sent by that."""

from dataclasses import replace

import pytest
from tests.services.scene import INFORMATION, Scene, rows_of, waiting

from comity.domain.handling import Handling, See
from comity.domain.statement import Why
from comity.domain.taking_back import Correction, Taking
from comity.errors import Misused, NotCompetent
from comity.services.recall import Wish

WISHES = (
    Wish(acts=(), what=Taking.RECALL),
    Wish(acts=(), what=Taking.NARROW, handling=replace(Handling(), see=See.NAMED)),
    Wish(acts=(), what=Taking.CORRECT, correction=Correction.CLEARED),
)


@pytest.mark.parametrize("wish", WISHES, ids=[each.what.value for each in WISHES])
def test_who_is_shown_is_who_is_told(scene: Scene, wish: Wish) -> None:
    done = scene.ask()
    meant = replace(wish, acts=(done.act,))
    seat, head = scene.ke.seat(), scene.ke.house.store.head()

    shown = seat.who_will_see_taking_back(done.thread, meant)

    assert scene.ke.house.store.head() == head
    assert waiting(scene.ke) == 0
    assert scene.ke.agency in {each.agency for each in shown.readers}
    told = seat.take_back(done.thread, meant)
    opened = seat.thread(done.thread).copies_of(told.act)
    read = {(r.agency, r.id) for each in opened for r in each.statement.readers}
    assert {(each.agency, each.id) for each in shown.readers} == read
    assert scene.vn.settled.desk in {each.id for each in shown.readers}
    assert (shown.wait, shown.held, shown.desk) == (0, False, scene.ke.settled.desk)


def test_of_a_withdrawal_too(scene: Scene) -> None:
    done = scene.ask()
    seat = scene.ke.seat()

    shown = seat.who_will_see_withdrawal(done.thread, text="Found.")

    assert waiting(scene.ke) == 0
    assert {each.why for each in shown.readers} >= {Why.AUTHOR, Why.ADDRESSED}
    told = seat.withdraw(done.thread, text="Found.")
    read = {
        r.id
        for each in seat.thread(done.thread).copies_of(told.act)
        for r in each.statement.readers
    }
    assert {each.id for each in shown.readers} == read


def test_what_could_not_be_done_is_not_shown_either(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().answer(done.thread, INFORMATION)
    scene.sync()
    wish = replace(WISHES[0], acts=(done.act,))

    with pytest.raises(Misused, match="act-unknown"):
        scene.vn.seat().who_will_see_taking_back(done.thread, wish)  # another agency's
    with pytest.raises(NotCompetent):
        scene.vn.seat().who_will_see_withdrawal(done.thread)
    assert len(rows_of(scene.ke, done.act)) == 2
