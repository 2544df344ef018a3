# SPDX-License-Identifier: Apache-2.0
"""Central authorities: to whom a letter of request goes, country by country.

A country without a row, or with an empty one, is *unknown*: then the diplomatic channel is open
(UNTOC art. 18(13)). A row of low confidence is to be confirmed by a person before a letter goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.errors import Misused
from comity.knowledge.countries import countries
from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralAuthority:
    country: str
    authority: str
    unit_or_contact_note: str
    domestic_mla_law: str
    accepted_languages: tuple[str, ...]
    """BCP 47."""
    languages_basis: str
    urgent_interpol: str
    """Whether it takes urgent requests through INTERPOL (UNTOC art. 18(13))."""
    treaty_required: str
    reciprocity_possible: str
    channel_note: str
    confidence: Confidence
    as_of: str
    source: str
    notes: str


@cache
def central_authorities() -> Mapping[str, CentralAuthority]:
    """Return the central authorities that are known, by country."""
    rows = read_table(ours("data", "central_authorities.csv"), CentralAuthority)
    found = {each.country: each for each in rows}
    if len(found) != len(rows) or not found.keys() <= countries().keys():
        raise Misused("data-file", file="central_authorities.csv")
    return {country: each for country, each in found.items() if each.authority}
