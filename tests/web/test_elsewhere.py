# SPDX-License-Identifier: Apache-2.0
"""Where there is no counterpart there are other ways, and each says whom it tells what."""

import pytest
from tests.web.desk import Visitor, application, words
from tests.web.test_ask import TYPED
from tests.world import World

from comity.knowledge.countries import countries
from comity.services.address_book import read_book


def ways(officer: Visitor, country: str, kind: str = "phone") -> str:
    """Return the address of a filled draft for *country*."""
    place = officer.post("/ask", country=country).headers["Location"]
    officer.post(place, kind=kind)
    filled = officer.post(f"{place}/form", **TYPED)
    assert filled.headers["Location"] == f"{place}/elsewhere"
    return str(place)


def test_a_country_without_a_counterpart_has_five_ways_filled_in(officer: Visitor) -> None:
    place = ways(officer, "LA")

    shown = officer.get(f"{place}/elsewhere")

    said = words(shown)
    assert f'href="/guests/new?draft={place.rsplit("/", 1)[1]}"' in shown.text
    assert "Office of the Supreme People's Prosecutor" in said
    assert "This is not sure" in said
    assert "Customs, Hai Phong" in said
    for reveals in (
        "He sees the whole question.",
        "the Secretariat keeps it",
        "No name, no number and none of your own words stand in it.",
        "it may be shown in court",
        "and nothing of the case",
    ):
        assert reveals in said


def test_the_ecomessage_holds_what_was_typed_and_the_post_no_word_of_it(officer: Visitor) -> None:
    place = ways(officer, "LA")

    message = officer.get(f"{place}/ecomessage.txt")
    post = officer.get(f"{place}/post.txt")

    assert "+84912345678" in message.text
    assert "312 kg of ivory" in message.text
    assert "To: NCB Laos" in message.text
    for typed in TYPED.values():
        assert typed not in post.text
    assert "84912345678" not in post.text
    assert "Counterpart sought in Laos" in post.text
    assert message.headers["Content-Disposition"].endswith("message.txt")
    assert officer.get(f"{place}/letter.txt").status_code == 422


def test_an_unknown_authority_leaves_the_diplomatic_channel(officer: Visitor) -> None:
    place = ways(officer, "IS")

    assert "the diplomatic channel is open" in words(officer.get(f"{place}/elsewhere"))


def test_the_ways_are_shown_before_anything_was_typed(officer: Visitor) -> None:
    place = officer.post("/ask", country="LA").headers["Location"]

    kinds, shown = officer.get(place), officer.get(f"{place}/elsewhere")

    assert f'href="{place}/elsewhere"' in kinds.text
    assert "Fill in the question first" in words(shown)
    assert officer.get(f"{place}/ecomessage.txt").status_code == 200


@pytest.mark.parametrize("language", ["en", "sw", "vi", "ar"])
def test_no_country_is_a_dead_end(world: World, language: str) -> None:
    officer = Visitor.signed_in(application(world["ke"]), "investigator KE", language=language)
    listed = officer.get("/ask").text
    place = officer.post("/ask", country="LA").headers["Location"]

    for code in set(countries()) - {"KE", "VN"}:
        assert f'<option value="{code}"' in listed
    assert officer.get(f"{place}/elsewhere").status_code == 200


def test_an_introduction_is_asked_for_without_a_word_of_the_case(
    world: World, officer: Visitor
) -> None:
    place = ways(officer, "LA")

    begun = officer.post(f"{place}/introduce", to=world["vn"].settled.desk).headers["Location"]
    form = officer.get(begun)
    officer.post(begun, facts="We look for a counterpart in Laos.", ref="MSA/114", do="on")
    officer.post(begun.replace("/form", "/send"))
    world.sync()

    assert begun.startswith("/tell/")
    assert "We look for a counterpart in Laos" in form.text
    assert "312 kg" not in form.text
    assert "+84" not in form.text.replace("example +84", "")
    assert [each.is_note for each in world["vn"].inbox()] == [True]


def test_nobody_at_home_introduces(world: World, officer: Visitor) -> None:
    place = ways(officer, "LA")
    own = read_book(world["ke"].house).agency(world["ke"].agency).desks[0]

    refused = officer.post(f"{place}/introduce", to=own.id)

    assert refused.status_code == 409


def test_a_country_that_is_none_is_refused(officer: Visitor) -> None:
    for country in ("", "XQ", "Laos"):
        refused = officer.post("/ask", country=country)
        assert refused.status_code == 422
        assert 'id="country-wrong"' in refused.text


def test_a_draft_is_turned_to_a_guest_who_was_invited(world: World, officer: Visitor) -> None:
    place = ways(officer, "LA")
    to = world["vn"].settled.desk

    shown = officer.get(f"/ask?to={to}&draft={place.rsplit('/', 1)[1]}")
    turned = officer.post("/ask", to=to, draft=place.rsplit("/", 1)[1]).headers["Location"]
    officer.post(turned, **TYPED)
    officer.post(f"{place}/send")
    world.sync()

    assert "Ask Anti-smuggling desk" in words(shown)
    assert turned == f"{place}/form"
    assert len(world["vn"].inbox()) == 1
