# SPDX-License-Identifier: Apache-2.0
"""What a lawyer answered is kept with name and day, and is nobody else's business."""

from datetime import timedelta

import pytest
from tests.services.scene import Scene

from comity.domain.broker import Dealing, Matter, May
from comity.errors import Misused
from comity.services.broker import Question, check, record
from comity.storage import housed

PHONE = Question(dealing=Dealing.HOLD, matter=Matter.PHONE, country="KE")


def test_what_is_not_known_is_answered_by_a_lawyer_and_kept(scene: Scene) -> None:
    unlocked = scene.ke.seat("investigator").unlocked
    house, agency = scene.ke.house, unlocked.agency
    before = check(house, agency, PHONE)

    found = record(
        unlocked,
        house,
        PHONE,
        may=May.CONDITIONS,
        lawyer="W. Kariuki, advocate",
        text="For the time of the case, locked.",
        until=house.now() + timedelta(days=30),
    )

    assert before.may is May.UNKNOWN
    assert found.may is May.CONDITIONS
    assert found == check(house, agency, PHONE)
    assert found.advice is not None
    assert found.advice.lawyer == "W. Kariuki, advocate"


def test_it_is_an_answer_to_one_question_alone(scene: Scene) -> None:
    unlocked = scene.ke.seat("investigator").unlocked
    house = scene.ke.house
    record(unlocked, house, PHONE, may=May.YES, lawyer="W. Kariuki")

    name = Question(dealing=Dealing.HOLD, matter=Matter.NAME, country="KE")
    abroad = Question(dealing=Dealing.PASS_ABROAD, matter=Matter.PHONE, country="KE")

    assert check(house, unlocked.agency, name).advice is None
    assert check(house, unlocked.agency, abroad).advice is None


def test_it_is_locked_and_says_nothing_to_whoever_has_the_database(scene: Scene) -> None:
    unlocked = scene.ke.seat("investigator").unlocked
    record(unlocked, scene.ke.house, PHONE, may=May.YES, lawyer="W. Kariuki")

    with scene.ke.house.store.read() as reading:
        rows = housed.of_room(reading, "broker")

    assert len(rows) == 1
    assert b"Kariuki" not in rows[0].body
    assert "phone" not in rows[0].name


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"may": May.UNKNOWN}, "usage.broker-answer"),
        ({"lawyer": " "}, "usage.field-missing"),
        ({"text": "x" * 4001}, "usage.field-long"),
    ],
)
def test_what_is_no_answer_is_not_recorded(
    scene: Scene, changed: dict[str, object], cause: str
) -> None:
    unlocked = scene.ke.seat("investigator").unlocked
    told = {"may": May.YES, "lawyer": "W. Kariuki", **changed}

    with pytest.raises(Misused) as caught:
        record(unlocked, scene.ke.house, PHONE, **told)  # type: ignore[arg-type]  # a test's shorthand

    assert caught.value.cause == cause
    assert check(scene.ke.house, unlocked.agency, PHONE).advice is None


def test_an_answer_that_has_ended_is_not_recorded(scene: Scene) -> None:
    unlocked = scene.ke.seat("investigator").unlocked

    with pytest.raises(Misused, match=r"usage\.broker-ended"):
        record(
            unlocked,
            scene.ke.house,
            PHONE,
            may=May.YES,
            lawyer="W. Kariuki",
            until=scene.ke.house.now(),
        )
