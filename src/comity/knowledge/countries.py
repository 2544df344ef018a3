# SPDX-License-Identifier: Apache-2.0
"""Countries: their languages, law and memberships. Their names come from CLDR, by code."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    iso2: str
    iso3: str
    name: str
    """English, for the reviewer of the table; people are shown CLDR's."""
    continent: str
    un_region: str
    official_languages: tuple[str, ...]
    legal_tradition: tuple[str, ...]
    cites_status: str
    cites_in_force_year: str
    cites_in_force_date: str
    untoc_status: str
    untoc_date: str
    uncac_status: str
    uncac_date: str
    commonwealth: str
    au: str
    sadc: str
    eac: str
    ecowas: str
    comifac: str
    eccas: str
    cemac: str
    asean: str
    saarc: str
    sawen: str
    hawen: str
    igad: str
    icglr: str
    arab_league: str
    cplp: str
    eu: str
    lusaka_agreement: str
    fatf_bodies: tuple[str, ...]
    egmont_member: str
    notes: str
    confidence: Confidence
    as_of: str
    source: str


@cache
def countries() -> Mapping[str, Country]:
    """Return the countries by ISO 3166-1 alpha-2 code."""
    return {each.iso2: each for each in read_table(ours("data", "countries.csv"), Country)}
