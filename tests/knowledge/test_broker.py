# SPDX-License-Identifier: Apache-2.0
"""What laws say of brokers: each row cites its law, and a country without one is unknown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comity.domain.broker import Dealing, Matter, May, find
from comity.errors import Misused
from comity.knowledge import broker
from comity.knowledge.broker import broker_rows, places
from comity.knowledge.countries import countries
from comity.knowledge.rows import Confidence

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def _may(country: str, dealing: Dealing, matter: Matter) -> May:
    rules = [each.rule() for each in broker_rows()]
    return find(rules, dealing, matter, places(country), at=NOW).may


def test_every_row_cites_its_law_its_source_and_its_day() -> None:
    for each in broker_rows():
        assert each.law
        assert each.source
        assert each.as_of >= "2026-11"
        assert each.confidence in Confidence


def test_a_phone_number_in_kenya_is_not_known_and_somebody_is_named_to_ask() -> None:
    rules = [each.rule() for each in broker_rows()]

    found = find(rules, Dealing.HOLD, Matter.PHONE, places("KE"), at=NOW)

    assert found.may is May.UNKNOWN
    assert any("Commissioner" in each for each in found.ask)


def test_the_law_of_a_group_of_states_binds_in_each() -> None:
    assert _may("FR", Dealing.HOLD, Matter.OFFENCE) is May.CONDITIONS
    assert _may("CN", Dealing.PASS_ABROAD, Matter.NAME) is May.NO
    assert _may("MZ", Dealing.HOLD, Matter.NAME) is May.UNKNOWN


def test_every_country_dealing_and_matter_gets_an_answer() -> None:
    for country in countries():
        for dealing in Dealing:
            for matter in Matter:
                assert _may(country, dealing, matter) in May


def test_a_country_that_is_none_is_refused() -> None:
    with pytest.raises(Misused, match=r"usage\.country-unknown"):
        places("QQ")


def test_a_row_that_does_not_hold_together_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = broker_rows()[0]
    broken = (
        replace(row, may=May.UNKNOWN, ask=""),
        replace(row, may=May.CONDITIONS, conditions=""),
        replace(row, country="QQ"),
    )
    for odd in broken:
        broker_rows.cache_clear()
        monkeypatch.setattr(broker, "read_table", lambda *_, odd=odd: (odd,))
        with pytest.raises(Misused, match=r"usage\.data-file"):
            broker_rows()
    monkeypatch.undo()
    broker_rows.cache_clear()
