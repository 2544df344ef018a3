# SPDX-License-Identifier: Apache-2.0
"""Central authorities: each row has a source, and what is not known is not made up."""

import re

from comity.knowledge.central_authorities import central_authorities
from comity.knowledge.countries import countries


def test_every_row_has_its_authority_source_and_date() -> None:
    for each in central_authorities().values():
        assert each.authority
        assert each.source
        assert re.fullmatch(r"20[0-9]{2}-[0-9]{2}", each.as_of)


def test_languages_are_tags() -> None:
    tags = {tag for each in central_authorities().values() for tag in each.accepted_languages}

    assert [tag for tag in tags if not re.fullmatch(r"[a-z]{2}(-[A-Z][a-z]{3})?", tag)] == []


def test_a_country_whose_authority_is_not_known_has_none() -> None:
    assert "BT" not in central_authorities()
    assert "BT" in countries()


def test_the_countries_of_the_story_are_there() -> None:
    assert central_authorities()["VN"].authority == "Supreme People's Procuracy"
    assert central_authorities()["KE"].accepted_languages == ("en",)
