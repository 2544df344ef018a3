# SPDX-License-Identifier: Apache-2.0
"""CITES codes: terms, units, sources, purposes, appendices, and what a seizure return lists.

The trade database moved to UN/ECE Rec. 20 unit codes (KIL is now KGM): both are accepted, and
``maps_to`` names the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class CitesCode:
    code_type: str
    """``term``, ``unit``, ``purpose``, ``source``, ``appendix``, ``aitr-transport`` …"""
    code: str
    name_en: str
    """The label; ``Translator.label`` says it."""
    description: str
    preferred_unit: str
    alternative_unit: str
    status: str
    maps_to: str
    confidence: Confidence
    as_of: str
    source: str


@cache
def cites_codes() -> Mapping[str, Mapping[str, CitesCode]]:
    """Return the codes by type, then by code."""
    by_type: dict[str, dict[str, CitesCode]] = {}
    for each in read_table(ours("data", "cites_codes.csv"), CitesCode):
        by_type.setdefault(each.code_type, {})[each.code] = each
    return by_type
