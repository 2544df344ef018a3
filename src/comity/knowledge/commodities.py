# SPDX-License-Identifier: Apache-2.0
"""Commodities: what is made of a species, with conversion factors and how it is hidden."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    commodity_id: str
    name: str
    cites_term_codes: tuple[str, ...]
    preferred_unit: str
    species_scope: tuple[str, ...]
    factor_type: str
    factor_value: float | None
    factor_unit: str
    factor_low: float | None
    factor_high: float | None
    factor_source: str
    typical_concealment: str
    typical_routes: str
    market_notes: str
    confidence: Confidence
    as_of: str
    source: str


@cache
def commodities() -> Mapping[str, Commodity]:
    """Return the commodities by id."""
    return {
        each.commodity_id: each for each in read_table(ours("data", "commodities.csv"), Commodity)
    }
