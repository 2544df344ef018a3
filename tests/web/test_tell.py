# SPDX-License-Identifier: Apache-2.0
"""Telling without being asked: graded in words, the source a number that does not leave."""

from typing import Any

import pytest
from tests.web.desk import Visitor, words
from tests.world import World

from comity.domain.standing import SuspendCode
from comity.domain.statement import Note
from comity.services.sources import add_source
from comity.services.suspend import suspend
from comity.services.typed_for import to_confirm

TOLD: dict[str, Any] = {
    "facts": "A container with tusks is said to leave Mombasa on Friday.",
    "ref": "MSA/120",
    "source_grade": "mostly",
    "credibility": "corroborated",
}


@pytest.fixture
def place(world: World, officer: Visitor) -> str:
    """Return the address of a draft about a container to Hai Phong."""
    begun = officer.post("/tell", to=world["vn"].settled.desk).headers["Location"]
    officer.post(begun, kind="container")
    return str(begun)


def test_what_is_told_arrives_as_it_was_graded(world: World, officer: Visitor, place: str) -> None:
    source = world["ke"].seat()
    number = add_source(source.unlocked, world["ke"].house, name="Salim Baraka")

    filled = officer.post(f"{place}/form", **TOLD, source=number, f_container="CSQU3054383")
    assert filled.status_code == 303, words(filled)
    shown = words(officer.get(f"{place}/send"))
    told = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
    world.sync()
    opened = world["vn"].seat().thread(told).thread.opening

    assert "Anti-smuggling desk" in shown
    assert opened is not None
    assert isinstance(opened.body, Note)
    assert (opened.body.handling.source, opened.body.handling.credibility) == (
        "mostly",
        "corroborated",
    )
    assert opened.body.fields["container"] == ("CSQU3054383",)
    assert number not in str(opened.statement)


def test_numbers_and_codes_may_all_be_left_out(world: World, officer: Visitor, place: str) -> None:
    filled = officer.post(f"{place}/form", **TOLD)
    officer.post(f"{place}/send")
    world.sync()

    assert filled.status_code == 303
    assert [each.is_note for each in world["vn"].inbox()] == [True]


def test_who_names_his_source_is_stopped_beside_the_words(
    world: World, officer: Visitor, place: str
) -> None:
    number = add_source(world["ke"].seat().unlocked, world["ke"].house, name="Salim Baraka")

    refused = officer.post(
        f"{place}/form", **{**TOLD, "facts": "Salim Baraka saw it.", "source": number}
    )

    assert 'id="facts-wrong"' in refused.text
    assert refused.status_code == 409


@pytest.mark.parametrize("source", ["S-9999", "Salim Baraka"])
def test_a_source_is_a_number_and_one_of_his_own(officer: Visitor, place: str, source: str) -> None:
    refused = officer.post(f"{place}/form", **TOLD, source=source)

    assert 'id="source-wrong"' in refused.text


def test_a_draft_of_one_kind_is_none_of_the_other(officer: Visitor, place: str) -> None:
    id_ = place.rsplit("/", 1)[1]

    assert officer.get(f"/ask/{id_}/form").status_code == 422
    assert officer.post(f"/ask/{id_}/send").status_code == 422


def test_told_twice_it_is_told_once(world: World, officer: Visitor, place: str) -> None:
    officer.post(f"{place}/form", **TOLD)

    officer.post(f"{place}/send")
    again = officer.post(f"{place}/send")
    world.sync()

    assert again.status_code == 422
    assert len(world["vn"].inbox()) == 1


def test_a_note_that_lacks_its_words_is_not_taken(officer: Visitor, place: str) -> None:
    for name in ("facts", "ref"):
        refused = officer.post(f"{place}/form", **{**TOLD, name: ""})
        assert f'id="{name}-wrong"' in refused.text


def test_a_note_is_begun_put_aside_and_found_again(
    world: World, officer: Visitor, place: str
) -> None:
    kept = officer.post(f"{place}/form", **TOLD, do="keep")

    shown = officer.get(kept.headers["Location"])
    kinds = officer.get(place)

    assert "Tell without being asked" in words(shown)
    assert f'href="{place}/form"' in shown.text
    assert "What do you tell about?" in words(kinds)


def test_what_is_told_to_a_country_without_a_counterpart_has_other_ways(officer: Visitor) -> None:
    place = officer.post("/tell", country="LA").headers["Location"]
    officer.post(place, kind="container")

    filled = officer.post(f"{place}/form", **TOLD)

    assert filled.headers["Location"] == f"{place}/elsewhere"
    assert officer.get(f"{place}/elsewhere").status_code == 200


def test_a_note_to_a_suspended_agency_says_why_it_cannot_go(
    world: World, officer: Visitor, place: str
) -> None:
    officer.post(f"{place}/form", **TOLD)
    suspend(world["ke"].house, world["vn"].agency, code=SuspendCode.POLICY, by="A. Mwangi")

    refused = officer.post(f"{place}/form", **TOLD)

    assert "This cannot go as it is." in words(officer.get(f"{place}/send"))
    assert refused.status_code == 409
    assert f"{place}/elsewhere" in refused.text


def test_what_a_colleague_dictates_is_told_and_waits_for_his_word(
    world: World, officer: Visitor, place: str
) -> None:
    kenya = world["ke"]
    officer.post(f"{place}/form", **TOLD)

    told = officer.post(f"{place}/send", typed_for=kenya.settled.people["colleague"])

    [typed] = to_confirm(kenya.seat("colleague").unlocked, kenya.house)
    assert told.headers["Location"] == f"/sent/{typed.thread}"
    assert typed.by == kenya.settled.people["investigator"]
