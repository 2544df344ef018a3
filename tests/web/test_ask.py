# SPDX-License-Identifier: Apache-2.0
"""Asking on pages: four of them, what was typed is kept, and nothing goes that the rules refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.desk import Visitor, application, words
from tests.world import World, WorldNode

TYPED = {
    "f_number": "+84 912 345 678",
    "facts": "312 kg of ivory in a container declared as timber.",
    "offence": "other",
    "offence_text": "Wildlife Act, s.92",
    "why_you": "The number was written on the seal.",
    "ref": "MSA/114",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, "ke", "vn") as world:
        yield world


@pytest.fixture
def officer(world: World) -> Visitor:
    return Visitor.signed_in(application(world["ke"]), "investigator KE")


def begun(officer: Visitor, there: WorldNode, kind: str = "phone") -> str:
    """Return the address of a draft of *kind* to the desk *there*."""
    place = officer.post("/ask", to=there.settled.desk).headers["Location"]
    officer.post(place, kind=kind)
    return str(place)


def test_a_question_is_asked_in_four_pages_and_arrives(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])

    filled = officer.post(f"{place}/form", **TYPED)
    shown = words(officer.get(filled.headers["Location"]))
    sent = officer.post(f"{place}/send")
    world.sync()

    assert "Anti-smuggling desk" in shown
    assert "Wildlife Act, section 12" in shown
    assert "It is on its way" in words(officer.get(sent.headers["Location"]))
    assert [each.kind for each in world["vn"].inbox()] == ["phone"]


def test_pressed_twice_it_is_sent_once(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    officer.post(f"{place}/send")
    again = officer.post(f"{place}/send")
    world.sync()

    assert again.status_code == 422
    assert "sent or removed already" in words(again)
    assert len(world["vn"].inbox()) == 1


def test_what_was_typed_stays_beside_what_is_wrong(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"], "container")

    refused = officer.post(f"{place}/form", **{**TYPED, "f_container": "CSQU3054384"})

    assert refused.status_code == 422
    assert 'id="f_container-wrong"' in refused.text
    assert "The last digit does not fit the others" in words(refused)
    assert "CSQU3054384" in refused.text
    assert TYPED["facts"] in refused.text
