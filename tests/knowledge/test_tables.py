# SPDX-License-Identifier: Apache-2.0
"""The tables agree with themselves, with one another and with the codes on the wire."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from comity.domain.clocks import ALLOWANCES
from comity.domain.statement import Outcome, RefusalGround, Urgency
from comity.errors import Misused
from comity.knowledge.cites import CitesCode, cites_codes
from comity.knowledge.codes import (
    Code,
    ask_back_reasons,
    bases,
    outcomes,
    purposes,
    refusals,
    urgencies,
)
from comity.knowledge.commodities import Commodity, commodities
from comity.knowledge.countries import Country, countries
from comity.knowledge.offences import Offence, offences
from comity.knowledge.rows import Confidence, ours, read_table
from comity.knowledge.species import Species, species
from comity.language.translator import Translator

LISTS: Mapping[str, Mapping[str, Code]] = {
    "ask_back": ask_back_reasons(),
    "bases": bases(),
    "clocks": urgencies(),
    "outcomes": outcomes(),
    "purposes": purposes(),
    "refusals": refusals(),
}
Row = Country | Offence | Species | CitesCode | Commodity


def _rows() -> Iterator[Row]:
    yield from countries().values()
    yield from species().values()
    yield from commodities().values()
    for each in offences().values():
        yield from each
    for by_code in cites_codes().values():
        yield from by_code.values()


def test_every_row_has_its_source_and_date() -> None:
    assert [each for each in _rows() if not (each.source and each.as_of)] == []


def test_the_tables_are_all_there() -> None:
    assert len(list(_rows())) == 201 + 66 + 88 + 53 + 277


def test_codes_on_the_wire_have_labels_and_labels_have_codes() -> None:
    assert set(outcomes()) == set(Outcome)
    assert set(refusals()) == set(RefusalGround)
    assert set(urgencies()) == set(Urgency) == {each.value for each in ALLOWANCES}
    assert set(bases()) == {"untoc-18-4", "untoc-27-1", "mandate", "other"}


def test_every_refusal_ends_with_the_steps_open_to_the_asker() -> None:
    assert [each.code for each in refusals().values() if not each.steps] == []


def test_another_basis_needs_words() -> None:
    assert [each.code for each in bases().values() if each.needs_text] == ["other"]


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_label_a_source_and_a_date(name: str) -> None:
    for each in LISTS[name].values():
        assert each.label
        assert each.source
        assert re.fullmatch(r"20[0-9]{2}-[0-9]{2}", each.as_of)


@pytest.mark.parametrize("name", LISTS)
def test_every_label_is_said_in_french(name: str) -> None:
    french = Translator("fr")
    texts = [
        text
        for each in LISTS[name].values()
        for text in (each.label, each.hint, *each.steps)
        if text
    ]

    assert [t for t in texts if french.label(t) == t and t not in {"Urgent", "Normal"}] == []


def test_the_four_year_test_agrees_with_the_penalty() -> None:
    told = {"yes": True, "no": False, "unverified": None}
    wrong = [
        each.cited
        for rows in offences().values()
        for each in rows
        if each.is_serious is not told[each.meets_untoc_4y]
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("country", "words"),
    [("CN", "341(3)"), ("TH", "Elephant Ivory Act"), ("NG", "as amended 2016")],
)
def test_known_traps_stay_below_four_years(country: str, words: str) -> None:
    (found,) = [each for each in offences()[country] if words in each.cited]

    assert found.is_serious is False


def test_the_republic_of_congo_is_not_known_as_a_party_to_untoc() -> None:
    assert "not party" in countries()["CG"].untoc_status


def test_an_offence_is_cited_by_law_and_article() -> None:
    cited = [each.cited for each in offences()["TH"]]

    assert "Elephant Ivory Act B.E. 2558 (2015)" in cited
    assert "Criminal Law of the PRC, art 344" in [each.cited for each in offences()["CN"]]


def test_places_and_terms_named_in_a_row_exist() -> None:
    known, terms = {*countries(), "EU"}, cites_codes()["term"]

    assert set(offences()) <= known
    for each in species().values():
        assert {*each.source_countries, *each.consumer_countries} <= known
        assert set(each.main_commodities) <= set(terms)
    for product in commodities().values():
        assert set(product.cites_term_codes) <= set(terms)


def test_countries_have_names_in_every_language() -> None:
    for tag in ("en", "fr", "vi", "ar"):
        say = Translator(tag)
        assert [code for code in countries() if say.country(code) == code] == []


def test_a_species_has_a_name_in_the_readers_language_or_in_english() -> None:
    elephant = species()["Loxodonta africana"]

    assert elephant.name("fr") == "éléphant de savane d'Afrique"
    assert elephant.name("zh-Hans") == "非洲象"
    assert elephant.name("km") == "African savannah elephant"


def test_old_units_name_the_new() -> None:
    units = cites_codes()["unit"]

    assert units["KIL"].maps_to == "KGM"
    assert units["KGM"].status.startswith("current")


@pytest.mark.parametrize("text", ["commodity_id,name\nx,y\n", "", '"unclosed'])
def test_a_table_with_other_columns_is_refused_by_name(tmp_path: Path, text: str) -> None:
    source = tmp_path / "commodities.csv"
    source.write_text(text)

    with pytest.raises(Misused) as caught:
        read_table(source, Commodity)

    assert caught.value.cause == "usage.data-file"
    assert caught.value.values == {"file": "commodities.csv"}


@pytest.mark.parametrize(
    ("old", "new"), [(",low,", ",surely,"), (",10,kg,", ",ten,kg,"), ("ivory_raw,", "")]
)
def test_a_cell_of_the_wrong_form_is_refused(tmp_path: Path, old: str, new: str) -> None:
    good = ours("data", "commodities.csv").read_text()
    source = tmp_path / "commodities.csv"
    source.write_text(good.replace(old, new, 1))

    with pytest.raises(Misused):
        read_table(source, Commodity)


def test_confidence_has_three_steps() -> None:
    assert {each.confidence for each in _rows()} == set(Confidence)
